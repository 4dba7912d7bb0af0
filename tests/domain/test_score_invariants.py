"""What must hold for every scorecard: scale, monotonicity, weights in proportion, missing values."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.criterion import Criterion, Half, Kind, score
from scoring.domain.points import FULL, POINT
from scoring.domain.scorecard import Scorecard, evaluate, from_scores
from scoring.domain.weights import in_percent

weight = st.decimals(Decimal("0.01"), Decimal(1000), places=2)
value = st.floats(-1e6, 1e6)


@st.composite
def criteria(draw: st.DrawFn, kinds: tuple[Kind, ...] = (Kind.RATED, Kind.BANDED, Kind.LINEAR)) -> Criterion:
    kind = draw(st.sampled_from(kinds))
    low_is_good = draw(st.booleans()) if kind is not Kind.RATED else False
    low, high = Decimal(1), Decimal(5)
    cuts: tuple[Decimal, ...] = ()
    if kind is Kind.LINEAR:
        low = draw(st.decimals(-1000, 1000, places=2))
        high = low + draw(st.decimals(Decimal("0.01"), 1000, places=2))
    if kind is Kind.BANDED:
        cuts = tuple(sorted(draw(st.sets(st.decimals(-1000, 1000, places=2), min_size=4, max_size=4))))
    return Criterion("C", Half.CURRENT, draw(weight), kind, low, high, cuts, low_is_good)


@st.composite
def cards(draw: st.DrawFn) -> Scorecard:
    """Rated criteria in both halves."""
    found = [
        Criterion(f"{half.value[0]}{number}", half, draw(weight))
        for half in Half
        for number in range(draw(st.integers(1, 6)))
    ]
    alpha = draw(st.decimals(0, 1, places=4))
    return Scorecard(tuple(found), alpha, draw(st.decimals(0, 1, places=2)))


ratings = st.one_of(st.none(), st.integers(1, 5))


def fitting(criterion: Criterion, number: float) -> float:
    """A rating lies on its scale; data may lie anywhere."""
    return min(5.0, max(1.0, number)) if criterion.kind is Kind.RATED else number


@given(criteria(), value)
def test_every_score_lies_between_0_and_100_points(criterion, number):
    assert 0 <= score(criterion, fitting(criterion, number)) <= FULL


@given(criteria(), value, value)
def test_a_better_value_never_scores_less(criterion, one, other):
    worse, better = sorted((fitting(criterion, one), fitting(criterion, other)), reverse=criterion.low_is_good)
    assert score(criterion, worse) <= score(criterion, better)


@given(criteria((Kind.LINEAR,)))
def test_between_two_values_the_ends_give_0_and_100_and_the_middle_half(criterion):
    ends = (score(criterion, criterion.low), score(criterion, criterion.high))
    assert ends == ((FULL, 0) if criterion.low_is_good else (0, FULL))
    middle = score(criterion, (criterion.low + criterion.high) / 2)
    assert middle == pytest.approx(FULL / 2, abs=POINT / 1000)


@given(cards(), st.data())
def test_halves_and_overall_lie_on_the_scale(card, data):
    found = evaluate(card, {criterion.key: data.draw(ratings) for criterion in card.criteria})
    for points in (found.current.score, found.potential.score, found.overall):
        assert points is None or 0 <= points <= 100


@given(cards(), st.data())
def test_raising_one_rating_never_lowers_the_overall(card, data):
    values = {criterion.key: data.draw(st.integers(1, 4)) for criterion in card.criteria}
    key = data.draw(st.sampled_from([criterion.key for criterion in card.criteria]))
    before, after = evaluate(card, values), evaluate(card, values | {key: values[key] + 1})
    assert before.overall is not None
    assert after.overall is not None
    assert after.overall >= before.overall


@given(cards(), st.data(), st.integers(2, 9))
def test_weights_count_in_proportion_alone(card, data, factor):
    values = {criterion.key: data.draw(ratings) for criterion in card.criteria}
    larger = tuple(Criterion(criterion.key, criterion.half, criterion.weight * factor) for criterion in card.criteria)
    again = evaluate(Scorecard(larger, card.alpha, card.minimum_coverage), values)
    assert again.overall == evaluate(card, values).overall


@given(cards(), st.data())
def test_missing_values_leave_the_score_of_the_rest_and_are_named(card, data):
    """A half whose rated criteria all score the same keeps that score, however many others are missing."""
    level = data.draw(st.integers(1, 5))
    known = {criterion.key for criterion in card.criteria if data.draw(st.booleans())}
    found = evaluate(card, dict.fromkeys(known, level))
    assert set(found.missing) == {criterion.key for criterion in card.criteria} - known
    for half in (found.current, found.potential):
        assert 0 <= half.coverage <= 1
        if half.score is None:
            assert half.coverage < Fraction(card.minimum_coverage) or half.coverage == 0
        else:
            assert half.score == pytest.approx(Decimal(level - 1) * 25, abs=Decimal("1e-8"))


@given(cards(), st.data())
def test_contributions_add_up_to_the_overall(card, data):
    values = {criterion.key: data.draw(st.integers(1, 5)) for criterion in card.criteria}
    found = evaluate(card, values)
    added = sum((part.in_overall for part in found.contributions), Fraction(0))
    assert found.overall is not None
    assert float(added) == pytest.approx(float(found.overall), abs=1e-6)


@given(cards(), st.data())
def test_scores_of_criteria_give_the_same_result_as_their_values(card, data):
    values = {criterion.key: data.draw(ratings) for criterion in card.criteria}
    scores = {
        criterion.key: score(criterion, number)
        for criterion in card.criteria
        if (number := values[criterion.key]) is not None
    }
    assert from_scores(card, scores) == evaluate(card, values)


@given(st.dictionaries(st.text("ABCDEFGH", min_size=1, max_size=3), weight, min_size=1, max_size=15))
def test_weights_in_percent_add_up_to_exactly_100_and_keep_their_order(weights):
    found = in_percent(weights)
    assert sum(found.values()) == 100
    assert min(found.values()) >= Decimal("0.01")
    assert all(number == number.quantize(Decimal("0.01")) for number in found.values())
    ordered = sorted(weights, key=lambda key: weights[key])
    for lighter, heavier in pairwise(ordered):
        if weights[lighter] < weights[heavier]:
            assert found[lighter] <= found[heavier] + Decimal("0.01")


def test_weights_in_percent_of_thirds():
    assert sorted(in_percent(dict.fromkeys("ABC", Decimal(7))).values()) == [
        Decimal("33.33"), Decimal("33.33"), Decimal("33.34"),
    ]  # fmt: skip


@pytest.mark.parametrize("weights", [{}, {"A": Decimal(0)}, {"A": Decimal(-1), "B": Decimal(2)}])
def test_weights_that_are_not_above_zero_have_no_percent(weights):
    with pytest.raises(ValueError, match="above zero"):
        in_percent(weights)
