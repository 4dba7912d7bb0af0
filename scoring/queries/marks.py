"""Marks beside the tier, for lists and pages: each says why in a sentence. Two queries, however many accounts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import isnan
from typing import Any

from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User
from sam.core.templatetags.ui import percent, plain_number
from scoring.domain.marks import (
    DEFAULT_MARKS,
    is_emerging,
    is_large_but_transactional,
    is_unexpected,
    threats,
)
from scoring.models import AccountScore, AccountStanding, Criterion

PARTNERSHIP = "P2"
"""The criterion that says whether the client wants to work with us."""
LABELS = {
    "emerging": "emerging",
    "threat": "under threat",
    "transactional": "large but transactional",
    "unexpected": "unexpected",
}
TONES = {"emerging": "info", "threat": "bad", "transactional": "warn", "unexpected": "good"}

# What higher apps know about threats: accounts' ids → the signs in words, without figures.
ThreatSource = Callable[[Collection[int]], Mapping[int, Iterable[str]]]
_threat_sources: dict[str, ThreatSource] = {}


def register_threats(key: str, source: ThreatSource) -> None:
    """Notice received, a unit lost, a low mean of the client's answers: whoever holds the records says so."""
    _threat_sources[key] = source


@dataclass(frozen=True, slots=True)
class Mark:
    key: str
    words: str

    @property
    def label(self) -> str:
        return LABELS[self.key]

    @property
    def tone(self) -> str:
        return TONES[self.key]


@dataclass(frozen=True, slots=True)
class _Facts:
    overall: Decimal | None = None
    potential: Decimal | None = None
    partnership: Decimal | None = None
    growth: Decimal | None = None
    share: Decimal | None = None
    rank: int | None = None
    of: int = 0
    signs: tuple[str, ...] = ()


def marks_of(ids: Iterable[int], figures: Collection[int] | None = None) -> dict[int, tuple[Mark, ...]]:
    """Marks by account; accounts without any are left out. `figures`: accounts whose figures may be in the words.

    None: of all. Growth and shares stay out of the words of the others.
    """
    return marks_from(AccountScore.objects.filter(account__in=list(ids)).select_related("account__standing"), figures)


def marks_from(scores: Iterable[AccountScore], figures: Collection[int] | None = None) -> dict[int, tuple[Mark, ...]]:
    """As `marks_of`, from scores that were read with `account__standing`: no query of its own."""
    found = {}
    for account, facts in _facts(scores).items():
        marks = tuple(_marks(facts, figures is None or account in figures))
        if marks:
            found[account] = marks
    return found


def marks_for(scores: Iterable[AccountScore], user: User) -> dict[int, tuple[Mark, ...]]:
    """As `marks_from`, with figures in the words only where the person sees figures."""
    if can(user, Permission.FIGURES_VIEW):
        return marks_from(scores)
    asked = list(scores)
    shown = Account.objects.visible_to(user, Permission.FIGURES_VIEW).filter(pk__in=[row.account_id for row in asked])
    return marks_from(asked, set(shown.values_list("pk", flat=True)))


def mark_cells(ids: list[int], user: User) -> dict[int, dict[str, Any]]:
    """For the portfolio's column."""
    scores = AccountScore.objects.filter(account__in=ids).select_related("account__standing")
    return {account: {"marks": marks} for account, marks in marks_for(scores, user).items()}


def marked_accounts(keys: Collection[str]) -> dict[int, tuple[Mark, ...]]:
    """Every live account that bears one of the marks which need a rated potential."""
    rated = AccountScore.objects.filter(potential__isnull=False, account__in=Account.objects.live())
    found = marks_from(rated.select_related("account__standing"))
    picked = {account: tuple(mark for mark in marks if mark.key in keys) for account, marks in found.items()}
    return {account: marks for account, marks in picked.items() if marks}


def _facts(scores: Iterable[AccountScore]) -> dict[int, _Facts]:
    known: dict[int, dict[str, Any]] = {}
    for score in scores:
        standing = getattr(score.account, "standing", None) or AccountStanding()
        known[score.account_id] = {
            "overall": score.overall_points,
            "potential": score.potential_points,
            "partnership": _value(score.values, _partnership_position(score.version_id)),
            "growth": _decimal(standing.growth),
            "share": _decimal(standing.share_of_wallet),
            "rank": standing.revenue_rank,
            "of": standing.of,
            "signs": (),
        }
    for source in _threat_sources.values():
        for account, words in source(list(known)).items():
            known[account]["signs"] = (*known[account]["signs"], *words)
    return {account: _Facts(**values) for account, values in known.items()}


@lru_cache(maxsize=64)
def _partnership_position(version_id: int) -> int | None:
    """Where its value stands among a score's values; None when the version does not ask for it.

    Kept for as long as the process lives: scores come from published versions, and those never change.
    """
    keys = Criterion.objects.filter(version=version_id).exclude(kind=Criterion.Kind.GATE)
    return {key: position for position, key in enumerate(keys.values_list("key", flat=True))}.get(PARTNERSHIP)


def _value(values: list[float], position: int | None) -> Decimal | None:
    if position is None or position >= len(values) or isnan(values[position]):
        return None
    return Decimal(repr(values[position]))


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def _marks(facts: _Facts, figures: bool) -> Iterable[Mark]:
    if is_emerging(facts.potential, facts.growth, facts.share):
        yield Mark("emerging", _emerging_words(facts, figures))
    signs = (*threats(facts.growth, None), *facts.signs)
    if signs:
        yield Mark("threat", _sentence("; ".join(_threat_words(sign, facts, figures) for sign in signs)))
    if facts.rank is None:
        return
    if is_large_but_transactional(facts.rank, facts.of, facts.overall, facts.partnership):
        words = f"Rank {facts.rank} of {facts.of} by revenue, overall {plain_number(facts.overall or Decimal(0), 1)}"
        yield Mark("transactional", f"{words}, and it does not want to work with us ({PARTNERSHIP} at most 2).")
    if is_unexpected(facts.rank, facts.of, facts.overall):
        words = f"Overall {plain_number(facts.overall or Decimal(0), 1)}, but only rank {facts.rank} of {facts.of}"
        yield Mark("unexpected", f"{words} by revenue.")


def _emerging_words(facts: _Facts, figures: bool) -> str:
    why = []
    if not figures:
        return f"Potential {plain_number(facts.potential or Decimal(0), 1)}, and its figures point the same way."
    if facts.growth is not None and facts.growth >= DEFAULT_MARKS.emerging_growth:
        why.append(f"grew by {percent(facts.growth, 1)} in twelve months")
    if facts.share is not None and facts.share < DEFAULT_MARKS.emerging_share_of_wallet:
        why.append(f"buys only {percent(facts.share)} of its need from us")
    return f"Potential {plain_number(facts.potential or Decimal(0), 1)}, and it {' and '.join(why)}."


def _threat_words(sign: str, facts: _Facts, figures: bool) -> str:
    if not sign.startswith("revenue fell") or facts.growth is None:
        return sign
    return f"revenue fell by {percent(-facts.growth, 1)} in twelve months" if figures else "a sign in its figures"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
