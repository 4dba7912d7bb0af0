"""How often we sit down with a client: the beat of each tier, and when the next review is due."""

from dataclasses import dataclass
from datetime import date, timedelta

BEAT_DAYS = {"key": 182, "strategic": 91, "global": 91}
"""Days from one review with the client to the next, at most: half-yearly for key, quarterly above."""
TELL_BEFORE_DAYS = 14
"""Days before the due date from which a review that nobody has scheduled is worth a word."""


@dataclass(frozen=True, slots=True)
class ReviewBeat:
    """When the next review is due, counted from the last one held, or from `since` where there was none."""

    due_on: date
    overdue_days: int
    worth_a_word: bool


def review_beat(tier: str, last_held: date | None, since: date, today: date) -> ReviewBeat | None:
    """The beat of an account in `tier`; None where the tier asks for no reviews."""
    days = BEAT_DAYS.get(tier)
    if days is None:
        return None
    due_on = (last_held or since) + timedelta(days=days)
    return ReviewBeat(
        due_on=due_on,
        overdue_days=max(0, (today - due_on).days),
        worth_a_word=today >= due_on - timedelta(days=TELL_BEFORE_DAYS),
    )
