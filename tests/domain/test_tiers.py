from decimal import Decimal

import pytest

from scoring.domain.marks import is_emerging, is_large_but_transactional, is_unexpected, threats
from scoring.domain.scorecard import evaluate
from scoring.domain.tiers import Condition, Movement, TierRule, blocked_by_gates, propose
from tests.domain.test_scorecard import RATED, demo_score, demo_values

KEY = TierRule("key", Decimal(40), Decimal(35), gates=("G2",))
STRATEGIC = TierRule("strategic", Decimal(65), Decimal(60), enter_half=Decimal(50), gates=("G1", "G2", "G3"))
RULES = (STRATEGIC, KEY)
ALL = {"G1": True, "G2": True, "G3": True}
NOT_MUTUAL = ALL | {"G1": False}
PAYS_LATE = ALL | {"G1": False, "G2": False}


@pytest.mark.parametrize(
    ("account", "decided", "gates", "tier", "movement"),
    [
        ("Oremund", "strategic", ALL, "strategic", Movement.STAYS),
        ("Skoggrim", "strategic", ALL, "key", Movement.FALLS),
        ("Montevarra", "strategic", ALL, "strategic", Movement.STAYS),
        ("Lindqvara", "key", ALL, "strategic", Movement.RISES),
        ("Quillaraya", "key", NOT_MUTUAL, "key", Movement.STAYS),
        ("Havelgrund", "key", NOT_MUTUAL, "key", Movement.STAYS),
        ("Dunmarsh", "key", NOT_MUTUAL, None, Movement.LEAVES),
        ("Merrowick", "key", PAYS_LATE, None, Movement.LEAVES),
        ("Oremund", None, ALL, "strategic", Movement.ENTERS),
        ("Dunmarsh", None, ALL, None, Movement.NONE),
    ],
)
def test_rules_propose_what_the_demo_list_says(
    account: str, decided: str | None, gates: dict[str, bool], tier: str | None, movement: Movement
) -> None:
    found = propose(demo_score(account), RULES, gates, decided)
    assert (found.scored, found.tier, found.movement) == (True, tier, movement)


def test_account_without_overall_gets_no_proposal_which_is_not_the_proposal_to_leave() -> None:
    unrated = demo_values("Oremund") | dict.fromkeys(["P1", "P2", "P3", "P4", "P5"])
    found = propose(evaluate(RATED, unrated), RULES, ALL, "strategic")
    assert (found.scored, found.tier, found.movement, found.reasons) == (False, None, Movement.NONE, ())


def test_gate_nobody_answered_is_not_passed_and_says_so() -> None:
    found = propose(demo_score("Havelgrund"), RULES, {"G2": True, "G3": True}, "key")
    assert found.tier == "key"
    assert [(reason.gate, reason.answered) for reason in found.obstacles] == [("G1", False)]


def test_reasons_name_threshold_and_score() -> None:
    found = propose(demo_score("Skoggrim"), RULES, ALL, "strategic")
    first = found.obstacles[0]
    assert (first.condition, first.needed, first.found) == (Condition.OVERALL, Decimal(60), Decimal("43.75"))


def test_staying_is_easier_than_entering() -> None:
    merrowick = demo_score("Merrowick")
    assert propose(merrowick, RULES, ALL, "key").tier == "key"
    assert propose(merrowick, RULES, ALL, "strategic").tier == "key"
    assert propose(merrowick, RULES, ALL, None).tier is None
    assert propose(merrowick, RULES, ALL, "no such tier").tier is None


def test_each_half_must_reach_its_threshold_to_enter() -> None:
    uneven = evaluate(RATED, demo_values("Oremund") | {"P1": Decimal(1), "P2": Decimal(2), "P3": Decimal(2)})
    assert uneven.overall is not None
    low = TierRule("strategic", Decimal(60), Decimal(60), enter_half=Decimal(50))
    found = propose(uneven, (low,), {})
    assert uneven.overall > 60
    assert found.tier is None
    assert [reason.condition for reason in found.obstacles] == [Condition.POTENTIAL]


def test_thresholds_to_stay_are_not_above_those_to_enter() -> None:
    with pytest.raises(ValueError, match="not above"):
        TierRule("key", Decimal(40), Decimal(41))


def test_marks_of_the_demo_accounts() -> None:
    assert is_emerging(Decimal("80.0"), Decimal("0.776"), Decimal("0.16"))
    assert is_emerging(Decimal("88.75"), Decimal("0.271"), Decimal("0.40"))
    assert not is_emerging(Decimal("72.5"), Decimal("0.048"), Decimal("0.63"))
    assert not is_emerging(Decimal("80"), None, None)
    assert not is_emerging(None, Decimal(1), Decimal(0))
    assert threats(Decimal("-0.281"), None, unit_lost=True) == (
        "revenue fell by a tenth or more in twelve months",
        "a competitor took a unit in twelve months",
    )
    assert threats(Decimal("0.048"), Decimal("3.58")) == ()
    assert threats(None, Decimal("2.92"), notice_received=True)[0] == "notice was received"


def test_surprises_of_the_demo_portfolio() -> None:
    assert is_large_but_transactional(2, 37, Decimal("27.2"), Decimal(2))
    assert not is_large_but_transactional(9, 37, Decimal("27.2"), Decimal(2))
    assert not is_large_but_transactional(2, 37, None, Decimal(2))
    assert is_unexpected(9, 37, Decimal("81.3"))
    assert not is_unexpected(8, 37, Decimal("81.3"))
    assert not is_unexpected(9, 37, None)


def test_gates_alone_keep_an_account_from_the_tier_its_score_would_do_for() -> None:
    points = {Condition.OVERALL: Decimal("73.8"), Condition.CURRENT: Decimal("67.5"), Condition.POTENTIAL: Decimal(80)}
    blocked = blocked_by_gates((STRATEGIC, KEY), points, "key", "key")
    assert blocked is STRATEGIC
    assert blocked_by_gates((STRATEGIC, KEY), points, "key", "strategic") is None


def test_the_lowest_tier_within_reach_is_the_one_that_is_blocked() -> None:
    high = dict.fromkeys((Condition.OVERALL, Condition.CURRENT, Condition.POTENTIAL), Decimal(90))
    assert blocked_by_gates((STRATEGIC, KEY), high, None, "") is KEY
    assert blocked_by_gates((STRATEGIC, KEY), high | {Condition.CURRENT: None}, None, "key") is None
    low = dict.fromkeys(high, Decimal(30))
    assert blocked_by_gates((STRATEGIC, KEY), low, None, "") is None
