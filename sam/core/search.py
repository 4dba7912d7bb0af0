"""The search box: each app registers what can be found; hits are already narrowed to what the person may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sam.core.models import User


@dataclass(frozen=True, slots=True)
class Hit:
    label: str
    note: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class Source:
    key: str
    label: str
    order: int
    find: Callable[[User, str, int], Iterable[Hit]]


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    _sources[source.key] = source


def sources() -> list[Source]:
    return sorted(_sources.values(), key=lambda source: source.order)
