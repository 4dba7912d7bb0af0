"""The ideal customer: which attributes we want, and how much each counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

LARGEST_WEIGHT = Decimal(1000)
MOST_WORDS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """One attribute: words of which any will do, or a range of numbers with one or both ends; `weight` above 0."""

    key: str
    words: tuple[str, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    weight: Decimal = Decimal(10)


def problems(wanted: Iterable[Wanted], words: Sequence[str], numbers: Sequence[str]) -> dict[str, str]:
    """What is wrong with a profile, by attribute; the empty key stands for the whole. Empty: nothing."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for one in wanted:
        wrong = _problem(one, words, numbers)
        if one.key in seen:
            wrong = "This attribute is in the profile twice."
        seen.add(one.key)
        if wrong:
            found[one.key] = wrong
    if not seen:
        found[""] = "Give at least one attribute a weight and say what you want of it."
    return found


def _problem(one: Wanted, words: Sequence[str], numbers: Sequence[str]) -> str:
    if one.key not in words and one.key not in numbers:
        return "This installation does not know the attribute."
    if not 0 < one.weight <= LARGEST_WEIGHT:
        return f"A weight is above 0 and at most {LARGEST_WEIGHT}."
    if one.key in words:
        if not one.words or len(one.words) > MOST_WORDS:
            return f"Name one to {MOST_WORDS}, separated by commas."
        return ""
    if one.low is None and one.high is None:
        return "Give the lower end, the upper end or both."
    if one.low is not None and one.high is not None and one.low > one.high:
        return "The range ends below its beginning."
    return ""
