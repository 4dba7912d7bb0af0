"""One account's P&L: the last quarter and twelve months, its metrics, its mix, and the rates it is converted at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from accounts.domain.metrics import Facts, Metric, Rates, metrics
from accounts.domain.pnl import FLOWS, LABELS, NO_LINES, Lines, Waterfall, adds_up, difference_of, waterfall
from accounts.models import Account, Figure, FigureSplit
from accounts.queries.numbers import (
    ByPeriod,
    Numbers,
    by_kind_and_period,
    lines_of_quarter,
    main_currency,
    numbers_from,
)
from accounts.queries.serving import Activities, Part, activities_of
from sam.core.models import Organisation
from sam.values.periods import Period, Quarter, trailing_quarters
from sam.values.results import Computed, Missing, Result

YEAR, LOADED, SHOWN = 4, 12, 8
INCOMPLETE = Missing("twelve months are not complete")


@dataclass(frozen=True, slots=True)
class Section:
    """A period's lines with their waterfall. `basis` says where the cost to serve comes from, in words."""

    label: str
    lines: Lines
    waterfall: Waterfall
    basis: str
    difference: Result

    @property
    def adds_up(self) -> bool:
        return adds_up(self.difference)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the mix: an offer or a unit, with its share of all parts of twelve months."""

    name: str
    revenue: Decimal
    share: Decimal | None
    margin: Result


@dataclass(frozen=True, slots=True)
class Mix:
    """`unexplained`: revenue of the account that no part names; None where the account's revenue is unknown."""

    shares: tuple[Share, ...]
    total: Decimal
    unexplained: Decimal | None
    missing: str


@dataclass(frozen=True, slots=True)
class RateUsed:
    """What the revenue of a quarter is in the reporting currency; None where there is no rate."""

    quarter: Quarter
    rate: Decimal | None
    revenue: Decimal | None

    @property
    def converted(self) -> Decimal | None:
        return None if self.rate is None or self.revenue is None else self.revenue * self.rate


@dataclass(frozen=True, slots=True)
class Row:
    """What a metric was computed from in one quarter."""

    quarter: Quarter
    lines: Lines
    basis: str


@dataclass(frozen=True, slots=True)
class AccountPnl:
    """Everything the Numbers page tells. Amounts are in `currency`, the account's; it ends with the quarter `last`."""

    currency: str
    reporting: str
    last: Quarter
    numbers: Numbers
    quarter: Section
    year: Section
    metrics: tuple[Metric, ...]
    rows: tuple[Row, ...]
    parts: tuple[Part, ...]
    absent: tuple[str, ...]
    rates: tuple[RateUsed, ...]
    mix: Mapping[str, Mix]
    activities: Activities

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        return tuple(row.quarter for row in self.rows)

    @property
    def yearly(self) -> Rates:
        """The rates of the year in which the last quarter lies."""
        return self.activities.yearly(self.last.year)

    @property
    def unconverted(self) -> tuple[Quarter, ...]:
        return tuple(used.quarter for used in self.rates if used.rate is None and used.revenue is not None)


def account_pnl(account: Account, last: Quarter) -> AccountPnl:
    """Six queries. `last`: the last closed quarter; where it has no figures, the newest quarter that has counts."""
    figures = list(account.figures.order_by("period_start"))
    currency = main_currency(figures) or account.currency
    last = _newest(figures, last)
    reporting = Organisation.objects.shown().reporting_currency
    quarters = trailing_quarters(last, LOADED)
    periods = by_kind_and_period(row for row in figures if row.currency == currency).get(Figure.Kind.ACTUAL, {})
    activities = activities_of(account, quarters, currency, reporting)
    rows = tuple(_row(quarter, periods, activities) for quarter in quarters)
    year, before = _year(rows[-YEAR:], periods), _year(rows[-2 * YEAR : -YEAR], periods)
    shown = rows[-SHOWN:]
    now = rows[-1]
    return AccountPnl(
        currency=currency,
        reporting=reporting,
        last=last,
        numbers=numbers_from(figures, last),
        quarter=_section(last.label, now.lines, now.basis),
        year=_section(f"12 months to {last.label}", year, _basis_of(rows[-YEAR:])),
        metrics=metrics(_year_facts(year, before, rows, activities), _trend(rows, activities)),
        rows=shown,
        parts=activities.parts(last),
        absent=activities.absent(last),
        rates=_rates(shown, activities, currency) if currency != reporting else (),
        mix=_mix(account, quarters[-YEAR:], currency, year.revenue),
        activities=activities,
    )


def _newest(figures: Sequence[Figure], last: Quarter) -> Quarter:
    starts = [row.period_start for row in figures if row.kind == Figure.Kind.ACTUAL and row.period_start <= last.end]
    return Quarter.containing(max(starts)) if starts else last


def _row(quarter: Quarter, periods: ByPeriod, activities: Activities) -> Row:
    lines = lines_of_quarter(quarter, periods)
    basis = _basis(quarter, periods)
    costs = activities.costs(quarter) if basis == Figure.Basis.DRIVERS else {}
    return Row(quarter, replace(lines, drivers=costs), basis)


