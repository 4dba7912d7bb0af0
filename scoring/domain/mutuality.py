"""Mutuality by evidence: the client was told what it is to us, and shows by its own acts that it counts on us.

Passed: told, and two of the six sorts of evidence that are fresh, at least one of them from the client's hand
(defaults of the programme, section 4). Evidence counts for 18 months. What we told the client does not grow old;
it belongs to the tier it was told about, and is due within 60 days of the decision.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

VALID_MONTHS = 18
TOLD_WITHIN = timedelta(days=60)
NEEDED = 2
MEETINGS_NEEDED = 2
MEETING_MONTHS = 12


class EvidenceKind(StrEnum):
    TOLD = "told"
    SUPPLIER_CLASS = "m1"
    PLAN = "m2"
    MEETINGS = "m3"
    COUNTS_ON_US = "m4"
    SHARES = "m5"
    NAMES_US = "m6"


SIGNS = tuple(kind for kind in EvidenceKind if kind is not EvidenceKind.TOLD)
FROM_THEIR_HAND = frozenset(SIGNS) - {EvidenceKind.MEETINGS}
"""A meeting is arranged by both; everything else the client wrote, answered, signed or published itself."""


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months later; a day that month lacks becomes its last."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def expires_on(kind: EvidenceKind, day: date) -> date | None:
    """The first day on which the evidence does not count any more; None for what was told."""
    return None if kind is EvidenceKind.TOLD else months_later(day, VALID_MONTHS)


@dataclass(frozen=True, slots=True)
class Shown:
    """One piece of evidence: its sort and the day of the act."""

    kind: EvidenceKind
    on: date


class Telling(StrEnum):
    """Whether the client knows what it is to us."""

    DONE = "done"
    NOT_YET_ASKED = "not_yet_asked"
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Mutuality:
    """``fresh``: sorts that count, each with its newest day. ``expired``: sorts whose newest day is too old.

    ``told_on``: the day of the newest telling that belongs to the tier, ``told_by`` the day it is due.
    """

    telling: Telling
    told_on: date | None
    told_by: date | None
    fresh: tuple[Shown, ...]
    expired: tuple[Shown, ...]

    @property
    def from_their_hand(self) -> bool:
        return any(shown.kind in FROM_THEIR_HAND for shown in self.fresh)

    @property
    def shown_enough(self) -> bool:
        """Two sorts, at least one from the client's hand."""
        return len(self.fresh) >= NEEDED and self.from_their_hand

    @property
    def passed(self) -> bool:
        """Who is only proposed cannot have been told yet, and a new tier leaves 60 days to do it."""
        return self.shown_enough and self.telling is not Telling.OVERDUE

    @property
    def missing_sorts(self) -> tuple[EvidenceKind, ...]:
        """What would count next: sorts that are not there, those from the client's hand first."""
        have = {shown.kind for shown in self.fresh}
        rest = [kind for kind in SIGNS if kind not in have]
        return tuple(sorted(rest, key=lambda kind: kind not in FROM_THEIR_HAND))


def mutuality(evidence: Iterable[Shown], today: date, holds_since: date | None, asks_to_be_told: bool) -> Mutuality:
    """The gate on ``today``; evidence of later days is not looked at.

    ``asks_to_be_told``: the account holds a tier that asks for mutuality, since ``holds_since`` (None: nobody knows
    since when, then any telling counts and none is overdue).
    """
    known = [shown for shown in evidence if shown.on <= today]
    newest: dict[EvidenceKind, date] = {}
    for shown in known:
        if shown.kind is not EvidenceKind.TOLD:
            newest[shown.kind] = max(newest.get(shown.kind, shown.on), shown.on)
    ordered = [Shown(kind, newest[kind]) for kind in SIGNS if kind in newest]
    fresh = tuple(shown for shown in ordered if months_later(shown.on, VALID_MONTHS) > today)
    told = [shown.on for shown in known if shown.kind is EvidenceKind.TOLD and shown.on >= (holds_since or date.min)]
    telling, due = _telling(bool(told), today, holds_since, asks_to_be_told)
    return Mutuality(
        telling=telling,
        told_on=max(told, default=None),
        told_by=due,
        fresh=fresh,
        expired=tuple(shown for shown in ordered if shown not in fresh),
    )


def _telling(told: bool, today: date, since: date | None, asked: bool) -> tuple[Telling, date | None]:
    due = since + TOLD_WITHIN if asked and since else None
    if told:
        return Telling.DONE, due
    if not asked:
        return Telling.NOT_YET_ASKED, None
    return (Telling.OVERDUE if due is not None and today > due else Telling.DUE), due


def meetings_evidence(days: Iterable[date], today: date) -> Shown | None:
    """M3 from the calendar: the client's executive met our sponsor twice in the twelve months to ``today``.

    ``days``: one per meeting. The evidence bears the day of the newest meeting; None below two.
    """
    counted = sorted({day for day in days if day <= today and months_later(day, MEETING_MONTHS) > today})
    return Shown(EvidenceKind.MEETINGS, counted[-1]) if len(counted) >= MEETINGS_NEEDED else None
