"""What the clock tells about reviews, once each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import Account
from reviews.actions.reviews import change_review, hold_review, schedule_review
from reviews.models import Pack, Review
from reviews.schedules import remind_due, warn_unprepared
from sam.core.models import Notification, OutgoingMail, User

from .conftest import TODAY

pytestmark = pytest.mark.django_db


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_unprepared_review_is_told_five_days_before_once(review: Review, alice: User) -> None:
    assert warn_unprepared(noon(review.date - timedelta(days=6))) == 0
    assert warn_unprepared(noon(review.date - timedelta(days=5))) == 1
    assert warn_unprepared(noon(review.date - timedelta(days=4))) == 0
    told = Notification.objects.get(user=alice)
    assert told.text == "Still lacking: the pack."
    assert OutgoingMail.objects.filter(to=alice.email, key__startswith="review-unprepared-").count() == 1


def test_moved_review_is_told_again(review: Review, account: Account, alice: User) -> None:
    warn_unprepared(noon(review.date - timedelta(days=5)))
    later = review.date + timedelta(days=30)
    change_review(review=review, account=account, seen=1, date=later, by=alice)
    assert warn_unprepared(noon(later - timedelta(days=5))) == 1


def test_prepared_review_is_left_alone(review: Review, rendered: Callable[[Review, str], Pack]) -> None:
    rendered(review, "client")
    assert warn_unprepared(noon(review.date - timedelta(days=3))) == 0


@pytest.fixture
def strategic(account: Account) -> Account:
    Account.objects.filter(pk=account.pk).update(tier="strategic")
    account.refresh_from_db()
    return account


def held(account: Account, by: User, on: date, kind: str = "quarterly") -> Review:
    made = schedule_review(account=account, kind=kind, on=on, today=on, invite=False, by=by)
    return hold_review(review=made, account=account, seen=1, today=on, by=by)


def test_due_review_is_told_to_the_lead_once(strategic: Account, alice: User) -> None:
    held(strategic, alice, TODAY)
    due = TODAY + timedelta(days=91)
    assert remind_due(noon(due - timedelta(days=15))) == 0
    assert remind_due(noon(due - timedelta(days=14))) == 1
    assert remind_due(noon(due)) == 0
    assert Notification.objects.filter(user=alice, title="Schedule a review: Northgate Mills").count() == 1


def test_planned_review_needs_no_reminder(strategic: Account, alice: User, review: Review) -> None:
    held(strategic, alice, TODAY - timedelta(days=90))
    assert remind_due(noon(TODAY)) == 0


def test_meeting_among_ourselves_is_no_review_with_the_client(strategic: Account, alice: User) -> None:
    held(strategic, alice, TODAY - timedelta(days=100))
    held(strategic, alice, TODAY, kind="internal")
    assert remind_due(noon(TODAY)) == 1


def test_account_outside_the_programme_has_no_beat(account: Account, alice: User) -> None:
    held(account, alice, TODAY - timedelta(days=400))
    assert remind_due(noon(TODAY)) == 0
