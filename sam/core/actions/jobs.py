"""Starting background work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from sam.core import jobs
from sam.core.models import Job, User
from sam.core.tasks import wake_up


def enqueue(kind: str, arguments: Mapping[str, Any], *, by: User | None) -> Job:
    """Insert the job in the caller's transaction; wake a worker once that has committed."""
    if not jobs.is_known(kind):
        raise LookupError(f"no job kind {kind!r}")
    job = Job.objects.create(kind=kind, arguments=dict(arguments), created_by=by)
    transaction.on_commit(lambda: wake_up(job.pk))
    return job
