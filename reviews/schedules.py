"""What the clock does for surveys. What is due is decided in the lead's own day; everything happens once."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from celery import shared_task
from django.utils import timezone

from reviews.actions import surveys as actions
from reviews.models import Invitation, Survey
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
