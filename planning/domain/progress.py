"""How far actions and objectives have come. Dates are business dates; shares and progress are fractions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from sam.values.results import Computed, Missing, Result

ON_TIME_DAYS = 180


class ActionState(StrEnum):
    """What a reader sees. *late* is computed: an open action after its due date."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    LATE = "late"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ActionDates:
    """``due`` and ``done_on`` are None when unknown and when open."""

    due: date | None
    done_on: date | None


def action_state(started: bool, dates: ActionDates, today: date) -> ActionState:
    """The state on a day; an action is late from the day after its due date."""
    if dates.done_on is not None:
        return ActionState.DONE
    if days_late(dates, today):
        return ActionState.LATE
    return ActionState.IN_PROGRESS if started else ActionState.PLANNED


def days_late(dates: ActionDates, today: date) -> int:
    """Days past due, up to the day it was done or up to today; 0 when on time or without a due date."""
    if dates.due is None:
        return 0
    return max(0, ((dates.done_on or today) - dates.due).days)


def done_on_time(actions: Iterable[ActionDates], today: date, days: int = ON_TIME_DAYS, at_least: int = 1) -> Result:
    """The share of actions done by their due date among those that fell due in the last ``days`` days.

    Actions done before a due date of today or later count as on time from the day they were done; open ones that are
    not due yet, and those without a due date, do not count. Missing below ``at_least`` actions.
    """
    first = today - timedelta(days=days)
    counted = [action for action in actions if _counts(action, first, today)]
    if len(counted) < max(1, at_least):
        return Missing(f"{len(counted)} actions fell due in {days} days; at least {max(1, at_least)} are needed")
    on_time = sum(1 for action in counted if action.done_on is not None and not days_late(action, today))
    inputs = (("on time", Decimal(on_time)), ("fell due", Decimal(len(counted))))
    return Computed(Decimal(on_time) / len(counted), inputs)


def objective_progress(baseline: Decimal | None, target: Decimal | None, current: Decimal | None) -> Result:
    """The way gone from baseline to target: 0 at the baseline, 1 at the target, in whichever direction it lies.

    Below 0 when things got worse, above 1 beyond the target.
    """
    if baseline is None:
        return Missing("there is no baseline")
    if target is None:
        return Missing("there is no target")
    if current is None:
        return Missing("nothing has been measured since the baseline")
    if baseline == target:
        return Missing("baseline and target are the same")
    inputs = (("baseline", baseline), ("target", target), ("current", current))
    return Computed((current - baseline) / (target - baseline), inputs)


def _counts(action: ActionDates, first: date, today: date) -> bool:
    if action.due is None:
        return False
    if action.due < today:
        return action.due >= first
    return action.done_on is not None and first <= action.done_on <= today


@dataclass(frozen=True, slots=True)
class Tally:
    """Actions that were not dropped: all of them, those done, those late today."""

    total: int
    done: int
    late: int

    @property
    def share_done(self) -> Result:
        """Done of all. Missing without actions."""
        if not self.total:
            return Missing("there are no actions yet")
        inputs = (("done", Decimal(self.done)), ("actions", Decimal(self.total)))
        return Computed(Decimal(self.done) / self.total, inputs)
