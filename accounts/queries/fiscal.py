"""Actual revenue and contribution of many accounts by quarter of the fiscal year, in the currency of their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Figure, Measure
from sam.core.models import Organisation
from sam.values.periods import FiscalYear, Month, Period, assemble, period_of
from sam.values.results import value_of

from .numbers import lines_of_row

Amounts = dict[Period, Decimal | None]
NO_QUARTERS = (None,) * 4


@dataclass(frozen=True, slots=True)
class FiscalQuarters:
    """`rows`: (account, currency, measure) → amount by period; all keys of an account together."""

    year: int
    calendar: FiscalYear
    rows: Mapping[tuple[int, str, str], Amounts]

    def amounts(self, account_id: int, measure: str, currency: str) -> tuple[Decimal | None, ...]:
        """The four quarters; None where months of one are not reported, or in another currency."""
        found = self.rows.get((account_id, currency, measure))
        if found is None:
            return NO_QUARTERS
        known = {period: amount for period, amount in found.items() if amount is not None}
        return tuple(_quarter(known, self.calendar.quarter_period(self.year, number)) for number in (1, 2, 3, 4))

    def over(self, today: date) -> int:
        """How many quarters of the year ended before today."""
        ends = [self.calendar.quarter_period(self.year, number).end for number in (1, 2, 3, 4)]
        return sum(1 for end in ends if end < today)


def _quarter(amounts: Mapping[Period, Decimal], period: Period) -> Decimal | None:
    months = Month.range(period.first_month, period.last_month)
    found = assemble(amounts, months)
    return None if found.missing else found.total


def fiscal_calendar() -> FiscalYear:
    return FiscalYear(Organisation.objects.shown().fiscal_year_start)


def fiscal_quarters(account_ids: Iterable[int], year: int) -> FiscalQuarters:
    """One query, whatever the number of accounts."""
    calendar = fiscal_calendar()
    whole = calendar.period(year)
    figures = Figure.objects.actual().filter(account__in=list(account_ids), months__lt=12)
    figures = figures.filter(period_start__gte=whole.start, period_start__lte=whole.end).order_by()
    rows: defaultdict[tuple[int, str, str], Amounts] = defaultdict(dict)
    for row in figures:
        lines = lines_of_row(row)
        period = period_of(row.months, row.period_start)
        for measure, amount in (
            (Measure.REVENUE.value, lines.revenue),
            (Measure.CONTRIBUTION.value, value_of(lines.contribution)),
        ):
            _add(rows[row.account_id, row.currency, measure], period, amount)
    return FiscalQuarters(year, calendar, dict(rows))


def _add(amounts: Amounts, period: Period, amount: Decimal | None) -> None:
    """Rows of several keys add up; one unknown row makes the period unknown."""
    if period not in amounts:
        amounts[period] = amount
        return
    before = amounts[period]
    amounts[period] = None if before is None or amount is None else before + amount
