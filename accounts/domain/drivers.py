"""What serving an account takes: activities that are counted, and the yearly rates that turn them into money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Unit(StrEnum):
    """What the yearly amount of a driver is: money for one unit of it, a fraction (0.07 = 7 %), or years."""

    MONEY = "money"
    FRACTION = "fraction"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Driver:
    """`amount`: what a new installation starts with; `variable`: it falls away when the activity does."""

    key: str
    label: str
    each: str
    amount: Decimal
    unit: Unit = Unit.MONEY
    variable: bool = False

    @property
    def is_counted(self) -> bool:
        """An activity with a quantity, not a rate for the whole programme."""
        return self.unit is Unit.MONEY


def _named(*drivers: Driver) -> Mapping[str, Driver]:
    return {driver.key: driver for driver in drivers}


DRIVERS: Mapping[str, Driver] = _named(
    Driver("order", "Orders", "an order", Decimal(45), variable=True),
    Driver("manual_line", "Manual order lines", "a line", Decimal(8), variable=True),
    Driver("delivery", "Deliveries", "a delivery", Decimal(38), variable=True),
    Driver("express_delivery", "Express deliveries", "an express delivery", Decimal(165), variable=True),
    Driver("return", "Returns", "a return", Decimal(120), variable=True),
    Driver("complaint", "Complaints", "a complaint", Decimal(240), variable=True),
    Driver("visit_day", "Technical visits", "a day", Decimal(780)),
    Driver("support_hour", "Support", "an hour", Decimal(68)),
    Driver("quotation", "Quotations", "a quotation", Decimal(130)),
    Driver("team_hour", "Account team", "an hour", Decimal(95)),
    Driver("capital", "Capital", "a year", Decimal("0.07"), Unit.FRACTION),
    Driver("retention", "Clients that stay", "a year", Decimal("0.9"), Unit.FRACTION),
    Driver("discount", "Discount of later money", "a year", Decimal("0.1"), Unit.FRACTION),
    Driver("horizon", "Years of a lifetime value", "years", Decimal(5), Unit.YEARS),
)
COUNTED = tuple(key for key, driver in DRIVERS.items() if driver.is_counted)
TEAM = "team_hour"
