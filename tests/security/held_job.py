"""A job that says where it runs, waits as long as a file lies there, and then leaves one notification."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sam.core import jobs
from sam.core.models import Job, Notification

KIND = "held-for-a-test"


def run(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    folder = Path(job.arguments["folder"])
    progress(10, "Waiting")
    (folder / f"attempt-{job.attempts}").write_text(str(os.getpid()))
    while (folder / "hold").exists():
        time.sleep(0.05)
    Notification.objects.create(user_id=job.created_by_id, title=f"job {job.pk}", url="/")
    return {"attempt": job.attempts}


def register_held_job() -> None:
    jobs.register(jobs.Kind(KIND, "Held job", run, lambda user, job: True, lambda job: "/"))
