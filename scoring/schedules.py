"""What the clock starts in scoring."""

from __future__ import annotations

from datetime import date

from celery import shared_task
from django.utils import timezone

from sam.core.errors import ActionRefused
from sam.core.models import Job
from scoring.actions.cycle_reminders import remind
from scoring.actions.rounds import REMIND_DAYS, close_round, remind_raters
from scoring.actions.scores import RECOMPUTE, start_recompute
from scoring.actions.tiers import tell_ended
from scoring.models import RatingRound, ScorecardVersion, ScoreRun
from scoring.queries.blindness import raters_to_remind
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


@shared_task(name="scoring.schedules.tend_rounds")
def tend_rounds() -> int:
    """Remind raters once when a round closes soon, and close rounds after their last day; how many closed."""
    return tend(timezone.localdate())


def tend(today: date) -> int:
    waiting = raters_to_remind(today, REMIND_DAYS)
    if waiting:
        remind_raters(raters=waiting, today=today, by=None)
    closed = 0
    for rating_round in RatingRound.objects.filter(state=RatingRound.State.OPEN, closes_on__lt=today):
        try:
            close_round(rating_round=rating_round, revision=rating_round.revision, by=None, closed_on=today)
        except ActionRefused:
            # Somebody closed it this moment; the next look would find nothing to do.
            continue
        closed += 1
    return closed


@shared_task(name="scoring.schedules.tell_ended_decisions")
def tell_ended_decisions() -> int:
    """Tell those who decide tiers of decisions against the rules that have ended, each once."""
    return tell_ended(today=timezone.localdate(), by=None)
