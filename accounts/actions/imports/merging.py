"""From staging into the tracked tables: set-based, each kind in a handful of statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from accounts.actions.serving import recompute_cost_to_serve
from accounts.domain.hierarchy import find_cycles
from accounts.domain.import_fields import ImportKind
from accounts.domain.import_financials import AMOUNTS, BASIS
from accounts.models import Account, ActivityVolume, ImportBatch, StagedRow
from accounts.models.imports import NEEDED_ON_ACCOUNT, may_import
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused


@dataclass(frozen=True, slots=True)
class Target:
    """A table that rows are merged into. `fields`: column → type of what an import can write.

    `fixed`: further columns of new rows, and where their values come from (s = staging, d = the row's data).
    """

    table: str
    fields: Mapping[str, str]
    fixed: Mapping[str, str]
    more: Mapping[str, str]


# Where a row of numbers belongs: account, key, period.
PLACE = {
    "account_id": "s.account_id",
    "key_id": "s.key_id",
    "period_start": "d.period_start",
    "months": "d.months",
}
PLACE_TYPES = {"period_start": "date", "months": "smallint"}

TARGETS: Mapping[str, Target] = {
    ImportKind.ACCOUNTS: Target(
        "accounts_account",
        {
            "name": "text",
            "parent_id": "bigint",
            "status": "text",
            "industry": "text",
            "region": "text",
            "country": "text",
            "currency": "text",
            "website": "text",
            "owner_id": "bigint",
        },
        {"tier": "d.tier", "created_at": "now()"},
        {"tier": "text"},
    ),
    ImportKind.FINANCIALS: Target(
        "accounts_figure",
        {
            "currency": "text",
            "status": "text",
            **dict.fromkeys(AMOUNTS, "numeric"),
            BASIS: "text",
        },
        {**PLACE, "kind": "d.kind"},
        {**PLACE_TYPES, "kind": "text"},
    ),
    ImportKind.CONTACTS: Target(
        "accounts_contact",
        {
            "full_name": "text",
            "email": "text",
            "phone": "text",
            "job_title": "text",
            "function": "text",
            "level": "text",
            "reports_to_id": "bigint",
        },
        {
            "account_id": "s.account_id",
            "source": "b.source",
            "external_id": "s.key",
            "status": "'active'",
            "language": "'en'",
            "no_surveys": "false",
        },
        {},
    ),
    ImportKind.TOUCHPOINTS: Target(
        "accounts_touchpoint",
        {"date": "date", "kind": "text", "summary": "text", "minutes": "integer"},
        {
            "account_id": "s.account_id",
            "promised": "''",
            "logged_by_id": "b.created_by_id",
            "import_key": "s.key",
        },
        {},
    ),
    ImportKind.ACTIVITIES: Target(
        "accounts_activityvolume",
        {"quantity": "numeric"},
        {**PLACE, "driver": "d.driver"},
        {**PLACE_TYPES, "driver": "text"},
    ),
    ImportKind.SPLITS: Target(
        "accounts_figuresplit",
        {"currency": "text", "revenue": "numeric", "cost_of_goods": "numeric"},
        {**PLACE, "dimension": "d.dimension", "name": "d.name"},
        {**PLACE_TYPES, "dimension": "text", "name": "text"},
    ),
    ImportKind.RATES: Target(
        "core_exchangerate",
        {"rate": "numeric"},
        {"currency": "d.currency", '"into"': "d.reporting", "quarter_start": "d.quarter_start"},
        {"currency": "text", "reporting": "text", "quarter_start": "date"},
    ),
}

STAGED = "FROM accounts_stagedrow s JOIN accounts_importbatch b ON b.id = s.batch_id"
REFERENCES = {
    ImportKind.ACCOUNTS: ("parent_id", "accounts_account"),
    ImportKind.CONTACTS: ("reports_to_id", "accounts_contact"),
    ImportKind.TOUCHPOINTS: ("contact_id", "accounts_contact"),
}


class Moved(ActionRefused):
    """What the dry run saw is no longer so."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} since the check. Check the file again, then import.", code="moved")


