"""Time and people per account of the programme beside what it is worth. A constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from accounts.domain.drivers import TEAM
from accounts.models import Account, ActivityRate, TeamSeat, Touchpoint, TouchpointPerson
from sam.core.models import User
from sam.values.periods import Quarter
from sam.values.results import Computed, Missing, Result, value_of
from scoring.domain.investment import (
    FEWEST_PEOPLE,
    PersonLoad,
    contact_hours,
    cost,
    per_unit,
    planned_hours,
    tier_warning,
    usual_share,
)
from scoring.domain.measures import Figures
from scoring.models import TIERS_FROM_THE_TOP
from scoring.queries.cycle import live_rules_or_none, units_of
from scoring.queries.portfolio_scope import measured, programme, sees_all
from scoring.queries.worth import Rates, Worth, rates_now, worths_of

DAYS = 365


@dataclass(frozen=True, slots=True)
class Contact:
    """Touchpoints of a year: person-minutes of those whose minutes are known (a person each at least)."""

    touchpoints: int = 0
    unknown: int = 0
    minutes: Decimal = Decimal(0)

    @property
    def hours(self) -> Decimal | None:
        """None when nothing is known."""
        return contact_hours(self.minutes) if self.touchpoints > self.unknown else None


@dataclass(frozen=True, slots=True)
class Line:
    """One account: what it takes (shares of time, hours, cost) beside contribution, score and worth of outcomes."""

    account: Account
    contact: Contact
    seats: int
    allocation: int
    lead_share: int | None
    rate: Result
    contribution: Decimal | None
    overall: Decimal | None
    worth: Worth | None

    @property
    def planned(self) -> Decimal:
        return planned_hours(self.allocation)

    @property
    def cost(self) -> Result:
        return cost(self.planned, self.rate)

    @property
    def cost_amount(self) -> Decimal | None:
        return value_of(self.cost)

    @property
    def per_unit(self) -> Result:
        return per_unit(self.contribution, self.cost)

    @property
    def returns(self) -> Decimal | None:
        return value_of(self.per_unit)

    @property
    def why_not(self) -> str:
        result = self.per_unit
        return result.reason if isinstance(result, Missing) else ""


@dataclass(frozen=True, slots=True)
class TierLine:
    """The accounts of one tier together. `hours_per_person`: None where too few people would be told apart."""

    tier: str
    lines: tuple[Line, ...]
    people: int
    warning: str

    @property
    def label(self) -> str:
        return str(Account.Tier(self.tier).label)

    @property
    def allocation(self) -> Decimal:
        """Full people per account."""
        return Decimal(sum(line.allocation for line in self.lines)) / 100 / len(self.lines)

    @property
    def cost(self) -> Decimal | None:
        known = [line.cost_amount for line in self.lines if line.cost_amount is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def contribution(self) -> Decimal | None:
        """Of the accounts where it is known."""
        known = [line.contribution for line in self.lines if line.contribution is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def unknown(self) -> int:
        return sum(1 for line in self.lines if line.contribution is None)

    @property
    def hours_per_account(self) -> Decimal | None:
        """Contact hours logged, only for groups of five people or more."""
        if self.people < FEWEST_PEOPLE:
            return None
        return sum((line.contact.hours or Decimal(0) for line in self.lines), Decimal(0)) / len(self.lines)


@dataclass(frozen=True, slots=True)
class Staffed:
    """One person with what they are staffed with; nothing here is measured."""

    person: User
    load: PersonLoad
    accounts: tuple[str, ...]


@dataclass(frozen=True)
class Investment:
    """`rate`: a team hour in `currency`, of `year`. `people`: only for those who see the whole programme."""

    lines: tuple[Line, ...]
    tiers: tuple[TierLine, ...]
    people: tuple[Staffed, ...]
    rate: Result
    year: int
    since: date
    currency: str
    last: Quarter
    rates: Rates
    worth: Worth = field(default_factory=Worth)

    @property
    def cost(self) -> Decimal | None:
        known = [line.cost_amount for line in self.lines if line.cost_amount is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def contribution(self) -> Decimal | None:
        known = [line.contribution for line in self.lines if line.contribution is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def full_people(self) -> Decimal:
        return Decimal(sum(line.allocation for line in self.lines)) / 100

    @property
    def contact_hours(self) -> Decimal:
        return sum((line.contact.hours or Decimal(0) for line in self.lines), Decimal(0))

    @property
    def unknown_minutes(self) -> int:
        return sum(line.contact.unknown for line in self.lines)

    @property
    def touchpoints(self) -> int:
        return sum(line.contact.touchpoints for line in self.lines)

    @property
    def unknown_accounts(self) -> list[tuple[str, int]]:
        return [(line.account.name, line.contact.unknown) for line in self.lines if line.contact.unknown]

    @property
    def warned(self) -> int:
        return sum(1 for one in self.people if one.load.warnings) + sum(1 for tier in self.tiers if tier.warning)

    @property
    def thin_tiers(self) -> list[TierLine]:
        return [tier for tier in self.tiers if tier.warning]


def investment(user: User) -> Investment:
    """The programme's accounts that the person may see, those with the least contribution per cost first."""
    today = timezone.localdate()
    accounts = list(programme(user).select_related("score", "owner").order_by("name"))
    ids = [account.pk for account in accounts]
    found = measured([Figures.CONTRIBUTION], ids)
    rates = rates_now()
    rate = _rate(today.year, rates)
    contacts, seats = _contacts(ids, today - timedelta(days=DAYS)), _seats(ids)
    worths = worths_of(ids, rates)
    lines = []
    for account in accounts:
        own = seats.get(account.pk, [])
        value = found.of(account.pk, Figures.CONTRIBUTION)
        score = getattr(account, "score", None)
        lines.append(
            Line(
                account=account,
                contact=contacts.get(account.pk, Contact()),
                seats=len(own),
                allocation=sum(seat.allocation for seat in own),
                lead_share=_lead_share(own),
                rate=rate,
                contribution=None if value is None else Decimal(repr(value)),
                overall=score.overall_points if score else None,
                worth=worths.get(account.pk),
            )
        )
    lines.sort(key=lambda line: (line.returns is None, line.returns or Decimal(0), line.account.name))
    total = Worth()
    for one in worths.values():
        total = total.plus(one)
    return Investment(
        lines=tuple(lines),
        tiers=_tiers(lines, seats),
        people=_people(accounts, seats) if sees_all(user) else (),
        rate=rate,
        year=today.year,
        since=today - timedelta(days=DAYS),
        currency=rates.currency,
        last=found.last,
        rates=rates,
        worth=total,
    )


