"""An account's figures per quarter for the internal edition: from revenue to contribution, against the plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.domain import figures as domain
from accounts.models import Account, Figure
from accounts.queries.portfolio import NO_FIGURES, AccountFigures, Window, current_window, figures_of
from sam.values.periods import Period, Quarter, assemble, last_closed_quarter, period_of, trailing_quarters
from sam.values.results import value_of

MEASURES = ("revenue", "cost_of_goods", "cost_of_goods_fixed", "cost_to_serve")


@dataclass(frozen=True, slots=True)
class QuarterLine:
    """Amounts in the account's currency; None where something is not known. `margin` is a fraction of revenue."""

    label: str
    revenue: Decimal | None
    planned: Decimal | None
    gross_profit: Decimal | None
    cost_to_serve: Decimal | None
    contribution: Decimal | None
    margin: Decimal | None
    preliminary: bool = False


@dataclass(frozen=True, slots=True)
class AccountNumbers:
    """Eight quarters in the account's currency and the next one's plan; twelve months in the reporting currency."""

    currency: str
    quarters: tuple[QuarterLine, ...]
    window: Window
    year: AccountFigures
    other_currencies: bool


def account_numbers(account: Account, today: date) -> AccountNumbers:
    """Three queries."""
    last = last_closed_quarter(today)
    quarters = (*trailing_quarters(last, 8), last.next())
    rows = list(Figure.objects.filter(account=account).within(quarters[0].start, quarters[-1].next().start))
    own = [row for row in rows if row.currency == account.currency]
    window = current_window(today, for_accounts=[account.pk])
    return AccountNumbers(
        currency=account.currency,
        quarters=tuple(_quarter(quarter, own) for quarter in quarters),
        window=window,
        year=figures_of([account.pk], window).get(account.pk, NO_FIGURES),
        other_currencies=len(own) < len(rows),
    )


def _quarter(quarter: Quarter, rows: list[Figure]) -> QuarterLine:
    actual = [row for row in rows if row.kind == Figure.Kind.ACTUAL]
    planned = [row for row in rows if row.kind == Figure.Kind.PLANNED]
    revenue, goods, fixed, serve = (_total(actual, measure, quarter) for measure in MEASURES)
    contribution = domain.contribution(revenue, goods, fixed, serve)
    return QuarterLine(
        label=quarter.label,
        revenue=revenue,
        planned=_total(planned, "revenue", quarter),
        gross_profit=value_of(domain.gross_profit(revenue, goods, fixed)),
        cost_to_serve=serve,
        contribution=value_of(contribution),
        margin=value_of(domain.margin(contribution, revenue)),
        preliminary=any(
            row.status == Figure.Status.PRELIMINARY
            for row in actual
            if quarter.period.covers(period_of(row.months, row.period_start))
        ),
    )


def _total(rows: Iterable[Figure], measure: str, quarter: Quarter) -> Decimal | None:
    """The quarter's amount over all keys; None when a key's amount or a month is not known."""
    found: dict[Period, list[Decimal | None]] = defaultdict(list)
    for row in rows:
        amount = getattr(row, measure)
        # A row without a fixed part carries the whole cost of goods in the other column.
        unknown = Decimal(0) if measure == "cost_of_goods_fixed" else None
        found[period_of(row.months, row.period_start)].append(unknown if amount is None else amount)
    complete = {
        period: sum((amount for amount in amounts if amount is not None), Decimal(0))
        for period, amounts in found.items()
        if None not in amounts
    }
    assembly = assemble(complete, quarter.period.each_month)
    return None if assembly.missing else assembly.total
