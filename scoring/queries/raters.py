"""Who is asked to rate an account in a round: its lead, finance, and somebody outside its team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Account, TeamSeat
from sam.core.authorization.permissions import Permission
from sam.core.authorization.roles import accesses_with, roles_with
from sam.core.models import User
from scoring.models import RoundRater

Capacity = RoundRater.Capacity
FINANCE_ROLE = "finance_partner"


@dataclass(frozen=True, slots=True)
class Proposed:
    account: Account
    user: User
    capacity: str


def raters_by_rule(accounts: Sequence[Account], first: User | None = None) -> list[Proposed]:
    """For each account its lead, one of finance and one person without a seat on it, as far as there is one.

    Lead: the owner, else a lead seat. Finance: the account's finance lead, else a finance partner. Outside: somebody
    whose role lets them rate everywhere; `first` is taken when they fit. Nobody stands twice. Three queries.
    """
    seats: dict[int, list[TeamSeat]] = {account.pk: [] for account in accounts}
    for seat in TeamSeat.objects.open().filter(account__in=accounts).select_related("user"):
        seats[seat.account_id].append(seat)
    everywhere = User.objects.filter(is_active=True, role_key__in=roles_with(Permission.RATE))
    people = sorted(everywhere, key=lambda user: (first is None or user.pk != first.pk, user.display_name, user.pk))
    owners = User.objects.filter(is_active=True).in_bulk([account.owner_id for account in accounts if account.owner_id])
    found = []
    for account in accounts:
        found += _of_account(account, owners.get(account.owner_id or 0), seats[account.pk], people)
    return found


def _of_account(account: Account, owner: User | None, seats: list[TeamSeat], people: list[User]) -> list[Proposed]:
    rating = {seat.user_id for seat in seats if seat.access in accesses_with(Permission.RATE)}
    rating |= {seat.user_id for seat in seats if Permission.RATE in seat.user.role.on_seat}
    rating |= {user.pk for user in people}
    seated = {seat.user_id for seat in seats}
    choices = (
        (Capacity.LEAD, [owner, *(seat.user for seat in seats if seat.access == "lead")]),
        (
            Capacity.FINANCE,
            [
                *(seat.user for seat in seats if seat.access == "finance_lead"),
                *(user for user in people if user.role_key == FINANCE_ROLE),
            ],
        ),
        (Capacity.OUTSIDE, [user for user in people if user.pk not in seated]),
    )
    found: list[Proposed] = []
    for capacity, candidates in choices:
        taken = {one.user.pk for one in found}
        fitting = [
            user for user in candidates if user and user.is_active and user.pk in rating and user.pk not in taken
        ]
        if fitting:
            found.append(Proposed(account, fitting[0], capacity))
    return found
