from datetime import date, timedelta
from decimal import Decimal

import pytest

from planning.domain.progress import (
    ActionDates,
    ActionState,
    action_state,
    days_late,
    done_on_time,
    objective_progress,
)
from planning.domain.words import count_words, words_over
from sam.values.results import Computed, Missing, value_of

TODAY = date(2026, 11, 23)


def action(due_in: int | None, done_in: int | None = None) -> ActionDates:
    return ActionDates(
        None if due_in is None else TODAY + timedelta(days=due_in),
        None if done_in is None else TODAY + timedelta(days=done_in),
    )


@pytest.mark.parametrize(
    ("dates", "started", "state", "late"),
    [
        (action(12), False, ActionState.PLANNED, 0),
        (action(12), True, ActionState.IN_PROGRESS, 0),
        (action(0), True, ActionState.IN_PROGRESS, 0),
        (action(-2), True, ActionState.LATE, 2),
        (action(-104), False, ActionState.LATE, 104),
        (action(None), False, ActionState.PLANNED, 0),
        (action(-10, -4), True, ActionState.DONE, 6),
        (action(-10, -12), True, ActionState.DONE, 0),
        (action(None, -12), True, ActionState.DONE, 0),
    ],
)
def test_open_action_is_late_from_the_day_after_its_due_date(
    dates: ActionDates, started: bool, state: ActionState, late: int
) -> None:
    assert action_state(started, dates, TODAY) == state
    assert days_late(dates, TODAY) == late


def test_on_time_share_counts_what_fell_due_and_names_how_many() -> None:
    actions = [action(-20, -20)] * 15 + [action(-20, -19)] * 2 + [action(-1)] * 2
    others = [action(-181, -181), action(5), action(None, -3), action(None), action(0), action(5, -200)]
    found = done_on_time(actions + others, TODAY)
    assert isinstance(found, Computed)
    assert found.inputs == (("on time", Decimal(15)), ("fell due", Decimal(19)))
    assert found.value == Decimal(15) / 19


def test_action_done_ahead_of_its_date_is_on_time_at_once() -> None:
    assert value_of(done_on_time([action(5, -1)], TODAY)) == 1


def test_too_few_actions_have_no_share() -> None:
    assert done_on_time([], TODAY) == Missing("0 actions fell due in 180 days; at least 1 are needed")
    assert isinstance(done_on_time([action(-1)] * 4, TODAY, at_least=5), Missing)
    assert value_of(done_on_time([action(-1)] * 5, TODAY, at_least=5)) == 0


@pytest.mark.parametrize(
    ("baseline", "target", "current", "percent"),
    [(34, 20, 26, 57), (61, 35, 41, 77), (1150, 700, 760, 87), (0, 70, 70, 100), (0, 70, -7, -10), (34, 20, 13, 150)],
)
def test_objectives_of_the_demo_move_towards_their_target_up_or_down(
    baseline: int, target: int, current: int, percent: int
) -> None:
    value = value_of(objective_progress(Decimal(baseline), Decimal(target), Decimal(current)))
    assert value is not None
    assert round(value * 100) == percent


@pytest.mark.parametrize(
    ("baseline", "target", "current", "reason"),
    [
        (None, 1, 1, "there is no baseline"),
        (1, None, 1, "there is no target"),
        (1, 2, None, "nothing has been measured since the baseline"),
        (2, 2, 2, "baseline and target are the same"),
    ],
)
def test_progress_that_cannot_be_computed_says_why(
    baseline: int | None, target: int | None, current: int | None, reason: str
) -> None:
    numbers = (None if number is None else Decimal(number) for number in (baseline, target, current))
    assert objective_progress(*numbers) == Missing(reason)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        (" \u2013 \n•", 0),
        ("Reduce stock by 12 % before June.", 6),
        ("The client's sterile-pack pilot: 4.5 % in R&D", 7),
        ("Größe zählt", 2),
        ("one,two", 2),
        ("4,5", 1),
    ],
)
def test_words_are_counted_as_people_count_them(text: str, words: int) -> None:
    assert count_words(text) == words


def test_words_over_the_limit() -> None:
    assert words_over("one two three", 2) == 1
    assert words_over("one two", 2) == 0
    with pytest.raises(ValueError, match="at least one word"):
        words_over("", 0)
