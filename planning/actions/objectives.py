"""Objectives of a plan: what shall be true by when, and how it is measured."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypedDict, Unpack

from accounts.actions.checks import Problems
from accounts.actions.revisions import write
from accounts.models import Account
from planning.models import AccountPlan, Objective
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused, Stale
from sam.core.models import User

LENGTHS = {"title": 200, "measure": 200, "unit": 40}
LARGEST = Decimal(10) ** 14


class ObjectiveValues(TypedDict, total=False):
    """What a person may set on an objective."""

    title: str
    measure: str
    unit: str
    baseline: Decimal | None
    target: Decimal | None
    current: Decimal | None
    due: date | None
    owner: User | None
    shared: bool


@action("added an objective")
def add_objective(
    *, account: Account, plan: AccountPlan, by: User | None, **values: Unpack[ObjectiveValues]
) -> Objective:
    """Raises FieldErrors."""
    values.setdefault("title", "")
    return Objective.objects.create(plan=plan, **_checked(values, account, None))


@action("changed an objective")
def change_objective(
    *, account: Account, objective: Objective, revision: int, by: User | None, **values: Unpack[ObjectiveValues]
) -> Objective:
    """Raises FieldErrors and Stale."""
    return write(objective, seen=revision, **_checked(values, account, objective))


@action("removed an objective")
def remove_objective(*, account: Account, objective: Objective, revision: int, by: User | None) -> None:
    """Its actions stay in the plan. Raises Stale, and ActionRefused when it is gone already."""
    deleted, _ = Objective.objects.filter(pk=objective.pk, revision=revision).delete()
    if deleted:
        return
    current = Objective.objects.filter(pk=objective.pk).first()
    if current is None:
        raise ActionRefused("Somebody else deleted this meanwhile.", code="gone")
    raise Stale(current)


def _checked(values: ObjectiveValues, account: Account, objective: Objective | None) -> ObjectiveValues:
    problems = Problems()
    checked: ObjectiveValues = {**values, **problems.texts(values, LENGTHS)}  # type: ignore[typeddict-item]
    if "title" in checked and not checked["title"]:
        problems.add("title", "Say what shall be true.")
    for name in ("baseline", "target", "current"):
        number: Decimal | None = values.get(name)  # type: ignore[assignment]
        if number is not None and (not number.is_finite() or abs(number) >= LARGEST):
            problems.add(name, "Give a number with up to 14 digits before the point.")
    owner = values.get("owner")
    if owner is not None and (objective is None or owner.pk != objective.owner_id):
        problems.active("owner", owner)
        if not can(owner, Permission.PLAN_VIEW, on=account):
            problems.add("owner", f"{owner} cannot see this account. Put them on the team first.")
    problems.stop()
    return checked
