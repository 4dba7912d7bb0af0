"""How sure a tier is, and what would move it: on the demo company's accounts, and as properties."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.criterion import Criterion, Half
from scoring.domain.nearest import neighbours
from scoring.domain.points import FULL, quotient
from scoring.domain.scorecard import Scorecard, criterion_scores, from_scores
from scoring.domain.stability import Firmness, plausible_weightings, stability
from scoring.domain.tiers import TierRule, propose
from tests.domain.test_scorecard import RATED, demo_values
from tests.domain.test_tiers import ALL, NOT_MUTUAL, PAYS_LATE, RULES

TIERS = ["strategic", "key", ""]


def scores_of(account: str) -> dict[str, int]:
    return criterion_scores(RATED, demo_values(account))


@pytest.mark.parametrize(
    ("account", "decided", "gates", "tier", "firmness"),
    [
        ("Oremund", "strategic", ALL, "strategic", Firmness.FIRM),
        ("Montevarra", "strategic", ALL, "strategic", Firmness.FIRM),
        ("Lindqvara", "key", ALL, "strategic", Firmness.FIRM),
        ("Skoggrim", "strategic", ALL, "key", Firmness.FIRM),
        ("Dunmarsh", "key", NOT_MUTUAL, "", Firmness.FIRM),
        ("Merrowick", "key", NOT_MUTUAL, "key", Firmness.FIRM),
    ],
)
def test_demo_tiers_hold_under_plausible_weightings(
    account: str, decided: str, gates: dict[str, bool], tier: str, firmness: Firmness
) -> None:
    found = stability(RATED, RULES, scores_of(account), gates, decided)
    assert found is not None
    assert (found.tier, found.firmness) == (tier, firmness)
    assert sum(found.tiers.values()) == found.draws == 1000


def test_score_right_above_a_threshold_is_a_close_call_and_names_its_rival() -> None:
    rules = (RULES[0], TierRule("key", Decimal(40), Decimal("36.5"), gates=("G2",)))
    found = stability(RATED, rules, scores_of("Merrowick"), NOT_MUTUAL, "key")
    assert found is not None
    assert (found.tier, found.firmness, found.rival) == ("key", Firmness.CLOSE_CALL, "")
    assert 0.5 < found.share < 0.9


def test_same_question_gets_the_same_answer_and_weights_add_up_to_one_per_half() -> None:
    assert stability(RATED, RULES, scores_of("Merrowick"), ALL, "key") == stability(
        RATED, RULES, scores_of("Merrowick"), ALL, "key"
    )
    plausible_weightings.cache_clear()
    drawn = plausible_weightings(RATED, 200)
    first = [place for place, criterion in enumerate(RATED.criteria) if criterion.half is Half.CURRENT]
    assert all(sum(weights[place] for place in first) == pytest.approx(1) for weights in drawn)
    heaviest = sum(weights[0] for weights in drawn) / len(drawn)
    assert heaviest == pytest.approx(0.25, abs=0.02)
    spread = (sum((weights[0] - heaviest) ** 2 for weights in drawn) / len(drawn)) ** 0.5
    assert spread == pytest.approx((0.25 * 0.75 / 101) ** 0.5, rel=0.2)


def test_account_without_overall_has_no_stability_and_no_way_down() -> None:
    half = {key: value for key, value in scores_of("Oremund").items() if key.startswith("C")}
    assert stability(RATED, RULES, half, ALL, "strategic") is None
    assert neighbours(RATED, RULES, half, ALL, "strategic").down is None


def test_missing_gate_is_the_nearest_change_where_passing_it_is_enough() -> None:
    found = neighbours(RATED, RULES, scores_of("Havelgrund"), NOT_MUTUAL, "key").up
    assert found is not None
    assert (found.is_gate, found.key, found.tier) == (True, "G1", "strategic")


def test_two_missing_gates_are_no_single_change() -> None:
    gates = ALL | {"G1": False, "G3": False}
    found = neighbours(RATED, RULES, scores_of("Havelgrund"), gates, "key")
    assert found.up is None
    assert found.down is None, "no single criterion takes 73 points below 35"


def test_nearest_change_of_a_close_call_is_one_level_of_one_criterion() -> None:
    """Merrowick stays key from 35 on and has 36.9: one level less of a criterion that weighs 15 in its half does it."""
    found = neighbours(RATED, RULES, scores_of("Merrowick"), NOT_MUTUAL, "key")
    assert found.down is not None
    assert found.down.tier == ""
    assert found.down.before is not None
    assert found.down.after is not None
    assert found.down.before - found.down.after == 25
    assert found.down.overall is not None
    assert found.down.overall < 35


def test_account_that_pays_late_needs_its_gate_before_anything_else() -> None:
    found = neighbours(RATED, RULES, scores_of("Merrowick"), PAYS_LATE, "key").up
    assert found is not None
    assert (found.key, found.tier) == ("G2", "key")


levels = st.integers(0, 4).map(lambda step: quotient(FULL * step, 4))
ratings = st.dictionaries(st.sampled_from([criterion.key for criterion in RATED.criteria]), levels)
answers = st.fixed_dictionaries({gate: st.sampled_from([True, False, None]) for gate in ("G1", "G2", "G3")})
decided_tiers = st.sampled_from(["strategic", "key", None])


@given(ratings, answers, decided_tiers)
def test_named_change_really_leads_to_the_tier_it_names(
    scores: dict[str, int], gates: dict[str, bool | None], decided: str | None
) -> None:
    found = neighbours(RATED, RULES, scores, gates, decided)
    now = propose(from_scores(RATED, scores), RULES, gates, decided)
    for change, is_up in ((found.up, True), (found.down, False)):
        if change is None:
            continue
        changed = dict(scores)
        if not change.is_gate:
            assert change.after is not None
            changed[change.key] = int(change.after * 10**9)
        then_gates = {**gates, change.key: True} if change.is_gate else gates
        then = propose(from_scores(RATED, changed), RULES, then_gates, decided)
        assert (then.tier or "") == change.tier
        if now.scored:
            assert (TIERS.index(change.tier) < TIERS.index(now.tier or "")) is is_up


@given(ratings, answers, decided_tiers)
def test_no_single_level_does_it_where_no_change_is_named(
    scores: dict[str, int], gates: dict[str, bool | None], decided: str | None
) -> None:
    now = propose(from_scores(RATED, scores), RULES, gates, decided)
    if not now.scored:
        return
    found = neighbours(RATED, RULES, scores, gates, decided)
    for criterion in RATED.criteria:
        for step in range(5):
            then = propose(
                from_scores(RATED, {**scores, criterion.key: quotient(FULL * step, 4)}), RULES, gates, decided
            )
            if not then.scored:
                continue
            moved = TIERS.index(then.tier or "") - TIERS.index(now.tier or "")
            assert moved >= 0 or found.up is not None
            assert moved <= 0 or found.down is not None


@given(st.integers(0, 4), answers)
def test_weights_cannot_matter_where_every_criterion_scores_the_same(step: int, gates: dict[str, bool | None]) -> None:
    scores = {criterion.key: quotient(FULL * step, 4) for criterion in RATED.criteria}
    found = stability(RATED, RULES, scores, gates, None, draws=50)
    assert found is not None
    assert found.share == 1


def test_linear_criterion_moves_by_whole_points() -> None:
    card = Scorecard(
        (
            Criterion("A", Half.CURRENT, Decimal(100), low=Decimal(0), high=Decimal(10)),
            Criterion("B", Half.POTENTIAL, Decimal(100)),
        )
    )
    rules = (TierRule("key", Decimal(40), Decimal(35)),)
    found = neighbours(card, rules, {"A": quotient(FULL, 4), "B": quotient(FULL, 2)}, {}, None).up
    assert found is not None
    assert found.tier == "key"
