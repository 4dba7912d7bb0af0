"""One value from several raters: the median, or what was settled because they differed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDE_SPREAD = 2
"""Raters who are two levels or more apart see different accounts: that is talked about, not averaged away."""


def spread(values: Sequence[int]) -> int:
    """Levels between the lowest and the highest rating; 0 for one rating or none."""
    return max(values) - min(values) if values else 0


def median(values: Sequence[int]) -> Decimal:
    """The middle rating, 1 to 5 in halves. ValueError without ratings."""
    if not values:
        raise ValueError("no ratings")
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return Decimal(ordered[middle])
    return Decimal(ordered[middle - 1] + ordered[middle]) / 2


@dataclass(frozen=True, slots=True)
class Consensus:
    """`value`: 1 to 5 in halves, None when nobody rated. `is_settled`: it was decided, not the raters' median."""

    value: Decimal | None
    is_settled: bool
    spread: int

    @property
    def is_disputed(self) -> bool:
        """The raters are far apart and nobody has settled it."""
        return self.spread >= WIDE_SPREAD and not self.is_settled


def consensus(values: Sequence[int], settled: Decimal | None = None) -> Consensus:
    """What counts for one criterion, from the ratings that are still valid and a settled value that still is."""
    if settled is not None:
        return Consensus(settled, is_settled=True, spread=spread(values))
    return Consensus(median(values) if values else None, is_settled=False, spread=spread(values))
