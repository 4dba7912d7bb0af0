"""What a draft would do to the portfolio: computed as a job, stored beside the draft, no score touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from sam.core.actions.jobs import enqueue
from sam.core.audit import action
from sam.core.errors import ActionRefused
from sam.core.models import Job, Organisation, User
from sam.values.periods import Quarter
from scoring.models import Preview, ScorecardVersion, ScoreRun
from scoring.queries.measures import latest_quarter, window_of
from scoring.queries.rules import rules_of

PREVIEW = "scoring.preview"
PUBLISHED = "This version is published: its effect is in the scores. Only a draft has a preview."
OPEN = (Job.State.QUEUED, Job.State.RUNNING)


def waiting_preview(version: ScorecardVersion) -> Job | None:
    """The job that computes this draft's preview, while there is one."""
    return Job.objects.filter(kind=PREVIEW, state__in=OPEN, arguments__version=version.pk).order_by("-pk").first()


@action("started the preview of a scorecard draft")
def start_preview(*, version: ScorecardVersion, by: User | None) -> Job:
    """Hand the preview to a worker; one that waits already is used. ActionRefused when it is no draft or broken."""
    if not version.is_draft:
        raise ActionRefused(PUBLISHED, code="not_a_draft")
    try:
        rules = rules_of(version)
    except ValueError as problem:
        raise ActionRefused(str(problem), code="not_previewable") from None
    if not rules.criteria:
        raise ActionRefused("The draft has no criteria yet. Take some from the library.", code="not_previewable")
    return waiting_preview(version) or enqueue(
        PREVIEW, {"version": version.pk, "scorecard": version.scorecard_id, "number": version.number}, by=by
    )


def run_preview(job: Job, progress: Callable[[int, str], None]) -> dict[str, Any]:
    """The job behind `start_preview`. A draft that was published or discarded meanwhile has none."""
    version = ScorecardVersion.objects.select_related("scorecard").filter(pk=job.arguments["version"]).first()
    if version is None or not version.is_draft:
        return {"accounts": 0}
    found = preview_draft(version=version, by=job.created_by, progress=progress)
    return {"accounts": found.accounts, "milliseconds": found.milliseconds}


def _silent(percent: int, step: str) -> None:
    return None


@action("previewed a scorecard draft")
def preview_draft(
    *,
    version: ScorecardVersion,
    by: User | None,
    today: date | None = None,
    progress: Callable[[int, str], None] = _silent,
) -> Preview:
    """Score the portfolio by the draft and by what ranks it now, from today's figures; replace the stored preview."""
    # NumPy is for background work only: the web process never loads it.
    from scoring.actions import preview_table  # noqa: PLC0415 (see above)

    with connection.cursor() as cursor:
        # One preview of a draft at a time.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('scoring.preview'), %s)", [version.pk % 2**31])
        cursor.execute("SET LOCAL work_mem = '64MB'")
    today = today or timezone.localdate()
    run = ScoreRun.objects.first()
    quarter = Quarter.containing(run.quarter_start) if run else latest_quarter(today)
    window = window_of(quarter, Organisation.objects.current().reporting_currency)
    live = ScorecardVersion.objects.select_related("scorecard").in_use()
    return preview_table.compute(
        draft=rules_of(version), live=None if live is None else rules_of(live), window=window, today=today,
        progress=progress,
    )  # fmt: skip
