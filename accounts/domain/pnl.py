"""The P&L of one account in one period: from the price list down to what is left after serving the client.

Amounts of one call share a currency and a period. An unknown line is None, never zero, and is named.
Formulas: invoice price = list - on-invoice discounts; revenue = invoice price - rebates - freight - payment terms;
pocket price = revenue - cost to serve; pocket margin = (pocket price - cost of goods) / pocket price.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain

from accounts.domain import figures
from accounts.domain.drivers import DRIVERS
from sam.values.results import Computed, Missing, Result, first_missing

ON_INVOICE = "on_invoice_discounts"
OFF_INVOICE = ("rebates", "freight", "payment_terms")
PRICE_LINES = (ON_INVOICE, *OFF_INVOICE)
LABELS: Mapping[str, str] = {
    "list_revenue": "List revenue",
    "on_invoice_discounts": "Discounts on the invoice",
    "rebates": "Rebates and bonus",
    "freight": "Freight",
    "payment_terms": "Payment terms",
    "revenue": "Revenue",
    "cost_of_goods": "Cost of goods (variable)",
    "cost_of_goods_fixed": "Cost of goods (fixed)",
    "cost_to_serve": "Cost to serve",
    "cost_to_serve_variable": "Variable part of the cost to serve",
    "client_spend": "Client spend in our categories",
    "receivables": "Receivables at the end",
}
SHORT: Mapping[str, str] = {
    "on_invoice_discounts": "On invoice",
    "rebates": "Rebates",
    "freight": "Freight",
    "payment_terms": "Terms",
}
"""The price lines at the foot of a bar."""
FLOWS = tuple(name for name in LABELS if name != "receivables")
"""Lines that add up over time; receivables are a state at the end of a period."""
ROUNDING = Decimal("0.05")
"""Five lines rounded to the cent can differ from their sum by this much."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one period. `drivers`: cost to serve by activity, empty where the cost was stated as a whole.

    `receivables`: at the end of the period; over several quarters the mean of their ends.
    """

    list_revenue: Decimal | None = None
    on_invoice_discounts: Decimal | None = None
    rebates: Decimal | None = None
    freight: Decimal | None = None
    payment_terms: Decimal | None = None
    revenue: Decimal | None = None
    cost_of_goods: Decimal | None = None
    cost_of_goods_fixed: Decimal | None = None
    cost_to_serve: Decimal | None = None
    cost_to_serve_variable: Decimal | None = None
    client_spend: Decimal | None = None
    receivables: Decimal | None = None
    drivers: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def gross_profit(self) -> Result:
        return figures.gross_profit(self.revenue, self.cost_of_goods, self.cost_of_goods_fixed)

    @property
    def contribution(self) -> Result:
        return figures.contribution(self.revenue, self.cost_of_goods, self.cost_of_goods_fixed, self.cost_to_serve)


NO_LINES = Lines()


def price_difference(
    list_revenue: Decimal | None,
    on_invoice_discounts: Decimal | None,
    rebates: Decimal | None,
    freight: Decimal | None,
    payment_terms: Decimal | None,
    revenue: Decimal | None,
) -> Result:
    """List revenue less the four lines, less revenue: what the lines do not explain; 0 when they add up."""
    known = {
        "list_revenue": list_revenue,
        "on_invoice_discounts": on_invoice_discounts,
        "rebates": rebates,
        "freight": freight,
        "payment_terms": payment_terms,
        "revenue": revenue,
    }
    missing = [LABELS[name].lower() for name, value in known.items() if value is None]
    if missing:
        return Missing(f"{_and(missing)} {'is' if len(missing) == 1 else 'are'} unknown")
    amounts = {name: value for name, value in known.items() if value is not None}
    taken = sum((amounts[name] for name in PRICE_LINES), Decimal(0))
    inputs = tuple((LABELS[name].lower(), value) for name, value in amounts.items())
    return Computed(amounts["list_revenue"] - taken - amounts["revenue"], inputs)


def difference_of(lines: Lines) -> Result:
    """``price_difference`` of a period's lines."""
    return price_difference(
        lines.list_revenue,
        lines.on_invoice_discounts,
        lines.rebates,
        lines.freight,
        lines.payment_terms,
        lines.revenue,
    )


def adds_up(difference: Result) -> bool:
    """False only where all lines are known and miss the revenue by more than rounding."""
    return isinstance(difference, Missing) or abs(difference.value) <= ROUNDING


def stacked(discounts: Iterable[Decimal]) -> Decimal:
    """Discounts that follow each other multiply: 1 - (1-a)(1-b)…; each a fraction of what is left, 0 to 1."""
    left = Decimal(1)
    for discount in discounts:
        if not 0 <= discount <= 1:
            raise ValueError(f"A discount is a fraction from 0 to 1, not {discount}.")
        left *= 1 - discount
    return 1 - left


def total_discount(lines: Lines) -> Result:
    """What is given away between the price list and revenue, as a fraction: on-invoice and off-invoice, stacked."""
    if not (isinstance(found := difference_of(lines), Computed) and adds_up(found)):
        return found if isinstance(found, Missing) else Missing("the lines do not add up to revenue")
    list_revenue, on_invoice = lines.list_revenue or Decimal(0), lines.on_invoice_discounts or Decimal(0)
    invoice = list_revenue - on_invoice
    if list_revenue <= 0 or invoice <= 0:
        return Missing("list revenue is not above zero" if list_revenue <= 0 else "nothing is left on the invoice")
    off = sum((getattr(lines, name) or Decimal(0) for name in OFF_INVOICE), Decimal(0))
    steps = (on_invoice / list_revenue, off / invoice)
    if not all(0 <= step <= 1 for step in steps):
        return Missing("a line is a surcharge, not a discount")
    return Computed(stacked(steps), (("on the invoice", steps[0]), ("off the invoice", steps[1])))


