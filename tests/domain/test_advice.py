"""What a builder is told about weights and halves: each point has a limit, and says what to do."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scoring.domain.advice import Place, advice_on
from scoring.domain.criterion import Criterion, Half
from scoring.domain.scorecard import Scorecard

EVEN = (30, 30, 40)


def card(current: tuple[float, ...], potential: tuple[float, ...] = EVEN, alpha: str = "0.5") -> Scorecard:
    found = [Criterion(f"C{place}", Half.CURRENT, Decimal(str(weight))) for place, weight in enumerate(current, 1)]
    found += [Criterion(f"P{place}", Half.POTENTIAL, Decimal(str(weight))) for place, weight in enumerate(potential, 1)]
    return Scorecard(tuple(found), Decimal(alpha))


def told(scorecard: Scorecard) -> list[tuple[Place, str]]:
    return [(advice.place, advice.key) for advice in advice_on(scorecard)]


def test_a_balanced_scorecard_needs_no_advice():
    assert advice_on(card((25, 35, 40))) == []


def test_five_and_ten_are_enough_and_not_too_many():
    assert advice_on(card((40, 60), (25, 35, 40))) == []
    assert advice_on(card((10, 20, 20, 25, 25), (10, 20, 20, 25, 25))) == []
    assert (Place.LIBRARY, "") in told(card((40, 60), (40, 60)))
    assert (Place.WEIGHTS, "") in told(card((10, 15, 15, 20, 20, 20), (10, 20, 20, 25, 25)))


def test_equal_weights_say_that_nothing_matters_more():
    assert told(card((25, 25, 25, 25))) == [(Place.COMPARE, "current")]


def test_one_criterion_above_half_of_its_half_is_named_and_half_itself_is_not():
    assert told(card((51, 30, 19))) == [(Place.WEIGHTS, "C1")]
    assert told(card((50, 30, 20))) == []


def test_a_criterion_below_a_twentieth_is_named_and_a_twentieth_itself_is_not():
    assert told(card((4.9, 45.1, 50))) == [(Place.WEIGHTS, "C1")]
    assert told(card((5, 45, 50))) == []


def test_a_half_with_more_than_twice_the_criteria_is_unbalanced():
    assert (Place.LIBRARY, "potential") in told(card((10, 20, 20, 25, 25), (40, 60)))
    assert told(card((15, 20, 30, 35), (40, 60))) == []


@pytest.mark.parametrize("alpha", ["0.6", "0.4"])
def test_halves_that_do_not_count_the_same_are_told(alpha):
    assert told(card((25, 35, 40), alpha=alpha)) == [(Place.SETTINGS, "")]


def test_every_point_says_what_to_do():
    found = advice_on(card((99, 0.5, 0.5), (), alpha="0.9"))
    assert len(found) > 4
    assert all(advice.todo.endswith(".") and advice.text.endswith(".") for advice in found)