def merge(batch: ImportBatch) -> None:
    """Write every accepted row of a checked batch. Raises Moved when the dry run no longer holds; nothing stays then.

    To be called in the transaction that stands for the whole import, in the importing person's name.
    """
    lock_imports()
    _refuse_what_moved(batch)
    target = TARGETS[batch.kind]
    counts = {verdict: _count(batch, verdict) for verdict in ("new", "changed")}
    if counts["new"]:
        _expect(_insert(batch, target), counts["new"])
        _insert_parts(batch, counts["new"])
    if counts["changed"]:
        _expect(write_back(batch, target, "data", after=0), counts["changed"])
    _refuse_lost_references(batch)
    refresh_costs(batch)


def refresh_costs(batch: ImportBatch) -> None:
    """Cost to serve from activities follows what an import or its undo wrote."""
    if batch.kind == ImportKind.RATES:
        recompute_cost_to_serve()
    elif batch.kind == ImportKind.ACTIVITIES:
        touched = StagedRow.objects.filter(batch=batch, account_id__isnull=False)
        accounts = Account.objects.filter(pk__in=touched.values("account_id"))
        recompute_cost_to_serve(accounts.values_list("pk", flat=True))
    elif batch.kind == ImportKind.FINANCIALS:
        touched = StagedRow.objects.filter(batch=batch, account_id__isnull=False)
        active = ActivityVolume.objects.filter(account__in=touched.values("account_id"))
        recompute_cost_to_serve(active.values_list("account_id", flat=True).distinct().order_by())


def lock_imports() -> None:
    """One merge or undo at a time: two files about the same accounts would otherwise wait for each other for ever."""
    _execute("SELECT pg_advisory_xact_lock(hashtext('accounts.imports'))")


def write_back(batch: ImportBatch, target: Target, column: str, *, after: int) -> int:
    """Put the fields named in `column` (data or before) into changed rows whose revision is `after` above the seen."""
    sets = ", ".join(
        f"{name} = CASE WHEN s.{column} ? '{name}' THEN d.{name} ELSE t.{name} END" for name in target.fields
    )
    kinds = ", ".join(f"{name} {kind}" for name, kind in target.fields.items())
    return _execute(
        f"UPDATE {target.table} t SET {sets}, revision = t.revision + 1"  # noqa: S608 - names of our own tables
        f" FROM accounts_stagedrow s CROSS JOIN LATERAL jsonb_to_record(s.{column}) AS d({kinds})"
        " WHERE s.batch_id = %s AND s.verdict = 'changed' AND t.id = s.target_id AND t.revision = s.seen_revision + %s",
        batch.pk,
        after,
    )


def refuse_circles() -> None:
    """Moved when parents form a circle: somebody else regrouped accounts meanwhile."""
    links = Account.objects.exclude(parent=None).values_list("pk", "parent_id")
    if find_cycles({str(child): str(parent) for child, parent in links}):
        raise Moved("Somebody regrouped accounts, and together with this file a circle would arise,")


def _insert(batch: ImportBatch, target: Target) -> int:
    columns = {**{name: f"d.{name}" for name in target.fields}, **target.fixed}
    kinds = ", ".join(f"{name} {kind}" for name, kind in {**target.fields, **target.more}.items())
    return _execute(
        f"INSERT INTO {target.table} (id, revision, {', '.join(columns)})"
        f" SELECT s.target_id, 1, {', '.join(columns.values())} {STAGED}"
        f" CROSS JOIN LATERAL jsonb_to_record(s.data) AS d({kinds})"
        " WHERE s.batch_id = %s AND s.verdict = 'new' ON CONFLICT DO NOTHING",
        batch.pk,
    )


def _insert_parts(batch: ImportBatch, expected: int) -> None:
    if batch.kind == ImportKind.ACCOUNTS:
        inserted = _execute(
            "INSERT INTO accounts_accountkey (account_id, source, key)"
            f" SELECT s.target_id, b.source, s.key {STAGED}"
            " WHERE s.batch_id = %s AND s.verdict = 'new' ON CONFLICT DO NOTHING",
            batch.pk,
        )
        _expect(inserted, expected)
    if batch.kind == ImportKind.TOUCHPOINTS:
        for table, name in (("accounts_touchpointcontact", "contact_id"), ("accounts_touchpointperson", "user_id")):
            _execute(
                f"INSERT INTO {table} (touchpoint_id, {name})"
                f" SELECT s.target_id, (s.data->>'{name}')::bigint {STAGED}"
                f" WHERE s.batch_id = %s AND s.verdict = 'new' AND s.data->>'{name}' IS NOT NULL",
                batch.pk,
            )


