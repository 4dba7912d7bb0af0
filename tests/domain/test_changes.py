"""Why a proposal differs between two scorecards: gates, thresholds, scores, and the criterion behind them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from scoring.domain.changes import Cause, Change, Side, explain
from scoring.domain.criterion import Criterion, Half
from scoring.domain.points import POINT
from scoring.domain.scorecard import Scorecard, from_scores
from scoring.domain.tiers import Condition, TierRule, propose

ORDER = ("global", "strategic", "key")
STRATEGIC = TierRule("strategic", Decimal(65), Decimal(60), Decimal(50))
KEY = TierRule("key", Decimal(40), Decimal(35))
POINTS = {"C1": 60, "C2": 20, "P1": 50, "P2": 30}


def side(
    rules: tuple[TierRule, ...] = (STRATEGIC, KEY),
    points: dict[str, int] | None = None,
    gates: dict[str, bool | None] | None = None,
    decided: str | None = None,
    **weights: int,
) -> Side:
    criteria = tuple(
        Criterion(key, Half.CURRENT if key.startswith("C") else Half.POTENTIAL, Decimal(weights.get(key, 50)))
        for key in ("C1", "C2", "P1", "P2")
    )
    given = POINTS if points is None else points
    score = from_scores(Scorecard(criteria), {key: number * POINT for key, number in given.items()})
    return Side(score, rules, propose(score, rules, gates or {}, decided))


def change(before: Side, after: Side) -> Change:
    return explain(before, after, ORDER)


def test_the_same_proposal_has_no_reason():
    with pytest.raises(ValueError, match="Nothing changes"):
        change(side(), side())


def test_a_raised_threshold_is_the_reason_when_the_score_stays():
    found = change(side(), side((STRATEGIC, TierRule("key", Decimal(45), Decimal(45)))))
    assert (found.cause, found.up, found.tier) == (Cause.THRESHOLD, False, "key")
    assert (found.found_before, found.found_after) == (40, 40)
    assert (found.needed_before, found.needed_after) == (40, 45)
    assert found.main is None


def test_other_weights_are_the_reason_with_the_criterion_that_did_most():
    """C2, where the account is weak, gets more weight: the first half falls, and it is what C1 adds that shrinks."""
    found = change(side(), side(C1=25, C2=75))
    assert (found.cause, found.condition, found.up) == (Cause.SCORE, Condition.OVERALL, False)
    assert (found.found_before, found.found_after) == (40, 35)
    assert found.main is not None
    assert (found.main.key, found.main.change) == ("C1", Fraction(-15, 2))


def test_a_rise_names_the_criterion_that_adds_most():
    found = change(side((STRATEGIC, TierRule("key", Decimal(42), Decimal(42)))), side(
        (STRATEGIC, TierRule("key", Decimal(42), Decimal(42))), C1=75, C2=25,
    ))  # fmt: skip
    assert (found.cause, found.up, found.tier) == (Cause.SCORE, True, "key")
    assert found.main is not None
    assert found.main.key == "C1"


def test_both_score_and_threshold_are_told_when_both_differ():
    found = change(side(), side((STRATEGIC, TierRule("key", Decimal(45), Decimal(45))), C1=25, C2=75))
    assert found.cause is Cause.BOTH
    assert (found.needed_before, found.needed_after) == (40, 45)


def test_a_threshold_that_decides_alone_is_the_reason_though_the_score_differs_too():
    """40 would miss 60 anyway, and 38 would still reach the old 35."""
    rules = (STRATEGIC, TierRule("key", Decimal(60), Decimal(60)))
    found = change(side(decided="key"), side(rules, decided="key", C1=40, C2=60))
    assert (found.cause, found.found_after, found.main) == (Cause.THRESHOLD, 38, None)


def test_a_score_that_decides_alone_is_the_reason_though_the_threshold_differs_too():
    rules = (STRATEGIC, TierRule("key", Decimal(39), Decimal(39)))
    found = change(side(), side(rules, C1=25, C2=75))
    assert (found.cause, found.needed_before, found.needed_after) == (Cause.SCORE, 40, 39)


def test_a_half_that_falls_below_its_own_threshold_is_named():
    points = {"C1": 90, "C2": 90, "P1": 45, "P2": 60}
    rules = (TierRule("strategic", Decimal(65), Decimal(60), Decimal(50)), KEY)
    found = change(side(rules, points), side(rules, points, P1=75, P2=25))
    assert (found.condition, found.tier, found.up) == (Condition.POTENTIAL, "strategic", False)
    assert found.main is not None
    assert found.main.key == "P2"


def test_a_gate_that_is_added_or_dropped_is_named():
    gated = (STRATEGIC, TierRule("key", Decimal(40), Decimal(35), gates=("G2",)))
    lost, gained = change(side(), side(gated)), change(side(gated), side())
    assert (lost.cause, lost.gate, lost.up) == (Cause.GATE, "G2", False)
    assert (gained.cause, gained.gate, gained.up) == (Cause.GATE, "G2", True)
    passed = {"G2": True}
    with pytest.raises(ValueError, match="Nothing changes"):
        change(side(gates=passed), side(gated, gates=passed))


def test_a_gate_that_two_scorecards_answer_differently_is_named():
    gated = (STRATEGIC, TierRule("key", Decimal(40), Decimal(35), gates=("G2",)))
    found = change(side(gated, gates={"G2": None}), side(gated, gates={"G2": True}))
    assert (found.cause, found.gate, found.up) == (Cause.GATE_ANSWER, "G2", True)


def test_a_tier_that_only_one_side_has_is_the_reason():
    assert change(side((STRATEGIC,)), side()).cause is Cause.TIER_ADDED
    gone = change(side(), side((STRATEGIC,)))
    assert (gone.cause, gone.tier, gone.up) == (Cause.TIER_GONE, "key", False)


def test_what_becomes_known_or_unknown_is_the_reason():
    nothing = side(points={"C1": 60})
    assert change(nothing, side()).cause is Cause.NOW_SCORED
    assert change(side(), nothing).cause is Cause.NOT_SCORED


def test_a_decided_tier_is_judged_by_the_threshold_to_stay():
    rules = (STRATEGIC, TierRule("key", Decimal(50), Decimal(45)))
    found = change(side(decided="key"), side(rules, decided="key"))
    assert (found.needed_before, found.needed_after) == (35, 45)
