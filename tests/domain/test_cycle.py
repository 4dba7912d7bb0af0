"""The selection cycle's calendar, its suggestions, and what leads can carry."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.cycle import (
    FULL_UNITS,
    USUAL_UNITS,
    Outcome,
    Suggestion,
    list_year,
    loads,
    opening_day,
    proposed_calendar,
    suggest,
)


def test_the_cycle_of_2027_has_the_dates_of_the_calendar_rule() -> None:
    calendar = proposed_calendar(2027)
    assert calendar.opens_on == date(2026, 10, 5)
    assert calendar.screening_until == date(2026, 10, 12)
    assert calendar.rating_until == date(2026, 11, 9)
    assert calendar.approval_until == date(2026, 12, 11)
    assert calendar.in_force_on == date(2027, 1, 1)


@given(st.integers(2000, 2200), st.integers(-200, 200))
def test_steps_follow_each_other_whenever_the_cycle_opens(year: int, shift: int) -> None:
    usual = proposed_calendar(year)
    assert usual.in_order
    assert usual.opens_on.weekday() == 0
    assert usual.approval_until.weekday() == 4
    assert proposed_calendar(year, usual.opens_on + timedelta(days=shift)).in_order


@pytest.mark.parametrize(
    ("today", "year"), [(date(2026, 10, 4), 2026), (date(2026, 10, 5), 2027), (date(2027, 1, 2), 2027)]
)
def test_from_the_first_monday_of_october_the_list_is_next_years(today: date, year: int) -> None:
    assert list_year(today) == year
    assert opening_day(2027) == date(2026, 10, 5)


@pytest.mark.parametrize(
    ("proposed", "only_gates", "emerging", "expected"),
    [
        ("strategic", False, False, Suggestion(Outcome.IN, "strategic")),
        ("key", True, False, Suggestion(Outcome.IN, "key")),
        ("key", True, True, Suggestion(Outcome.WATCH, "key")),
        ("key", False, True, Suggestion(Outcome.IN, "key")),
        ("", False, True, Suggestion(Outcome.WATCH, "")),
        ("", False, False, Suggestion(Outcome.OUT, "")),
        (None, True, True, None),
    ],
)
def test_an_emerging_account_is_watched_and_an_unscored_one_gets_no_suggestion(
    proposed: str | None, only_gates: bool, emerging: bool, expected: Suggestion | None
) -> None:
    assert suggest(proposed, only_gates, emerging) == expected


def test_six_units_are_full_and_seven_too_much() -> None:
    found = loads([(1, "strategic", "strategic"), (1, "strategic", "strategic"), (1, "", "key"), (2, "key", "")],
                  USUAL_UNITS)  # fmt: skip
    assert [(load.lead, load.before, load.after, load.too_much) for load in found] == [
        (1, 6, FULL_UNITS + 1, True),
        (2, 1, 0, False),
    ]


tiers = st.sampled_from(["", "key", "strategic", "global"])


@given(st.lists(st.tuples(st.integers(1, 4), tiers, tiers), max_size=20))
def test_no_unit_is_lost_between_leads(accounts: list[tuple[int, str, str]]) -> None:
    found = loads(accounts, USUAL_UNITS)
    assert sum(load.after for load in found) == sum(USUAL_UNITS.get(then, 0) for _, _, then in accounts)
    assert sum(load.before for load in found) == sum(USUAL_UNITS.get(now, 0) for _, now, _ in accounts)
