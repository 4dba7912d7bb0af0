"""Company names made comparable, and look-alikes found among many. Names are never keys: a look-alike is a warning."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz, process

from sam.values.texts import fold

SIMILAR_FROM = 83.0
"""Lowest similarity (0 to 100, normalised edit distance) of two names that are worth a look."""

_BLOCK_LETTERS = 4
_LARGEST_BLOCK = 2_000
_DOTS = re.compile(r"[.'\u2019\u00b4`]")
_LETTER_SLASH = re.compile(r"\b([a-z])/([a-z])\b")
_POLISH_FORM = re.compile(r"\bsp z ?oo\b")
_NO_WORD = re.compile(r"[^\w]+|_+")
_LEGAL_FORMS = """
    ab ag aps as asa bv bvba co company corp corporation cie dd doo ehf eood ev gbr gmbh hf inc incorporated kft kg kgaa
    kk lda limited llc llp lp ltd ltda mbh nv nyrt oao ohg ood ooo oy oyj plc pte pty pvt sa sarl sas sasu sca se sl slu
    spa spzoo srl sro ug zao zrt
"""
_DROPPED = frozenset(_LEGAL_FORMS.split())
_JOINING = frozenset({"and", "und", "et", "y", "e"})


class Resemblance(StrEnum):
    SAME_NAME = "same_name"
    SAME_WORDS = "same_words"
    SIMILAR = "similar"


@dataclass(frozen=True, slots=True)
class LookAlike:
    """``key`` may be the same company as ``known_key``; ``similarity`` 83 to 100."""

    key: str
    known_key: str
    resemblance: Resemblance
    similarity: float


def normalise(name: str) -> str:
    """The words that tell companies apart: folded, without legal forms at the end, punctuation and a leading "the".

    "Solmarina Desalinización, S.A." → "solmarina desalinizacion"; a name of legal forms only keeps them.
    """
    text = _LETTER_SLASH.sub(r"\1\2", _DOTS.sub("", fold(name).replace("&", " and ")))
    words = _POLISH_FORM.sub("spzoo", " ".join(_NO_WORD.sub(" ", text).split())).split()
    kept = words[1:] if len(words) > 1 and words[0] == "the" else words
    end = len(kept)
    while end and (kept[end - 1] in _DROPPED or (end < len(kept) and kept[end - 1] in _JOINING)):
        end -= 1
    return " ".join(kept[:end] or words)


def find_lookalikes(
    new: Iterable[tuple[str, str]], known: Iterable[tuple[str, str]] = (), limit: int = 3
) -> Iterator[LookAlike]:
    """For each (key, name) of ``new``, up to ``limit`` look-alikes among the known ones and the new ones before it.

    Two names resemble each other when their normalised words are the same, the same in another order or with other
    blanks, or when they share their digits and first letters and are similar. Digits tell names apart: "Customer 12346"
    is not "Customer 12347". A first syllable shared by over 2,000 names is no hint and is left out of the last rule.
    """
    index = _Index()
    for key, name in known:
        index.add(key, normalise(name))
    for key, name in new:
        plain = normalise(name)
        if plain:
            yield from index.lookalikes(key, plain, limit)
        index.add(key, plain)


class _Index:
    def __init__(self) -> None:
        self._same: defaultdict[str, list[str]] = defaultdict(list)
        self._words: defaultdict[str, list[str]] = defaultdict(list)
        self._blocks: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)

    def add(self, key: str, plain: str) -> None:
        self._same[plain].append(key)
        for form in _other_forms(plain):
            self._words[form].append(key)
        self._blocks[_block(plain)][key] = plain

    def lookalikes(self, key: str, plain: str, limit: int) -> list[LookAlike]:
        found: dict[str, LookAlike] = {}
        for known in self._same.get(plain, ()):
            found.setdefault(known, LookAlike(key, known, Resemblance.SAME_NAME, 100.0))
        for form in _other_forms(plain):
            for known in self._words.get(form, ()):
                found.setdefault(known, LookAlike(key, known, Resemblance.SAME_WORDS, 100.0))
        if len(found) < limit:
            for known, similarity in self._similar(plain, limit + len(found)):
                found.setdefault(known, LookAlike(key, known, Resemblance.SIMILAR, similarity))
        found.pop(key, None)
        return list(found.values())[:limit]

    def _similar(self, plain: str, limit: int) -> list[tuple[str, float]]:
        block = self._blocks.get(_block(plain), {})
        if len(block) > _LARGEST_BLOCK:
            return []
        matches = process.extract(plain, block, scorer=fuzz.ratio, score_cutoff=SIMILAR_FROM, limit=limit)
        return [(known, similarity) for _, similarity, known in matches]


def _other_forms(plain: str) -> tuple[str, str]:
    """The words in alphabetical order, and the letters without blanks; prefixed, so that they never meet."""
    words = plain.split(" ")
    return "w:" + " ".join(sorted(words)), "l:" + "".join(words)


def _block(plain: str) -> tuple[str, str]:
    digits = "".join(letter for letter in plain if letter.isdigit())
    return plain.replace(" ", "")[:_BLOCK_LETTERS], digits
