"""The who-may-do-what matrix: every address of the site, what guards it, and who gets in.

DECLARED says by hand which permission each address needs. The test walks the URLconf and fails for an address
that is not here, for one that needs something else than it says, and for any person who is let in or kept out
against the table of roles.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver

from sam.core.authorization.permissions import Permission as P
from sam.core.authorization.roles import ROLES, SEAT_ACCESSES


@dataclass(frozen=True, slots=True)
class Address:
    """One guarded page: its URL name, the names in its path, the permission on its guard."""

    name: str
    arguments: tuple[str, ...]
    requires: P
    post_only: bool

    @property
    def in_account(self) -> bool:
        return "account_id" in self.arguments


def addresses(patterns: Any = None, namespace: str = "", before: tuple[str, ...] = ()) -> Iterator[Address]:
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        arguments = (*before, *entry.pattern.converters)
        if not isinstance(entry, URLPattern):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry.url_patterns, inner, arguments)
        elif hasattr(entry.callback, "requires") and entry.name:
            yield Address(
                f"{namespace}{entry.name}", arguments, entry.callback.requires, takes_post_only(entry.callback)
            )


def takes_post_only(view: Any) -> bool:
    """Whether @require_POST stands on the view, seen in the closure of its wrapper."""
    while view is not None:
        for cell in getattr(view, "__closure__", None) or ():
            if cell.cell_contents == ["POST"]:
                return True
        view = getattr(view, "__wrapped__", None)
    return False


@dataclass(frozen=True, slots=True)
class Somebody:
    """A role, and maybe an access by a seat on the account."""

    role: str
    access: str = ""

    def __str__(self) -> str:
        return f"{self.role}+{self.access}" if self.access else self.role

    def holds(self, permission: P, *, in_account: bool) -> bool:
        role = ROLES[self.role]
        if permission in role.everywhere:
            return True
        if not self.access or not in_account:
            return False
        return permission in role.on_seat or permission in SEAT_ACCESSES[self.access].permissions

    def expected(self, address: Address) -> str:
        if address.in_account and not self.holds(P.ACCOUNT_VIEW, in_account=True):
            return "hidden"
        return "in" if self.holds(address.requires, in_account=address.in_account) else "forbidden"


EVERYBODY = [Somebody(role) for role in ROLES] + [Somebody("team_member", access) for access in SEAT_ACCESSES]
