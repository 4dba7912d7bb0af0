"""What a plan's reader sees: ages, differences, sittings. Pure."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.domain.differences import Change, side_by_side, word_changes
from planning.domain.freshness import Freshness, age_of, confirmation
from planning.domain.progress import Tally
from planning.domain.sessions import Version, sittings
from planning.domain.template import PLAN_TEMPLATE, position_of, section_template
from sam.values.results import Missing, value_of

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "edited", "state", "days"),
    [
        ("", None, Freshness.EMPTY, None),
        ("  ", date(2026, 11, 22), Freshness.EMPTY, None),
        ("Words.", date(2026, 11, 23), Freshness.FRESH, 0),
        ("Words.", date(2026, 10, 24), Freshness.FRESH, 30),
        ("Words.", date(2026, 10, 23), Freshness.AGEING, 31),
    ],
)
def test_a_text_ages_after_thirty_days(text, edited, state, days):
    age = age_of(text, edited, TODAY)
    assert (age.state, age.days) == (state, days)


def test_a_strategic_plan_is_confirmed_every_45_days_and_others_every_90():
    assert confirmation(date(2026, 9, 1), date(2026, 1, 1), "strategic", TODAY).overdue_days == 38
    assert confirmation(date(2026, 9, 1), date(2026, 1, 1), "key", TODAY).overdue_days == 0
    assert confirmation(None, date(2026, 11, 1), "", TODAY).due_on == date(2027, 1, 30)


@given(st.text(max_size=60), st.text(max_size=60))
def test_pieces_give_both_texts_back(before, after):
    pieces = word_changes(before, after)
    assert "".join(piece.text for piece in pieces if piece.change is not Change.ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.change is not Change.REMOVED) == after


def test_side_by_side_marks_only_the_words_that_differ():
    mine, theirs = side_by_side("Reduce stock by 12 % before June.", "Reduce stock by 15 % before June.")
    assert [piece.text for piece in mine if piece.change is Change.ADDED] == ["12"]
    assert [piece.text for piece in theirs if piece.change is Change.REMOVED] == ["15"]


def test_saves_of_one_person_within_ten_minutes_are_one_sitting():
    start = datetime(2026, 11, 23, 9, tzinfo=UTC)
    people = ["", "Ana", "Ana", "Kenji", "Ana", "Ana"]
    minutes = [0, 1, 9, 10, 11, 40]
    versions = [
        Version(number + 1, f"text {number}", person, "wrote", start + timedelta(minutes=minute))
        for number, (person, minute) in enumerate(zip(people, minutes, strict=True))
    ]
    found = [
        (sitting.last.person, sitting.last.revision, sitting.saves, sitting.before) for sitting in sittings(versions)
    ]
    assert found == [
        ("Ana", 6, 1, "text 4"),
        ("Ana", 5, 1, "text 3"),
        ("Kenji", 4, 1, "text 2"),
        ("Ana", 3, 2, "text 0"),
    ]


def test_the_share_done_is_unknown_without_actions():
    assert isinstance(Tally(0, 0, 0).share_done, Missing)
    assert value_of(Tally(4, 1, 2).share_done) == 0.25


def test_every_section_has_a_place_a_limit_and_a_question():
    assert [position_of(section.key) for section in PLAN_TEMPLATE] == [0, 1, 2, 3, 4]
    assert all(section.words >= 60 and "?" in section.question for section in PLAN_TEMPLATE)
    assert not section_template("risks").shared
    with pytest.raises(KeyError):
        section_template("unknown")
