"""Why an account's proposed tier differs between two scorecards: the condition, and the criterion behind it.

Both sides are computed from the same values, so that whatever differs comes from the scorecards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from scoring.domain.criterion import Half
from scoring.domain.scorecard import AccountScore, Contribution
from scoring.domain.tiers import Condition, Proposal, Reason, TierRule


class Cause(StrEnum):
    NOW_SCORED = "now_scored"
    """Too little was known for an overall score, now enough is."""
    NOT_SCORED = "not_scored"
    TIER_ADDED = "tier_added"
    TIER_GONE = "tier_gone"
    GATE = "gate"
    """Only one of the two asks for a gate that is not passed."""
    GATE_ANSWER = "gate_answer"
    """Both ask for the gate, and it is passed on one of two different scorecards."""
    THRESHOLD = "threshold"
    """What the tier asks for differs, and that alone decides; the score may differ too."""
    SCORE = "score"
    """The score differs, and that alone decides."""
    BOTH = "both"
    """Score and threshold differ, and either alone would decide, or only the two together."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What a criterion adds to the half or the overall score, before and after, in points."""

    key: str
    before: Fraction
    after: Fraction

    @property
    def change(self) -> Fraction:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Change:
    """``up``: to a higher tier. ``tier``: the one that is gained or lost. Scores and thresholds in points."""

    cause: Cause
    up: bool
    tier: str | None = None
    condition: Condition | None = None
    gate: str | None = None
    found_before: Decimal | None = None
    found_after: Decimal | None = None
    needed_before: Decimal | None = None
    needed_after: Decimal | None = None
    main: Shift | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One scorecard's view of the account."""

    score: AccountScore
    rules: Sequence[TierRule]
    proposal: Proposal

    def conditions(self, tier: str) -> list[Reason]:
        return [reason for reason in self.proposal.reasons if reason.tier == tier]

    def has(self, tier: str) -> bool:
        return any(rule.tier == tier for rule in self.rules)


def explain(before: Side, after: Side, order: Sequence[str]) -> Change:
    """The decisive difference. ``order``: all tiers, highest first. ValueError when both propose the same."""
    old, new = before.proposal, after.proposal
    if (old.scored, old.tier) == (new.scored, new.tier):
        raise ValueError("Nothing changes for this account.")
    if not old.scored or not new.scored:
        return Change(Cause.NOW_SCORED if new.scored else Cause.NOT_SCORED, up=new.scored)
    places = {tier: place for place, tier in enumerate(order)}
    up = places.get(new.tier or "", len(order)) < places.get(old.tier or "", len(order))
    tier = (new.tier if up else old.tier) or ""
    without, having = (before, after) if up else (after, before)
    if not without.has(tier):
        return Change(Cause.TIER_ADDED if up else Cause.TIER_GONE, up, tier)
    failed = next((reason for reason in without.conditions(tier) if not reason.met), None)
    if failed is None:
        # The tier is met on both sides; a higher one, met before or after, made the difference.
        return Change(Cause.TIER_ADDED if up else Cause.TIER_GONE, up, tier)
    if failed.condition is Condition.GATE:
        asked = any(reason.gate == failed.gate for reason in having.conditions(tier))
        return Change(Cause.GATE_ANSWER if asked else Cause.GATE, up, tier, failed.condition, failed.gate)
    return _threshold(before, after, having, up, tier, failed)


def _threshold(before: Side, after: Side, having: Side, up: bool, tier: str, failed: Reason) -> Change:
    found = (_found(before.score, failed.condition), _found(after.score, failed.condition))
    met = next((one for one in having.conditions(tier) if one.condition is failed.condition), None)
    # A threshold of zero for a half is not asked at all.
    other = met.needed if met and met.needed is not None else Decimal(0)
    needed: tuple[Decimal | None, Decimal | None] = (failed.needed, other) if up else (other, failed.needed)
    cause = _cause(found, needed)
    main = None if cause is Cause.THRESHOLD else main_shift(before.score, after.score, failed.condition, up)
    return Change(cause, up, tier, failed.condition, None, *found, *needed, main)


def _cause(found: tuple[Decimal | None, Decimal | None], needed: tuple[Decimal | None, Decimal | None]) -> Cause:
    """What would have made the difference alone: the other threshold, the other score, or both, or only together."""
    was_met = _meets(found[0], needed[0])
    by_threshold, by_score = _meets(found[0], needed[1]) != was_met, _meets(found[1], needed[0]) != was_met
    if by_threshold == by_score:
        return Cause.BOTH
    return Cause.THRESHOLD if by_threshold else Cause.SCORE


def _meets(found: Decimal | None, needed: Decimal | None) -> bool:
    return found is not None and found >= (needed or 0)


def main_shift(before: AccountScore, after: AccountScore, condition: Condition, up: bool) -> Shift | None:
    """The criterion that did most for the difference, in the half or the overall score."""
    found = shifts(before, after, condition)
    best = max(found, key=lambda shift: shift.change if up else -shift.change, default=None)
    return best if best is not None and (best.change > 0) == up and best.change else None


def shifts(before: AccountScore, after: AccountScore, condition: Condition) -> list[Shift]:
    """Every criterion of either side with what it adds; one that a side does not have adds nothing there."""
    old, new = _parts(before, condition), _parts(after, condition)
    return [Shift(key, old.get(key, Fraction(0)), new.get(key, Fraction(0))) for key in dict.fromkeys((*old, *new))]


def _parts(score: AccountScore, condition: Condition) -> Mapping[str, Fraction]:
    if condition is Condition.OVERALL:
        return {part.key: part.in_overall for part in score.contributions}
    half = Half.CURRENT if condition is Condition.CURRENT else Half.POTENTIAL
    return {part.key: part.in_half for part in score.contributions if _in(part, half)}


def _in(part: Contribution, half: Half) -> bool:
    return part.half is half


def _found(score: AccountScore, condition: Condition) -> Decimal | None:
    if condition is Condition.OVERALL:
        return score.overall
    return score.current.score if condition is Condition.CURRENT else score.potential.score
