"""A survey's questions and the reading of one answer. Pure: texts and numbers in, values or named mistakes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

# 5 strongly agree … 1 strongly disagree.
AGREEMENT = (5, 4, 3, 2, 1)
RECOMMENDATION = tuple(range(11))
CANNOT_SAY = "cannot_say"
LONGEST_TEXT = 2000
DETRACTOR_UP_TO = 6
DISAGREEMENT_UP_TO = 2

Value = int | str


class ItemKind(StrEnum):
    """What a question asks for: 0 to 10, agreement 1 to 5, or words."""

    NPS = "nps"
    DRIVER = "driver"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Item:
    """One question: its key, its kind, and its wording per language."""

    key: str
    kind: ItemKind
    text: Mapping[str, str]
    label: Mapping[str, str]

    def worded(self, language: str) -> str:
        """The question in `language`, English where there is no translation."""
        return self.text.get(language) or self.text["en"]

    def named(self, language: str) -> str:
        """A short name in `language`, for charts."""
        return self.label.get(language) or self.label["en"]


def read_items(stored: Iterable[Mapping[str, object]]) -> tuple[Item, ...]:
    """The questions of a stored template. Raises ValueError for one that is not complete."""
    items = []
    for entry in stored:
        text, label = entry.get("text"), entry.get("label")
        if not (isinstance(text, Mapping) and text.get("en") and isinstance(label, Mapping) and label.get("en")):
            raise ValueError(f"Question {entry.get('key')} has no English wording.")
        items.append(Item(str(entry["key"]), ItemKind(str(entry["kind"])), dict(text), dict(label)))
    keys = [item.key for item in items]
    if len(set(keys)) != len(keys):
        raise ValueError("Two questions have the same key.")
    if sum(item.kind == ItemKind.NPS for item in items) != 1:
        raise ValueError("A survey asks for the recommendation exactly once.")
    return tuple(items)


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """`values` by question key, only those answered; `mistakes` name what is wrong: missing, unknown or too_long."""

    values: Mapping[str, Value]
    mistakes: Mapping[str, str]


def read_answer(items: Iterable[Item], given: Mapping[str, str]) -> ReadAnswer:
    """What somebody chose and wrote. The recommendation is needed; statements and words may stay open."""
    values: dict[str, Value] = {}
    mistakes: dict[str, str] = {}
    for item in items:
        raw = given.get(item.key, "").strip()
        if not raw:
            if item.kind == ItemKind.NPS:
                mistakes[item.key] = "missing"
            continue
        value = _value(item, raw)
        if value is None:
            mistakes[item.key] = "too_long" if item.kind == ItemKind.OPEN else "unknown"
        else:
            values[item.key] = value
    return ReadAnswer(values, mistakes)


def _value(item: Item, raw: str) -> Value | None:
    if item.kind == ItemKind.OPEN:
        return raw if len(raw) <= LONGEST_TEXT else None
    if item.kind == ItemKind.DRIVER and raw == CANNOT_SAY:
        return CANNOT_SAY
    scale = RECOMMENDATION if item.kind == ItemKind.NPS else AGREEMENT
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 2 else None
    return number if number in scale else None


def low_items(items: Iterable[Item], values: Mapping[str, Value]) -> tuple[Item, ...]:
    """Questions answered so low that somebody should call: recommendation up to 6, a statement up to 2."""
    limits = {ItemKind.NPS: DETRACTOR_UP_TO, ItemKind.DRIVER: DISAGREEMENT_UP_TO}
    found = []
    for item in items:
        value = values.get(item.key)
        if item.kind in limits and isinstance(value, int) and value <= limits[item.kind]:
            found.append(item)
    return tuple(found)
