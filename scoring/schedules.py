"""What the clock starts in scoring."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from sam.core.models import Job
from scoring.actions.cycle_reminders import remind
from scoring.actions.scores import RECOMPUTE, start_recompute
from scoring.models import ScorecardVersion, ScoreRun
from scoring.queries.freshness import is_out_of_date
from scoring.queries.measures import latest_quarter


@shared_task(name="scoring.schedules.recompute_when_out_of_date")
def recompute_when_out_of_date() -> bool:
    """Score the portfolio again when figures, rates or accounts changed, or a quarter has closed; whether it began.

    One at a time: while a recompute waits or runs, the next look decides.
    """
    if ScorecardVersion.objects.in_use() is None:
        return False
    open_states = [Job.State.QUEUED, Job.State.RUNNING]
    if Job.objects.filter(kind=RECOMPUTE, state__in=open_states).exists():
        return False
    run = ScoreRun.objects.first()
    if not is_out_of_date(run) and run is not None:
        today = timezone.localdate()
        # Ratings grow old by the day, and a quarter closes without any figure changing.
        same_day = timezone.localdate(run.computed_at) == today
        same_quarter = run.chosen or run.quarter_start == latest_quarter(today).start
        if same_day and same_quarter:
            return False
    start_recompute(by=None)
    return True


@shared_task(name="scoring.schedules.remind_of_selection")
def remind_of_selection() -> int:
    """Say once that the yearly cycle is due, that a step is over its date, that a client has not been told."""
    return remind(today=timezone.localdate(), by=None)
