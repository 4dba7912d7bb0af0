"""Two people changed the same text: a three-way merge by sentence that never loses a word.

Edits of different sentences are merged; edits that touch the same sentences, and two insertions at the same place,
become conflicts that people settle. Nothing is guessed inside a sentence. A sentence ends at ``.``, ``!`` or ``?``
before white space, or at a line end; after a number or an abbreviation a point ends nothing ("12. Dezember",
"Dr. Holt"), which makes sentences longer rather than wrong. Line ends come back as ``\\n``.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TypeAlias

MOST_SENTENCES = 1_000
MOST_PAIRS = 20_000
"""A changed stretch with more sentences, or with more pairs of equal ones, is one conflict: comparing takes seconds."""

_SPACE = re.compile(r"[^\S\n]*\n\s*|[^\S\n]+")
_CLOSING = "\"'\u2019\u201d\u00bb)]"
_ABBREVIATIONS = frozenset(
    {"approx", "bzw", "ca", "dr", "e.g", "etc", "fig", "i.e", "mr", "mrs", "ms", "no", "nr", "prof", "st", "vs", "z.b"}
)


class Choice(StrEnum):
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Merged:
    """Both texts went together without a question."""

    text: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """A stretch of text between conflicts that needs no choice."""

    text: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A stretch that both changed: as it was, as mine has it, as theirs has it. An empty text is a deletion."""

    base: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Conflicts:
    """The text in pieces, in order; at least one is a Conflict. ``resolve`` puts it together."""

    pieces: tuple[Agreed | Conflict, ...]

    @property
    def pairs(self) -> tuple[Conflict, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Conflict))


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence and the white space behind it. The white space is not compared."""

    words: str
    gap: str


@dataclass(frozen=True, slots=True)
class _Hunk:
    """``start`` to ``end`` of the base became ``new_start`` to ``new_end`` of one side."""

    start: int
    end: int
    new_start: int
    new_end: int


_Text: TypeAlias = Sequence[_Sentence]


def merge(base: str, mine: str, theirs: str) -> Merged | Conflicts:
    """Both sides' changes to ``base`` in one text, or the conflicts to choose from."""
    base, mine, theirs = _unified(base), _unified(mine), _unified(theirs)
    if mine in (base, theirs):
        return Merged(theirs)
    if theirs == base:
        return Merged(mine)
    texts = _sentences(base), _sentences(mine), _sentences(theirs)
    pieces = _pieces(*texts)
    if _loses(pieces, *texts):
        return Conflicts((Conflict(base, mine, theirs),))
    if not any(isinstance(piece, Conflict) for piece in pieces):
        return Merged(_join(piece.text for piece in pieces if isinstance(piece, Agreed)))
    return Conflicts(tuple(pieces))


def resolve(conflicts: Conflicts, choices: Sequence[Choice]) -> str:
    """The text with one choice per conflict, in order; *both* puts mine before theirs. ValueError on a wrong count."""
    if len(choices) != len(conflicts.pairs):
        raise ValueError(f"There are {len(conflicts.pairs)} conflicts and {len(choices)} choices.")
    remaining = iter(choices)
    parts: list[str] = []
    for piece in conflicts.pieces:
        if isinstance(piece, Agreed):
            parts.append(piece.text)
            continue
        choice = next(remaining)
        if choice is not Choice.THEIRS:
            parts.append(piece.mine)
        if choice is not Choice.MINE:
            parts.append(piece.theirs)
    return _join(parts)


def sentences(text: str) -> list[str]:
    """The sentences as the merge compares them, without white space around them."""
    return [sentence.words for sentence in _sentences(_unified(text)) if sentence.words]


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _sentences(text: str) -> list[_Sentence]:
    """The text as sentences; white space before the first one hangs on an empty sentence, always there."""
    body = text.lstrip()
    found = [_Sentence("", text[: len(text) - len(body)])]
    start = word = 0
    for space in _SPACE.finditer(body):
        if "\n" in space[0] or space.end() == len(body) or _ends_sentence(body[word : space.start()]):
            found.append(_Sentence(body[start : space.start()], space[0]))
            start = space.end()
        word = space.end()
    if start < len(body):
        found.append(_Sentence(body[start:], ""))
    return found


def _ends_sentence(word: str) -> bool:
    """True when white space behind this word begins a new sentence."""
    bare = word.rstrip(_CLOSING)
    if not bare or bare[-1] not in ".!?":
        return False
    if bare[-1] != "." or bare.endswith(".."):
        return True
    core = bare[:-1].lstrip("([\"'").lower()
    # One letter is an initial; one sign, as in "12 %.", is the end of a sentence.
    initial = len(core) == 0 or (len(core) == 1 and core.isalpha())
    return not (core.isdigit() or initial or core in _ABBREVIATIONS)


