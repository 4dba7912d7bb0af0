"""Who may work on which action: writers of the plan on all, everybody else on their own."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from accounts.models import Account
from planning.models import PlanAction
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User


def may_work_on(user: User, entry: PlanAction) -> bool:
    """Whether `user` may start, finish, reopen or move this action."""
    if can(user, Permission.PLAN_EDIT, on=entry.account):
        return True
    return entry.our_owner_id == user.pk and can(user, Permission.ACTION_WORK, on=entry.account)


def action_to_work_on(user: User, account: Account, action_id: int) -> PlanAction:
    """An action of the account that `user` may work on: 404 for one of another account, 403 for one of others."""
    rows = account.actions.select_related("account", "plan", "our_owner", "their_owner")
    entry = get_object_or_404(rows, pk=action_id)
    if not may_work_on(user, entry):
        raise PermissionDenied
    return entry
