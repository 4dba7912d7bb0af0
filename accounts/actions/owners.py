"""Owners: who of us answers for an account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from accounts.actions.checks import Problems
from accounts.actions.revisions import write
from accounts.models import Account
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.models import User


@dataclass(frozen=True, slots=True)
class Assigned:
    """How many accounts got the owner, and how many stayed because the person may not edit them."""

    changed: int
    refused: int


@action("named the owner")
def assign_owner(*, account: Account, owner: User | None, revision: int, by: User | None) -> Account:
    """Raises FieldErrors for somebody who left, Stale when somebody else was first."""
    _check(owner)
    return write(account, seen=revision, owner=owner)


@action("named the owner of several accounts")
def bulk_assign_owner(*, account_ids: Iterable[int], owner: User | None, by: User) -> Assigned:
    """One statement for all accounts among `account_ids` that `by` may edit and that have another owner now."""
    _check(owner)
    asked = set(account_ids)
    editable = Account.objects.visible_to(by, Permission.ACCOUNT_EDIT).live().filter(pk__in=asked)
    allowed = set(editable.values_list("pk", flat=True))
    changed = (
        Account.objects.filter(pk__in=allowed).exclude(owner=owner).update(owner=owner, revision=F("revision") + 1)
    )
    return Assigned(changed, len(asked - allowed))


def _check(owner: User | None) -> None:
    problems = Problems()
    problems.active("owner", owner)
    problems.stop()
