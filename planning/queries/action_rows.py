"""Actions as rows of a list: their state today in a word, and what the reader may do with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from planning.access import may_work_on
from planning.domain.progress import ActionState, Tally, days_late, done_on_time
from planning.models import PlanAction
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User
from sam.values.results import Result

LABELS = {
    ActionState.PLANNED: ("Planned", ""),
    ActionState.IN_PROGRESS: ("In progress", "info"),
    ActionState.LATE: ("Late", "bad"),
    ActionState.DONE: ("Done", "good"),
}
DROPPED = ("Dropped", "")
RELATED = ("account", "our_owner", "their_owner")


@dataclass(frozen=True, slots=True)
class ActionRow:
    """An action with its state on the day it is looked at."""

    action: PlanAction
    label: str
    tone: str
    days_late: int
    may_work: bool
    may_edit: bool

    @property
    def is_late(self) -> bool:
        return self.action.is_open and self.days_late > 0


def action_row(entry: PlanAction, user: User, today: date) -> ActionRow:
    """Needs the rows of `RELATED`; asks nothing more of the database than the person's seats, once."""
    state = entry.state_on(today)
    label, tone = DROPPED if state is None else LABELS[state]
    late = days_late(entry.dates, today) if state is not None else 0
    may_edit = can(user, Permission.PLAN_EDIT, on=entry.account)
    return ActionRow(entry, label, tone, late, may_work_on(user, entry), may_edit)


def tally(rows: Iterable[PlanAction], today: date) -> Tally:
    """Counts of actions that were not dropped."""
    kept = [entry for entry in rows if entry.status != PlanAction.Status.DROPPED]
    done = sum(1 for entry in kept if entry.status == PlanAction.Status.DONE)
    late = sum(1 for entry in kept if entry.is_open and entry.due < today)
    return Tally(len(kept), done, late)


def on_time(rows: Iterable[PlanAction], today: date) -> tuple[tuple[str, Result], ...]:
    """Shares done by their date in 180 days, ours and theirs; an action of both counts on both sides."""
    kept = [entry for entry in rows if entry.status != PlanAction.Status.DROPPED]
    ours = [entry.dates for entry in kept if entry.our_owner_id]
    theirs = [entry.dates for entry in kept if entry.their_owner_id]
    return ("Ours", done_on_time(ours, today)), ("Theirs", done_on_time(theirs, today))
