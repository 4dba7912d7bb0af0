"""The 80/20 of a portfolio: what each visible account (or group) brought in a stretch of quarters, in one currency.

Rows in the wanted currency need no rate. Others are converted at the rate of their quarter, a longer period at the mean
of its quarters; a row without a rate is left out and counted. Rows count whole: one that reaches beyond the stretch is
left out, and where a year stands beside its quarters nothing is counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from functools import cached_property
from typing import Any

from django.db.models import Case, CharField, Count, F, Max, Min, Sum, Value, When
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet

from accounts.domain.concentration import Concentration, Ranking, Whale
from accounts.domain.hierarchy import CircularParents, group_heads
from accounts.models import Account, AccountKey, Figure
from accounts.models.figure import all_costs_of_goods
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.authorization.roles import accesses_with
from sam.core.models import ExchangeRate, Organisation, User
from sam.values.periods import Month, Period, Quarter, assemble, period_of

MEASURES = {"revenue": "Revenue", "gross_margin": "Gross margin", "contribution": "Contribution"}
LEVELS = {"account": "Accounts", "group": "Groups"}
# Converted amounts keep all their digits; only what is shown is rounded.
EXACT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a measure, from the first day of a quarter to the last day of another, in a currency."""

    measure: str
    first: Quarter
    last: Quarter
    currency: str
    level: str = "account"


@dataclass(frozen=True, slots=True)
class Holding:
    """One account or group with its amount. `name` is empty where the person may not see the account's name."""

    account_id: int
    external_id: str
    name: str
    amount: Decimal


@dataclass(frozen=True)
class Portfolio:
    """The answer. `unconverted`: rows left out for want of a rate; `unknown`: rows whose amount nobody knows."""

    question: Question
    holdings: tuple[Holding, ...]
    unconverted: int
    unknown: int

    @cached_property
    def ranking(self) -> Ranking:
        return Ranking.of((holding.external_id, holding.amount) for holding in self.holdings)

    @cached_property
    def concentration(self) -> Concentration:
        return self.ranking.concentration()

    @cached_property
    def whale(self) -> Whale:
        return self.ranking.whale()

    @cached_property
    def ranked(self) -> tuple[Holding, ...]:
        """The largest first; ties by external id."""
        return tuple(sorted(self.holdings, key=lambda holding: (-holding.amount, holding.external_id)))


def may_see_portfolio(user: User) -> bool:
    """By role, or through a seat that shows an account's figures."""
    if can(user, Permission.PORTFOLIO_FIGURES) or can(user, Permission.FIGURES_VIEW):
        return True
    seats = user.seats.open()
    if Permission.FIGURES_VIEW in user.role.on_seat:
        return True
    return bool(seats.filter(access__in=accesses_with(Permission.FIGURES_VIEW)).exists())


def portfolio(user: User, question: Question) -> Portfolio:
    """A fixed number of queries, whatever the number of accounts."""
    whole = can(user, Permission.PORTFOLIO_FIGURES)
    seen = Account.objects.all() if whole else Account.objects.visible_to(user, Permission.FIGURES_VIEW)
    figures = _figures(seen, question)
    amounts, unconverted, unknown = _amounts(figures, question)
    amounts = _rolled_up(amounts, seen, question.level)
    return Portfolio(question, _named(amounts, user), unconverted, unknown)


def covered_quarters(user: User) -> tuple[Quarter, Quarter] | None:
    """The first and the last quarter with actual figures that the person may see; None without any."""
    whole = can(user, Permission.PORTFOLIO_FIGURES)
    seen = Account.objects.all() if whole else Account.objects.visible_to(user, Permission.FIGURES_VIEW)
    rows = Figure.objects.actual().filter(account__in=seen)
    first = rows.order_by("period_start").values_list("period_start", flat=True).first()
    last = rows.order_by("-period_start", "-months").values_list("period_start", "months").first()
    if first is None or last is None:
        return None
    return Quarter.containing(first), Quarter.containing(period_of(last[1], last[0]).end)


def currencies() -> list[str]:
    """Currencies to ask in, the best first: the one of all figures where there is only one, else the reporting one."""
    reporting = Organisation.objects.current().reporting_currency
    found = list(Figure.objects.actual().order_by().values_list("currency", flat=True).distinct())
    return found if len(found) == 1 else [reporting, *sorted(set(found) - {reporting})]


# --- amounts ------------------------------------------------------------------------------------------


def _figures(seen: QuerySet[Account], question: Question) -> QuerySet[Any]:
    amount: Any = {
        "revenue": F("revenue"),
        "gross_margin": F("revenue") - all_costs_of_goods(),
        "contribution": F("revenue") - all_costs_of_goods() - F("cost_to_serve"),
    }[question.measure]
    figures = Figure.objects.actual().within(question.first.start, question.last.shift(1).start)
    return (
        figures.filter(account__in=seen.values("pk"))
        .exclude(months=12, period_start__gt=_last_start(question.last, 12))
        .exclude(months=3, period_start__gt=_last_start(question.last, 3))
        .annotate(amount=amount, standing=Coalesce("account__merged_into_id", "account_id"))
        .order_by()
    )


def _last_start(last: Quarter, months: int) -> date:
    """The latest first day of a period of `months` that still ends with the quarter `last`."""
    return Month(last.year, last.number * 3).shift(1 - months).start


