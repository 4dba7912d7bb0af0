"""The yearly selection cycle: its steps, the dates they are proposed for, what is proposed, and what people can carry.

Calendar (defaults of the programme, section 3): opens on the first Monday of October; screening one week, rating three
weeks, one week to settle; the decision meeting on the second Friday of December; in force on 1 January.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MONDAY, FRIDAY = 0, 4
OPENING_MONTH, MEETING_MONTH = 10, 12
FULL_UNITS = 6
"""What one lead can carry."""
USUAL_UNITS: Mapping[str, int] = {"global": 6, "strategic": 3, "key": 1}


class Step(StrEnum):
    SCREENING = "screening"
    NOMINATION = "nomination"
    RATING = "rating"
    DECISION = "decision"
    APPROVAL = "approval"
    CLOSED = "closed"


STEPS = tuple(Step)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The nth (from 1) such weekday (0 Monday) of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The last day of each step, and the day from which the list is in force."""

    opens_on: date
    screening_until: date
    nomination_until: date
    rating_until: date
    decision_until: date
    approval_until: date
    in_force_on: date

    def until(self, step: Step) -> date | None:
        """The last day of a step; None once the cycle is closed."""
        return {
            Step.SCREENING: self.screening_until,
            Step.NOMINATION: self.nomination_until,
            Step.RATING: self.rating_until,
            Step.DECISION: self.decision_until,
            Step.APPROVAL: self.approval_until,
        }.get(step)

    @property
    def in_order(self) -> bool:
        days = [
            self.opens_on, self.screening_until, self.nomination_until, self.rating_until, self.decision_until,
            self.approval_until, self.in_force_on,
        ]  # fmt: skip
        return days == sorted(days)


def opening_day(year: int) -> date:
    """The first Monday of October before the list's ``year``."""
    return nth_weekday(year - 1, OPENING_MONTH, MONDAY, 1)


def proposed_calendar(year: int, opens_on: date | None = None) -> Calendar:
    """The usual dates for the list of ``year``; an opening day out of season moves every step with it."""
    usual = opening_day(year)
    opens = opens_on or usual
    meeting = nth_weekday(year - 1, MEETING_MONTH, FRIDAY, 2) + (opens - usual)
    screened = opens + timedelta(days=7)
    rated = screened + timedelta(days=7 + 21)
    return Calendar(
        opens_on=opens,
        screening_until=screened,
        nomination_until=screened + timedelta(days=7),
        rating_until=rated,
        decision_until=max(rated + timedelta(days=7), meeting - timedelta(days=7)),
        approval_until=meeting,
        in_force_on=max(date(year, 1, 1), meeting),
    )


def list_year(today: date) -> int:
    """The year whose list is being chosen: next year's from the opening day on, else this year's."""
    return today.year + 1 if today >= opening_day(today.year + 1) else today.year


class Outcome(StrEnum):
    IN = "in"
    WATCH = "watch"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the rules suggest for a candidate: ``tier`` "" for none."""

    outcome: Outcome
    tier: str


def suggest(proposed: str | None, only_gates_above: bool, emerging: bool) -> Suggestion | None:
    """``proposed``: the tier that the rules propose, "" for none, None without a score (then nothing is suggested).

    ``only_gates_above``: the score would do for a higher tier, and only gates stand in its way. An emerging account
    is watched where that is so, or where it would be dropped: it may come next year.
    """
    if proposed is None:
        return None
    if emerging and (only_gates_above or not proposed):
        return Suggestion(Outcome.WATCH, proposed)
    return Suggestion(Outcome.IN, proposed) if proposed else Suggestion(Outcome.OUT, "")


@dataclass(frozen=True, slots=True)
class Load:
    """Capacity units of one lead before and after the cycle."""

    lead: int
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before

    @property
    def too_much(self) -> bool:
        return self.after > FULL_UNITS


def loads(tiers: Iterable[tuple[int, str, str]], units: Mapping[str, int]) -> list[Load]:
    """Units per lead from (lead, tier now, tier afterwards) of each account; who carries nothing is left out."""
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    for lead, now, then in tiers:
        before[lead] = before.get(lead, 0) + units.get(now, 0)
        after[lead] = after.get(lead, 0) + units.get(then, 0)
    found = [Load(lead, before[lead], after[lead]) for lead in before]
    return sorted((load for load in found if load.before or load.after), key=lambda load: (-load.after, load.lead))
