"""What the dry run compares a file with: a fixed number of queries, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from django.db import connection

from accounts.domain.import_accounts import COMPLETE as ACCOUNT_FIELDS
from accounts.domain.import_accounts import KnownForAccounts
from accounts.domain.import_contacts import COMPLETE as CONTACT_FIELDS
from accounts.domain.import_contacts import KnownForContacts
from accounts.domain.import_fields import ImportKind
from accounts.domain.import_financials import AMOUNTS, BASIS, KnownForFigures
from accounts.domain.import_rows import KnownAccounts, KnownKey, Stored
from accounts.domain.import_touchpoints import KnownForTouchpoints
from accounts.models import Account, ActivityVolume, Contact, Figure, FigureSplit, ImportBatch, Touchpoint
from accounts.models.imports import NEEDED_ON_ACCOUNT
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import ExchangeRate, Organisation, User
from sam.values.periods import Period
from sam.values.texts import fold
from sam.values.workdays import add_working_days

# A key that came with a merge was somebody else's when it was made: the trail's first entry tells.
KEYS = """
    SELECT k.key, k.id, k.account_id, a.merged_into_id,
           CASE WHEN EXISTS (SELECT 1 FROM accounts_accountkey o WHERE o.account_id = k.account_id AND o.id <> k.id)
                THEN (SELECT e.account_id FROM accounts_accountkeyevent e
                      WHERE e.pgh_obj_id = k.id ORDER BY e.pgh_id LIMIT 1)
           END
    FROM accounts_accountkey k JOIN accounts_account a ON a.id = k.account_id
    WHERE k.source = %s AND k.key = ANY(%s)
"""


def known_accounts(batch: ImportBatch, keys: Collection[str]) -> KnownAccounts:
    """The accounts behind `keys` of the batch's source, as the importing person sees them."""
    user = batch.created_by
    merged = dict(Account.objects.exclude(merged_into=None).values_list("pk", "merged_into_id"))
    found: dict[str, KnownKey] = {}
    with connection.cursor() as cursor:
        cursor.execute(KEYS, [batch.source, list(keys)])
        for key, key_id, owner_id, _, first_owner in cursor.fetchall():
            account_id = survivor(owner_id, merged)
            by_merge = account_id != owner_id or first_owner not in (None, owner_id)
            found[key] = KnownKey(key_id, owner_id, account_id, by_merge)
    ids = {key.account_id for key in found.values()}
    visible = Account.objects.visible_to(user).filter(pk__in=ids)
    needed = NEEDED_ON_ACCOUNT[ImportKind(batch.kind)]
    writable = None if can(user, needed) else set(Account.objects.visible_to(user, needed).values_list("pk", flat=True))
    return KnownAccounts(found, dict(visible.values_list("pk", "name")), writable)


def survivor(account_id: int, merged: dict[int, Any]) -> int:
    """Follows merges to the account that stands today."""
    seen = {account_id}
    while account_id in merged and merged[account_id] not in seen:
        account_id = merged[account_id]
        seen.add(account_id)
    return account_id


def for_accounts(batch: ImportBatch, keys: Collection[str], *, groups: bool) -> KnownForAccounts:
    """`groups`: the file names parents, so the present ones are needed too."""
    accounts = known_accounts(batch, keys)
    rows = Account.objects.filter(pk__in=accounts.names).values_list("pk", "revision", *ACCOUNT_FIELDS)
    user = batch.created_by
    parents = Account.objects.exclude(parent=None).values_list("pk", "parent_id") if groups else ()
    all_known = all(key in accounts.keys for key in keys)
    others = () if all_known else Account.objects.visible_to(user).live().values_list("pk", "name")
    return KnownForAccounts(
        accounts=accounts,
        stored=_stored(rows, tuple(ACCOUNT_FIELDS)),
        parents=dict(parents),
        people=people_by_email(),
        others=[(str(pk), name) for pk, name in others],
        default_currency=Organisation.objects.current().reporting_currency,
        may_decide_tier=can(user, Permission.TIER_DECIDE),
    )


