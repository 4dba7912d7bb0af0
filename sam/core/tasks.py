"""Work that an action hands to a worker. Ids in, one call, nothing decided here."""

import logging

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from sam.core import delivery, jobs
from sam.core.models import Job

logger = logging.getLogger(__name__)


@shared_task(name="sam.core.tasks.run_job")
def run_job(job_id: int) -> bool:
    return jobs.run(job_id)


@shared_task(name="sam.core.tasks.send_mail")
def send_mail(mail_id: int) -> bool:
    return delivery.send(mail_id)


def wake_up(job_id: int) -> None:
    """Publish a job. A broker that is away loses nothing: the clock publishes again what waits."""
    try:
        run_job.delay(job_id)
    except (OperationalError, RedisError, OSError) as problem:
        logger.warning("broker away, the clock will publish the job", extra={"job": job_id, "problem": str(problem)})
        return
    Job.objects.filter(pk=job_id).update(published_at=timezone.now())


def wake_up_mail(mail_id: int) -> None:
    try:
        send_mail.delay(mail_id)
    except (OperationalError, RedisError, OSError) as problem:
        logger.warning("broker away, the clock will send the mail", extra={"mail": mail_id, "problem": str(problem)})
