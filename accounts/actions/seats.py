"""Seats: who of us works on an account, in which role and with which access."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actions.checks import Problems
from accounts.actions.revisions import write
from accounts.domain.team import access_for, is_core, share_for
from accounts.models import Account, TeamSeat
from accounts.models.team import access_day
from sam.core.audit import action
from sam.core.authorization.roles import SEAT_ACCESSES
from sam.core.errors import FieldErrors
from sam.core.models import User


@action("put somebody on the team")
def give_seat(
    *,
    account: Account,
    user: User,
    role: str,
    by: User | None,
    access: str = "",
    core: bool | None = None,
    allocation: int | None = None,
    starts_on: date | None = None,
) -> TeamSeat:
    """An open seat. What is not given follows the role: access, core team, usual share of time (%).

    Raises FieldErrors, for example when the person holds an open seat here already.
    """
    problems = Problems()
    problems.active("user", user)
    access = access or access_for(role)
    share = share_for(role, account.tier) if allocation is None else allocation
    _check(problems, role, access, share)
    held = account.seats.filter(user=user, ends_on=None).first()
    if held:
        problems.add("user", _held(held))
    problems.stop()
    try:
        with transaction.atomic():
            return TeamSeat.objects.create(
                account=account,
                user=user,
                role=role,
                access=access,
                core=is_core(role, account.tier) if core is None else core,
                allocation=share,
                starts_on=starts_on or access_day(),
            )
    except IntegrityError:
        raise FieldErrors({"user": _held(account.seats.get(user=user, ends_on=None))}) from None


@action("changed a seat")
def change_seat(
    *,
    account: Account,
    seat: TeamSeat,
    revision: int,
    by: User | None,
    role: str,
    access: str,
    core: bool,
    allocation: int,
) -> TeamSeat:
    """Raises FieldErrors and Stale."""
    problems = Problems()
    _check(problems, role, access, allocation)
    problems.stop()
    return write(seat, seen=revision, role=role, access=access, core=core, allocation=allocation)


@action("ended a seat")
def end_seat(
    *, account: Account, seat: TeamSeat, by: User | None, revision: int | None = None, ends_on: date | None = None
) -> TeamSeat:
    """Access ends when `ends_on` begins: at once for today, the default. Raises FieldErrors and Stale."""
    last_day = ends_on or max(access_day(), seat.starts_on)
    if last_day < seat.starts_on:
        raise FieldErrors({"ends_on": "The end lies before the beginning."})
    return write(seat, seen=seat.revision if revision is None else revision, ends_on=last_day)


def _check(problems: Problems, role: Any, access: str, share: int) -> None:
    if role not in TeamSeat.Role.values:
        problems.add("role", "Choose one of the roles.")
    if access not in SEAT_ACCESSES:
        problems.add("access", "Choose what the seat may do.")
    if not 0 <= share <= 100:
        problems.add("allocation", "Give a share of time from 0 to 100 %.")


def _held(seat: TeamSeat) -> str:
    return f"{seat.user} has a seat here already: {seat.get_role_display()}. Change that one instead."
