"""What the clock starts in the kernel."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.core.cache import cache
from django.utils import timezone

from sam.core import delivery, orphans
from sam.core.models import Job
from sam.core.tasks import wake_up

HEARTBEAT_KEY = "worker-heartbeat"


@shared_task(name="sam.core.schedules.heartbeat")
def heartbeat() -> None:
    """Proof for /readyz that a worker takes work."""
    cache.set(HEARTBEAT_KEY, timezone.now().timestamp(), timeout=300)


@worker_ready.connect
def first_heartbeat(**signal: Any) -> None:
    """A worker that has just started is ready now, not after the clock's next beat."""
    heartbeat()


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


@shared_task(name="sam.core.schedules.remove_orphans")
def remove_orphans() -> int:
    """Files that a killed worker stored and no row names."""
    return orphans.sweep(timezone.now())
