"""The scores of a whole portfolio at once: the arithmetic of ``scorecard`` and ``tiers`` on NumPy arrays.

Rows are accounts, columns the criteria in the scorecard's order. Whole 64-bit numbers give the same results as the
version for one account, to the last digit. Criterion scores do not depend on weights, so a what-if on weights starts
from ``criterion_scores`` and calls ``combine`` alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from scoring.domain.criterion import Criterion, Half, Kind
from scoring.domain.points import FULL, POINT, at_least
from scoring.domain.scorecard import ALPHA_STEPS, Scorecard
from scoring.domain.tiers import TierRule

Whole: TypeAlias = NDArray[np.int64]
Real: TypeAlias = NDArray[np.float64]
Truth: TypeAlias = NDArray[np.bool_]

UNSCORED = -1
"""Stands for None in arrays of whole numbers."""
NOT_PROPOSED = -1
"""Tier position of an account without an overall score."""
BASES = (None, "overall", "current", "potential")
"""Names of the values in ``ScoreTable.basis``."""

# Weighted sums must stay below 2**63: the sum of weights in hundredths times a full score, doubled for rounding.
_LARGEST_WEIGHT_SUM = (2**63 - 1) // (3 * FULL)


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Columns over accounts. Scores are whole billionths of a point (``points`` turns them), -1 where not scored.

    ``*_coverage``: 0 to 1. ``rank``: 1 = best by overall, or by the only scored half; ties in row order; -1 where
    neither is scored. ``basis``: index into BASES. ``missing``: accounts x criteria, True where there is no value.
    """

    current: Whole
    potential: Whole
    overall: Whole
    current_coverage: Real
    potential_coverage: Real
    basis: NDArray[np.int8]
    rank: Whole
    missing: Truth


def points(billionths: Whole) -> Real:
    """Scores as points, NaN where not scored."""
    return np.where(billionths == UNSCORED, np.nan, billionths / POINT)


def criterion_scores(criteria: Sequence[Criterion], values: Real) -> Whole:
    """Scores in billionths of a point for values (accounts x criteria, NaN = unrated), -1 where unrated.

    Percentiles compare the rows given. ValueError for infinite values, ratings outside their scale, or a wrong shape.
    """
    if values.ndim != 2 or values.shape[1] != len(criteria):
        raise ValueError(f"Values need one column for each of the {len(criteria)} criteria.")
    if np.isinf(values).any():
        raise ValueError("Values are finite numbers, or NaN for unrated.")
    scores = np.full(values.shape, UNSCORED, dtype=np.int64, order="F")
    for column, criterion in enumerate(criteria):
        known = ~np.isnan(values[:, column])
        scored = _column(criterion, values[known, column])
        scores[known, column] = FULL - scored if criterion.low_is_good else scored
    return scores