def _rate(year: int, rates: Rates) -> Result:
    row = ActivityRate.objects.filter(driver=TEAM, year=year).first()
    if row is None:
        return Missing(f"no rate of a team hour for {year}")
    factor = rates.of(row.currency)
    if factor is None:
        return Missing(f"no exchange rate of {row.currency} for {rates.quarter.label}")
    return Computed(row.amount * factor, (("rate of a team hour", row.amount), ("exchange rate", factor)))


CONTACTS = f"""
    SELECT t.account_id, count(*), count(*) FILTER (WHERE t.minutes IS NULL),
           coalesce(sum(t.minutes * greatest(1, p.people)), 0)
    FROM {Touchpoint._meta.db_table} t
    CROSS JOIN LATERAL (
        SELECT count(*) AS people FROM {TouchpointPerson._meta.db_table} p WHERE p.touchpoint_id = t.id
    ) p
    WHERE t.account_id = ANY(%s) AND t.date > %s GROUP BY t.account_id
"""  # noqa: S608 (our own tables)


def _contacts(ids: Sequence[int], since: date) -> dict[int, Contact]:
    with connection.cursor() as cursor:
        cursor.execute(CONTACTS, [list(ids), since])
        return {row[0]: Contact(row[1], row[2], Decimal(row[3])) for row in cursor.fetchall()}


def _seats(ids: Sequence[int]) -> dict[int, list[TeamSeat]]:
    found: dict[int, list[TeamSeat]] = defaultdict(list)
    for seat in TeamSeat.objects.open().filter(account_id__in=ids).select_related("user"):
        found[seat.account_id].append(seat)
    return found


def _lead_share(seats: Sequence[TeamSeat]) -> int | None:
    shares = [seat.allocation for seat in seats if seat.role == TeamSeat.Role.LEAD]
    return sum(shares) if shares else None


def _tiers(lines: Sequence[Line], seats: dict[int, list[TeamSeat]]) -> tuple[TierLine, ...]:
    found = []
    for tier in (one.value for one in TIERS_FROM_THE_TOP):
        own = tuple(line for line in lines if line.account.tier == tier)
        if not own:
            continue
        people = {seat.user_id for line in own for seat in seats.get(line.account.pk, [])}
        shares = [line.lead_share for line in own if line.lead_share is not None]
        average = Decimal(sum(shares)) / len(shares) if shares else None
        found.append(TierLine(tier, own, len(people), tier_warning(tier, average)))
    return tuple(found)


def _people(accounts: Sequence[Account], seats: dict[int, list[TeamSeat]]) -> tuple[Staffed, ...]:
    """Everybody with a seat or as lead on the programme's accounts; by name, never by how much they do."""
    takes = units_of(live_rules_or_none())
    names = {account.pk: account.name for account in accounts}
    units: dict[int, int] = defaultdict(int)
    people: dict[int, User] = {}
    held: dict[int, set[int]] = defaultdict(set)
    shares: dict[int, int] = defaultdict(int)
    usual: dict[int, int] = defaultdict(int)
    for account in accounts:
        if account.owner is not None:
            people[account.owner.pk] = account.owner
            units[account.owner.pk] += takes.get(account.tier, 0)
            held[account.owner.pk].add(account.pk)
        for seat in seats.get(account.pk, []):
            people[seat.user_id] = seat.user
            held[seat.user_id].add(account.pk)
            shares[seat.user_id] += seat.allocation
            usual[seat.user_id] += usual_share(seat.role, account.tier)
    found = [
        Staffed(
            person,
            PersonLoad(units[pk], len(held[pk]), shares[pk], usual[pk]),
            tuple(sorted(names[account_id] for account_id in held[pk])),
        )
        for pk, person in people.items()
    ]
    return tuple(sorted(found, key=lambda one: (not one.load.warnings, str(one.person))))
