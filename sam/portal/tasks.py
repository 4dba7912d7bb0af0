"""Work that a client page hands to a worker: ids in, one call."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from sam.portal import actions

logger = logging.getLogger(__name__)


@shared_task(name="sam.portal.tasks.take_over")
def take_over(submission_id: int) -> bool:
    return actions.take_over(submission_id)


def wake_up(submission_id: int) -> None:
    """Publish the work. A broker that is away loses nothing: the clock takes over what waits."""
    try:
        take_over.delay(submission_id)
    except (OperationalError, RedisError, OSError) as problem:
        logger.warning("broker away, the clock will take over", extra={"problem": str(problem)})
