"""Rank by revenue against rank by score, by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.surprises import Direction, Places, direction, needed, ordinal


def test_a_fifth_of_the_accounts_apart_is_a_surprise_but_never_less_than_three_places() -> None:
    assert [needed(accounts) for accounts in (1, 8, 15, 16, 100)] == [3, 3, 3, 4, 20]
    assert direction(Places(8, 5, 8)) is Direction.UNDERRATED
    assert direction(Places(8, 6, 8)) is None
    assert direction(Places(2, 8, 8)) is Direction.OVERRATED


def test_a_mark_says_more_than_the_places() -> None:
    assert direction(Places(2, 8, 8), {"transactional", "threat"}) is Direction.TRANSACTIONAL
    assert direction(Places(4, 4, 8), {"unexpected"}) is Direction.UNEXPECTED
    assert direction(Places(4, 4, 8), {"emerging"}) is None


@given(st.integers(1, 500), st.integers(1, 500))
def test_turning_the_ranks_round_turns_the_surprise_round(revenue: int, score: int) -> None:
    there, back = direction(Places(revenue, score, 500)), direction(Places(score, revenue, 500))
    turned = {Direction.OVERRATED: Direction.UNDERRATED, Direction.UNDERRATED: Direction.OVERRATED, None: None}
    assert back is turned[there]


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (112, "112th"), (21, "21st")]
)
def test_places_read_as_people_say_them(number: int, words: str) -> None:
    assert ordinal(number) == words
