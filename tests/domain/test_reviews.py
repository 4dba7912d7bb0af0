from dataclasses import replace
from datetime import date, timedelta

import pytest

from reviews.domain.agenda import AgendaItem, minutes_left, place, total_minutes
from reviews.domain.pacing import may_be_asked, may_be_asked_from, reminder_due
from reviews.domain.readiness import ReviewFacts, is_unprepared, readiness

TODAY = date(2026, 11, 23)
READY = ReviewFacts(
    figures_marked=True,
    actions_updated=TODAY - timedelta(days=10),
    has_actions=True,
    values_unsent=0,
    survey_shared=True,
    decisions_written=3,
    sponsor_briefed=True,
    attendees=9,
    place="Rheinau",
    has_pack=True,
    pack_read_by_another=True,
)


def agenda(*minutes: int) -> list[AgendaItem]:
    return [AgendaItem(f"Item {number}", length) for number, length in enumerate(minutes, start=1)]


@pytest.mark.parametrize(
    ("minutes", "total"),
    [
        ((5, 10, 10, 10, 10, 10, 5), 60),
        ((10, 20, 25, 20, 30, 15, 5), 125),
        ((10, 10, 10, 10, 5), 45),
        ((3, 7, 5), 15),
    ],
)
def test_minutes_of_an_agenda_add_up(minutes: tuple[int, ...], total: int) -> None:
    assert total_minutes(agenda(*minutes)) == total


def test_items_start_one_after_the_other_and_overtime_is_below_zero() -> None:
    items = agenda(5, 10, 15)
    assert [placed.starts_after for placed in place(items)] == [0, 5, 15]
    assert (minutes_left(items, 45), minutes_left(items, 20)) == (15, -10)
    assert place([]) == ()


@pytest.mark.parametrize("minutes", [0, -5, 481])
def test_item_takes_at_least_a_minute_and_at_most_a_day(minutes: int) -> None:
    with pytest.raises(ValueError, match="1 to 480"):
        AgendaItem("x", minutes)


@pytest.mark.parametrize(
    ("day", "sent", "due"),
    [
        (3, 0, None),
        (4, 0, 1),
        (4, 1, None),
        (9, 1, None),
        (10, 1, 2),
        (10, 2, None),
        (12, 0, 2),
        (12, 2, None),
        (400, 2, None),
    ],
)
def test_reminders_go_out_on_day_four_and_ten_and_then_never(day: int, sent: int, due: int | None) -> None:
    assert reminder_due(TODAY, sent, TODAY + timedelta(days=day)) == due


def test_person_rests_between_two_surveys() -> None:
    asked = date(2026, 6, 8)
    assert may_be_asked_from(asked) == date(2026, 11, 5)
    assert not may_be_asked(asked, date(2026, 11, 4))
    assert may_be_asked(asked, date(2026, 11, 5))
    assert may_be_asked(None, TODAY)
    assert may_be_asked_from(None) is None


def test_review_with_everything_in_place_is_ready() -> None:
    found = readiness(READY, TODAY)
    assert (found.ready, len(found.items), found.open) == (8, 8, ())


@pytest.mark.parametrize(
    ("change", "open_key"),
    [
        ({"figures_marked": False}, "figures"),
        ({"actions_updated": TODAY - timedelta(days=11)}, "actions"),
        ({"actions_updated": None}, "actions"),
        ({"values_unsent": 1}, "value"),
        ({"survey_shared": False}, "survey"),
        ({"decisions_written": 2}, "decisions"),
        ({"sponsor_briefed": False}, "sponsor"),
        ({"attendees": 0}, "place"),
        ({"place": "  "}, "place"),
        ({"pack_read_by_another": False}, "pack"),
    ],
)
def test_each_line_of_the_list_can_be_open(change: dict[str, object], open_key: str) -> None:
    found = readiness(replace(READY, **change), TODAY)  # type: ignore[arg-type]
    assert [item.key for item in found.open] == [open_key]
    assert found.ready == 7


def test_line_with_nothing_to_check_is_left_out() -> None:
    found = readiness(ReviewFacts(), TODAY)
    assert [item.key for item in found.items] == ["decisions", "place", "pack"]


def test_review_close_by_without_place_pack_or_decisions_is_unprepared() -> None:
    soon = TODAY + timedelta(days=5)
    assert not is_unprepared(READY, soon, TODAY)
    for lacking in (replace(READY, place=""), replace(READY, has_pack=False), replace(READY, decisions_written=0)):
        assert is_unprepared(lacking, soon, TODAY)
        assert not is_unprepared(lacking, soon + timedelta(days=1), TODAY)
        assert not is_unprepared(lacking, TODAY - timedelta(days=1), TODAY)
