"""Screening: everybody ranked by the computed criteria of the first half, as a job of a cycle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import F
from django.utils import timezone

from sam.core.actions.jobs import enqueue
from sam.core.audit import action
from sam.core.errors import ActionRefused
from sam.core.models import Job, User
from scoring.models import ScorecardVersion, ScreeningValue, SelectionCycle
from scoring.queries.rules import rules_of

SCREENING = "scoring.screening"


@action("started screening")
def start_screening(*, cycle: SelectionCycle, by: User | None) -> Job | None:
    """Hand it to a worker; None without a live scorecard. ActionRefused for a closed cycle."""
    if cycle.is_closed:
        raise ActionRefused("This cycle is closed. Its list does not change any more.", code="closed")
    if ScorecardVersion.objects.in_use() is None:
        return None
    return enqueue(SCREENING, {"cycle": cycle.pk}, by=by)


def run_screening(job: Job, progress: Callable[[int, str], None]) -> dict[str, Any]:
    """The job behind `start_screening`."""
    cycle = SelectionCycle.objects.get(pk=job.arguments["cycle"])
    if cycle.is_closed:
        return {"cycle": cycle.year, "screened": cycle.screened}
    progress(10, "Ranking all accounts")
    return {"cycle": cycle.year, "screened": screen(cycle=cycle, by=job.created_by)}


@action("screened the portfolio")
def screen(*, cycle: SelectionCycle, by: User | None) -> int:
    """Write every account's screening value and rank anew; how many have one. ActionRefused when it is closed."""
    # NumPy is for background work only: the web process never loads it.
    from scoring.actions.screening_table import write_screening  # noqa: PLC0415 (see above)

    current = SelectionCycle.objects.select_for_update().get(pk=cycle.pk)
    if current.is_closed:
        raise ActionRefused("This cycle is closed. Its list does not change any more.", code="closed")
    version = ScorecardVersion.objects.select_related("scorecard").in_use()
    if version is None:
        raise ActionRefused("There is no live scorecard. Publish one first.", code="no_live_scorecard")
    ScreeningValue.objects.filter(cycle=cycle).delete()
    count = write_screening(cycle.pk, rules_of(version))
    SelectionCycle.objects.filter(pk=cycle.pk).update(
        screened_at=timezone.now(), screened=count, revision=F("revision") + 1
    )
    cycle.refresh_from_db()
    return count