def for_financials(batch: ImportBatch, keys: Collection[str], today: date) -> KnownForFigures:
    accounts = known_accounts(batch, keys)
    key_ids = [key.key_id for key in accounts.keys.values()]
    fields = ("currency", "status", BASIS, *AMOUNTS)
    figures = Figure.objects.filter(key__in=key_ids).values_list(
        "key_id", "period_start", "months", "kind", "pk", "revision", *fields
    )
    typed = Figure.objects.filter(key=None, account__in=accounts.names)
    closed_after = Organisation.objects.current().closed_after_days
    as_of = batch.as_of or today

    @cache
    def is_closed(period: Period) -> bool:
        return add_working_days(period.end, closed_after) < as_of

    return KnownForFigures(
        accounts=accounts,
        stored={
            (row[0], row[1], row[2], row[3]): Stored(row[4], row[5], dict(zip(fields, row[6:], strict=True)))
            for row in figures
        },
        typed=frozenset(typed.values_list("account_id", "period_start", "months", "kind")),
        currencies=dict(Account.objects.filter(pk__in=accounts.names).values_list("pk", "currency")),
        is_closed=is_closed,
    )


def for_contacts(batch: ImportBatch, keys: Collection[str]) -> KnownForContacts:
    accounts = known_accounts(batch, keys)
    contacts = Contact.objects.filter(account__in=accounts.names)
    own = contacts.filter(source=batch.source).exclude(external_id="")
    fields = tuple(CONTACT_FIELDS)
    others: dict[tuple[int, str], str] = {}
    for account_id, name, email in contacts.values_list("account_id", "full_name", "email"):
        others[account_id, fold(name)] = name
        if email:
            others[account_id, fold(email)] = name
    return KnownForContacts(
        accounts=accounts,
        stored={
            (row[0], row[1]): Stored(row[2], row[3], dict(zip(fields, row[4:], strict=True)))
            for row in own.values_list("account_id", "external_id", "pk", "revision", *fields)
        },
        others=others,
        reports=dict(contacts.exclude(reports_to=None).values_list("pk", "reports_to_id")),
    )


def for_touchpoints(batch: ImportBatch, keys: Collection[str], today: date) -> KnownForTouchpoints:
    accounts = known_accounts(batch, keys)
    contacts = Contact.objects.filter(account__in=accounts.names, source=batch.source).exclude(external_id="")
    imported = Touchpoint.objects.filter(account__in=accounts.names).exclude(import_key="")
    return KnownForTouchpoints(
        accounts=accounts,
        contacts={(row[0], row[1]): row[2] for row in contacts.values_list("account_id", "external_id", "pk")},
        people=people_by_email(),
        fingerprints={
            (row[0], row[1]): (row[2], row[3])
            for row in imported.values_list("account_id", "import_key", "pk", "revision")
        },
        today=today,
    )


def people_by_email() -> dict[str, int]:
    """E-mail in small letters → id, of everybody who can sign in."""
    return {email.lower(): pk for email, pk in User.objects.active().values_list("email", "pk")}


def new_ids(kind: str, count: int) -> Sequence[int]:
    """Ids from the table's own sequence for rows that an import will make; unused ones stay gaps."""
    tables = {
        ImportKind.ACCOUNTS: Account,
        ImportKind.FINANCIALS: Figure,
        ImportKind.CONTACTS: Contact,
        ImportKind.TOUCHPOINTS: Touchpoint,
        ImportKind.ACTIVITIES: ActivityVolume,
        ImportKind.SPLITS: FigureSplit,
        ImportKind.RATES: ExchangeRate,
    }
    table = tables[ImportKind(kind)]._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


def _stored(rows: Iterable[tuple[Any, ...]], fields: tuple[str, ...]) -> dict[int, Stored]:
    return {row[0]: Stored(row[0], row[1], dict(zip(fields, row[2:], strict=True))) for row in rows}
