"""A scorecard with some numbers changed, to see what would follow: weights, the share of the halves, thresholds.

A weight of 0 leaves the criterion out. Nothing is stored; the changed rules are ordinary rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from scoring.domain.criterion import LARGEST_WEIGHT, WEIGHT_STEPS, Half
from scoring.domain.scorecard import ALPHA_STEPS, Scorecard
from scoring.domain.tiers import TierRule

THRESHOLDS = ("enter", "stay", "enter_half", "stay_half")


class WrongChange(ValueError):
    """A change that makes no sense. ``place``: its name, as in ``weights.C1`` or ``thresholds.key.enter``."""

    def __init__(self, place: str, words: str) -> None:
        super().__init__(words)
        self.place = place


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs from the version; what is not named stays. ``weights`` by criterion key, 0 to 10,000, two decimals.

    ``alpha``: 0 to 1, four decimals. ``thresholds``: by tier, any of enter, stay, enter_half, stay_half, 0 to 100.
    Where only ``enter`` goes below what it takes to stay, staying follows.
    """

    weights: Mapping[str, Decimal] = field(default_factory=dict)
    alpha: Decimal | None = None
    thresholds: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changed:
    """``kept``: positions of the criteria that still count, in the order of the original scorecard."""

    scorecard: Scorecard
    rules: tuple[TierRule, ...]
    kept: tuple[int, ...]


def applied(scorecard: Scorecard, rules: Sequence[TierRule], changes: Changes) -> Changed:
    """The rules with the changes made. WrongChange names the first number that makes no sense."""
    weights = _weights(scorecard, changes.weights)
    kept = tuple(place for place, criterion in enumerate(scorecard.criteria) if weights[criterion.key])
    criteria = tuple(
        replace(scorecard.criteria[place], weight=weights[scorecard.criteria[place].key]) for place in kept
    )
    for half in Half:
        if scorecard.half(half) and not any(criterion.half is half for criterion in criteria):
            raise WrongChange("weights", f"Leave at least one criterion in the {half} half.")
    alpha = scorecard.alpha if changes.alpha is None else changes.alpha
    if not 0 <= alpha <= 1 or alpha * ALPHA_STEPS % 1:
        raise WrongChange("alpha", "The share of the first half lies between 0 and 1, with at most four decimals.")
    return Changed(replace(scorecard, criteria=criteria, alpha=alpha), _rules(rules, changes.thresholds), kept)


def _weights(scorecard: Scorecard, given: Mapping[str, Decimal]) -> dict[str, Decimal]:
    weights = {criterion.key: criterion.weight for criterion in scorecard.criteria}
    for key, weight in given.items():
        if key not in weights:
            raise WrongChange(f"weights.{key}", f"This scorecard has no criterion {key} with a weight.")
        if not 0 <= weight <= LARGEST_WEIGHT or weight * WEIGHT_STEPS % 1:
            raise WrongChange(f"weights.{key}", "A weight is 0 to 10,000, with two decimals.")
        weights[key] = weight
    return weights


def _rules(rules: Sequence[TierRule], given: Mapping[str, Mapping[str, Decimal]]) -> tuple[TierRule, ...]:
    known = {rule.tier for rule in rules}
    for tier, thresholds in given.items():
        if tier not in known:
            raise WrongChange(f"thresholds.{tier}", f"This scorecard has no tier “{tier}”.")
        for name, value in thresholds.items():
            if name not in THRESHOLDS:
                raise WrongChange(f"thresholds.{tier}.{name}", f"Use one of: {', '.join(THRESHOLDS)}.")
            if not 0 <= value <= 100:
                raise WrongChange(f"thresholds.{tier}.{name}", "A threshold lies between 0 and 100.")
    return tuple(_rule(rule, given.get(rule.tier, {})) for rule in rules)


def _rule(rule: TierRule, given: Mapping[str, Decimal]) -> TierRule:
    asked = {name: given.get(name, getattr(rule, name)) for name in THRESHOLDS}
    for enter, stay in (("enter", "stay"), ("enter_half", "stay_half")):
        if stay not in given:
            asked[stay] = min(asked[stay], asked[enter])
        elif asked[stay] > asked[enter]:
            raise WrongChange(f"thresholds.{rule.tier}.{stay}", "Staying may not ask for more than entering.")
    return replace(rule, **asked)
