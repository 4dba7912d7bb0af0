"""Mutuality by evidence: what counts, until when, and whether the client has been told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.domain.mutuality import (
    FROM_THEIR_HAND,
    SIGNS,
    EvidenceKind,
    Shown,
    Telling,
    meetings_evidence,
    months_later,
    mutuality,
)

TODAY = date(2026, 11, 23)
TOLD, CLASS, PLAN, MEETINGS = (
    EvidenceKind.TOLD, EvidenceKind.SUPPLIER_CLASS, EvidenceKind.PLAN, EvidenceKind.MEETINGS,
)  # fmt: skip


def shown(kind: EvidenceKind, days: int) -> Shown:
    return Shown(kind, TODAY - timedelta(days=days))


def test_two_signs_one_from_their_hand_and_told_pass() -> None:
    found = mutuality([shown(TOLD, 10), shown(PLAN, 200), shown(MEETINGS, 30)], TODAY, TODAY - timedelta(90), True)
    assert found.passed
    assert found.told_on == TODAY - timedelta(days=10)


def test_meetings_alone_are_one_of_two() -> None:
    found = mutuality([shown(TOLD, 10), shown(MEETINGS, 30)], TODAY, None, True)
    assert (found.passed, len(found.fresh), found.from_their_hand) == (False, 1, False)


def test_the_same_sort_twice_counts_once() -> None:
    found = mutuality([shown(PLAN, 200), shown(PLAN, 20)], TODAY, None, False)
    assert [sign.on for sign in found.fresh] == [TODAY - timedelta(days=20)]
    assert not found.shown_enough


def test_evidence_expires_after_eighteen_months_to_the_day() -> None:
    on = date(2025, 5, 23)
    assert mutuality([Shown(PLAN, on)], date(2026, 11, 22), None, False).fresh
    expired = mutuality([Shown(PLAN, on)], date(2026, 11, 23), None, False)
    assert (expired.fresh, expired.expired) == ((), (Shown(PLAN, on),))


def test_what_was_told_does_not_grow_old_while_the_tier_is_held() -> None:
    since = TODAY - timedelta(days=680)
    found = mutuality([shown(TOLD, 678), shown(CLASS, 20), shown(PLAN, 20)], TODAY, since, True)
    assert (found.telling, found.passed) == (Telling.DONE, True)


def test_what_was_told_before_the_tier_belongs_to_an_earlier_one() -> None:
    since = TODAY - timedelta(days=30)
    assert mutuality([shown(TOLD, 31)], TODAY, since, True).telling is Telling.DUE


@pytest.mark.parametrize(("days", "telling"), [(59, Telling.DUE), (60, Telling.DUE), (61, Telling.OVERDUE)])
def test_a_new_tier_leaves_sixty_days_to_tell(days: int, telling: Telling) -> None:
    found = mutuality([shown(CLASS, 5), shown(PLAN, 5)], TODAY, TODAY - timedelta(days=days), True)
    assert found.telling is telling
    assert found.passed is (telling is not Telling.OVERDUE)


def test_who_is_only_proposed_need_not_have_been_told() -> None:
    found = mutuality([shown(CLASS, 5), shown(PLAN, 5)], TODAY, None, False)
    assert (found.telling, found.passed) == (Telling.NOT_YET_ASKED, True)


def test_next_evidence_begins_with_what_the_client_can_do_itself() -> None:
    found = mutuality([shown(MEETINGS, 5)], TODAY, None, False)
    assert set(found.missing_sorts) == set(FROM_THEIR_HAND)
    assert mutuality([shown(CLASS, 5)], TODAY, None, False).missing_sorts[-1] is MEETINGS


def test_two_meetings_in_twelve_months_are_evidence_and_one_is_not() -> None:
    old, first, second = TODAY - timedelta(days=366), TODAY - timedelta(days=300), TODAY - timedelta(days=20)
    assert meetings_evidence([first, second], TODAY) == Shown(MEETINGS, second)
    assert meetings_evidence([old, second], TODAY) is None
    assert meetings_evidence([second, second], TODAY) is None


def test_a_month_without_the_day_ends_earlier() -> None:
    assert months_later(date(2025, 8, 31), 18) == date(2027, 2, 28)
    assert months_later(date(2026, 3, 31), -12) == date(2025, 3, 31)


evidence = st.lists(st.builds(shown, st.sampled_from(EvidenceKind), st.integers(-30, 900)), max_size=12)


@given(evidence, st.booleans())
def test_fresh_and_expired_never_share_a_sort_and_later_days_do_not_count(found: list[Shown], asked: bool) -> None:
    result = mutuality(found, TODAY, None, asked)
    fresh, expired = ({sign.kind for sign in signs} for signs in (result.fresh, result.expired))
    assert not fresh & expired
    assert fresh | expired == {one.kind for one in found if one.on <= TODAY} - {TOLD}


@given(evidence, st.sampled_from(SIGNS), st.integers(0, 500))
def test_more_evidence_never_takes_the_gate_away(found: list[Shown], kind: EvidenceKind, days: int) -> None:
    before = mutuality(found, TODAY, None, True)
    after = mutuality([*found, shown(kind, days)], TODAY, None, True)
    assert after.passed or not before.passed
