"""Background work: a row in PostgreSQL first, a wake-up through Celery after the commit.

An app registers its kinds; `actions.jobs.enqueue` inserts the row in the caller's transaction;
`run` claims it by conditional update, so that two wake-ups of one job do it once.
Progress is written through a second connection: a job's own transaction may still be open.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from sam.core.errors import ActionRefused
from sam.core.models import Job, User

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=150)
MOST_ATTEMPTS = 3
OUTSIDE = "progress"


class Progress:
    """What a running job tells the page: percent, and the step in words. Each report renews the lease."""

    def __init__(self, job_id: int) -> None:
        self.job_id = job_id

    def __call__(self, percent: int, step: str = "") -> None:
        Job.objects.using(OUTSIDE).filter(pk=self.job_id).update(
            progress=max(0, min(100, percent)), step=step[:200], lease_until=timezone.now() + LEASE
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of job. `run(job, progress)` returns the result (JSON). `may_see(user, job)` guards its page."""

    key: str
    label: str
    run: Callable[[Job, Progress], Mapping[str, Any] | None]
    may_see: Callable[[User, Job], bool]
    url: Callable[[Job], str]
    failed: Callable[[Job], None] | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.key] = kind


def is_known(key: str) -> bool:
    return key in _kinds


def kind_of(job: Job) -> Kind:
    return _kinds[job.kind]


def claim(job_id: int) -> Job | None:
    """Take the job if nobody else holds it; None when it is done, running elsewhere, or tried too often."""
    now = timezone.now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    jobs = Job.objects.using(OUTSIDE).filter(free, pk=job_id)
    given_up = jobs.filter(attempts__gte=MOST_ATTEMPTS).update(
        state=Job.State.FAILED, problem="The work stopped half way three times. Start it again.", finished_at=now
    )
    if given_up:
        _tell_failure(Job.objects.get(pk=job_id))
        return None
    claimed = jobs.update(
        state=Job.State.RUNNING, attempts=F("attempts") + 1, started_at=now, lease_until=now + LEASE, progress=0
    )
    return Job.objects.using(OUTSIDE).get(pk=job_id) if claimed else None


def run(job_id: int) -> bool:
    """Do the job unless somebody else did or does; whether this call did it."""
    job = claim(job_id)
    if job is None:
        return False
    try:
        result = kind_of(job).run(job, Progress(job.pk)) or {}
    except ActionRefused as refused:
        _finish(job, Job.State.FAILED, problem=refused.message)
        _tell_failure(job)
    except Exception:
        logger.exception("job failed", extra={"job": job.pk, "kind": job.kind})
        _finish(job, Job.State.FAILED, problem="Something went wrong on our side. The log has the details.")
        _tell_failure(job)
    else:
        _finish(job, Job.State.DONE, result=dict(result), progress=100)
    return True


def _finish(job: Job, state: Job.State, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(job, name, value)
    Job.objects.using(OUTSIDE).filter(pk=job.pk).update(
        state=state, finished_at=timezone.now(), lease_until=None, step="", **fields
    )


def _tell_failure(job: Job) -> None:
    kind = _kinds.get(job.kind)
    if kind and kind.failed:
        kind.failed(job)
