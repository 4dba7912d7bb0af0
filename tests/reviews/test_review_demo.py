"""The demo company's reviews: once, on working days, the next ones planned."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import Account
from reviews.demo.reviews import HELD, PLANNED, build_reviews
from reviews.models import Pack, Review
from sam.core.models import OutgoingMail, User

from .conftest import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(make_account: Callable[..., Account], alice: User) -> list[Account]:
    names = dict.fromkeys(one.account for one in (*HELD, *PLANNED))
    return [make_account(f"{name} Works", owner=alice) for name in names]


def test_reviews_of_the_story_are_there_once(story: list[Account]) -> None:
    build_reviews(TODAY)
    build_reviews(TODAY)
    assert Review.objects.held().count() == len(HELD)
    assert Review.objects.planned().count() == len(PLANNED)
    assert all(review.date.weekday() < 5 for review in Review.objects.all())
    assert {pack.edition for pack in Pack.objects.all()} == {"internal", "client"}


def test_nobody_is_mailed_by_a_story(story: list[Account]) -> None:
    build_reviews(TODAY)
    assert OutgoingMail.objects.count() == 0
