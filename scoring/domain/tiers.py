"""Tier rules: which tier a score proposes, and why. Scoring proposes; people decide.

Rules run from the highest tier down. An account meets a rule by the *stay* thresholds when its decided tier is that
one or a higher one, else by the *enter* thresholds. A gate that nobody answered is not passed. Without an overall
score there is no proposal at all, which is something else than the proposal to leave the list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from scoring.domain.scorecard import AccountScore


@dataclass(frozen=True, slots=True)
class TierRule:
    """Thresholds in points, 0 to 100; ``…_half`` hold for each half. ValueError when stay is above enter."""

    tier: str
    enter: Decimal
    stay: Decimal
    enter_half: Decimal = Decimal(0)
    stay_half: Decimal = Decimal(0)
    gates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.stay <= self.enter <= 100 or not 0 <= self.stay_half <= self.enter_half <= 100:
            raise ValueError(
                f"The thresholds of {self.tier} lie between 0 and 100, those to stay not above those to enter."
            )


class Condition(StrEnum):
    OVERALL = "overall"
    CURRENT = "current"
    POTENTIAL = "potential"
    GATE = "gate"


@dataclass(frozen=True, slots=True)
class Reason:
    """One condition of one tier. Thresholds carry ``needed`` and ``found`` in points; a gate carries its key.

    ``answered`` is False for a gate that nobody answered.
    """

    tier: str
    condition: Condition
    met: bool
    needed: Decimal | None = None
    found: Decimal | None = None
    gate: str | None = None
    answered: bool = True


class Movement(StrEnum):
    NONE = "none"
    ENTERS = "enters"
    STAYS = "stays"
    RISES = "rises"
    FALLS = "falls"
    LEAVES = "leaves"


@dataclass(frozen=True, slots=True)
class Proposal:
    """``scored`` False: no proposal. ``tier`` None with ``scored`` True: the proposal is to be on no list.

    ``reasons``: every condition of the tiers looked at, highest first, down to the one that is met.
    """

    scored: bool
    tier: str | None
    movement: Movement
    reasons: tuple[Reason, ...]

    @property
    def obstacles(self) -> tuple[Reason, ...]:
        """The conditions not met: what keeps the account from the tiers above its proposal."""
        return tuple(reason for reason in self.reasons if not reason.met)


def propose(
    account: AccountScore,
    rules: Sequence[TierRule],
    gates: Mapping[str, bool | None],
    decided: str | None = None,
) -> Proposal:
    """The tier that ``rules`` (highest first) propose. ``gates``: answers by key, None or absent when not answered.

    ``decided``: the tier the account has; a tier without a rule counts as none.
    """
    before = standing(rules, decided)
    if account.overall is None:
        return Proposal(False, None, Movement.NONE, ())
    reasons: list[Reason] = []
    for position, rule in enumerate(rules):
        checked = _check(rule, account, gates, stays=before <= position)
        reasons.extend(checked)
        if all(reason.met for reason in checked):
            return Proposal(True, rule.tier, _movement(before, position, len(rules)), tuple(reasons))
    return Proposal(True, None, _movement(before, len(rules), len(rules)), tuple(reasons))


def blocked_by_gates(
    rules: Sequence[TierRule], points: Mapping[Condition, Decimal | None], decided: str | None, proposed: str
) -> TierRule | None:
    """The lowest tier above the proposed one that the score alone would do for: only its gates stand in the way.

    ``points``: overall, current and potential; ``proposed``: "" for none.
    """
    before = standing(rules, decided)
    blocked = None
    for position, rule in enumerate(rules):
        if rule.tier == proposed:
            break
        stays = before <= position
        half = rule.stay_half if stays else rule.enter_half
        needed = {
            Condition.OVERALL: rule.stay if stays else rule.enter,
            Condition.CURRENT: half,
            Condition.POTENTIAL: half,
        }
        found = [(points.get(condition), least) for condition, least in needed.items()]
        if all(score is not None and score >= least for score, least in found):
            blocked = rule
    return blocked


def standing(rules: Sequence[TierRule], decided: str | None) -> int:
    """Position of the decided tier among the rules; one past the end for none."""
    return next((position for position, rule in enumerate(rules) if rule.tier == decided), len(rules))


def _check(rule: TierRule, account: AccountScore, gates: Mapping[str, bool | None], stays: bool) -> list[Reason]:
    needed = rule.stay if stays else rule.enter
    needed_half = rule.stay_half if stays else rule.enter_half
    found = [_threshold(rule, Condition.OVERALL, needed, account.overall)]
    if needed_half:
        found.append(_threshold(rule, Condition.CURRENT, needed_half, account.current.score))
        found.append(_threshold(rule, Condition.POTENTIAL, needed_half, account.potential.score))
    for gate in rule.gates:
        answer = gates.get(gate)
        found.append(Reason(rule.tier, Condition.GATE, answer is True, gate=gate, answered=answer is not None))
    return found


def _threshold(rule: TierRule, condition: Condition, needed: Decimal, found: Decimal | None) -> Reason:
    return Reason(rule.tier, condition, found is not None and found >= needed, needed, found)


def _movement(before: int, after: int, nowhere: int) -> Movement:
    if before == after:
        return Movement.NONE if after == nowhere else Movement.STAYS
    if before == nowhere:
        return Movement.ENTERS
    if after == nowhere:
        return Movement.LEAVES
    return Movement.RISES if after < before else Movement.FALLS
