"""An account's figures period by period: what was, was planned and is forecast, with the gaps named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.domain import figures as domain
from accounts.domain.pnl import FLOWS, LABELS, Lines, adds_up, difference_of
from accounts.models import Account, Figure
from sam.values.periods import Month, Period, Quarter, assemble, period_of
from sam.values.results import Missing, Result

ByPeriod = Mapping[Period, list[Figure]]


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of figures of one period, all keys together. `missing`: months nobody reported, None rows are gaps."""

    revenue: Decimal | None
    gross_margin: Result
    cost_to_serve: Decimal | None
    contribution: Result
    margin: Result
    client_spend: Decimal | None
    lines: Lines

    @property
    def adds_up(self) -> bool:
        return adds_up(difference_of(self.lines))


@dataclass(frozen=True, slots=True)
class QuarterLine:
    """A quarter; `actual` is None when nobody reported all of its months."""

    quarter: Quarter
    actual: Line | None
    planned: Line | None
    forecast: Line | None
    against_plan: Result
    preliminary: bool
    reported_months: int

    @property
    def is_gap(self) -> bool:
        return self.actual is None


@dataclass(frozen=True, slots=True)
class LongRow:
    """A year, or a quarter that is no calendar quarter: shown as it was entered, never split."""

    period: Period
    kind: str
    status: str
    line: Line


@dataclass(frozen=True, slots=True)
class Numbers:
    """All quarters between the first and the last figure, newest first. `currency` is None where rows mix them."""

    currency: str | None
    currencies: tuple[str, ...]
    quarters: tuple[QuarterLine, ...]
    longer: tuple[LongRow, ...]

    @property
    def has_forecast(self) -> bool:
        return any(line.forecast for line in self.quarters)

    @property
    def gaps(self) -> tuple[Quarter, ...]:
        return tuple(line.quarter for line in reversed(self.quarters) if line.is_gap and line.planned is None)


def numbers_of(account: Account, last_closed: Quarter) -> Numbers:
    """One query. Amounts are in the rows' own currency: a table of two currencies would add apples to pears."""
    return numbers_from(list(account.figures.order_by("period_start")), last_closed)


def numbers_from(rows: list[Figure], last_closed: Quarter) -> Numbers:
    """The same from rows in order of time."""
    currencies = tuple(sorted({row.currency for row in rows}))
    shown = [row for row in rows if row.currency == main_currency(rows)]
    periods = by_kind_and_period(shown)
    quarters = _quarters(shown, last_closed)
    return Numbers(
        currency=main_currency(rows),
        currencies=currencies,
        quarters=tuple(_quarter_line(quarter, shown, periods) for quarter in reversed(quarters)),
        longer=tuple(_longer(shown)),
    )


def main_currency(rows: list[Figure]) -> str | None:
    """The currency of the newest row."""
    return rows[-1].currency if rows else None


def _quarters(rows: list[Figure], last_closed: Quarter) -> tuple[Quarter, ...]:
    short = [row for row in rows if row.months < 12]
    if not short:
        return ()
    first = Quarter.containing(short[0].period_start)
    return Quarter.range(first, max(Quarter.containing(short[-1].period_start), min(last_closed, first.shift(40))))


def by_kind_and_period(rows: Iterable[Figure]) -> dict[str, dict[Period, list[Figure]]]:
    """Rows of each kind by their period; several under one period came in under several keys."""
    found: dict[str, dict[Period, list[Figure]]] = {}
    for row in rows:
        period = period_of(row.months, row.period_start)
        found.setdefault(row.kind, {}).setdefault(period, []).append(row)
    return found


def _quarter_line(quarter: Quarter, rows: list[Figure], periods: dict[str, dict[Period, list[Figure]]]) -> QuarterLine:
    lines = {kind: _line(quarter, periods.get(kind, {})) for kind in Figure.Kind.values}
    actual, planned = lines["actual"], lines["planned"]
    inside = [
        row for row in rows if row.kind == "actual" and row.months < 12 and quarter.period.contains(row.period_start)
    ]
    return QuarterLine(
        quarter=quarter,
        actual=actual,
        planned=planned,
        forecast=lines["forecast"],
        against_plan=domain.growth(actual.revenue, planned.revenue) if actual and planned else Missing("no plan"),
        preliminary=any(row.status == Figure.Status.PRELIMINARY for row in inside),
        reported_months=len({row.period_start for row in inside if row.months == 1}),
    )


def _line(quarter: Quarter, periods: dict[Period, list[Figure]]) -> Line | None:
    """The quarter from its own rows or from its three months; None when a month is missing."""
    lines = lines_of_quarter(quarter, periods)
    return None if lines.revenue is None else _computed(lines)


def lines_of_quarter(quarter: Quarter, periods: ByPeriod) -> Lines:
    """Every line of a quarter from its own rows or its three months; receivables are those at its end."""
    months = quarter.period.each_month
    flows: Any = {name: _assembled(name, periods, months) for name in FLOWS}
    ends = _sum_of(periods.get(quarter.period, ()), "receivables")
    if ends is None:
        ends = _sum_of(periods.get(Period(months[-1].start, 1), ()), "receivables")
    return Lines(**flows, receivables=ends)


def _sum_of(rows: Iterable[Figure], measure: str) -> Decimal | None:
    values = [getattr(row, measure) for row in rows]
    return None if not values or None in values else sum(values, Decimal(0))


def _assembled(measure: str, periods: ByPeriod, months: tuple[Month, ...]) -> Decimal | None:
    amounts: dict[Period, Decimal] = {}
    for period, rows in periods.items():
        total = _sum_of(rows, measure)
        if total is not None:
            amounts[period] = total
    found = assemble(amounts, months)
    return None if found.missing else found.total


def _computed(lines: Lines) -> Line:
    contribution = lines.contribution
    return Line(
        revenue=lines.revenue,
        gross_margin=domain.margin(lines.gross_profit, lines.revenue),
        cost_to_serve=lines.cost_to_serve,
        contribution=contribution,
        margin=domain.margin(contribution, lines.revenue),
        client_spend=lines.client_spend,
        lines=lines,
    )


def lines_of_row(row: Figure) -> Lines:
    return Lines(**{name: getattr(row, name) for name in LABELS})


def _longer(rows: list[Figure]) -> Iterable[LongRow]:
    for row in reversed(rows):
        period = period_of(row.months, row.period_start)
        if row.months == 12 or (row.months == 3 and period.quarter is None):
            line = _computed(lines_of_row(row))
            yield LongRow(period, row.get_kind_display(), row.get_status_display(), line)
