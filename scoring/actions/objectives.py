"""Writing our own objectives."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import F

from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from scoring.models import Objective

TAKEN = "This year has an objective with that short name already. Choose another one."


@action("added an objective")
def add_objective(*, year: int, code: str, text: str, by: User | None) -> Objective:
    """FieldErrors when the short name is taken in that year."""
    try:
        with transaction.atomic():
            return Objective.objects.create(year=year, code=code.strip(), text=text.strip())
    except IntegrityError:
        raise FieldErrors({"code": TAKEN}) from None


@action("changed an objective")
def edit_objective(
    *, objective: Objective, revision: int, year: int, code: str, text: str, dropped: bool, by: User | None
) -> Objective:
    """Stale when somebody else changed it first; FieldErrors when the short name is taken."""
    try:
        with transaction.atomic():
            changed = Objective.objects.filter(pk=objective.pk, revision=revision).update(
                year=year, code=code.strip(), text=text.strip(), dropped=dropped, revision=F("revision") + 1
            )
    except IntegrityError:
        raise FieldErrors({"code": TAKEN}) from None
    objective.refresh_from_db()
    if not changed:
        raise Stale(objective)
    return objective


@action("removed an objective")
def remove_objective(*, objective: Objective, by: User | None) -> None:
    """ActionRefused while a criterion names it: then it can be dropped, which keeps it readable."""
    if objective.criteria.exists():
        raise ActionRefused("A criterion names this objective. Mark it as no longer pursued instead.", code="in_use")
    objective.delete()
