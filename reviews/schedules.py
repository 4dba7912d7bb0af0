"""What the clock does for surveys and reviews. What is due is decided in the lead's day; each thing happens once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone

from reviews.actions import reminders
from reviews.actions import surveys as actions
from reviews.domain.readiness import WARNING_DAYS, is_unprepared
from reviews.models import Invitation, Review, Survey
from reviews.queries.due_reviews import due_reviews
from reviews.queries.readiness import Prepared, prepared
from sam.core.errors import ActionRefused

FIRST_REMINDER, SECOND_REMINDER = timedelta(days=4), timedelta(days=10)
# Nobody's telephone buzzes at night because of us.
OFFICE_HOURS = range(8, 18)


@shared_task(name="reviews.schedules.remind_surveys")
def remind_surveys() -> int:
    """Two reminders to people who have not answered: from day 4 and from day 10 on; never a third."""
    return send_reminders(timezone.now())


def send_reminders(now: datetime) -> int:
    waiting = Invitation.objects.to_remind().select_related("survey__account", "survey__asked_by", "contact")
    return sum(_remind(invitation, now) for invitation in waiting.filter(reminded_again_at=None)[:500])


def _remind(invitation: Invitation, now: datetime) -> bool:
    survey = invitation.survey
    local = now.astimezone(ZoneInfo(survey.asked_by.time_zone))
    if local.hour not in OFFICE_HOURS or local.date() > survey.closes_on or invitation.sent_at is None:
        return False
    age = local.date() - invitation.sent_at.astimezone(local.tzinfo).date()
    second = age >= SECOND_REMINDER
    if age < FIRST_REMINDER or (invitation.reminded_at is not None and not second):
        return False
    return actions.remind(invitation=invitation, account=survey.account, second=second, by=None)


@shared_task(name="reviews.schedules.close_surveys")
def close_surveys() -> int:
    """Close what is past its last day in the lead's zone."""
    return close_due(timezone.now())


def close_due(now: datetime) -> int:
    due = [
        survey
        for survey in Survey.objects.filter(status=Survey.Status.OPEN).select_related("account", "asked_by")
        if now.astimezone(ZoneInfo(survey.asked_by.time_zone)).date() > survey.closes_on
    ]
    return sum(_close(survey) for survey in due)


def _close(survey: Survey) -> bool:
    try:
        actions.close_survey(survey=survey, account=survey.account, by=None)
    except ActionRefused:
        # Somebody closed it a moment ago.
        return False
    return True


# --- reviews ------------------------------------------------------------------------------------------------------


@shared_task(name="reviews.schedules.warn_of_unprepared_reviews")
def warn_of_unprepared_reviews() -> int:
    """Five days before a review: place, pack or decisions are still lacking. Once per review and day it is set for."""
    return warn_unprepared(timezone.now())


def warn_unprepared(now: datetime) -> int:
    first, last = now.date() - timedelta(days=1), now.date() + timedelta(days=WARNING_DAYS + 1)
    rows = Review.objects.planned().filter(date__range=(first, last)).select_related("account", "organiser")
    found = prepared(rows, now.date())
    return sum(_warn(one, now.astimezone(ZoneInfo(one.review.organiser.time_zone)).date()) for one in found)


def _warn(one: Prepared, today: date) -> bool:
    review = one.review
    if not is_unprepared(one.facts, review.date, today):
        return False
    return reminders.warn_of_unprepared(review=review, account=review.account, facts=one.facts, by=None)


@shared_task(name="reviews.schedules.remind_of_due_reviews")
def remind_of_due_reviews() -> int:
    """Accounts whose tier asks for a review soon that nobody has scheduled. Once per due date."""
    return remind_due(timezone.now())


def remind_due(now: datetime) -> int:
    return sum(
        reminders.remind_of_due(account=due.account, due_on=due.beat.due_on, by=None) for due in due_reviews(now.date())
    )