def _basis(quarter: Quarter, periods: ByPeriod) -> str:
    rows = [row for period, found in periods.items() if quarter.period.covers(period) for row in found]
    known = {row.cost_to_serve_basis for row in rows if row.cost_to_serve is not None}
    return known.pop() if len(known) == 1 else ("mixed" if known else "")


BASIS_WORDS = {
    Figure.Basis.STATED.value: "as stated, a better figure than activities would give",
    Figure.Basis.DRIVERS.value: "from activities, at the rates of the year",
    "mixed": "partly stated, partly from activities",
    "": "unknown",
}


def _basis_of(rows: Sequence[Row]) -> str:
    known = {row.basis for row in rows if row.basis}
    return known.pop() if len(known) == 1 else ("mixed" if known else "")


def _year(rows: Sequence[Row], periods: ByPeriod) -> Lines:
    """Four quarters together; a year's own row where not all of them are there."""
    lines = [row.lines for row in rows]
    if any(line.revenue is None for line in lines):
        whole = periods.get(Period(rows[0].quarter.start, 12), [])
        if len(whole) == 1:
            return Lines(**{name: getattr(whole[0], name) for name in LABELS})
        return NO_LINES
    sums = {name: _added([getattr(line, name) for line in lines]) for name in FLOWS}
    ends = _added([line.receivables for line in lines])
    drivers: dict[str, Decimal] = {}
    if all(line.drivers for line in lines):
        for line in lines:
            for key, cost in line.drivers.items():
                drivers[key] = drivers.get(key, Decimal(0)) + cost
    return Lines(**sums, receivables=None if ends is None else ends / YEAR, drivers=drivers)


def _added(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _section(label: str, lines: Lines, basis: str) -> Section:
    return Section(label, lines, waterfall(lines), BASIS_WORDS[basis], difference_of(lines))


def _team_cost(rows: Sequence[Row], activities: Activities) -> Decimal | None:
    """Zero where every quarter's cost to serve was computed with the team's hours in it."""
    return _added([activities.team_cost(row.quarter, is_inside=bool(row.lines.drivers)) for row in rows])


def _year_facts(year: Lines, before: Lines, rows: Sequence[Row], activities: Activities) -> Facts:
    window = rows[-YEAR:]
    return Facts(
        lines=year,
        before=before,
        days=sum(row.quarter.days for row in window),
        rates=activities.yearly(window[-1].quarter.year),
        team_cost=_team_cost(window, activities),
        year_contribution=year.contribution,
    )


def _trend(rows: Sequence[Row], activities: Activities) -> list[Facts]:
    """The last eight quarters; lifetime value looks at the twelve months that end with each."""
    found = []
    for index in range(LOADED - SHOWN, LOADED):
        row, window = rows[index], rows[index - YEAR + 1 : index + 1]
        year = _year(window, {})
        found.append(
            Facts(
                lines=row.lines,
                before=rows[index - YEAR].lines,
                days=row.quarter.days,
                rates=activities.yearly(row.quarter.year),
                team_cost=_team_cost([row], activities),
                year_contribution=INCOMPLETE if year is NO_LINES else year.contribution,
            )
        )
    return found


def _rates(rows: Sequence[Row], activities: Activities, currency: str) -> tuple[RateUsed, ...]:
    return tuple(
        RateUsed(row.quarter, activities.conversion.into_reporting(currency, row.quarter), row.lines.revenue)
        for row in rows
    )


def _mix(account: Account, quarters: Sequence[Quarter], currency: str, revenue: Decimal | None) -> dict[str, Mix]:
    rows = account.figure_splits.filter(
        currency=currency, months__lt=12, period_start__gte=quarters[0].start, period_start__lte=quarters[-1].end
    )
    found: dict[str, list[FigureSplit]] = {}
    for row in rows:
        found.setdefault(row.dimension, []).append(row)
    return {
        dimension: _mix_of(found[dimension], quarters, revenue)
        for dimension in FigureSplit.Dimension.values
        if dimension in found
    }


def _mix_of(rows: Sequence[FigureSplit], quarters: Sequence[Quarter], revenue: Decimal | None) -> Mix:
    sums: dict[str, list[FigureSplit]] = {}
    for row in rows:
        sums.setdefault(row.name, []).append(row)
    total = sum((row.revenue for row in rows if row.revenue is not None), Decimal(0))
    shares = [_share(name, parts, total) for name, parts in sums.items()]
    reported = {Quarter.containing(row.period_start) for row in rows}
    missing = [quarter.label for quarter in quarters if quarter not in reported]
    return Mix(
        shares=tuple(sorted(shares, key=lambda share: (-share.revenue, share.name))),
        total=total,
        unexplained=None if revenue is None else revenue - total,
        missing=", ".join(missing),
    )


def _share(name: str, rows: Sequence[FigureSplit], total: Decimal) -> Share:
    revenue = sum((row.revenue for row in rows if row.revenue is not None), Decimal(0))
    goods = _added([row.cost_of_goods for row in rows])
    margin: Result = Missing("cost of goods is unknown")
    if goods is not None:
        margin = Computed(1 - goods / revenue) if revenue > 0 else Missing("revenue is not above zero")
    return Share(name, revenue, revenue / total if total > 0 else None, margin)
