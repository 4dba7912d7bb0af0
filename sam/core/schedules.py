"""What the clock starts in the kernel."""

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from sam.core import delivery
from sam.core.models import Job
from sam.core.tasks import wake_up

HEARTBEAT_KEY = "worker-heartbeat"


@shared_task(name="sam.core.schedules.heartbeat")
def heartbeat() -> None:
    """Proof for /readyz that a worker takes work."""
    cache.set(HEARTBEAT_KEY, timezone.now().timestamp(), timeout=300)


@shared_task(name="sam.core.schedules.republish_jobs")
def republish_jobs() -> int:
    """The reconciler: whatever waits too long, or lost its worker, is published again."""
    waiting = list(Job.objects.waiting().values_list("pk", flat=True)[:200])
    for job_id in waiting:
        wake_up(job_id)
    return len(waiting)


@shared_task(name="sam.core.schedules.send_waiting_mail")
def send_waiting_mail() -> int:
    return sum(delivery.send(mail_id) for mail_id in delivery.unsent())
