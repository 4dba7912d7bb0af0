"""The one question every guard, template and serializer asks: may this person do that, here?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, TypeVar

from .permissions import Permission
from .roles import SEAT_ACCESSES

if TYPE_CHECKING:
    from sam.core.models import User


class HasTeam(Protocol):
    """Anything that lives inside an account and knows who sits on its team."""

    def accesses_of(self, user: User) -> frozenset[str]: ...


Thing = TypeVar("Thing", bound=HasTeam)


def those_where(user: User, permission: Permission, things: Iterable[Thing]) -> list[Thing]:
    """Those of `things` on which `user` holds `permission`; for lists, where most people hold it on all or on few."""
    if user.is_active and permission in user.role.everywhere:
        return list(things)
    return [thing for thing in things if can(user, permission, on=thing)]


def can(user: User, permission: Permission, on: HasTeam | None = None) -> bool:
    """Whether `user` holds `permission`: by role, or on `on` by an open seat."""
    if not user.is_active:
        return False
    role = user.role
    if permission in role.everywhere:
        return True
    if on is None:
        return False
    accesses = on.accesses_of(user)
    if not accesses:
        return False
    return permission in role.on_seat or any(permission in SEAT_ACCESSES[key].permissions for key in accesses)
