"""Gower's similarity by hand and by its invariants."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.gower import Attribute, Interval, Value, similarity, span

ATTRIBUTES = (Attribute("industry", 20), Attribute("growth", 30, span=0.5), Attribute("margin", 50, span=0.4))
IDEAL = {"industry": frozenset({"food", "pharma"}), "growth": Interval(0.05, inf), "margin": Interval(0.2, 0.3)}

words = st.frozensets(st.sampled_from(["food", "pharma", "steel"]), min_size=1)
number = st.floats(-1, 1, allow_nan=False)
interval = st.tuples(number, number).map(lambda ends: Interval(min(ends), max(ends)))


def maybe(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Value | None]:
    return st.none() | values


records = st.fixed_dictionaries({"industry": maybe(words), "growth": maybe(interval), "margin": maybe(interval)})


def test_a_mixed_record_adds_up_by_hand() -> None:
    steel = {"industry": frozenset({"steel"}), "growth": Interval.at(-0.05), "margin": Interval.at(0.34)}
    found = similarity(steel, IDEAL, ATTRIBUTES)
    # industry 0; growth 1 - 0.1/0.5 = 0.8; margin 1 - 0.04/0.4 = 0.9
    assert found.value == pytest.approx((20 * 0 + 30 * 0.8 + 50 * 0.9) / 100)
    assert [round(part.similarity, 9) for part in found.parts] == [0, 0.8, 0.9]


def test_what_is_not_known_drops_out_and_is_named() -> None:
    found = similarity({"industry": frozenset({"food"}), "margin": None}, IDEAL, ATTRIBUTES)
    assert (found.value, found.missing, found.known_weight) == (1.0, ("growth", "margin"), 20)
    nothing = similarity({}, IDEAL, ATTRIBUTES)
    assert (nothing.value, len(nothing.missing)) == (None, 3)


def test_where_everybody_has_the_same_number_another_one_is_wholly_off() -> None:
    same = (Attribute("growth", 1, span=0.0),)
    assert similarity({"growth": Interval.at(1)}, {"growth": Interval.at(1)}, same).value == 1
    assert similarity({"growth": Interval.at(1)}, {"growth": Interval.at(2)}, same).value == 0


def test_words_and_numbers_have_no_distance() -> None:
    with pytest.raises(ValueError, match="no distance"):
        similarity({"growth": frozenset({"food"})}, IDEAL, ATTRIBUTES)
    with pytest.raises(ValueError, match="above its beginning"):
        Interval(2, 1)


def test_the_range_is_the_largest_less_the_smallest() -> None:
    assert span([0.2, -0.1, 0.4]) == pytest.approx(0.5)
    assert span([]) == 0


@given(records, records)
def test_it_lies_between_nothing_and_all_and_does_not_care_who_is_compared_with_whom(one: dict, other: dict) -> None:
    there, back = similarity(one, other, ATTRIBUTES), similarity(other, one, ATTRIBUTES)
    assert there == back
    assert there.value is None or 0 <= there.value <= 1


@given(records)
def test_everybody_is_wholly_like_themselves(one: dict) -> None:
    found = similarity(one, one, ATTRIBUTES)
    assert found.value == 1 if any(value is not None for value in one.values()) else found.value is None


@given(records, records, st.floats(0.1, 100))
def test_only_the_ratio_of_weights_counts(one: dict, other: dict, factor: float) -> None:
    scaled = [Attribute(each.key, each.weight * factor, each.span) for each in ATTRIBUTES]
    before, after = similarity(one, other, ATTRIBUTES).value, similarity(one, other, scaled).value
    assert before == after or before == pytest.approx(after)
