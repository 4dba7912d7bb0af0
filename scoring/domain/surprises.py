"""Rank by revenue against rank by score: whom the eye for size rates too high, and whom it overlooks.

Places are compared among the accounts that have both a revenue and an overall score: the rank by revenue among all
accounts would make everybody look overlooked where only a few are scored.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

FEWEST_PLACES = 3
"""Fewer places than this apart are no surprise, however few accounts there are."""


class Direction(StrEnum):
    OVERRATED = "overrated"
    """Larger than it is good: by revenue far above its score."""
    UNDERRATED = "underrated"
    """Better than it is large."""
    TRANSACTIONAL = "large_but_transactional"
    UNEXPECTED = "unexpected"


MARKS = {"transactional": Direction.TRANSACTIONAL, "unexpected": Direction.UNEXPECTED}


@dataclass(frozen=True, slots=True)
class Places:
    """Where an account stands among the `of` accounts that have both ranks; 1 is the first."""

    revenue: int
    score: int
    of: int

    @property
    def climbs(self) -> int:
        """Places that the score puts it above its revenue; negative for below."""
        return self.revenue - self.score


def needed(accounts: int) -> int:
    """Places apart that make a surprise: a fifth of the accounts compared, at least three."""
    return max(FEWEST_PLACES, -(-accounts // 5))


def direction(places: Places, marks: Collection[str] = ()) -> Direction | None:
    """What sort of surprise the account is; a mark by rule says more than the places. None: none at all."""
    for mark, found in MARKS.items():
        if mark in marks:
            return found
    if abs(places.climbs) < needed(places.of):
        return None
    return Direction.UNDERRATED if places.climbs > 0 else Direction.OVERRATED


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th …"""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
