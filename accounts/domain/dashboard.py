"""Which metrics come first, and from where on they are amber or red.

Values and thresholds are in the metric's unit: fractions (0.18 = 18 %), days or times. Money has no threshold by tier:
accounts of one tier differ in size, and a target per account and year says it better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from accounts.domain.metrics import BY_KEY, Kind

DEFAULT_METRICS = (
    "revenue",
    "growth",
    "contribution",
    "contribution_margin",
    "price_realisation",
    "share_of_wallet",
    "days_sales_outstanding",
)


class Status(StrEnum):
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Threshold:
    """`amber` and `red`: how far on the wrong side of the target each begins; 0 <= amber <= red."""

    target: Decimal
    amber: Decimal
    red: Decimal

    def aimed_at(self, target: Decimal) -> Threshold:
        """The same distances from another target."""
        return replace(self, target=target)


_MARGIN = {"key": Decimal("0.18"), "strategic": Decimal("0.24"), "global": Decimal("0.22")}
DEFAULT_THRESHOLDS: Mapping[tuple[str, str], Threshold] = {
    ("contribution_margin", tier): Threshold(target, Decimal("0.03"), Decimal("0.06"))
    for tier, target in _MARGIN.items()
}


def may_have_threshold(metric: str) -> bool:
    return BY_KEY[metric].unit is not Kind.MONEY


def shortfall(value: Decimal, target: Decimal, *, low_is_good: bool) -> Decimal:
    """How far the value is on the wrong side of the target; below zero where it is better."""
    return value - target if low_is_good else target - value


def status_of(value: Decimal | None, threshold: Threshold, *, low_is_good: bool) -> Status:
    """Amber from `amber` short of the target on, red from `red` on; unknown stays unknown."""
    if value is None:
        return Status.UNKNOWN
    short = shortfall(value, threshold.target, low_is_good=low_is_good)
    if short > 0 and short >= threshold.red:
        return Status.RED
    return Status.AMBER if short > 0 and short >= threshold.amber else Status.GREEN
