"""The nearest change that would move an account to a higher or a lower tier: one criterion, or one gate.

Near means: the least points of overall score that the change is worth. A gate is no matter of degree and comes first
where passing it alone is enough. When no single change moves the account, there is none to name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from scoring.domain.criterion import Criterion, Kind
from scoring.domain.points import FULL, POINT, quotient, to_decimal
from scoring.domain.scorecard import Scorecard, from_scores
from scoring.domain.tiers import TierRule, propose

RATED_LEVELS = tuple(quotient(FULL * step, 4) for step in range(5))
FINE_STEPS = tuple(step * POINT for step in range(101))
"""What a criterion without levels may score: whole points."""


@dataclass(frozen=True, slots=True)
class Change:
    """``tier``: what would be proposed then, "" for none. ``key``: of a criterion, or of a gate when ``is_gate``.

    ``before`` and ``after``: the criterion's points, 0 to 100, ``before`` None when it is not rated; ``overall``: the
    overall score then, in points. A gate has neither.
    """

    tier: str
    key: str
    is_gate: bool = False
    before: Decimal | None = None
    after: Decimal | None = None
    overall: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest change each way; None where no single change does it."""

    up: Change | None
    down: Change | None


def neighbours(
    scorecard: Scorecard,
    rules: Sequence[TierRule],
    scores: Mapping[str, int],
    gates: Mapping[str, bool | None],
    decided: str | None = None,
) -> Neighbours:
    """Of one account, from its criterion scores in billionths of a point; arguments as for ``stability``.

    Without a proposal (a half is not scored) what counts as up is any tier, and there is no way down. Up may be a gate
    passed; that a gate passed today may fail is not counted as a way down.
    """
    now = propose(from_scores(scorecard, scores), rules, gates, decided)
    order = [rule.tier for rule in rules] + [""]
    place = order.index(now.tier or "") if now.scored else len(order) - 1
    moves = list(_moves(scorecard, rules, scores, gates, decided))
    up = [move for move in moves if order.index(move.change.tier) < place]
    down = [move for move in moves if now.scored and order.index(move.change.tier) > place]
    return Neighbours(_nearest(up), _nearest(down))


@dataclass(frozen=True, slots=True)
class _Move:
    distance: int
    change: Change


def _nearest(moves: Sequence[_Move]) -> Change | None:
    return min(moves, key=lambda move: move.distance).change if moves else None


def _moves(
    scorecard: Scorecard,
    rules: Sequence[TierRule],
    scores: Mapping[str, int],
    gates: Mapping[str, bool | None],
    decided: str | None,
) -> Iterator[_Move]:
    """Everything one change can lead to, with how far away it is; what ends without a proposal is left out."""
    account = from_scores(scorecard, scores)
    for gate in dict.fromkeys(gate for rule in rules for gate in rule.gates):
        proposal = propose(account, rules, {**gates, gate: True}, decided)
        if gates.get(gate) is not True and proposal.scored:
            yield _Move(0, Change(proposal.tier or "", gate, is_gate=True))
    for criterion in scorecard.criteria:
        before = scores.get(criterion.key)
        for after in _levels(criterion):
            then = from_scores(scorecard, {**scores, criterion.key: after})
            proposal = propose(then, rules, gates, decided)
            if proposal.scored and after != before:
                change = Change(
                    proposal.tier or "",
                    criterion.key,
                    before=None if before is None else to_decimal(before),
                    after=to_decimal(after),
                    overall=then.overall,
                )
                yield _Move(_distance(scorecard, criterion, before, after), change)


def _distance(scorecard: Scorecard, criterion: Criterion, before: int | None, after: int) -> int:
    """What the change is worth in the overall score, in billionths; from the middle where nobody knows the start."""
    whole = sum(one.weight_steps for one in scorecard.half(criterion.half))
    worth = scorecard.share(criterion.half) * criterion.weight_steps / whole
    return int(worth * abs(after - (FULL // 2 if before is None else before)))


def _levels(criterion: Criterion) -> tuple[int, ...]:
    """The scores a criterion can have: its levels, its bands, or whole points."""
    if criterion.kind is Kind.RATED:
        return RATED_LEVELS
    if criterion.kind is Kind.BANDED:
        return tuple(quotient(FULL * band, len(criterion.cuts)) for band in range(len(criterion.cuts) + 1))
    return FINE_STEPS
