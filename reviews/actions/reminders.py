"""Reminders about reviews, by bell and mail, once each."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.urls import reverse

from accounts.models import Account
from reviews.domain.readiness import DECISIONS_WRITTEN, ReviewFacts
from reviews.models import Review
from reviews.queries.survey_page import lead_of
from sam.core.actions.messages import first_time, notify, post_mail
from sam.core.audit import action
from sam.core.models import User


@action("warned of a review that is not prepared")
def warn_of_unprepared(*, review: Review, account: Account, facts: ReviewFacts, by: User | None) -> bool:
    """Tell the organiser what is lacking; whether this was the time. A review that is moved is warned of again."""
    period = f"{review.pk}:{review.date.isoformat()}"
    if not first_time(rule="review-unprepared", period=period):
        return False
    lacking = [
        word
        for word, is_lacking in (
            ("the place", not facts.place.strip()),
            ("the pack", not facts.has_pack),
            ("three decisions", facts.decisions_written < DECISIONS_WRITTEN),
        )
        if is_lacking
    ]
    url = reverse("reviews:review-detail", args=[account.pk, review.pk])
    _tell(
        review.organiser,
        account,
        key=f"review-unprepared-{period}",
        title=f"Prepare the review: {account.name}, {review.date:%d %b}",
        text=f"Still lacking: {', '.join(lacking)}.",
        url=url,
    )
    return True


@action("reminded of a review that is due")
def remind_of_due(*, account: Account, due_on: date, by: User | None) -> bool:
    """Tell the lead that nobody has scheduled the next review; whether this was the time."""
    lead = lead_of(account)
    if lead is None or not lead.is_active:
        return False
    period = f"{account.pk}:{due_on.isoformat()}"
    if not first_time(rule="review-due", period=period):
        return False
    _tell(
        lead,
        account,
        key=f"review-due-{period}",
        title=f"Schedule a review: {account.name}",
        text=f"By its tier the next review is due by {due_on:%d %b %Y}, and none is planned.",
        url=reverse("reviews:review-new", args=[account.pk]),
    )
    return True


def _tell(user: User, account: Account, *, key: str, title: str, text: str, url: str) -> None:
    notify(user=user, title=title, text=text, url=url, account_id=account.pk)
    post_mail(key=key, to=user.email, subject=title, text=f"{text}\n\n{settings.BASE_URL}{url}\n")
