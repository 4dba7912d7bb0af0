"""The work list of missing data: what keeps an account out of the totals, each with the page that mends it.

The last four closed quarters count, for accounts of the programme and for those that had figures in the last two
years. A fixed number of queries, whatever the number of accounts; `MOST` lines of a kind are listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Abs, TruncQuarter

from accounts.domain.pnl import PRICE_LINES, ROUNDING
from accounts.models import Account, Figure
from sam.core.models import ExchangeRate, Organisation
from sam.values.periods import Quarter, trailing_quarters

MOST = 50
YEAR, TWO_YEARS = 4, 8
TIERS = ("global", "strategic", "key", "")


@dataclass(frozen=True, slots=True)
class Gap:
    """One line of work. `quarters`: where something is missing, oldest first. Without an account: a currency."""

    account_id: int
    name: str
    quarters: tuple[Quarter, ...]

    @property
    def labels(self) -> str:
        return ", ".join(quarter.label for quarter in self.quarters)

    @property
    def first(self) -> Quarter:
        return self.quarters[0]


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is missing, by kind; accounts of the programme first."""

    figures: tuple[Gap, ...]
    goods: tuple[Gap, ...]
    serve: tuple[Gap, ...]
    lines: tuple[Gap, ...]
    wallet: tuple[Gap, ...]
    rates: tuple[Gap, ...]

    @property
    def count(self) -> int:
        return sum(len(one) for one in (self.figures, self.goods, self.serve, self.lines, self.wallet, self.rates))


Found = Mapping[int, Iterable[Quarter]]


def gaps_of(accounts: QuerySet[Account], last: Quarter) -> Gaps:
    """`last`: the last closed quarter. Seven queries."""
    quarters, start = trailing_quarters(last, YEAR), trailing_quarters(last, TWO_YEARS)[0].start
    live = accounts.order_by().values("pk")
    end = last.next().start
    rows = Figure.objects.actual().within(start, end).filter(account__in=live).order_by()
    year = rows.filter(period_start__gte=quarters[0].start, months__lt=12).annotate(
        quarter=TruncQuarter("period_start")
    )
    found: dict[str, Found] = {
        "figures": _without_figures(accounts, rows, quarters),
        **_incomplete(year),
        "wallet": dict.fromkeys(_without_wallet(year), quarters),
    }
    names = _names(pk for gaps in found.values() for pk in gaps)
    return Gaps(**{kind: _lines(gaps, names) for kind, gaps in found.items()}, rates=_without_rate(rows))


def _lines(found: Found, names: Mapping[int, tuple[int, str]]) -> tuple[Gap, ...]:
    ordered = sorted(found, key=lambda pk: (names[pk], pk))
    return tuple(Gap(pk, names[pk][1], tuple(sorted(found[pk]))) for pk in ordered)


def _names(account_ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    rows = Account.objects.filter(pk__in=set(account_ids)).order_by().values_list("pk", "tier", "name")
    return {pk: (TIERS.index(tier), name) for pk, tier, name in rows}


def _without_figures(accounts: QuerySet[Account], rows: QuerySet[Figure], quarters: Sequence[Quarter]) -> Found:
    """Closed quarters of which not all months are reported. A year's own row covers its four."""
    starts: Any = ArrayAgg("period_start", filter=Q(revenue__isnull=False), default=[])
    lengths: Any = ArrayAgg("months", filter=Q(revenue__isnull=False), default=[])
    told = rows.values("account_id").annotate(starts=starts, lengths=lengths)
    found: dict[int, list[Quarter]] = {}
    seen: set[int] = set()
    for pk, begin, months in told.values_list("account_id", "starts", "lengths"):
        seen.add(pk)
        missing = _missing(quarters, set(zip(begin, months, strict=True)))
        if missing:
            found[pk] = missing
    # Told apart here: a NOT IN over all figures would be asked once per account.
    programme = accounts.exclude(tier="").order_by().values_list("pk", flat=True)
    return {**found, **{pk: list(quarters) for pk in programme if pk not in seen}}


def _missing(quarters: Sequence[Quarter], reported: set[tuple[date, int]]) -> list[Quarter]:
    if (quarters[0].start, 12) in reported:
        return []
    return [
        quarter
        for quarter in quarters
        if (quarter.start, 3) not in reported
        and not all((month.start, 1) in reported for month in quarter.period.each_month)
    ]


def _incomplete(year: QuerySet[Any]) -> dict[str, Found]:
    """Quarters with revenue but without a cost, and those whose lines miss the revenue; one query."""
    difference = F("list_revenue") - sum((F(name) for name in PRICE_LINES[1:]), F(PRICE_LINES[0])) - F("revenue")
    asked = {
        "goods": Q(cost_of_goods=None),
        "serve": Q(cost_to_serve=None),
        "lines": Q(apart__gt=ROUNDING),
    }
    counted: Any = {kind: Count("pk", filter=wrong) for kind, wrong in asked.items()}
    rows = (
        year.exclude(revenue=None)
        .annotate(apart=Abs(difference))
        .values("account_id", "quarter")
        .annotate(**counted)
        .filter(Q(goods__gt=0) | Q(serve__gt=0) | Q(lines__gt=0))
    )
    found: dict[str, defaultdict[int, list[Quarter]]] = {kind: defaultdict(list) for kind in asked}
    for row in rows:
        for kind in asked:
            if row[kind]:
                found[kind][row["account_id"]].append(Quarter.containing(row["quarter"]))
    return {kind: dict(gaps) for kind, gaps in found.items()}


def _without_wallet(year: QuerySet[Any]) -> Iterable[int]:
    """Accounts of which no quarter says what the client spends in our categories."""
    told = year.values("account_id").annotate(known=Count("client_spend")).filter(known=0)
    return list(told.values_list("account_id", flat=True))


def _without_rate(rows: QuerySet[Figure]) -> tuple[Gap, ...]:
    """Currencies and quarters of figures that nothing converts."""
    into = Organisation.objects.shown().reporting_currency
    rate = ExchangeRate.objects.filter(currency=OuterRef("currency"), into=into, quarter_start=OuterRef("quarter"))
    foreign = rows.exclude(currency=into).annotate(quarter=TruncQuarter("period_start"))
    missing = foreign.exclude(Exists(rate)).values_list("currency", "quarter").distinct()
    found: defaultdict[str, list[Quarter]] = defaultdict(list)
    for currency, quarter in missing:
        found[currency].append(Quarter.containing(quarter))
    return tuple(Gap(0, currency, tuple(sorted(quarters))) for currency, quarters in sorted(found.items()))
