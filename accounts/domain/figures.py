"""Ratios of account figures. Amounts of one call share a currency and a period; ratios are fractions (0.224 = 22.4 %).

Every function gives a value with its inputs, or the reason why there is none: an unknown input is never a zero, and
a quarter of zero revenue has no margin.
"""

from collections.abc import Mapping
from decimal import Decimal

from sam.values.periods import Month, Period, Quarter, assemble
from sam.values.results import Computed, Input, Missing, Result, first_missing

NOT_ABOVE_ZERO = "revenue is not above zero"


def gross_profit(revenue: Decimal | None, cost_of_goods: Decimal | None, cost_of_goods_fixed: Decimal | None) -> Result:
    """Revenue less cost of goods. ``cost_of_goods`` is the variable part where a fixed part is given beside it;
    without one it is taken as the whole cost.
    """
    if revenue is None or cost_of_goods is None:
        return first_missing(revenue=revenue, cost_of_goods=cost_of_goods) or Missing("an input is unknown")
    inputs: list[Input] = [("revenue", revenue), ("cost of goods", cost_of_goods)]
    if cost_of_goods_fixed is not None:
        inputs.append(("fixed cost of goods", cost_of_goods_fixed))
    return Computed(revenue - cost_of_goods - (cost_of_goods_fixed or Decimal(0)), tuple(inputs))


def contribution(
    revenue: Decimal | None,
    cost_of_goods: Decimal | None,
    cost_of_goods_fixed: Decimal | None,
    cost_to_serve: Decimal | None,
) -> Result:
    """Gross profit less what serving the account costs."""
    gross = gross_profit(revenue, cost_of_goods, cost_of_goods_fixed)
    if isinstance(gross, Missing):
        return gross
    if cost_to_serve is None:
        return Missing("cost to serve is unknown")
    return Computed(gross.value - cost_to_serve, (*gross.inputs, ("cost to serve", cost_to_serve)))


def variable_profit(
    revenue: Decimal | None,
    cost_of_goods: Decimal | None,
    cost_of_goods_fixed: Decimal | None,
) -> Result:
    """Revenue less the variable cost of goods; missing when the cost was never split."""
    if revenue is None or cost_of_goods is None:
        return first_missing(revenue=revenue, cost_of_goods=cost_of_goods) or Missing("an input is unknown")
    if cost_of_goods_fixed is None:
        return Missing("cost of goods is not split into variable and fixed")
    return Computed(revenue - cost_of_goods, (("revenue", revenue), ("cost of goods", cost_of_goods)))


def margin(profit: Result, revenue: Decimal | None) -> Result:
    """A profit (gross, variable or contribution) as a fraction of revenue."""
    if isinstance(profit, Missing):
        return profit
    if revenue is None:
        return Missing("revenue is unknown")
    if revenue <= 0:
        return Missing(NOT_ABOVE_ZERO)
    return Computed(profit.value / revenue, (("profit", profit.value), ("revenue", revenue)))


def growth(now: Decimal | None, before: Decimal | None) -> Result:
    """Change against the period before, as a fraction of it (0.048 = +4.8 %)."""
    if now is None:
        return Missing("the figure of this period is unknown")
    if before is None:
        return Missing("the figure of the period before is unknown")
    if before <= 0:
        return Missing("the figure of the period before is not above zero")
    return Computed(now / before - 1, (("now", now), ("before", before)))


def share_of_wallet(revenue: Decimal | None, client_spend: Decimal | None) -> Result:
    """Our revenue over what the client spends in the categories we serve; 0 to 1."""
    if revenue is None or client_spend is None:
        return first_missing(revenue=revenue, client_spend=client_spend) or Missing("an input is unknown")
    if client_spend <= 0:
        return Missing("client spend is not above zero")
    if revenue < 0:
        return Missing("revenue is below zero")
    if revenue > client_spend:
        return Missing("our revenue is larger than the client spend on record, so that is too low")
    return Computed(revenue / client_spend, (("revenue", revenue), ("client spend", client_spend)))


def days_sales_outstanding(receivables: Decimal | None, revenue: Decimal | None, days: int) -> Result:
    """Receivables over the revenue of the period times its days: how many days of sales are unpaid."""
    if receivables is None or revenue is None:
        return first_missing(receivables=receivables, revenue=revenue) or Missing("an input is unknown")
    if revenue <= 0:
        return Missing(NOT_ABOVE_ZERO)
    if days < 1:
        raise ValueError(f"A period has at least one day, not {days}.")
    inputs = (("receivables", receivables), ("revenue", revenue), ("days", Decimal(days)))
    return Computed(receivables / revenue * days, inputs)


def price_realisation(revenue: Decimal | None, list_revenue: Decimal | None) -> Result:
    """Revenue over what the same goods cost by the price list; 1 = nothing given away."""
    if revenue is None or list_revenue is None:
        return first_missing(revenue=revenue, list_revenue=list_revenue) or Missing("an input is unknown")
    if list_revenue <= 0:
        return Missing("list revenue is not above zero")
    return Computed(revenue / list_revenue, (("revenue", revenue), ("list revenue", list_revenue)))


def break_even_volume_change(price_change: Decimal, unit_margin: Decimal) -> Result:
    """The change of volume that repays a change of price, both as fractions: minus Δp over (m + Δp).

    ``unit_margin``: contribution margin at the old price. A cut of 10 % at 30 % margin needs 50 % more volume.
    """
    left = unit_margin + price_change
    if left <= 0:
        return Missing("the new price leaves no margin, so no volume repays it")
    return Computed(-price_change / left, (("price change", price_change), ("unit margin", unit_margin)))


def trailing_twelve_months(amounts: Mapping[Period, Decimal], last: Month) -> Result:
    """The sum of the twelve months that end with ``last`` from rows of 1, 3 and 12 months; missing quarters are named.

    A quarter counts as missing when any of its months is not covered: unknown, never zero.
    """
    found = assemble(amounts, Month.range(last.shift(-11), last))
    if found.missing:
        return Missing(f"no figures for {', '.join(_spoken(found.missing))}")
    return Computed(found.total, tuple((str(row), amounts[row]) for row in found.used))


def trailing_four_quarters(amounts: Mapping[Period, Decimal], last: Quarter) -> Result:
    """The twelve months that end with the quarter ``last``."""
    return trailing_twelve_months(amounts, last.first_month.shift(2))


def _spoken(months: tuple[Month, ...]) -> list[str]:
    """Whole quarters by their name, single months by theirs, in order of time."""
    missing = set(months)
    names: list[str] = []
    for month in months:
        whole = missing.issuperset(month.quarter.period.each_month)
        name = str(month.quarter) if whole else str(month)
        if name not in names:
            names.append(name)
    return names
