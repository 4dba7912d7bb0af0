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
    """One line of the rail. `on_seats`: also shown to people who can have the permission only through a seat."""

    label: str
    url_name: str
    icon: str
    permission: Permission
    order: int
    prefix: str
    section: str = ""
    on_phone: bool = False
    on_seats: bool = False


_entries: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    _entries[entry.url_name] = entry


def entries_for(user: User) -> list[Entry]:
    shown = [entry for entry in _entries.values() if entry.on_seats or can(user, entry.permission)]
    return sorted(shown, key=lambda entry: entry.order)
