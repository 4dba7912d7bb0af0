"""What a person holds in other apps (accounts, seats, actions): registered there, shown and moved here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sam.core.models import User


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of thing people hold. `reassign(from_user=, to_user=, by=)` moves all of it, returns how many."""

    key: str
    label: str
    held_by: Callable[[User], Iterable[str]]
    reassign: Callable[..., int]


_holdings: dict[str, Holding] = {}


def register(holding: Holding) -> None:
    _holdings[holding.key] = holding


def holdings() -> list[Holding]:
    return sorted(_holdings.values(), key=lambda holding: holding.label)
