"""What to look at before a scorecard goes live: nothing here stops anybody, and each point says what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from scoring.domain.criterion import Half
from scoring.domain.scorecard import FEWEST_CRITERIA, MOST_CRITERIA, Scorecard

HALVES = {Half.CURRENT: "“worth today”", Half.POTENTIAL: "“potential and fit”"}
RULES_ALONE = Decimal("0.5")
"""A criterion with more than this share of its half decides the half nearly alone."""
TOO_LIGHT = Decimal("0.05")
"""A criterion with less than this share of its half hardly changes a score: at most five points of the half."""
FEWEST_TO_COMPARE = 3
LOPSIDED = 2
"""One half with more than this many times the criteria of the other."""


class Place(StrEnum):
    """Where on the builder the point is dealt with."""

    LIBRARY = "library"
    WEIGHTS = "weights"
    COMPARE = "compare"
    SETTINGS = "settings"
    CRITERION = "criterion"
    OBJECTIVES = "objectives"


@dataclass(frozen=True, slots=True)
class Advice:
    """`text` says what is the matter, `todo` what to do about it; `key`: the criterion or half it is about."""

    text: str
    todo: str
    place: Place
    key: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.todo}"


def advice_on(scorecard: Scorecard) -> list[Advice]:
    """On the number of criteria, the balance of the halves, and weights that tell nothing apart."""
    return [*_on_number(scorecard), *_on_halves(scorecard), *_on_weights(scorecard)]


def _on_number(scorecard: Scorecard) -> Iterator[Advice]:
    count = len(scorecard.criteria)
    words = "There is one criterion" if count == 1 else f"There are {count} criteria"
    if count < FEWEST_CRITERIA:
        todo = "With fewer, one opinion decides. Take more from the library."
        yield Advice(f"{words}; {FEWEST_CRITERIA} to {MOST_CRITERIA} work best.", todo, Place.LIBRARY)
    elif count > MOST_CRITERIA:
        todo = "With more, each decides little and rating takes long. Remove those that say the same."
        yield Advice(f"{words}; {FEWEST_CRITERIA} to {MOST_CRITERIA} work best.", todo, Place.WEIGHTS)


def _on_halves(scorecard: Scorecard) -> Iterator[Advice]:
    counts = {half: len(scorecard.half(half)) for half in Half}
    for half, name in HALVES.items():
        total = sum((criterion.weight for criterion in scorecard.half(half)), Decimal(0))
        if not counts[half]:
            text = f"The half {name} has no criteria, so no account gets an overall score."
            yield Advice(text, "Add some from the library.", Place.LIBRARY, half.value)
        elif total != 100:
            text = f"The weights of {name} add up to {total.normalize():f}, not to 100."
            todo = "Scores are the same, but nobody can read the weights as percent. Even them out."
            yield Advice(text, todo, Place.WEIGHTS, half.value)
    if scorecard.alpha != Decimal("0.5"):
        text = (
            f"The halves do not count the same: {scorecard.alpha:.0%} worth today, {1 - scorecard.alpha:.0%} potential."
        )
        todo = "Half and half keeps yesterday from deciding about tomorrow. Say in the note why it differs."
        yield Advice(text, todo, Place.SETTINGS)
    small, large = sorted(counts, key=lambda half: counts[half])
    if counts[small] and counts[large] > LOPSIDED * counts[small]:
        text = f"The half {HALVES[large]} has {counts[large]} criteria, {HALVES[small]} has {counts[small]}."
        todo = f"Where few criteria stand, each decides much. Add to {HALVES[small]}, or remove from the other."
        yield Advice(text, todo, Place.LIBRARY, small.value)


def _on_weights(scorecard: Scorecard) -> Iterator[Advice]:
    for half, name in HALVES.items():
        criteria = scorecard.half(half)
        total = sum((criterion.weight for criterion in criteria), Decimal(0))
        if len(criteria) < FEWEST_TO_COMPARE or not total:
            continue
        if len({criterion.weight for criterion in criteria}) == 1:
            text = f"All weights of {name} are the same: nothing matters more than anything else."
            yield Advice(text, "Compare the criteria in pairs to find out what does.", Place.COMPARE, half.value)
            continue
        for criterion in criteria:
            share = criterion.weight / total
            if share > RULES_ALONE:
                text = f"{criterion.key} has {share:.0%} of {name}: it decides the half nearly alone."
                yield Advice(text, "Lower its weight, or say in the note why.", Place.WEIGHTS, criterion.key)
            elif share < TOO_LIGHT:
                text = f"{criterion.key} has {share:.1%} of {name}: it hardly changes any score."
                yield Advice(text, "Raise its weight, or remove it and spare the rating.", Place.WEIGHTS, criterion.key)
