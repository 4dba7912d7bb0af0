"""Bootstrap intervals: how far a figure would wander if other accounts of the same kind had been drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

DRAWS = 1_000
SEED = 20_261
LEVEL = 0.95

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Interval:
    """From low to high, in the unit of the figure."""

    low: float
    high: float

    @property
    def spans_zero(self) -> bool:
        return self.low <= 0 <= self.high


def bootstrap(
    items: Sequence[Item],
    statistic: Callable[[Sequence[Item]], float | None],
    *,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Interval | None:
    """The 95 % percentile interval of ``statistic`` over draws of as many items, with replacement; the same each time.

    Draws for which there is no figure are left out; None where half of them or more have none (Efron 1979).
    """
    random = Random(seed)  # noqa: S311 - a repeatable draw is what is wanted
    found = [value for _ in range(draws) if (value := statistic(random.choices(items, k=len(items)))) is not None]
    return percentile_interval(found) if 2 * len(found) > draws else None


def percentile_interval(values: Sequence[float]) -> Interval:
    """The middle 95 % of one or more values, both ends linearly interpolated."""
    ordered = sorted(values)
    return Interval(_quantile(ordered, (1 - LEVEL) / 2), _quantile(ordered, (1 + LEVEL) / 2))


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
