"""Actions as rows of a list: their state today in a word, and what the reader may do with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from planning.access import may_work_on
from planning.domain.progress import ActionState, Tally, days_late
from planning.models import PlanAction
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User

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
