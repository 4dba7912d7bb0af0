"""How alike two things of mixed attributes are: Gower's similarity (J. C. Gower, Biometrics 27, 1971, p. 857-871).

    s = Σ w·δ·s_k / Σ w·δ

For words s_k is 1 where both have one in common, else 0. For numbers it is 1 - |x - y| / range, with the range that the
attribute has over everybody compared; for a wanted range of numbers the distance counts from its nearer end. δ is 0
where either side does not know the attribute: it drops out, and is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from `low` to `high`, both included; open ends are infinite. ValueError when it falls."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError("A range ends above its beginning.")

    @classmethod
    def at(cls, number: float) -> Interval:
        return cls(number, number)

    def gap(self, other: Interval) -> float:
        """How far apart the two are; 0 where they meet."""
        return max(0.0, self.low - other.high, other.low - self.high)


Words: TypeAlias = frozenset[str]
Value: TypeAlias = Interval | Words
Record: TypeAlias = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Attribute:
    """`weight` above 0. `span`: the range of a number over everybody compared; None for words."""

    key: str
    weight: float
    span: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One attribute that both sides know: how alike they are in it, 0 to 1."""

    key: str
    weight: float
    similarity: float


@dataclass(frozen=True, slots=True)
class Similarity:
    """`value` from 0 to 1, None when nothing is known on both sides. `missing`: keys that dropped out."""

    value: float | None
    parts: tuple[Part, ...]
    missing: tuple[str, ...]

    @property
    def known_weight(self) -> float:
        return sum(part.weight for part in self.parts)

    def part(self, key: str) -> Part | None:
        return next((part for part in self.parts if part.key == key), None)


def similarity(one: Record, other: Record, attributes: Sequence[Attribute]) -> Similarity:
    """Gower's similarity of two records. ValueError where one side has words and the other a number."""
    parts, missing = [], []
    for attribute in attributes:
        alike = _alike(one.get(attribute.key), other.get(attribute.key), attribute.span)
        if alike is None:
            missing.append(attribute.key)
        else:
            parts.append(Part(attribute.key, attribute.weight, alike))
    known = sum(part.weight for part in parts)
    value = min(1.0, sum(part.weight * part.similarity for part in parts) / known) if known > 0 else None
    return Similarity(value, tuple(parts), tuple(missing))


def _alike(one: Value | None, other: Value | None, span: float | None) -> float | None:
    if one is None or other is None:
        return None
    if isinstance(one, Interval) and isinstance(other, Interval):
        gap = one.gap(other)
        if gap == 0:
            return 1.0
        return max(0.0, 1.0 - gap / span) if span else 0.0
    if isinstance(one, Interval) or isinstance(other, Interval):
        raise ValueError("Words and numbers have no distance.")  # noqa: TRY004 (the types are right, the pair is not)
    return 1.0 if one & other else 0.0


def span(numbers: Iterable[float]) -> float:
    """The range of an attribute: largest less smallest; 0 without any."""
    known = list(numbers)
    return max(known) - min(known) if known else 0.0
