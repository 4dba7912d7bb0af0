"""Net promoter score with its uncertainty, the drivers' means, and the response rate.

An answer nobody gave is not a zero: it counts nowhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import sqrt

from sam.values.results import Computed, Missing, Result

Z95 = 1.96
FEWEST_ANSWERS = 4
"""Answers from which on a driver's mean is shown and used."""
CHANGE_FROM = 30
"""Answers from which on a change is worth a word even within the interval."""

_PROMOTER_FROM, _DETRACTOR_TO = 9, 6
# one and a half pseudo-answers for the middle, three quarters for either end
_ADDED_ENDS, _ADDED_ALL = 0.75, 3


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Nps:
    """Counts of answers (0 or more, ValueError below). ``score`` and ``interval`` in points, -100 to 100."""

    promoters: int
    passives: int
    detractors: int

    def __post_init__(self) -> None:
        if min(self.promoters, self.passives, self.detractors) < 0:
            raise ValueError("Numbers of answers start at zero.")

    @property
    def n(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> float | None:
        """100 (promoters - detractors) / n, unrounded; None without answers."""
        return 100 * (self.promoters - self.detractors) / self.n if self.n else None

    @property
    def variance(self) -> Fraction | None:
        """Variance of one answer counted +1, 0 or -1: p + d - (p - d)²; None without answers."""
        if not self.n:
            return None
        promoters, detractors = Fraction(self.promoters, self.n), Fraction(self.detractors, self.n)
        return promoters + detractors - (promoters - detractors) ** 2

    @property
    def interval(self) -> Interval | None:
        """95 % interval, adjusted Wald: three answers more (3/4, 1 1/2, 3/4), z 1.96, clipped; None without answers."""
        if not self.n:
            return None
        centre, error = self._adjusted()
        return Interval(max(-100.0, 100 * (centre - Z95 * error)), min(100.0, 100 * (centre + Z95 * error)))

    def _adjusted(self) -> tuple[float, float]:
        """Centre and standard error of the adjusted score, as fractions."""
        n = self.n + _ADDED_ALL
        promoters, detractors = (self.promoters + _ADDED_ENDS) / n, (self.detractors + _ADDED_ENDS) / n
        centre = promoters - detractors
        return centre, sqrt((promoters + detractors - centre**2) / n)

    def change_from(self, before: "Nps") -> float | None:
        """z of the difference to an earlier wave, both adjusted: beyond 1.96 either way it is a real change."""
        if not self.n or not before.n:
            return None
        centre, error = self._adjusted()
        earlier_centre, earlier_error = before._adjusted()
        return (centre - earlier_centre) / sqrt(error**2 + earlier_error**2)

    def really_changed_from(self, before: "Nps") -> bool:
        found = self.change_from(before)
        return found is not None and abs(found) > Z95

    def change_may_be_named(self, before: "Nps") -> bool:
        """True when the change is real, or both waves have 30 answers; else there is no word about it."""
        return self.really_changed_from(before) or min(self.n, before.n) >= CHANGE_FROM


def count_answers(answers: Iterable[int | None]) -> Nps:
    """Answers from 0 to 10 (ValueError outside); None is a question left out."""
    found: Counter[str] = Counter()
    for answer in answers:
        if answer is None:
            continue
        if not 0 <= answer <= 10:
            raise ValueError(f"An answer lies between 0 and 10, not at {answer}.")
        found["promoter" if answer >= _PROMOTER_FROM else "detractor" if answer <= _DETRACTOR_TO else "passive"] += 1
    return Nps(found["promoter"], found["passive"], found["detractor"])


def driver_mean(answers: Iterable[int | None]) -> Result:
    """Mean of the answers from 1 to 5 (ValueError outside); None is "I cannot say". Missing under four answers."""
    given = [answer for answer in answers if answer is not None]
    if any(not 1 <= answer <= 5 for answer in given):
        raise ValueError("An answer lies between 1 and 5.")
    if len(given) < FEWEST_ANSWERS:
        return Missing(f"{len(given)} answers; from {FEWEST_ANSWERS} on a mean is shown")
    total = Decimal(sum(given))
    return Computed(total / len(given), (("sum of answers", total), ("answers", Decimal(len(given)))))


def drivers_mean(drivers: Mapping[str, Sequence[int | None]]) -> Result:
    """Mean of the means of all drivers; missing when a driver has too few answers, and it says which."""
    means = {name: driver_mean(answers) for name, answers in drivers.items()}
    few = [name for name, mean in means.items() if isinstance(mean, Missing)]
    if few or not means:
        return Missing(f"too few answers on {', '.join(few)}" if few else "no drivers were asked")
    values = tuple((name, mean.value) for name, mean in means.items() if isinstance(mean, Computed))
    return Computed(sum((value for _, value in values), Decimal(0)) / len(values), values)


@dataclass(frozen=True, slots=True)
class ResponseRate:
    """``rate`` and the 95 % Wilson interval as fractions, None when nobody was asked."""

    asked: int
    answered: int
    rate: float | None
    interval: Interval | None


def response_rate(asked: int, answered: int) -> ResponseRate:
    """ValueError for more answers than people asked, or less than none."""
    if not 0 <= answered <= asked:
        raise ValueError("Between none and all of those asked have answered.")
    if not asked:
        return ResponseRate(0, 0, None, None)
    rate, square = answered / asked, Z95**2
    centre = (rate + square / (2 * asked)) / (1 + square / asked)
    error = Z95 * sqrt(rate * (1 - rate) / asked + square / (4 * asked**2)) / (1 + square / asked)
    return ResponseRate(asked, answered, rate, Interval(max(0.0, centre - error), min(1.0, centre + error)))