def _refuse_what_moved(batch: ImportBatch) -> None:
    user = batch.created_by
    user.refresh_from_db()
    if not user.is_active or not may_import(user, batch.kind):
        raise Moved("The right to import was withdrawn")
    table = TARGETS[batch.kind].table
    accepted = "s.batch_id = %s AND s.verdict <> 'rejected'"
    checks = {
        "{rows} changed in SAM": (
            f"SELECT min(s.row), count(*) FROM accounts_stagedrow s LEFT JOIN {table} t ON t.id = s.target_id"  # noqa: S608
            f" WHERE {accepted} AND s.verdict <> 'new' AND (t.id IS NULL OR t.revision <> s.seen_revision)"
        ),
        "The keys of {rows} went to another account": (
            "SELECT min(s.row), count(*) FROM accounts_stagedrow s LEFT JOIN accounts_accountkey k ON k.id = s.key_id"  # noqa: S608
            f" WHERE {accepted} AND s.key_id IS NOT NULL AND (k.id IS NULL OR k.account_id <> s.key_account_id)"
        ),
        "The accounts of {rows} were merged or removed": (
            "SELECT min(s.row), count(*) FROM accounts_stagedrow s LEFT JOIN accounts_account a ON a.id = s.account_id"  # noqa: S608
            f" WHERE {accepted} AND s.account_id IS NOT NULL AND (a.id IS NULL OR a.merged_into_id IS NOT NULL)"
        ),
    }
    for words, query in checks.items():
        with connection.cursor() as cursor:
            cursor.execute(query, [batch.pk])
            first, number = cursor.fetchone()
        if number:
            raise Moved(words.format(rows=_rows(first, number)))
    _refuse_lost_rights(batch)


def _refuse_lost_rights(batch: ImportBatch) -> None:
    user = batch.created_by
    needed = NEEDED_ON_ACCOUNT[ImportKind(batch.kind)]
    if can(user, needed):
        return
    rows = StagedRow.objects.filter(batch=batch, account_id__isnull=False).exclude(verdict="rejected")
    lost = rows.exclude(account_id__in=Account.objects.visible_to(user, needed).values("pk"))
    if lost.exists():
        raise Moved("The right to change some of these accounts was withdrawn")


def _refuse_lost_references(batch: ImportBatch) -> None:
    """Parents and contacts that the rows name must still be there when everything is written."""
    if batch.kind not in REFERENCES:
        return
    name, table = REFERENCES[ImportKind(batch.kind)]
    gone = "OR t.merged_into_id IS NOT NULL" if batch.kind == ImportKind.ACCOUNTS else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE t.id IS NULL "  # noqa: S608
            f"{gone}) FROM accounts_stagedrow s LEFT JOIN {table} t ON t.id = (s.data->>'{name}')::bigint"
            " WHERE s.batch_id = %s AND s.verdict IN ('new', 'changed') AND s.data->>'"
            f"{name}' IS NOT NULL",
            [batch.pk],
        )
        named, lost = cursor.fetchone()
    if lost:
        raise Moved(f"{lost:,} rows name an account or contact that was removed")
    if named and batch.kind == ImportKind.ACCOUNTS:
        refuse_circles()


def _count(batch: ImportBatch, verdict: str) -> int:
    return StagedRow.objects.filter(batch=batch, verdict=verdict).count()


def _expect(written: int, expected: int) -> None:
    if written != expected:
        raise Moved(f"{expected - written:,} rows were written by somebody else")


def _rows(first: int, number: int) -> str:
    return f"Row {first:,}" if number == 1 else f"{number:,} rows (the first is row {first:,})"


def _execute(query: str, *parameters: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return int(cursor.rowcount)
