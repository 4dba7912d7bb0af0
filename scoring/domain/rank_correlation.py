"""Spearman's rank correlation: does the order of one list say anything about the order of another?"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1, the smallest first; equal values share the mean of their places."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    first = 0
    while first < len(order):
        after = first + 1
        while after < len(order) and values[order[after]] == values[order[first]]:
            after += 1
        for place in order[first:after]:
            found[place] = (first + 1 + after) / 2
        first = after
    return found


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """-1 to 1: the correlation of the ranks (Spearman 1904). None for under two pairs, or where one side never varies.

    ValueError when the lists differ in length.
    """
    if len(first) != len(second):
        raise ValueError("Every value of one list has its partner in the other.")
    middle = (len(first) + 1) / 2
    ours = [rank - middle for rank in ranks(first)]
    theirs = [rank - middle for rank in ranks(second)]
    spread = sqrt(sum(rank * rank for rank in ours) * sum(rank * rank for rank in theirs))
    if not spread:
        return None
    together = sum(mine * other for mine, other in zip(ours, theirs, strict=True))
    return max(-1.0, min(1.0, together / spread))