def _amounts(figures: QuerySet[Any], question: Question) -> tuple[dict[int, Decimal], int, int]:
    """Account id → amount, rows without a rate, rows without an amount."""
    unknown = figures.filter(amount=None).count()
    known = figures.exclude(amount=None)
    mixed = _mixed_accounts(known)
    amounts: defaultdict[int, Decimal] = defaultdict(Decimal)
    plain = known.exclude(standing__in=mixed) if mixed else known
    own = plain.filter(currency=question.currency).values("standing").annotate(total=Sum("amount"))
    for account_id, total in own.values_list("standing", "total"):
        amounts[account_id] += total
    foreign = plain.exclude(currency=question.currency)
    unconverted = 0
    fields = ("standing", "currency", "period_start", "months")
    if foreign.exists():
        rates = _rates()
        for account_id, currency, start, months, total, rows in _grouped(foreign, fields):
            rate = rates.between(currency, question.currency, period_of(months, start))
            if rate is None:
                unconverted += rows
            else:
                amounts[account_id] += EXACT.multiply(total, rate)
    if mixed:
        unconverted += _assembled(known.filter(standing__in=mixed), question, amounts)
    return dict(amounts), unconverted, unknown


def _grouped(figures: QuerySet[Any], fields: tuple[str, ...]) -> Iterable[tuple[Any, ...]]:
    grouped: QuerySet[Any] = figures.values(*fields).annotate(total=Sum("amount"), rows=Count("pk"))
    return grouped.values_list(*fields, "total", "rows")


def _mixed_accounts(figures: QuerySet[Any]) -> list[int]:
    """Accounts with periods of different lengths: only there can rows overlap."""
    lengths = figures.values("standing").annotate(shortest=Min("months"), longest=Max("months"))
    return [row["standing"] for row in lengths if row["longest"] != row["shortest"]]


def _assembled(figures: QuerySet[Any], question: Question, amounts: defaultdict[int, Decimal]) -> int:
    """Add up accounts whose rows may overlap, key by key; rows without a rate are counted."""
    months = Month.range(question.first.first_month, question.last.shift(1).first_month.previous())
    rates = _rates()
    rows: defaultdict[tuple[int, int | None], dict[Period, Decimal]] = defaultdict(dict)
    unconverted = 0
    fields = ("standing", "key_id", "currency", "period_start", "months", "amount")
    for account_id, key_id, currency, start, length, amount in figures.values_list(*fields):
        period = period_of(length, start)
        same = currency == question.currency
        rate = Decimal(1) if same else rates.between(currency, question.currency, period)
        if rate is None:
            unconverted += 1
        else:
            rows[account_id, key_id][period] = EXACT.multiply(amount, rate)
    for (account_id, _), periods in rows.items():
        amounts[account_id] += assemble(periods, months).total
    return unconverted


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates into the reporting currency by currency and first day of the quarter."""

    reporting: str
    stored: Mapping[tuple[str, date], Decimal]

    def of(self, currency: str, quarter: Quarter) -> Decimal | None:
        return Decimal(1) if currency == self.reporting else self.stored.get((currency, quarter.start))

    def between(self, currency: str, into: str, period: Period) -> Decimal | None:
        """The mean over the quarters that the period touches; None when one of them has no rate."""
        found: list[Decimal] = []
        for quarter in sorted({month.quarter for month in period.each_month}):
            ours, theirs = self.of(currency, quarter), self.of(into, quarter)
            if ours is None or theirs is None:
                return None
            found.append(EXACT.divide(ours, theirs))
        return EXACT.divide(sum(found, Decimal(0)), Decimal(len(found)))


def _rates() -> Rates:
    reporting = Organisation.objects.current().reporting_currency
    found = ExchangeRate.objects.filter(into=reporting).values_list("currency", "quarter_start", "rate")
    return Rates(reporting, {(currency, start): rate for currency, start, rate in found})


# --- groups and names ---------------------------------------------------------------------------------


def _rolled_up(amounts: dict[int, Decimal], seen: QuerySet[Account], level: str) -> dict[int, Decimal]:
    if level != "group":
        return amounts
    # Only accounts the person sees: the head of a group is the highest of them.
    links = {str(pk): str(parent) if parent else None for pk, parent in seen.values_list("pk", "parent_id")}
    try:
        heads = group_heads(links)
    except CircularParents:
        return amounts
    rolled: defaultdict[int, Decimal] = defaultdict(Decimal)
    for account_id, amount in amounts.items():
        rolled[int(heads.get(str(account_id), str(account_id)))] += amount
    return dict(rolled)


def _named(amounts: dict[int, Decimal], user: User) -> tuple[Holding, ...]:
    names = dict(Account.objects.visible_to(user).filter(pk__in=amounts).values_list("pk", "name"))
    keys: dict[int, str] = {}
    # The key of the import wins over keys of other systems, an older one over a newer one.
    ordered = AccountKey.objects.filter(account__in=amounts).annotate(
        place=Case(When(source="import", then=Value("0")), default=F("source"), output_field=CharField())
    )
    for account_id, key in ordered.order_by("-place", "-pk").values_list("account_id", "key"):
        keys[account_id] = key
    return tuple(
        Holding(account_id, keys.get(account_id, str(account_id)), names.get(account_id, ""), amount)
        for account_id, amount in amounts.items()
    )
