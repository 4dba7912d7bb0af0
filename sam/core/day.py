"""My day: each app registers what may need a person now; the page collects and sorts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sam.core.models import User


@dataclass(frozen=True, slots=True)
class Item:
    """One line of my day, with the one button that deals with it."""

    title: str
    note: str
    url: str
    button: str
    icon: str
    tone: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Source:
    key: str
    order: int
    items: Callable[[User, date], Iterable[Item]]


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    _sources[source.key] = source


def sources() -> list[Source]:
    return sorted(_sources.values(), key=lambda source: source.order)
