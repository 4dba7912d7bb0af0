"""Everything the plan page shows, in four queries however much is in the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from accounts.models import Account
from planning.domain.differences import Piece, side_by_side
from planning.domain.freshness import Age, Confirmation, Freshness, age_of, confirmation
from planning.domain.merge import Conflict, Conflicts
from planning.domain.progress import Tally
from planning.domain.template import SectionTemplate, position_of
from planning.domain.words import count_words, words_over
from planning.models import AccountPlan, Objective, PlanSection
from planning.queries.action_rows import RELATED, ActionRow, action_row, on_time, tally
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User
from sam.values.results import Result

STATE_ICONS = {Freshness.EMPTY: "circle", Freshness.FRESH: "circle-check", Freshness.AGEING: "circle-half-2"}
STATE_TONES = {Freshness.EMPTY: "bad", Freshness.FRESH: "good", Freshness.AGEING: "warn"}
CLOSED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SectionView:
    """One text with how old and how long it is. `text` and `base_revision` are what an edit starts from."""

    section: PlanSection
    template: SectionTemplate
    age: Age
    words: int
    over: int
    text: str
    base_revision: int
    actions: tuple[ActionRow, ...]

    @property
    def version(self) -> str:
        return str(self.section.revision)

    @property
    def days_words(self) -> str:
        return f"{self.age.days} d"

    @property
    def icon(self) -> str:
        return STATE_ICONS[self.age.state]

    @property
    def tone(self) -> str:
        return STATE_TONES[self.age.state]


@dataclass(frozen=True, slots=True)
class ObjectiveView:
    objective: Objective
    progress: Result
    is_late: bool
    actions: int


@dataclass(frozen=True, slots=True)
class PlanPage:
    """A plan as one person sees it today."""

    plan: AccountPlan
    years: tuple[int, ...]
    sections: tuple[SectionView, ...]
    objectives: tuple[ObjectiveView, ...]
    open_actions: tuple[ActionRow, ...]
    closed_actions: tuple[ActionRow, ...]
    closed_count: int
    tally: Tally
    on_time: tuple[tuple[str, Result], ...]
    confirmation: Confirmation
    may_edit: bool

    @property
    def oldest_first(self) -> list[SectionView]:
        """Empty sections, then the oldest texts."""
        return sorted(self.sections, key=lambda view: (view.age.days is not None, -(view.age.days or 0)))


@dataclass(frozen=True, slots=True)
class Pair:
    """One conflict as it is shown: both sides in pieces with the differing words marked; empty means deleted."""

    number: int
    mine: Sequence[Piece]
    theirs: Sequence[Piece]


def latest_plan(account: Account, year: int | None = None) -> AccountPlan | None:
    """The plan of `year`, or else the newest one that has begun, or the next one."""
    plans = list(account.plans.order_by("-year"))
    if year is not None:
        return next((plan for plan in plans if plan.year == year), None)
    this_year = timezone.localdate().year
    begun = next((plan for plan in plans if plan.year <= this_year), None)
    return begun or (plans[-1] if plans else None)


def plan_page(account: Account, plan: AccountPlan, user: User, today: date) -> PlanPage:
    entries = list(plan.actions.select_related(*RELATED).order_by("due", "pk"))
    rows = [action_row(entry, user, today) for entry in entries]
    open_rows = tuple(row for row in rows if row.action.is_open)
    closed = [row for row in rows if not row.action.is_open]
    closed.sort(key=lambda row: (row.action.done_on or row.action.due, row.action.pk), reverse=True)
    since = plan.opened_on
    return PlanPage(
        plan=plan,
        years=tuple(account.plans.order_by("-year").values_list("year", flat=True)),
        sections=_sections(plan, open_rows, today),
        objectives=_objectives(plan, rows, today),
        open_actions=open_rows,
        closed_actions=tuple(closed[:CLOSED_SHOWN]),
        closed_count=len(closed),
        tally=tally(entries, today),
        on_time=on_time(entries, today),
        confirmation=confirmation(plan.confirmed_on, since, account.tier, today),
        may_edit=can(user, Permission.PLAN_EDIT, on=account),
    )


def section_view(section: PlanSection, rows: Sequence[ActionRow], today: date) -> SectionView:
    edited_on = timezone.localdate(section.edited_at) if section.edited_at else None
    template = section.template
    return SectionView(
        section=section,
        template=template,
        age=age_of(section.text, edited_on, today),
        words=count_words(section.text),
        over=words_over(section.text, template.words),
        text=section.text,
        base_revision=section.revision,
        actions=tuple(row for row in rows if row.action.section_id == section.pk),
    )


def pairs_of(conflicts: Conflicts) -> list[Pair]:
    return [_pair(number, pair) for number, pair in enumerate(conflicts.pairs)]


def _pair(number: int, conflict: Conflict) -> Pair:
    mine, theirs = side_by_side(conflict.mine.strip(), conflict.theirs.strip())
    return Pair(number, mine, theirs)


def _sections(plan: AccountPlan, rows: Sequence[ActionRow], today: date) -> tuple[SectionView, ...]:
    stored = sorted(plan.sections.select_related("edited_by"), key=lambda section: position_of(section.key))
    return tuple(section_view(section, rows, today) for section in stored)


def _objectives(plan: AccountPlan, rows: Sequence[ActionRow], today: date) -> tuple[ObjectiveView, ...]:
    found = []
    for objective in plan.objectives.select_related("owner").order_by("pk"):
        # The progress needs no plan; setting it spares a query for each objective.
        objective.plan = plan
        progress = objective.progress
        reached = progress.value >= 1 if hasattr(progress, "value") else False
        late = objective.due is not None and objective.due < today and not reached
        belongs = sum(1 for row in rows if row.action.objective_id == objective.pk)
        found.append(ObjectiveView(objective, progress, late, belongs))
    return tuple(found)