def combine(scorecard: Scorecard, scores: Whole) -> ScoreTable:
    """Halves, coverage, overall and rank from criterion scores. ValueError when the weights are too large to add."""
    missing = scores == UNSCORED
    current, current_coverage = _half(scorecard, Half.CURRENT, scores, missing)
    potential, potential_coverage = _half(scorecard, Half.POTENTIAL, scores, missing)
    both = (current != UNSCORED) & (potential != UNSCORED)
    alpha = int(scorecard.alpha * ALPHA_STEPS)
    weighted = alpha * current + (ALPHA_STEPS - alpha) * potential
    overall = np.where(both, (2 * weighted + ALPHA_STEPS) // (2 * ALPHA_STEPS), UNSCORED)
    basis = np.select([both, current != UNSCORED, potential != UNSCORED], [1, 2, 3], 0).astype(np.int8)
    return ScoreTable(
        current=current,
        potential=potential,
        overall=overall,
        current_coverage=current_coverage,
        potential_coverage=potential_coverage,
        basis=basis,
        rank=_ranks(np.where(both, overall, np.maximum(current, potential))),
        missing=missing,
    )


def score_table(scorecard: Scorecard, values: Real) -> ScoreTable:
    """Everything for values (accounts x criteria, NaN = unrated). Rows in order of external id break ties by it."""
    return combine(scorecard, criterion_scores(scorecard.criteria, values))


def proposed_tiers(table: ScoreTable, rules: Sequence[TierRule], gates: dict[str, Truth], decided: Whole) -> Whole:
    """Position of the proposed tier among ``rules`` (highest first), ``len(rules)`` for none, -1 for no proposal.

    ``gates``: for each gate key True where it is passed; a gate without an array is passed by nobody.
    ``decided``: position of the tier each account has, ``len(rules)`` for none.
    """
    proposed = np.full(table.overall.shape, len(rules), dtype=np.int64)
    for position in range(len(rules) - 1, -1, -1):
        rule = rules[position]
        stays = decided <= position
        met = table.overall >= _threshold(stays, rule.stay, rule.enter)
        needed_half = _threshold(stays, rule.stay_half, rule.enter_half)
        met &= (table.current >= needed_half) & (table.potential >= needed_half)
        for gate in rule.gates:
            met &= gates.get(gate, np.zeros(met.shape, dtype=np.bool_))
        proposed[met] = position
    proposed[table.overall == UNSCORED] = NOT_PROPOSED
    return proposed


def _column(criterion: Criterion, known: Real) -> Whole:
    """Scores of one criterion's known values, before a turn of direction."""
    if criterion.kind is Kind.PERCENTILE:
        return _percentile(criterion, known)
    if criterion.kind is Kind.BANDED:
        cuts = np.array([float(cut) for cut in criterion.cuts])
        bands = np.searchsorted(cuts, known, side="left" if criterion.low_is_good else "right")
        steps = np.array([(2 * FULL * band + len(cuts)) // (2 * len(cuts)) for band in range(len(cuts) + 1)])
        banded: Whole = steps[bands]
        return banded
    low, high = float(criterion.low), float(criterion.high)
    if criterion.kind is Kind.RATED and ((known < low) | (known > high)).any():
        raise ValueError(f"A rating of {criterion.key} lies between {criterion.low} and {criterion.high}.")
    return np.rint((np.clip(known, low, high) - low) * FULL / (high - low)).astype(np.int64)


def _percentile(criterion: Criterion, known: Real) -> Whole:
    if known.size < 2:
        return np.full(known.shape, FULL // 2, dtype=np.int64)
    order = np.argsort(known)
    ordered = known[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    after = np.append(first[1:], known.size)
    divisor = 2 * (known.size - 1)
    scores = (2 * FULL * (first + after - 1).astype(np.int64) + divisor) // (2 * divisor)
    found = np.empty(known.shape, dtype=np.int64)
    found[order] = np.repeat(scores, after - first)
    return found


def _half(scorecard: Scorecard, half: Half, scores: Whole, missing: Truth) -> tuple[Whole, Real]:
    columns = [index for index, criterion in enumerate(scorecard.criteria) if criterion.half is half]
    weights = np.array([scorecard.criteria[index].weight_steps for index in columns], dtype=np.int64)
    whole = int(weights.sum())
    if whole > _LARGEST_WEIGHT_SUM:
        raise ValueError(f"The weights of a half add up to {_LARGEST_WEIGHT_SUM // 100} at most.")
    weight = np.zeros(scores.shape[0], dtype=np.int64)
    weighted = np.zeros(scores.shape[0], dtype=np.int64)
    for index, own in zip(columns, weights, strict=True):
        known = ~missing[:, index]
        weight += own * known
        weighted += own * np.where(known, scores[:, index], 0)
    minimum = Fraction(scorecard.minimum_coverage)
    needed = -(-minimum.numerator * whole // minimum.denominator)
    scored = (weight > 0) & (weight >= needed)
    divisor = np.maximum(weight, 1)
    found = np.where(scored, (2 * weighted + divisor) // (2 * divisor), UNSCORED)
    return found, weight / whole if whole else np.zeros(weight.shape)


def _ranks(billionths: Whole) -> Whole:
    order = np.argsort(-billionths, kind="stable")
    ranks = np.empty(billionths.shape, dtype=np.int64)
    ranks[order] = np.arange(1, billionths.size + 1)
    ranks[billionths == UNSCORED] = UNSCORED
    return ranks


def _threshold(stays: Truth, stay: Decimal, enter: Decimal) -> Whole:
    return np.where(stays, at_least(stay), at_least(enter))