def pocket_price(lines: Lines) -> Result:
    """Revenue less cost to serve: what stays in the pocket before the goods are paid."""
    if lines.revenue is None or lines.cost_to_serve is None:
        missing = first_missing(revenue=lines.revenue, cost_to_serve=lines.cost_to_serve)
        return missing or Missing("an input is unknown")
    inputs = (("revenue", lines.revenue), ("cost to serve", lines.cost_to_serve))
    return Computed(lines.revenue - lines.cost_to_serve, inputs)


def pocket_margin(lines: Lines) -> Result:
    """(Pocket price - cost of goods) / pocket price, as a fraction."""
    pocket, contribution = pocket_price(lines), lines.contribution
    if isinstance(pocket, Missing):
        return pocket
    if isinstance(contribution, Missing):
        return contribution
    if pocket.value <= 0:
        return Missing("the pocket price is not above zero")
    inputs = (("contribution", contribution.value), ("pocket price", pocket.value))
    return Computed(contribution.value / pocket.value, inputs)


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of the waterfall. A total shows the sum reached; the other steps are what changes it."""

    key: str
    label: str
    amount: Decimal
    total: bool = False


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From the highest known line down to the lowest. `missing`: why it begins late or ends early."""

    bars: tuple[Bar, ...]
    missing: tuple[str, ...]


NOT_EXPLAINED = "not_explained"


def waterfall(lines: Lines) -> Waterfall:
    """List revenue → discounts → revenue → cost of goods → cost to serve by activity → contribution.

    Begins at revenue where the price lines are not all known, ends at gross profit or revenue where costs are not.
    The sum of the steps is exactly the last total: what the lines do not explain is a step of its own.
    """
    if lines.revenue is None:
        return Waterfall((), ("revenue is unknown",))
    price, missing = _price_bars(lines, lines.revenue)
    bars = [*price, Bar("revenue", "Revenue", lines.revenue, total=True)]
    gross = lines.gross_profit
    if isinstance(gross, Missing):
        return Waterfall(tuple(bars), (*missing, gross.reason))
    bars.append(Bar("cost_of_goods", "Goods", gross.value - lines.revenue))
    if lines.cost_to_serve is None:
        bars.append(Bar("gross_profit", "Gross profit", gross.value, total=True))
        return Waterfall(tuple(bars), (*missing, "cost to serve is unknown"))
    bars += _serving_bars(lines.cost_to_serve, lines.drivers)
    bars.append(Bar("contribution", "Contribution", gross.value - lines.cost_to_serve, total=True))
    return Waterfall(tuple(bars), tuple(missing))


def _price_bars(lines: Lines, revenue: Decimal) -> tuple[list[Bar], list[str]]:
    difference = difference_of(lines)
    if isinstance(difference, Missing) or lines.list_revenue is None:
        return [], [difference.reason] if isinstance(difference, Missing) else []
    bars = [Bar("list_revenue", "List value", lines.list_revenue, total=True)]
    bars += [Bar(name, SHORT[name], -(getattr(lines, name) or Decimal(0))) for name in PRICE_LINES]
    bars = [bar for bar in bars if bar.amount or bar.total]
    explained = sum((bar.amount for bar in bars), Decimal(0))
    if explained != revenue:
        bars.append(Bar(NOT_EXPLAINED, "Not explained", revenue - explained))
    return bars, []


MOST_DRIVERS = 4


def _serving_bars(cost: Decimal, drivers: Mapping[str, Decimal]) -> list[Bar]:
    """The largest activities by name, the others together; the whole where it was stated."""
    ordered = sorted(drivers.items(), key=lambda entry: (-entry[1], entry[0]))
    named = [(key, amount) for key, amount in ordered if amount][:MOST_DRIVERS]
    if not named:
        return [Bar("cost_to_serve", "Cost to serve", -cost)]
    bars = [Bar(key, DRIVERS[key].short_label, -amount) for key, amount in named]
    rest = cost - sum((amount for _, amount in named), Decimal(0))
    if abs(rest) <= ROUNDING:
        # The cost is kept in cents: the last activity takes what rounding left, so that the steps add up exactly.
        return [*bars[:-1], replace(bars[-1], amount=bars[-1].amount - rest)]
    return [*bars, Bar("other_activities", "Others", -rest)]


def together(parts: Sequence[Lines]) -> Lines:
    """Lines of several accounts of one period and currency as one; a line that one of them lacks is unknown."""
    sums = {name: _sum(getattr(part, name) for part in parts) for name in LABELS if name != "cost_of_goods_fixed"}
    drivers: dict[str, Decimal] = {}
    if all(part.drivers for part in parts):
        for key, amount in chain.from_iterable(part.drivers.items() for part in parts):
            drivers[key] = drivers.get(key, Decimal(0)) + amount
    # Where only some keep fixed costs apart, the others count theirs as variable: the sum stays the whole.
    fixed = [part.cost_of_goods_fixed for part in parts if part.cost_of_goods_fixed is not None]
    return Lines(**sums, cost_of_goods_fixed=sum(fixed, Decimal(0)) if fixed else None, drivers=drivers)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    values = list(amounts)
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(values) else None


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
