"""One value from several raters, and what holds for every scorecard that is scored from such values."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.consensus import consensus, median, spread
from scoring.domain.criterion import Criterion, Half, Kind
from scoring.domain.scorecard import Scorecard, evaluate

levels = st.lists(st.integers(1, 5), min_size=1, max_size=9)
halves = st.integers(2, 10).map(lambda step: Decimal(step) / 2)
weights = st.lists(st.integers(1, 60), min_size=2, max_size=6)


def card(parts: list[int], scale: int = 1) -> Scorecard:
    """Two halves with rated criteria of these weights; half of the weight must be known."""
    criteria = [
        Criterion(key=f"{half.value}{i}", half=half, weight=Decimal(weight * scale), kind=Kind.RATED)
        for half in Half
        for i, weight in enumerate(parts)
    ]
    return Scorecard(tuple(criteria), Decimal("0.5"), Decimal("0.5"))


@given(levels)
def test_the_median_lies_between_the_lowest_and_the_highest_and_is_half_a_level_exact(values: list[int]) -> None:
    middle = median(values)
    assert min(values) <= middle <= max(values)
    assert middle * 2 == int(middle * 2)
    assert sum(value < middle for value in values) <= len(values) / 2
    assert sum(value > middle for value in values) <= len(values) / 2


@given(levels, halves)
def test_a_settled_value_wins_whatever_the_raters_gave(values: list[int], settled: Decimal) -> None:
    found = consensus(values, settled)
    assert (found.value, found.is_settled, found.is_disputed) == (settled, True, False)
    assert found.spread == spread(values)


@given(levels, st.integers(0, 8))
def test_raising_one_rating_never_lowers_the_consensus(values: list[int], place: int) -> None:
    raised = list(values)
    raised[place % len(values)] = 5
    assert median(raised) >= median(values)


def test_two_levels_apart_is_a_disagreement_and_one_is_not() -> None:
    assert consensus([1, 2, 4]).is_disputed
    assert consensus([2, 4]).is_disputed
    assert not consensus([2, 3]).is_disputed
    assert consensus([]).value is None
    with pytest.raises(ValueError, match="no ratings"):
        median([])


@given(weights, st.data())
def test_scores_stay_between_0_and_100_and_contributions_add_up(parts: list[int], data: st.DataObject) -> None:
    rules = card(parts)
    values = {criterion.key: float(data.draw(halves)) for criterion in rules.criteria}
    result = evaluate(rules, values)
    assert result.overall is not None
    assert 0 <= result.overall <= 100
    assert float(sum(part.in_overall for part in result.contributions)) == pytest.approx(float(result.overall))


@given(weights, st.data())
def test_a_better_consensus_never_makes_the_score_worse(parts: list[int], data: st.DataObject) -> None:
    rules = card(parts)
    values = {criterion.key: float(data.draw(halves)) for criterion in rules.criteria}
    better = dict(values)
    key = data.draw(st.sampled_from(sorted(values)))
    better[key] = data.draw(st.sampled_from([step / 2 for step in range(int(values[key] * 2), 11)]))
    before, after = evaluate(rules, values).overall, evaluate(rules, better).overall
    assert before is not None
    assert after is not None
    assert after >= before


@given(weights, st.integers(2, 9), st.data())
def test_only_the_proportion_of_weights_counts(parts: list[int], scale: int, data: st.DataObject) -> None:
    values = {criterion.key: float(data.draw(halves)) for criterion in card(parts).criteria}
    assert evaluate(card(parts), values).overall == evaluate(card(parts, scale), values).overall


@given(weights, st.data())
def test_a_missing_value_gives_its_weight_to_the_rest_and_is_named(parts: list[int], data: st.DataObject) -> None:
    rules = card(parts)
    values: dict[str, float | None] = {criterion.key: float(data.draw(halves)) for criterion in rules.criteria}
    gone = data.draw(st.sampled_from([criterion.key for criterion in rules.half(Half.POTENTIAL)]))
    values[gone] = None
    result = evaluate(rules, values)
    assert result.potential.missing == (gone,)
    known = [criterion for criterion in rules.half(Half.POTENTIAL) if criterion.key != gone]
    weight = sum(criterion.weight for criterion in known)
    if weight * 2 < sum(criterion.weight for criterion in rules.half(Half.POTENTIAL)):
        assert result.potential.score is None
        assert result.overall is None
    else:
        alone = sum((Decimal(repr(values[one.key])) - 1) * 25 * one.weight for one in known) / weight
        assert float(result.potential.score or 0) == pytest.approx(float(alone), abs=1e-6)
