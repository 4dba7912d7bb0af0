"""Background work: a row in PostgreSQL first, a wake-up through Celery after the commit.

An app registers its kinds; `actions.jobs.enqueue` inserts the row in the caller's transaction;
`run` claims it by conditional update, so that two wake-ups of one job do it once.
Progress is written through a second connection: a job's own transaction may still be open.
A heartbeat renews the lease while the work lasts, also where the work reports nothing for long.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django.db.models import F, Q
from django.utils import timezone

from sam.core.errors import ActionRefused
from sam.core.models import Job, User

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=150)
# Five beats a lease: a database that restarts may swallow some.
BEAT = LEASE / 5
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


class Heartbeat:
    """Renews the lease of one attempt from a thread with a connection of its own, and ends with the `with` block.

    A process that is killed or stopped beats no more and loses its job; one that hangs is killed at Celery's
    time limit.
    """

    def __init__(self, job: Job) -> None:
        self.attempt = {"pk": job.pk, "attempts": job.attempts}
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._beat, name=f"heartbeat of job {job.pk}", daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.over.set()
        self.thread.join(timeout=BEAT.total_seconds())

    def _beat(self) -> None:
        while not self.over.wait(BEAT.total_seconds()):
            try:
                held = Job.objects.using(OUTSIDE).filter(**self.attempt, state=Job.State.RUNNING)
                held.update(lease_until=timezone.now() + LEASE)
            except (OperationalError, InterfaceError) as problem:
                logger.warning("no heartbeat, the next one connects again", extra={"problem": str(problem)})
            finally:
                # Beats are rare: no connection waits for the next one.
                connections[OUTSIDE].close()


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
        with Heartbeat(job):
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
    """Write the end of this attempt; a later attempt, which took the job over meanwhile, writes its own."""
    for name, value in fields.items():
        setattr(job, name, value)
    Job.objects.using(OUTSIDE).filter(pk=job.pk, attempts=job.attempts).update(
        state=state, finished_at=timezone.now(), lease_until=None, step="", **fields
    )


def _tell_failure(job: Job) -> None:
    kind = _kinds.get(job.kind)
    if kind and kind.failed:
        kind.failed(job)
