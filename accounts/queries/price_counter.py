"""What a client may see of our answer to a price request: an allow-list, built from nothing else.

No margins, costs, break-even, values, precedents, notes or plans: a field that is not named here cannot be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import PriceRequest
from sam.core.models import Organisation


@dataclass(frozen=True, slots=True)
class OfferLine:
    """A line of the offer and the change of its price as a fraction (-0.015 = 1.5 % less)."""

    name: str
    change: Decimal


@dataclass(frozen=True, slots=True)
class Condition:
    """What we offer beside the price, and what we ask for."""

    give: str
    ask: str


@dataclass(frozen=True, slots=True)
class CounterOffer:
    supplier: str
    client: str
    dated: date
    starts_on: date
    until: date | None
    lines: tuple[OfferLine, ...]
    conditions: tuple[Condition, ...]


def counter_offer(request: PriceRequest, today: date) -> CounterOffer | None:
    """The offer as it stands; None while there is none. Lines whose price stays are not on it."""
    lines = tuple(OfferLine(line.name, -line.answered_cut) for line in request.lines.all() if line.answered_cut)
    conditions = tuple(Condition(row.give, row.ask) for row in request.give_gets.all())
    if not lines and not conditions:
        return None
    return CounterOffer(
        supplier=Organisation.objects.shown().name,
        client=request.account.name,
        dated=request.closed_on or today,
        starts_on=request.starts_on,
        until=request.until,
        lines=lines,
        conditions=conditions,
    )
