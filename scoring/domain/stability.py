"""How sure a proposed tier is: the share of plausible weightings under which it holds.

Nobody knows the right weights to the point. Each half's weights are drawn again and again from a Dirichlet
distribution around the stated ones (Kotz, Balakrishnan, Johnson, *Continuous Multivariate Distributions* 1, 2000,
chapter 49: mean w, variance w(1 - w)/(c + 1)), and the tier is proposed anew. Values, gates, thresholds, the share of
the halves and what counts as covered stay as they are: only the weights are in doubt. The draws are seeded, so the
same question gets the same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from random import Random

from scoring.domain.criterion import Half
from scoring.domain.points import at_least
from scoring.domain.scorecard import ALPHA_STEPS, Scorecard, from_scores
from scoring.domain.tiers import TierRule, propose, standing

DRAWS = 1_000
CONCENTRATION = 100
"""A weight of a fifth then moves by about a fifth of itself: standard deviation 4 points of 20."""
SEED = 1_955
FIRM = 0.9

Weighting = tuple[float, ...]


class Firmness(StrEnum):
    """``firm``: the tier holds in at least nine of ten weightings."""

    FIRM = "firm"
    CLOSE_CALL = "close call"


@dataclass(frozen=True, slots=True)
class Stability:
    """``tiers``: how many of ``draws`` weightings propose which tier ("" for none). ``tier``: by the stated weights."""

    tier: str
    tiers: Mapping[str, int]
    draws: int

    @property
    def share(self) -> float:
        """Of the weightings, the part under which the tier holds; 0 to 1."""
        return self.tiers.get(self.tier, 0) / self.draws

    @property
    def firmness(self) -> Firmness:
        return Firmness.FIRM if self.share >= FIRM else Firmness.CLOSE_CALL

    @property
    def rival(self) -> str | None:
        """The other tier that comes out most often; None when none ever does."""
        others = [tier for tier in self.tiers if tier != self.tier]
        return max(others, key=lambda tier: self.tiers[tier]) if others else None


def stability(
    scorecard: Scorecard,
    rules: Sequence[TierRule],
    scores: Mapping[str, int],
    gates: Mapping[str, bool | None],
    decided: str | None = None,
    draws: int = DRAWS,
) -> Stability | None:
    """Of one account, from its criterion scores in billionths of a point; None when it is not scored in both halves.

    ``rules``, ``gates``, ``decided`` as for ``propose``. Weights of criteria without a score go to the others.
    """
    proposal = propose(from_scores(scorecard, scores), rules, gates, decided)
    if not proposal.scored:
        return None
    doors = _doors(rules, gates, standing(rules, decided))
    alpha = int(scorecard.alpha * ALPHA_STEPS)
    drawn = plausible_weightings(scorecard, draws)
    current = _halves(scorecard, Half.CURRENT, scores, drawn)
    potential = _halves(scorecard, Half.POTENTIAL, scores, drawn)
    found: dict[str, int] = {}
    for first, second in zip(current, potential, strict=True):
        overall = (2 * (alpha * first + (ALPHA_STEPS - alpha) * second) + ALPHA_STEPS) // (2 * ALPHA_STEPS)
        tier = next((door.tier for door in doors if overall >= door.overall and min(first, second) >= door.half), "")
        found[tier] = found.get(tier, 0) + 1
    return Stability(proposal.tier or "", found, draws)


@lru_cache(maxsize=8)
def plausible_weightings(scorecard: Scorecard, draws: int = DRAWS) -> tuple[Weighting, ...]:
    """Weights of all criteria in the scorecard's order, each half adding up to 1; always the same ones."""
    source = Random(SEED)  # noqa: S311 (no secret: a seeded draw must be repeatable)
    totals = {half: sum(criterion.weight_steps for criterion in scorecard.half(half)) for half in Half}
    shapes = [CONCENTRATION * criterion.weight_steps / totals[criterion.half] for criterion in scorecard.criteria]
    return tuple(_one_weighting(scorecard, shapes, source) for _ in range(draws))


def _one_weighting(scorecard: Scorecard, shapes: Sequence[float], source: Random) -> Weighting:
    drawn = [source.gammavariate(shape, 1.0) for shape in shapes]
    sums = dict.fromkeys(Half, 0.0)
    for criterion, weight in zip(scorecard.criteria, drawn, strict=True):
        sums[criterion.half] += weight
    return tuple(weight / sums[criterion.half] for criterion, weight in zip(scorecard.criteria, drawn, strict=True))


@dataclass(frozen=True, slots=True)
class _Door:
    """A tier whose gates are passed, with its thresholds in billionths of a point."""

    tier: str
    overall: int
    half: int


def _doors(rules: Sequence[TierRule], gates: Mapping[str, bool | None], position: int) -> list[_Door]:
    return [
        _Door(
            rule.tier,
            at_least(rule.stay if position <= place else rule.enter),
            at_least(rule.stay_half if position <= place else rule.enter_half),
        )
        for place, rule in enumerate(rules)
        if all(gates.get(gate) is True for gate in rule.gates)
    ]


def _halves(scorecard: Scorecard, half: Half, scores: Mapping[str, int], drawn: Sequence[Weighting]) -> list[int]:
    """The half's score under each weighting, in billionths of a point."""
    rated = [
        (place, scores[criterion.key])
        for place, criterion in enumerate(scorecard.criteria)
        if criterion.half is half and criterion.key in scores
    ]
    return [
        round(sum(weights[place] * points for place, points in rated) / sum(weights[place] for place, _ in rated))
        for weights in drawn
    ]
