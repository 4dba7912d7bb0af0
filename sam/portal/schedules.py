"""What the clock does for the client wall."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from sam.portal import actions
from sam.portal.models import LinkView, Submission

MOST_ATTEMPTS = 50
KEEP_VIEWS = timedelta(days=183)


@shared_task(name="sam.portal.schedules.take_over_submissions")
def take_over_submissions() -> int:
    """Whatever was received and not taken over, because a broker or a worker was away."""
    waiting = Submission.objects.waiting().filter(attempts__lt=MOST_ATTEMPTS)
    return sum(actions.take_over(submission_id) for submission_id in list(waiting.values_list("pk", flat=True)[:500]))


@shared_task(name="sam.portal.schedules.forget_link_views")
def forget_link_views() -> int:
    """The technical view log is kept for six months."""
    return LinkView.objects.filter(seen_at__lt=timezone.now() - KEEP_VIEWS).delete()[0]
