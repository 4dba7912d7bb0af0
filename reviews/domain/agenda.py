"""The agenda of a review: items with minutes, and whether they fit the meeting."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """``minutes``: 1 to 480, ValueError outside. ``who``: the person or side that leads the item, in words."""

    title: str
    minutes: int
    who: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.minutes <= 480:
            raise ValueError(f"An agenda item takes 1 to 480 minutes, not {self.minutes}.")


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """``starts_after``: minutes from the beginning of the meeting."""

    item: AgendaItem
    starts_after: int


def total_minutes(items: Sequence[AgendaItem]) -> int:
    return sum(item.minutes for item in items)


def minutes_left(items: Sequence[AgendaItem], meeting_minutes: int) -> int:
    """Minutes the agenda leaves free; below zero when it is too long."""
    return meeting_minutes - total_minutes(items)


def place(items: Sequence[AgendaItem]) -> tuple[PlacedItem, ...]:
    """The items in order, each with the minute it starts."""
    placed: list[PlacedItem] = []
    minute = 0
    for item in items:
        placed.append(PlacedItem(item, minute))
        minute += item.minutes
    return tuple(placed)
