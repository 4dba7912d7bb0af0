"""A scorecard in two halves, and the score of one account with everything that explains it.

Half score = sum of weight x score over the rated criteria / sum of their weights. Coverage = weight rated / weight of
the half, an exact fraction. A half below the minimum coverage is not scored, and then there is no overall score.
Overall = alpha x current half + (1 - alpha) x potential half.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from scoring.domain.criterion import Criterion, Half, Number, score
from scoring.domain.points import POINT, quotient, to_decimal

FEWEST_CRITERIA, MOST_CRITERIA = 5, 10
ALPHA_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class Scorecard:
    """``alpha``: share of the current half in the overall, 0 to 1, four decimals. ``minimum_coverage``: 0 to 1.

    ValueError for keys that repeat or numbers out of range.
    """

    criteria: tuple[Criterion, ...]
    alpha: Decimal = Decimal("0.5")
    minimum_coverage: Decimal = Decimal("0.8")

    def __post_init__(self) -> None:
        if len({criterion.key for criterion in self.criteria}) < len(self.criteria):
            raise ValueError("Every criterion of a scorecard has its own key.")
        if not 0 <= self.alpha <= 1 or self.alpha * ALPHA_STEPS % 1:
            raise ValueError("The share of the first half lies between 0 and 1, with at most four decimals.")
        if not 0 <= self.minimum_coverage <= 1:
            raise ValueError("The minimum coverage lies between 0 and 1.")

    def half(self, half: Half) -> tuple[Criterion, ...]:
        return tuple(criterion for criterion in self.criteria if criterion.half is half)

    def share(self, half: Half) -> Fraction:
        """The half's share in the overall score."""
        current = Fraction(self.alpha)
        return current if half is Half.CURRENT else 1 - current


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one rated criterion adds. ``score``, ``in_half``, ``in_overall``, ``room`` in points.

    ``in_half`` adds up to the half score, ``in_overall`` to the overall (exact fractions, before rounding; the overall
    part is there even when the other half is not scored). ``room``: what a full score would add to the overall.
    """

    key: str
    half: Half
    weight: Decimal
    score: Decimal
    in_half: Fraction
    in_overall: Fraction
    room: Fraction


@dataclass(frozen=True, slots=True)
class HalfScore:
    """``score`` in points (0 to 100, nine decimals), None when not scored. ``missing``: keys without a value."""

    half: Half
    score: Decimal | None
    coverage: Fraction
    missing: tuple[str, ...]
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class AccountScore:
    """``overall`` in points, None unless both halves are scored. ``basis``: what lists may rank by."""

    current: HalfScore
    potential: HalfScore
    overall: Decimal | None

    @property
    def missing(self) -> tuple[str, ...]:
        return self.current.missing + self.potential.missing

    @property
    def contributions(self) -> tuple[Contribution, ...]:
        return self.current.contributions + self.potential.contributions

    @property
    def basis(self) -> str | None:
        """ "overall", or the only half that is scored (lists mark it), or None."""
        if self.overall is not None:
            return "overall"
        return next((half.half.value for half in (self.current, self.potential) if half.score is not None), None)

    @property
    def ranking_score(self) -> Decimal | None:
        """The score that ``basis`` names."""
        if self.overall is not None:
            return self.overall
        return self.current.score if self.current.score is not None else self.potential.score


def evaluate(
    scorecard: Scorecard,
    values: Mapping[str, Number | None],
    compared: Mapping[str, Sequence[float]] | None = None,
) -> AccountScore:
    """The score of one account from its values by criterion key; None and absent both mean unrated.

    ``compared``: for each percentile criterion the values of all accounts, in rising order. ValueError as for a score.
    """
    return from_scores(scorecard, criterion_scores(scorecard, values, compared))


def criterion_scores(
    scorecard: Scorecard,
    values: Mapping[str, Number | None],
    compared: Mapping[str, Sequence[float]] | None = None,
) -> dict[str, int]:
    """Billionths of a point by criterion key for the values that are known; arguments and errors as for evaluate."""
    return {
        criterion.key: score(criterion, value, (compared or {}).get(criterion.key, ()))
        for criterion in scorecard.criteria
        if (value := values.get(criterion.key)) is not None
    }


def from_scores(scorecard: Scorecard, scores: Mapping[str, int]) -> AccountScore:
    """The score of one account from the scores of its criteria in billionths of a point; absent means unrated."""
    current = _half(scorecard, Half.CURRENT, scores)
    potential = _half(scorecard, Half.POTENTIAL, scores)
    return AccountScore(current, potential, _overall(scorecard, current.score, potential.score))


def _half(scorecard: Scorecard, half: Half, scores: Mapping[str, int]) -> HalfScore:
    criteria = scorecard.half(half)
    rated = [criterion for criterion in criteria if criterion.key in scores]
    whole = sum(criterion.weight_steps for criterion in criteria)
    weight = sum(criterion.weight_steps for criterion in rated)
    coverage = Fraction(weight, whole) if whole else Fraction(0)
    points = None
    if weight and coverage >= Fraction(scorecard.minimum_coverage):
        points = quotient(sum(criterion.weight_steps * scores[criterion.key] for criterion in rated), weight)
    return HalfScore(
        half=half,
        score=None if points is None else to_decimal(points),
        coverage=coverage,
        missing=tuple(criterion.key for criterion in criteria if criterion.key not in scores),
        contributions=tuple(
            _contribution(scorecard, criterion, scores[criterion.key], Fraction(criterion.weight_steps, weight))
            for criterion in rated
        ),
    )


def _contribution(scorecard: Scorecard, criterion: Criterion, points: int, part: Fraction) -> Contribution:
    share = scorecard.share(criterion.half)
    in_half = Fraction(points, POINT) * part
    return Contribution(
        key=criterion.key,
        half=criterion.half,
        weight=criterion.weight,
        score=to_decimal(points),
        in_half=in_half,
        in_overall=share * in_half,
        room=share * (100 * part - in_half),
    )


def _overall(scorecard: Scorecard, current: Decimal | None, potential: Decimal | None) -> Decimal | None:
    if current is None or potential is None:
        return None
    alpha = int(scorecard.alpha * ALPHA_STEPS)
    weighted = alpha * int(current * POINT) + (ALPHA_STEPS - alpha) * int(potential * POINT)
    return to_decimal(quotient(weighted, ALPHA_STEPS))
