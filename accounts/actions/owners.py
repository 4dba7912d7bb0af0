"""Owners: who of us answers for an account. An owner without a seat could not see what they own: they get one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from accounts.actions.checks import Problems
from accounts.actions.revisions import write
from accounts.domain.team import access_for
from accounts.models import Account, TeamSeat
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
    written = write(account, seen=revision, owner=owner)
    seat_owner([account.pk], owner)
    return written


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
    seat_owner(allowed, owner)
    return Assigned(changed, len(asked - allowed))


def seat_owner(account_ids: Iterable[int], owner: User | None) -> None:
    """A lead's seat for the owner on those of the accounts where they hold none; one insert."""
    if owner is None:
        return
    ids = set(account_ids)
    seated = set(
        TeamSeat.objects.filter(user=owner, ends_on=None, account__in=ids).values_list("account_id", flat=True)
    )
    TeamSeat.objects.bulk_create(
        [
            TeamSeat(account_id=pk, user=owner, role=TeamSeat.Role.LEAD, access=access_for(TeamSeat.Role.LEAD))
            for pk in sorted(ids - seated)
        ],
        ignore_conflicts=True,
    )


def _check(owner: User | None) -> None:
    problems = Problems()
    problems.active("owner", owner)
    problems.stop()