def _pieces(base: _Text, mine: _Text, theirs: _Text) -> list[Agreed | Conflict]:
    found: list[Agreed | Conflict] = []
    done = my_shift = their_shift = 0
    for my_hunks, their_hunks in _clusters(_hunks(base, mine), _hunks(base, theirs)):
        both = my_hunks + their_hunks
        start, end = min(hunk.start for hunk in both), max(hunk.end for hunk in both)
        found.append(Agreed(_render(_unchanged(base, mine, theirs, range(done, start), my_shift, their_shift))))
        my_end = _new_end(my_hunks, end, my_shift)
        their_end = _new_end(their_hunks, end, their_shift)
        my_part, their_part = mine[start + my_shift : my_end], theirs[start + their_shift : their_end]
        if not their_hunks:
            found.append(Agreed(_render(my_part)))
        elif not my_hunks:
            found.append(Agreed(_render(their_part)))
        elif _words(my_part) == _words(their_part):
            found.append(Agreed(_render(_same_edit(my_part, their_part))))
        else:
            found.append(Conflict(_render(base[start:end]), _render(my_part), _render(their_part)))
        done, my_shift, their_shift = end, my_end - end, their_end - end
    rest = _unchanged(base, mine, theirs, range(done, len(base)), my_shift, their_shift)
    found.append(Agreed(_render(rest)))
    return [piece for piece in found if piece != Agreed("")]


def _loses(pieces: Iterable[Agreed | Conflict], base: _Text, mine: _Text, theirs: _Text) -> bool:
    """True when a sentence that both sides have, or one has added, is nowhere in the pieces.

    It happens when a sentence stood there twice and each side deleted another one of the two.
    """
    before, after_mine, after_theirs = set(_words(base)), set(_words(mine)), set(_words(theirs))
    kept = {words for piece in pieces for text in _sides(piece) for words in _words(_sentences(text))}
    return not (after_mine & after_theirs) | ((after_mine | after_theirs) - before) <= kept | {""}


def _sides(piece: Agreed | Conflict) -> tuple[str, ...]:
    return (piece.text,) if isinstance(piece, Agreed) else (piece.mine, piece.theirs)


def _hunks(base: _Text, side: _Text) -> list[_Hunk]:
    """The changed stretches of one side; neighbouring changes are one hunk."""
    before, after = _words(base), _words(side)
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    middle, new_middle = before[head : len(before) - tail], after[head : len(after) - tail]
    if not middle and not new_middle:
        return []
    if _too_long(middle, new_middle):
        return [_Hunk(head, head + len(middle), head, head + len(new_middle))]
    codes = SequenceMatcher(None, middle, new_middle, autojunk=False).get_opcodes()
    return [_Hunk(head + a, head + b, head + c, head + d) for tag, a, b, c, d in codes if tag != "equal"]


def _too_long(before: Sequence[str], after: Sequence[str]) -> bool:
    if max(len(before), len(after)) > MOST_SENTENCES:
        return True
    again = Counter(after)
    return sum(count * again[words] for words, count in Counter(before).items()) > MOST_PAIRS


def _clusters(mine: Iterable[_Hunk], theirs: Iterable[_Hunk]) -> list[tuple[list[_Hunk], list[_Hunk]]]:
    """Hunks of both sides in order, those that overlap (directly or through others) together."""
    tagged = [(hunk, 0) for hunk in mine] + [(hunk, 1) for hunk in theirs]
    tagged.sort(key=lambda pair: (pair[0].start, pair[0].end))
    found: list[tuple[list[_Hunk], list[_Hunk]]] = []
    start = end = -1
    for hunk, side in tagged:
        if found and _touches(hunk, start, end):
            end = max(end, hunk.end)
        else:
            found.append(([], []))
            start, end = hunk.start, hunk.end
        found[-1][side].append(hunk)
    return found


def _touches(hunk: _Hunk, start: int, end: int) -> bool:
    """True when a hunk shares a sentence with the stretch, lies inside it, or inserts where the stretch only inserts.

    Hunks come in order, so this one does not begin before the stretch. An insertion at an edge of a changed stretch
    touches nothing: it has its place before or behind it.
    """
    return hunk.start < end or hunk.start == hunk.end == start == end


def _new_end(hunks: Sequence[_Hunk], end: int, shift: int) -> int:
    """Where a stretch of the base ends on one side: behind its last hunk everything is moved, but the same."""
    return end + (hunks[-1].new_end - hunks[-1].end if hunks else shift)


def _unchanged(
    base: _Text, mine: _Text, theirs: _Text, stretch: range, my_shift: int, their_shift: int
) -> list[_Sentence]:
    """Sentences that nobody changed, with the white space of the side that changed it."""
    return [
        _Sentence(
            base[index].words,
            _merged_gap(base[index].gap, mine[index + my_shift].gap, theirs[index + their_shift].gap),
        )
        for index in stretch
    ]


def _same_edit(mine: _Text, theirs: _Text) -> list[_Sentence]:
    return [_Sentence(my.words, _merged_gap("", my.gap, their.gap)) for my, their in zip(mine, theirs, strict=True)]


def _merged_gap(base: str, mine: str, theirs: str) -> str:
    if mine == base:
        return theirs
    if theirs == base:
        return mine
    return max(mine, theirs, key=lambda gap: (gap.count("\n"), len(gap), gap))


def _words(text: _Text) -> list[str]:
    return [sentence.words for sentence in text]


def _render(text: _Text) -> str:
    return _join(sentence.words + sentence.gap for sentence in text)


def _join(parts: Iterable[str]) -> str:
    """Puts parts together; where white space is lacking, a blank after a full sentence, else a new line."""
    joined: list[str] = []
    for part in parts:
        if part:
            if joined:
                joined.append(_seam(joined[-1]))
            joined.append(part)
    return "".join(joined)


def _seam(text: str) -> str:
    """What is needed behind a text so that the next sentence stays one of its own."""
    words = text.rstrip()
    if not words or "\n" in text[len(words) :]:
        return ""
    if not _ends_sentence(words.split()[-1]):
        return "\n"
    return "" if len(words) < len(text) else " "
