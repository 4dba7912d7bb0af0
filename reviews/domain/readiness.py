"""Is a review ready? The list that is checked before a meeting with the client."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

ACTIONS_FRESH_DAYS = 10
DECISIONS_WRITTEN = 3
WARNING_DAYS = 5


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What is known about a review. None where there is nothing to check, so that the line is left out, not faked.

    ``figures_marked``: the last period is closed or marked preliminary. ``actions_updated``: the day of the older of
    the last updates by our side and by the client's. ``values_unsent``: value entries not yet sent for agreement.
    """

    figures_marked: bool | None = None
    actions_updated: date | None = None
    has_actions: bool = False
    values_unsent: int | None = None
    survey_shared: bool | None = None
    decisions_written: int = 0
    sponsor_briefed: bool | None = None
    attendees: int = 0
    place: str = ""
    has_pack: bool = False
    pack_read_by_another: bool = False


@dataclass(frozen=True, slots=True)
class ReadinessItem:
    """One line of the list. ``text``: what it takes, as a statement that is true when ready."""

    key: str
    text: str
    ready: bool


@dataclass(frozen=True, slots=True)
class Readiness:
    items: tuple[ReadinessItem, ...]

    @property
    def ready(self) -> int:
        return sum(item.ready for item in self.items)

    @property
    def open(self) -> tuple[ReadinessItem, ...]:
        return tuple(item for item in self.items if not item.ready)


_Check = Callable[[ReviewFacts, date], bool | None]


def _actions_fresh(facts: ReviewFacts, today: date) -> bool | None:
    if not facts.has_actions:
        return None
    return facts.actions_updated is not None and today - facts.actions_updated <= timedelta(days=ACTIONS_FRESH_DAYS)


_CHECKS: tuple[tuple[str, str, _Check], ...] = (
    ("figures", "The last period is closed or marked preliminary", lambda facts, today: facts.figures_marked),
    ("actions", f"Both sides updated the actions in the last {ACTIONS_FRESH_DAYS} days", _actions_fresh),
    (
        "value",
        "All value entries are sent for agreement",
        lambda facts, today: None if facts.values_unsent is None else facts.values_unsent == 0,
    ),
    ("survey", "The survey summary is shared", lambda facts, today: facts.survey_shared),
    (
        "decisions",
        f"{DECISIONS_WRITTEN} decisions we ask for are written",
        lambda facts, today: facts.decisions_written >= DECISIONS_WRITTEN,
    ),
    ("sponsor", "The sponsor is briefed", lambda facts, today: facts.sponsor_briefed),
    ("place", "Attendees and place are set", lambda facts, today: facts.attendees > 0 and bool(facts.place.strip())),
    ("pack", "Somebody other than its author read the pack", lambda facts, today: facts.pack_read_by_another),
)


def readiness(facts: ReviewFacts, today: date) -> Readiness:
    """The list for this review, without the lines that have nothing to check."""
    checked = ((key, text, check(facts, today)) for key, text, check in _CHECKS)
    return Readiness(tuple(ReadinessItem(key, text, ready) for key, text, ready in checked if ready is not None))


def is_unprepared(facts: ReviewFacts, review_on: date, today: date) -> bool:
    """True from five days before the review on, while place, pack or decisions are still lacking."""
    close = today <= review_on <= today + timedelta(days=WARNING_DAYS)
    lacking = not facts.place.strip() or not facts.has_pack or facts.decisions_written < DECISIONS_WRITTEN
    return close and lacking
