"""The rail: apps register their entries; a person sees those whose permission they hold somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .authorization.permissions import Permission
from .authorization.policy import can

if TYPE_CHECKING:
    from sam.core.models import User


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the rail. `on_seats`: also shown to people who can have the permission only through a seat.

    `on_role_seats`: also to those whose role gives the permission on their own seats.
    """

    label: str
    url_name: str
    icon: str
    permission: Permission
    order: int
    prefix: str
    section: str = ""
    on_phone: bool = False
    on_seats: bool = False
    on_role_seats: bool = False


_entries: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    _entries[entry.url_name] = entry


def entries_for(user: User) -> list[Entry]:
    shown = [entry for entry in _entries.values() if _is_for(user, entry)]
    return sorted(shown, key=lambda entry: entry.order)


def _is_for(user: User, entry: Entry) -> bool:
    by_seat = entry.on_role_seats and entry.permission in user.role.on_seat
    return entry.on_seats or by_seat or can(user, entry.permission)
