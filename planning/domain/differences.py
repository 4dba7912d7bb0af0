"""What changed between two texts, by word: for reading, never for storing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

MOST_WORDS = 1_500
"""Beyond this a comparison takes noticeable time; then the whole text counts as replaced."""

_WORD = re.compile(r"\s+|[^\s]+")


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that stayed, came or went."""

    change: Change
    text: str


def word_changes(before: str, after: str) -> tuple[Piece, ...]:
    """Both texts in one row of pieces: same and removed give `before`, same and added give `after`."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    if max(len(old), len(new)) > 2 * MOST_WORDS:
        return tuple(_pieces([("replace", 0, len(old), 0, len(new))], old, new))
    return tuple(_pieces(SequenceMatcher(None, old, new, autojunk=False).get_opcodes(), old, new))


def side_by_side(mine: str, theirs: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Each text with the words marked that the other does not have."""
    pieces = word_changes(theirs, mine)
    return (
        tuple(piece for piece in pieces if piece.change is not Change.REMOVED),
        tuple(piece for piece in pieces if piece.change is not Change.ADDED),
    )


def _pieces(codes: Sequence[tuple[str, int, int, int, int]], old: list[str], new: list[str]) -> Iterator[Piece]:
    for tag, start, end, new_start, new_end in codes:
        if tag == "equal":
            yield Piece(Change.SAME, "".join(old[start:end]))
            continue
        if end > start:
            yield Piece(Change.REMOVED, "".join(old[start:end]))
        if new_end > new_start:
            yield Piece(Change.ADDED, "".join(new[new_start:new_end]))
