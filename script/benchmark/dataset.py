"""The portfolio that pages, exports and scores are measured on: set by SQL, the same at every run of a size.

Of `size` accounts 1 in 2,000 is global, 1 in 250 strategic, 1 in 50 key; the rest stands outside the programme. Each
has figures of eight closed quarters, 60 people of ours own them, those in the programme have a team. The first ten
have 300 contacts and 100 touchpoints each, the others in the programme twelve and six.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from accounts.actions.kept_years import keep_all_years
from accounts.models import (
    Account,
    Contact,
    SponsorTerm,
    TeamSeat,
    Touchpoint,
    TouchpointContact,
    TouchpointPerson,
)
from sam.core.models import User
from sam.values.periods import last_closed_quarter, trailing_quarters

OWNERS = 60
CROWDED = 10
CONTACTS, TOUCHPOINTS = 300, 100
USUAL_CONTACTS, USUAL_TOUCHPOINTS = 12, 6
SEATS = ((0, "account_lead", "lead"), (7, "finance_lead", "finance_lead"), (13, "technical_expert", "member"))
QUARTERS = 8
PASSWORD = "measured on loopback only"
LEAD, MANAGER = "lead@bench.example", "manager1@bench.example"


@dataclass(frozen=True, slots=True)
class People:
    """Who looks at the pages: one who sees every account, and one with seats on a few."""

    lead: User
    manager: User


def people() -> People:
    """Made at the first call, found at the next ones."""
    lead = User.objects.filter(email=LEAD).first() or User.objects.create_user(
        LEAD, PASSWORD, display_name="Lena Lead", role_key="programme_lead"
    )
    known = set(User.objects.filter(email__startswith="manager").values_list("email", flat=True))
    for number in range(1, OWNERS + 1):
        email = f"manager{number}@bench.example"
        if email not in known:
            User.objects.create(email=email, password="!", display_name=f"Manager {number}", role_key="account_manager")
    return People(lead, User.objects.get(email=MANAGER))


def empty() -> None:
    """No accounts, nothing that belongs to one, no trail."""
    with connection.cursor() as cursor:
        trails = [table for table in connection.introspection.table_names(cursor) if table.endswith("event")]
        _execute(f"TRUNCATE accounts_account, {', '.join(trails)} RESTART IDENTITY CASCADE")


def fill(names: Sequence[str]) -> None:
    """One account per name, with all that belongs to them; all else as after a quiet night."""
    empty()
    people()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_name (id bigint GENERATED ALWAYS AS IDENTITY, name text)")
        with cursor.copy("COPY bench_name (name) FROM STDIN") as copy:
            for name in names:
                copy.write_row((name,))
    first_quarter = trailing_quarters(last_closed_quarter(timezone.localdate()), QUARTERS)[0].start
    for statement in (SEED, OWNER_NUMBERS, ACCOUNTS, KEYS, FIGURES):
        _execute(statement, {"first_quarter": first_quarter})
    _fill_programme()
    keep_all_years()
    for statement in ("DROP TABLE bench_name, bench_owner", "VACUUM ANALYZE"):
        _execute(statement)


def _fill_programme() -> None:
    """Teams, sponsors, contacts and touchpoints of the accounts in the programme and of the crowded ones."""
    today = timezone.localdate()
    owners = list(User.objects.filter(role_key="account_manager").order_by("pk").values_list("pk", flat=True))
    accounts = list(Account.objects.exclude(tier="", pk__gt=CROWDED).order_by("pk"))
    TeamSeat.objects.bulk_create(
        TeamSeat(account=a, user_id=owners[(a.pk + shift) % OWNERS], role=role, access=access,
                 starts_on=today - dt.timedelta(200))
        for a in accounts for shift, role, access in SEATS
    )  # fmt: skip
    SponsorTerm.objects.bulk_create(
        SponsorTerm(account=a, sponsor_id=owners[(a.pk + 29) % OWNERS], starts_on=today - dt.timedelta(100))
        for a in accounts
        if a.tier in {"global", "strategic"}
    )
    contacts = Contact.objects.bulk_create(
        [
            Contact(
                account=a, source="erp", external_id=str(n), full_name=f"Person {n} of {a.pk}", job_title="Manager",
                email=f"p{n}@c{a.pk}.example", function=Contact.Function.values[n % 8],
                level=Contact.Level.values[n % 5], covered_by_id=a.owner_id,
            )
            for a in accounts for n in range(CONTACTS if a.pk <= CROWDED else USUAL_CONTACTS)
        ]
    )  # fmt: skip
    touchpoints = Touchpoint.objects.bulk_create(
        [
            Touchpoint(account=a, date=today - dt.timedelta(3 * n), kind=Touchpoint.Kind.values[n % 4],
                       summary="Talked about delivery and next steps", minutes=30, logged_by_id=a.owner_id)
            for a in accounts for n in range(TOUCHPOINTS if a.pk <= CROWDED else USUAL_TOUCHPOINTS)
        ]
    )  # fmt: skip
    of_account: dict[int, list[int]] = {}
    for contact in contacts:
        of_account.setdefault(contact.account_id, []).append(contact.pk)
    TouchpointContact.objects.bulk_create(
        TouchpointContact(touchpoint=t, contact_id=of_account[t.account_id][t.pk % len(of_account[t.account_id])])
        for t in touchpoints
    )
    TouchpointPerson.objects.bulk_create(
        TouchpointPerson(touchpoint=t, user_id=t.logged_by_id or 0) for t in touchpoints
    )


def crowded_account() -> Account:
    """One with 300 contacts."""
    return Account.objects.order_by("pk")[0]


def usual_account() -> Account:
    """One in the programme, with a team and a dozen contacts."""
    return Account.objects.filter(tier="key", contacts__isnull=False).order_by("pk").distinct()[CROWDED]


def search_words(names: Sequence[str]) -> list[str]:
    """What people type: beginnings of words, rare and frequent ones, two words, one that is not there."""
    words = [word for name in names[:: max(1, len(names) // 8)] if len(word := name.split()[0]) > 3][:6]
    return [*(word[:6] for word in words), "north", "inc", "bay ltd", "zzzyx"]


def _execute(statement: str, params: dict[str, dt.date] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


SEED = "SELECT setseed(0.4711)"
OWNER_NUMBERS = """
    CREATE TEMP TABLE bench_owner AS
    SELECT row_number() OVER (ORDER BY id) - 1 AS number, id FROM core_user WHERE role_key = 'account_manager'
