"""A scorecard put to the test: the scores of a past day against what happened since, in words that claim no more.

No evidence is an answer too: most scorecards choose whom to work with, they do not foretell growth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from scoring.domain.bootstrap import Interval

FEWEST = 10
"""Accounts from which on anything is said."""
MOST_POINTS = 400
"""Accounts that are kept for the chart; the figures always rest on all."""
MEASURES: Mapping[str, str] = {"revenue": "Revenue", "contribution": "Contribution"}
OVERALL, SCREENING = "overall", "screening"
SCORES: Mapping[str, str] = {
    OVERALL: "Overall score",
    SCREENING: "Screening value",
}
WEAK, STRONG = 0.3, 0.5


@dataclass(frozen=True, slots=True)
class Point:
    """One account: its score of then in points, and its growth since as a fraction."""

    account: int
    score: float
    growth: float


@dataclass(frozen=True, slots=True)
class Fifth:
    """The best or the worst fifth by score: how many accounts, and the mean of their growth."""

    n: int
    growth: float


@dataclass(frozen=True, slots=True)
class BackTest:
    """`quarter`: the past one; `last`: the newest; growth compares the last `quarters` with as many up to `quarter`.

    `scored`: accounts with a score of then; `kept`: those of them whose score was kept at the time; `n`: those with
    figures on both sides too. Without ten of them there is no correlation.
    """

    version: int
    quarter: str
    last: str
    quarters: int
    measure: str
    score: str
    accounts: int
    scored: int
    kept: int
    n: int
    correlation: float | None
    interval: Interval | None
    top: Fifth | None
    bottom: Fifth | None
    points: tuple[Point, ...]

    @property
    def words(self) -> str:
        return reading(self.n, self.correlation, self.interval, MEASURES[self.measure].lower())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> BackTest:
        """What `as_json` gave, after a way through the database."""
        return cls(
            **{
                **stored,
                "interval": Interval(**stored["interval"]) if stored["interval"] else None,
                "top": Fifth(**stored["top"]) if stored["top"] else None,
                "bottom": Fifth(**stored["bottom"]) if stored["bottom"] else None,
                "points": tuple(Point(**point) for point in stored["points"]),
            }
        )


def fifths(points: Sequence[Point]) -> tuple[Fifth, Fifth] | None:
    """The best and the worst fifth by score, rounded down, ties by account; None under ten accounts."""
    if len(points) < FEWEST:
        return None
    ordered = sorted(points, key=lambda point: (-point.score, point.account))
    size = len(ordered) // 5
    best, worst = ordered[:size], ordered[-size:]
    return Fifth(size, fmean(one.growth for one in best)), Fifth(size, fmean(one.growth for one in worst))


def thinned(points: Sequence[Point]) -> tuple[Point, ...]:
    """At most so many points as a chart shows, evenly over the order of scores."""
    ordered = sorted(points, key=lambda point: (-point.score, point.account))
    if len(ordered) <= MOST_POINTS:
        return tuple(ordered)
    last = len(ordered) - 1
    return tuple(ordered[step * last // (MOST_POINTS - 1)] for step in range(MOST_POINTS))


def reading(n: int, correlation: float | None, interval: Interval | None, measure: str) -> str:
    """What the numbers allow to say, in one or two sentences."""
    if n < FEWEST:
        have = "account has" if n == 1 else "accounts have"
        return f"{n} {have} a score of then and figures since. Under {FEWEST} nothing is said."
    if correlation is None or interval is None:
        return f"The {n} accounts do not differ in score or in growth, so there is nothing to compare."
    if interval.spans_zero:
        return f"No evidence that this scorecard foretells growth of {measure} (n = {n}): chance would do as well."
    size = abs(correlation)
    strength = "weakly" if size < WEAK else "clearly" if size < STRONG else "strongly"
    if correlation > 0:
        return f"Accounts that scored higher grew more since, {strength} so (n = {n}). It is no proof of a cause."
    return f"Accounts that scored higher grew less since, {strength} so (n = {n}): large accounts often do."
