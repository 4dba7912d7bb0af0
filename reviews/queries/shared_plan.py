"""What of the plan the client may see: actions and objectives marked as shared, and the sections written for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Account
from planning.domain.template import PLAN_TEMPLATE
from planning.models import AccountPlan, Objective, PlanAction, PlanActionQuerySet, PlanSection
from sam.values.results import value_of

SHARED_SECTIONS = tuple(section.key for section in PLAN_TEMPLATE if section.shared)


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One promise: who on either side sees to it until when. `state`: planned, in_progress, late, done."""

    what: str
    ours: str
    theirs: str
    due: date
    state: str
    done_on: date | None


@dataclass(frozen=True, slots=True)
class MeasureLine:
    """An agreed objective. `progress`: the way gone from baseline to target as a fraction; None where not known."""

    what: str
    measure: str
    unit: str
    baseline: Decimal | None
    target: Decimal | None
    current: Decimal | None
    progress: Decimal | None
    due: date | None


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the plan as both companies read it."""

    title: str
    text: str


def shared_actions(account: Account) -> PlanActionQuerySet:
    return account.actions.kept().filter(shared=True).select_related("our_owner", "their_owner").order_by("due", "pk")


def action_lines(actions: list[PlanAction], today: date) -> tuple[ActionLine, ...]:
    lines = []
    for action in actions:
        state = action.state_on(today)
        if state is not None:
            lines.append(
                ActionLine(
                    what=action.title,
                    ours=action.our_owner.display_name if action.our_owner else "",
                    theirs=action.their_owner.full_name if action.their_owner else "",
                    due=action.due,
                    state=state.value,
                    done_on=action.done_on,
                )
            )
    return tuple(lines)


def plan_of(account: Account, on: date) -> AccountPlan | None:
    """The plan of the year of `on`, else the newest one before."""
    return account.plans.filter(year__lte=on.year).order_by("-year").first()


def measure_lines(plan: AccountPlan | None) -> tuple[MeasureLine, ...]:
    if plan is None:
        return ()
    return tuple(map(_measure, plan.objectives.filter(shared=True)))


def _measure(objective: Objective) -> MeasureLine:
    return MeasureLine(
        what=objective.title,
        measure=objective.measure,
        unit=objective.unit,
        baseline=objective.baseline,
        target=objective.target,
        current=objective.current,
        progress=value_of(objective.progress),
        due=objective.due,
    )


def shared_parts(plan: AccountPlan | None) -> tuple[Part, ...]:
    """Sections that the plan's template marks as written for the client, in its order, without empty ones."""
    if plan is None:
        return ()
    found = {section.key: section for section in plan.sections.filter(key__in=SHARED_SECTIONS).exclude(text="")}
    return tuple(_part(found[key]) for key in SHARED_SECTIONS if key in found)


def _part(section: PlanSection) -> Part:
    return Part(section.template.title, section.text)
