"""The pairwise comparisons of one half of a version, and the weights they give."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from decimal import Decimal

from scoring.domain.ahp import MOST_LABELS, Weights, weights_from
from scoring.domain.weights import STEP, in_percent
from scoring.models import Criterion, ScorecardVersion

STRENGTHS = {
    1: "the same", 2: "slightly more", 3: "somewhat more", 4: "somewhat to clearly more", 5: "clearly more",
    6: "clearly to much more", 7: "much more", 8: "much to extremely more", 9: "extremely more",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """Two criteria of the half; `favour` is None while they are not compared."""

    first: Criterion
    second: Criterion
    favour: int | None

    @property
    def name(self) -> str:
        return f"pair-{self.first.key}-{self.second.key}"

    @property
    def options(self) -> list[tuple[str, str]]:
        """From “the first matters extremely more” to “the second does”, with the number on Saaty's scale."""
        return (
            [(str(step), f"{step}: {self.first.key} {STRENGTHS[step]}") for step in range(9, 1, -1)]
            + [("1", "1: the same")]
            + [(str(-step), f"1/{step}: {self.second.key} {STRENGTHS[step]}") for step in range(2, 10)]
        )

    @property
    def chosen(self) -> str:
        return "" if self.favour is None else str(self.favour)


@dataclass(frozen=True, slots=True)
class Weighed:
    criterion: Criterion
    share: float
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Comparing:
    """`result` is there once every pair is compared; `odd` names the comparison that fits the others least."""

    label: str
    criteria: tuple[Criterion, ...]
    pairs: tuple[Pair, ...]
    result: Weights | None

    @property
    def missing(self) -> int:
        return sum(pair.favour is None for pair in self.pairs)

    @property
    def progress(self) -> str:
        """How far the comparing is, for the heading."""
        done = len(self.pairs) - self.missing
        return f"{done} of {len(self.pairs)} compared"

    @property
    def too_many(self) -> bool:
        return len(self.criteria) > MOST_LABELS

    @property
    def weights(self) -> list[Weighed]:
        """Shares of the half with the weights they become, heaviest first."""
        if self.result is None:
            return []
        rounded = in_percent({key: max(STEP**4, Decimal(repr(share))) for key, share in self.result.weights.items()})
        found = [Weighed(row, self.result.weights[row.key], rounded[row.key]) for row in self.criteria]
        return sorted(found, key=lambda one: -one.share)

    @property
    def odd(self) -> str:
        """The comparison that fits the others least, in words; empty while all fit."""
        worst = self.result.worst if self.result else None
        if worst is None:
            return ""
        given, implied = scale_words(worst.given), scale_words(worst.implied)
        return f"{worst.first} against {worst.second}: you said {given}, all others together say {implied}"


def scale_words(value: float) -> str:
    """A ratio as people say it: 3, or 1/3."""
    return f"{value:.2g}" if value >= 1 else f"1/{1 / value:.2g}"


def comparing(version: ScorecardVersion, half: str) -> Comparing:
    """Two queries. Comparisons of criteria that left the half are passed over."""
    criteria = tuple(version.criteria.filter(half=half))
    stored = {(row.first, row.second): row.favour for row in version.comparisons.all()}
    pairs = tuple(
        Pair(first, second, _favour(stored, first.key, second.key))
        for first, second in itertools.combinations(criteria, 2)
    )
    complete = bool(pairs) and len(criteria) <= MOST_LABELS and all(pair.favour is not None for pair in pairs)
    result = None
    if complete:
        result = weights_from(
            [row.key for row in criteria],
            [(pair.first.key, pair.second.key, ratio(pair.favour or 1)) for pair in pairs],
        )
    return Comparing(str(Criterion.Half(half).label), criteria, pairs, result)


def _favour(stored: dict[tuple[str, str], int], first: str, second: str) -> int | None:
    """What was said about a pair, whichever of the two stood first then."""
    if (first, second) in stored:
        return stored[first, second]
    turned = stored.get((second, first))
    return turned if turned is None or turned == 1 else -turned


def ratio(favour: int) -> float:
    """How many times the first matters as much as the second."""
    return float(favour) if favour > 0 else 1 / -favour
