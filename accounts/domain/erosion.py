"""What eats an account's margin: the lines that take more of its revenue than they take of the portfolio's.

Amounts of one call share a currency and a period; shares are fractions of revenue (0.07 = 7 %), so that accounts of
any size compare. A line that nobody knows is left out, never taken as zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from accounts.domain.drivers import DRIVERS
from accounts.domain.pnl import Lines
from sam.values.results import value_of

GOODS, SERVE = "cost_of_goods", "cost_to_serve"
LABELS: Mapping[str, str] = {
    "on_invoice_discounts": "discounts on the invoice",
    "rebates": "rebates and bonus",
    "freight": "freight",
    "payment_terms": "payment terms",
    GOODS: "cost of goods",
    SERVE: "cost to serve",
}
PRICE = ("on_invoice_discounts", "rebates", "freight", "payment_terms")
WORTH_SAYING = Decimal("0.005")
"""A line that takes less than half a point more than elsewhere explains nothing."""
SAME = Decimal("0.01")
"""Activities name the cost to serve when they add up to it within one percent."""


@dataclass(frozen=True, slots=True)
class Eroding:
    """A line with its share of the account's revenue; `more` is how much higher than in the portfolio, None alone."""

    key: str
    label: str
    amount: Decimal
    share: Decimal
    more: Decimal | None


def takes(lines: Lines) -> dict[str, Decimal]:
    """What each known line takes from the account, by key; the cost to serve by activity where those explain it."""
    found = {key: amount for key in PRICE if (amount := getattr(lines, key)) is not None}
    gross = value_of(lines.gross_profit)
    if gross is not None and lines.revenue is not None:
        found[GOODS] = lines.revenue - gross
    cost = lines.cost_to_serve
    if cost is None:
        return found
    named = sum(lines.drivers.values(), Decimal(0))
    if lines.drivers and abs(named - cost) <= abs(cost) * SAME:
        return {**found, **lines.drivers}
    return {**found, SERVE: cost}


def label_of(key: str) -> str:
    return LABELS.get(key) or DRIVERS[key].label.lower()


def shares_of(accounts: Iterable[Lines]) -> dict[str, Decimal]:
    """Each line's share of revenue over the accounts that know it: sum over sum."""
    amounts: dict[str, Decimal] = {}
    revenues: dict[str, Decimal] = {}
    for lines in accounts:
        if lines.revenue is None or lines.revenue <= 0:
            continue
        for key, amount in takes(lines).items():
            amounts[key] = amounts.get(key, Decimal(0)) + amount
            revenues[key] = revenues.get(key, Decimal(0)) + lines.revenue
    return {key: amount / revenues[key] for key, amount in amounts.items()}


def erosion(lines: Lines, portfolio: Mapping[str, Decimal], most: int = 3) -> tuple[Eroding, ...]:
    """The lines that take most beyond the portfolio's share, largest first; none where revenue is not above zero."""
    revenue = lines.revenue
    if revenue is None or revenue <= 0:
        return ()
    found = []
    for key, amount in takes(lines).items():
        share = amount / revenue
        usual = portfolio.get(key)
        found.append(Eroding(key, label_of(key), amount, share, None if usual is None else share - usual))
    telling = [one for one in found if one.more is not None and one.more >= WORTH_SAYING]
    return tuple(sorted(telling, key=lambda one: (-(one.more or Decimal(0)), one.key))[:most])
