"""What the clock does for the client wall."""

from datetime import timedelta

from celery import shared_task
from django.db.models import F, Func, Value
from django.utils import timezone

from sam.core.models import OutgoingMail
from sam.portal import actions
from sam.portal.models import LinkView, Submission

MOST_ATTEMPTS = 50
KEEP_VIEWS = timedelta(days=183)
# The part of a link's address that opens it.
LINK_ADDRESS = "/s/[A-Za-z0-9_-]{43,}/"


@shared_task(name="sam.portal.schedules.take_over_submissions")
def take_over_submissions() -> int:
    """Whatever was received and not taken over, because a broker or a worker was away."""
    waiting = Submission.objects.waiting().filter(attempts__lt=MOST_ATTEMPTS)
    return sum(actions.take_over(submission_id) for submission_id in list(waiting.values_list("pk", flat=True)[:500]))


@shared_task(name="sam.portal.schedules.forget_link_views")
def forget_link_views() -> int:
    """The technical view log is kept for six months."""
    return LinkView.objects.filter(seen_at__lt=timezone.now() - KEEP_VIEWS).delete()[0]


@shared_task(name="sam.portal.schedules.blank_sent_links")
def blank_sent_links() -> int:
    """A mail that has left needs its link no more: what stays in the log opens nothing."""
    sent = OutgoingMail.objects.filter(sent_at__isnull=False, text__regex=LINK_ADDRESS)
    return sent.update(text=Func(F("text"), Value(LINK_ADDRESS), Value("/s/…/"), Value("g"), function="regexp_replace"))