"""
ACCOUNTS = f"""
    INSERT INTO accounts_account
        (id, name, tier, status, industry, region, country, currency, website, owner_id, created_at, revision)
    SELECT n.id, n.name,
        CASE WHEN n.id %% 2000 = 1 THEN 'global' WHEN n.id %% 250 = 2 THEN 'strategic' WHEN n.id %% 50 = 3 THEN 'key'
             ELSE '' END,
        CASE WHEN n.id %% 40 = 7 THEN 'prospect' ELSE 'active' END,
        (ARRAY['Energy', 'Food', 'Health care', 'Machinery', 'Public sector', 'Retail', 'Transport'])[1 + n.id %% 7],
        (ARRAY['Americas', 'Asia', 'Europe'])[1 + n.id %% 3],
        (ARRAY['Canada', 'Germany', 'France', 'Japan', 'Poland', 'United Kingdom', 'United States'])[1 + n.id %% 7],
        'EUR', '', o.id, now(), 1
    FROM bench_name n JOIN bench_owner o ON o.number = n.id %% {OWNERS}
"""
KEYS = """
    INSERT INTO accounts_accountkey (account_id, source, key) SELECT id, 'erp', 'C' || id FROM accounts_account
"""
# Sizes fall off as in real portfolios: a few large ones bring most of the revenue.
FIGURES = f"""
    INSERT INTO accounts_figure
        (account_id, key_id, period_start, months, kind, status, currency, revenue, cost_of_goods, cost_to_serve,
         client_spend, revision)
    SELECT s.account_id, s.key_id, (%(first_quarter)s + make_interval(months => 3 * q))::date, 3, 'actual', 'closed',
        'EUR', r.revenue, round(r.revenue * 0.58, 2), round(r.revenue * (0.05 + 0.1 * random())::numeric, 2),
        round(r.revenue * (1.2 + 3 * random())::numeric, 2), 1
    FROM (SELECT account_id, id AS key_id, 4000 * power(1 - random(), -0.75) AS size FROM accounts_accountkey) s
    CROSS JOIN generate_series(0, {QUARTERS - 1}) q
    CROSS JOIN LATERAL (SELECT round((s.size * (0.8 + 0.02 * q + 0.3 * random()))::numeric, 2) AS revenue) r
"""
