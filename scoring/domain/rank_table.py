"""Rank correlation of many accounts and its bootstrap in NumPy: the arithmetic of ``rank_correlation`` on arrays.

A draw only says how often each account was drawn. Ranks follow from the counts in the order that is known already, so
a draw of 100,000 accounts takes milliseconds.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scoring.domain.bootstrap import DRAWS, SEED, Interval, percentile_interval

Real: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.int64]


class Ordered:
    """One list in rising order: where each value stands, and where groups of equal values begin."""

    def __init__(self, values: Real) -> None:
        self.order = np.argsort(values, kind="stable")
        ordered = values[self.order]
        new = np.concatenate(([True], ordered[1:] != ordered[:-1])) if values.size else np.zeros(0, dtype=np.bool_)
        self.starts = np.flatnonzero(new)
        self.group = np.cumsum(new) - 1

    def ranks(self, counts: Whole) -> Real:
        """The rank of each value, in the list's own order, when value i is there counts[i] times."""
        sizes = np.add.reduceat(counts[self.order], self.starts)
        middles = np.cumsum(sizes) - sizes + (sizes + 1) / 2
        found = np.empty(counts.size)
        found[self.order] = middles[self.group]
        return found


def correlation(first: Ordered, second: Ordered, counts: Whole) -> float | None:
    """Spearman's correlation of a draw; None where one side does not vary in it."""
    middle = (counts.sum() + 1) / 2
    ours, theirs = first.ranks(counts) - middle, second.ranks(counts) - middle
    spread = float(np.sqrt((counts * ours * ours).sum() * (counts * theirs * theirs).sum()))
    return max(-1.0, min(1.0, float((counts * ours * theirs).sum()) / spread)) if spread else None


def spearman_with_interval(
    first: Real, second: Real, draws: int = DRAWS, seed: int = SEED
) -> tuple[float | None, Interval | None]:
    """The correlation of all, and its 95 % percentile interval over seeded draws of as many accounts."""
    if first.size < 2:
        return None, None
    ours, theirs = Ordered(first), Ordered(second)
    whole = correlation(ours, theirs, np.ones(first.size, dtype=np.int64))
    if whole is None:
        return None, None
    random = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        drawn = np.bincount(random.integers(0, first.size, first.size), minlength=first.size)
        value = correlation(ours, theirs, drawn)
        if value is not None:
            found.append(value)
    return whole, percentile_interval(found) if 2 * len(found) > draws else None
