"""Who holds which authority over price answers on an account."""

from __future__ import annotations

from django.db.models import Q

from accounts.domain.price_request import BY_LEVEL, HOLDS, Level
from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.authorization.roles import SEAT_ACCESSES, roles_with
from sam.core.models import User


def authority_of(user: User, account: Account) -> Level | None:
    """The highest level that `user` decides here; None without any."""
    if can(user, Permission.PRICE_APPROVE, on=account) and user.role_key in HOLDS:
        return BY_LEVEL[HOLDS[user.role_key]]
    return BY_LEVEL["team"] if can(user, Permission.PRICE_EDIT, on=account) else None


def sides_of(user: User, account: Account) -> frozenset[str]:
    """Whom a signature of `user` stands for: the account's lead, finance, or both."""
    sides = {"lead": Permission.ACCOUNT_EDIT, "finance": Permission.FIGURES_EDIT}
    return frozenset(side for side, permission in sides.items() if can(user, permission, on=account))


def approvers_of(account: Account, level: Level, besides: User | None = None) -> list[User]:
    """People who may approve at `level`, the lowest authority first; two queries."""
    seats: dict[int, set[str]] = {}
    for user_id, access in account.seats.open().values_list("user_id", "access"):
        seats.setdefault(user_id, set()).add(access)
    permissions = (Permission.PRICE_APPROVE, Permission.PRICE_EDIT)
    everywhere = set().union(*(roles_with(permission) for permission in permissions))
    people = User.objects.active().filter(Q(pk__in=seats) | Q(role_key__in=everywhere)).order_by("display_name")
    found = [
        (held, person)
        for person in people
        if person != besides and (held := _rank(person, seats.get(person.pk, set()))) >= level.rank
    ]
    return [person for _, person in sorted(found, key=lambda entry: entry[0])]


def _rank(person: User, accesses: set[str]) -> int:
    """As `authority_of`, from seats that were read once; 0 without any."""
    if person.role_key in HOLDS and _holds(person, accesses, Permission.PRICE_APPROVE):
        return BY_LEVEL[HOLDS[person.role_key]].rank
    return BY_LEVEL["team"].rank if _holds(person, accesses, Permission.PRICE_EDIT) else 0


def _holds(person: User, accesses: set[str], permission: Permission) -> bool:
    if permission in person.role.everywhere:
        return True
    return bool(accesses) and (
        permission in person.role.on_seat or any(permission in SEAT_ACCESSES[one].permissions for one in accesses)
    )
