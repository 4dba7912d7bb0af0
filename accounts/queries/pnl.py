"""The P&L of many accounts over twelve months in one statement, and measures made from it.

For others: `pnl_of` (every line, this year and the one before), `price_realisation_of` and
`days_sales_outstanding_of`. Rows become twelve months as in `accounts.queries.portfolio`; amounts are in the
window's currency, each row converted at the rate of its quarter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.domain import figures as domain
from accounts.domain.metrics import DAYS_OF_YEAR
from accounts.domain.pnl import NO_LINES, Lines
from accounts.queries.portfolio import Window, statement_of, trailing_sql
from sam.values.periods import Quarter
from sam.values.results import Computed, Missing, Result

ENDS_OF_QUARTERS = 4
# Fixed cost of goods is kept apart by some only: the whole is what can be added up.
COLUMNS = {
    "list_revenue": "f.list_revenue",
    "on_invoice_discounts": "f.on_invoice_discounts",
    "rebates": "f.rebates",
    "freight": "f.freight",
    "payment_terms": "f.payment_terms",
    "revenue": "f.revenue",
    "cost_of_goods": "f.cost_of_goods + coalesce(f.cost_of_goods_fixed, 0)",
    "cost_of_goods_variable": "CASE WHEN f.cost_of_goods_fixed IS NOT NULL THEN f.cost_of_goods END",
    "cost_to_serve": "f.cost_to_serve",
    "cost_to_serve_variable": "f.cost_to_serve_variable",
    "client_spend": "f.client_spend",
    # A state, not a flow: of three months the last one's end counts, a year's end stands for its four.
    "receivables": f"""CASE WHEN f.months = 12 THEN f.receivables * {ENDS_OF_QUARTERS}
        WHEN f.months = 1 AND extract(month FROM f.period_start)::int % 3 <> 0 THEN 0 ELSE f.receivables END""",
}
STATEMENT = statement_of({name: sql.replace("%", "%%") for name, sql in COLUMNS.items()})


@dataclass(frozen=True, slots=True)
class YearlyPnl:
    """One account's lines of the window's twelve months and of the twelve before, in the window's currency.

    `receivables` is the mean of the quarters' ends. `missing` says why the year is not complete: then the lines of
    it are unknown. `variable_goods` only where the cost of goods was split.
    """

    now: Lines
    before: Lines
    missing: str
    missing_before: str
    variable_goods: Decimal | None

    @property
    def revenue(self) -> Result:
        if self.now.revenue is None:
            return Missing(self.missing or "revenue is unknown")
        return Computed(self.now.revenue)


def pnl_of(account_ids: Iterable[int], window: Window) -> dict[int, YearlyPnl]:
    """The P&L of accounts that have rows in the window's two years; one query. Others have no entry."""
    ids = list(account_ids)
    if not ids:
        return {}
    sql, params = trailing_sql(window, "f.account_id = ANY(%(ids)s)", {"ids": ids}, STATEMENT)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {row[0]: _pnl(row, window) for row in cursor.fetchall()}


def price_realisation_of(account_ids: Iterable[int], window: Window) -> dict[int, Result]:
    """Revenue over list revenue of the twelve months, as a fraction, for every account that was asked about."""
    return _measured(
        account_ids, window, lambda year: domain.price_realisation(year.now.revenue, year.now.list_revenue)
    )


def days_sales_outstanding_of(account_ids: Iterable[int], window: Window) -> dict[int, Result]:
    """Mean receivables at the four quarters' ends over the revenue of twelve months times 365, for every account."""
    return _measured(
        account_ids,
        window,
        lambda year: domain.days_sales_outstanding(year.now.receivables, year.now.revenue, DAYS_OF_YEAR),
    )


def _measured(account_ids: Iterable[int], window: Window, measure: Any) -> dict[int, Result]:
    ids = list(account_ids)
    found = pnl_of(ids, window)
    results: dict[int, Result] = {}
    for key in ids:
        year = found.get(key)
        if year is None:
            results[key] = Missing("no figures yet")
        elif year.missing:
            results[key] = Missing(year.missing)
        else:
            results[key] = measure(year)
    return results


def _pnl(row: Sequence[Any], window: Window) -> YearlyPnl:
    _, mask_now, mask_before, _, unconverted, unconverted_before, *rest = row
    width = len(COLUMNS)
    sums = dict(zip(COLUMNS, rest[:width], strict=True))
    sums_before = dict(zip(COLUMNS, rest[width : 2 * width], strict=True))
    missing = _why(mask_now, window.quarters[4:], unconverted)
    missing_before = _why(mask_before, window.quarters[:4], unconverted_before)
    return YearlyPnl(
        now=NO_LINES if missing else _lines(sums),
        before=NO_LINES if missing_before else _lines(sums_before),
        missing=missing,
        missing_before=missing_before,
        variable_goods=None if missing else sums["cost_of_goods_variable"],
    )


def _lines(sums: dict[str, Decimal | None]) -> Lines:
    receivables = sums["receivables"]
    named: Any = {name: value for name, value in sums.items() if name not in ("cost_of_goods_variable", "receivables")}
    return Lines(**named, receivables=None if receivables is None else receivables / ENDS_OF_QUARTERS)


def _why(mask: int, quarters: Sequence[Quarter], unconverted: str | None) -> str:
    missing = [quarter.label for bit, quarter in enumerate(quarters) if not mask & (1 << bit)]
    if missing:
        return f"no figures for {', '.join(missing)}"
    return f"no rate for {unconverted}" if unconverted else ""
