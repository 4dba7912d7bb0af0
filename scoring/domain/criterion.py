"""One criterion of a scorecard and how a value of it becomes a score from 0 to 100.

Kinds: *rated* by people on a scale, and three computed from data: *banded* by cut points, *percentile* among the
accounts compared, *linear* between two marks. Values are compared as 64-bit floats, as the vectorised version does.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import isfinite

from scoring.domain.points import FULL, quotient

Number = Decimal | float | int

LARGEST_WEIGHT = Decimal(10_000)
WEIGHT_STEPS = 100
"""Weights have two decimals; arithmetic counts them in hundredths."""


class Kind(StrEnum):
    RATED = "rated"
    BANDED = "banded"
    PERCENTILE = "percentile"
    LINEAR = "linear"


class Half(StrEnum):
    CURRENT = "current"
    POTENTIAL = "potential"


@dataclass(frozen=True, slots=True)
class Criterion:
    """``weight``: above 0, up to 10,000, two decimals. ValueError when the definition makes no sense.

    rated, linear: ``low`` gives 0 and ``high`` 100 points; ratings outside are refused, data outside is clipped.
    banded: ``cuts`` rise strictly; a value that reaches a cut is in the band above it; k cuts make k + 1 equal steps
    from 0 to 100. percentile: the share of the other accounts below, ties in the middle; an account alone has 50.
    ``low_is_good`` turns the direction; a value exactly on a cut then still falls into the better band.
    """

    key: str
    half: Half
    weight: Decimal
    kind: Kind = Kind.RATED
    low: Decimal = Decimal(1)
    high: Decimal = Decimal(5)
    cuts: tuple[Decimal, ...] = ()
    low_is_good: bool = False

    def __post_init__(self) -> None:
        if not self.weight.is_finite() or not 0 < self.weight <= LARGEST_WEIGHT:
            raise ValueError(f"The weight of {self.key} is above 0 and at most {LARGEST_WEIGHT}.")
        if self.weight * WEIGHT_STEPS % 1:
            raise ValueError(f"The weight of {self.key} has at most two decimals.")
        if self.kind in (Kind.RATED, Kind.LINEAR) and not self.low < self.high:
            raise ValueError(f"The scale of {self.key} ends above its beginning.")
        if self.kind is Kind.BANDED and not self.cuts:
            raise ValueError(f"{self.key} needs at least one cut point.")
        if any(later <= earlier for earlier, later in zip(self.cuts, self.cuts[1:], strict=False)):
            raise ValueError(f"The cut points of {self.key} rise from one to the next.")

    @property
    def weight_steps(self) -> int:
        """The weight in hundredths."""
        return int(self.weight * WEIGHT_STEPS)


def score(criterion: Criterion, value: Number, compared: Sequence[float] = ()) -> int:
    """The score of a known value in billionths of a point, 0 to 100 points.

    ``compared``: for a percentile, the values of all accounts compared, this one included, in rising order.
    ValueError for a value that is no number, a rating outside its scale, or a percentile of a value not compared.
    """
    number = float(value)
    if not isfinite(number):
        raise ValueError(f"The value of {criterion.key} is not a number.")
    if criterion.kind is Kind.RATED:
        return _rated(criterion, number)
    if criterion.kind is Kind.LINEAR:
        return _linear(criterion, number)
    if criterion.kind is Kind.BANDED:
        return _banded(criterion, number)
    return _percentile(criterion, number, compared)


def _rated(criterion: Criterion, rating: float) -> int:
    low, high = float(criterion.low), float(criterion.high)
    if not low <= rating <= high:
        raise ValueError(f"A rating of {criterion.key} lies between {criterion.low} and {criterion.high}.")
    return _turned(criterion, round((rating - low) * FULL / (high - low)))


def _linear(criterion: Criterion, number: float) -> int:
    low, high = float(criterion.low), float(criterion.high)
    within = min(max(number, low), high)
    return _turned(criterion, round((within - low) * FULL / (high - low)))


def _banded(criterion: Criterion, number: float) -> int:
    cuts = [float(cut) for cut in criterion.cuts]
    band = bisect_left(cuts, number) if criterion.low_is_good else bisect_right(cuts, number)
    return _turned(criterion, quotient(FULL * band, len(cuts)))


def _percentile(criterion: Criterion, number: float, compared: Sequence[float]) -> int:
    below, up_to = bisect_left(compared, number), bisect_right(compared, number)
    if below == up_to:
        raise ValueError(f"The value of {criterion.key} is not among the accounts compared.")
    if len(compared) == 1:
        return FULL // 2
    return _turned(criterion, quotient(FULL * (below + up_to - 1), 2 * (len(compared) - 1)))


def _turned(criterion: Criterion, billionths: int) -> int:
    return FULL - billionths if criterion.low_is_good else billionths
