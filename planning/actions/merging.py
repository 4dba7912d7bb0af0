"""What happens to plans and actions when two accounts become one."""

from __future__ import annotations

from django.db.models import F

from accounts.models import Account
from planning.models import AccountPlan, PlanAction
from sam.core.errors import ActionRefused


def move_plans(account: Account, into: Account) -> tuple[str, int]:
    """Plans move; an empty plan of a year that the target has too goes. Raises ActionRefused when both have content."""
    years = {plan.year: plan for plan in into.plans.all()}
    moved = 0
    for plan in account.plans.all():
        target = years.get(plan.year)
        if target is None:
            AccountPlan.objects.filter(pk=plan.pk).update(account=into, revision=F("revision") + 1)
            moved += 1
            continue
        if plan.sections.exclude(text="").exists() or plan.objectives.exists():
            raise ActionRefused(
                f"Both accounts have a plan for {plan.year}. Take over what you need into the plan of {into}, "
                f"then empty the texts and objectives of the other one.",
                code="double_plans",
            )
        plan.actions.update(plan=target, section=None, revision=F("revision") + 1)
        plan.delete()
    return "plans", moved


def move_actions(account: Account, into: Account) -> tuple[str, int]:
    rows = PlanAction.objects.filter(account=account)
    return "actions", rows.update(account=into, revision=F("revision") + 1)
