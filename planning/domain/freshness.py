"""How old a plan's texts are, and when somebody must say that it still holds."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

AGEING_AFTER_DAYS = 30
CONFIRM_EVERY_DAYS = {"key": 90, "strategic": 45, "global": 45}
CONFIRM_OTHERS_DAYS = 90


class Freshness(StrEnum):
    EMPTY = "empty"
    FRESH = "fresh"
    AGEING = "ageing"


@dataclass(frozen=True, slots=True)
class Age:
    """A text's state and its age in days; no age where nothing was written."""

    state: Freshness
    days: int | None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """When a plan was last confirmed and must be again. `overdue_days` is 0 while it is in time."""

    confirmed_on: date | None
    due_on: date
    every_days: int
    overdue_days: int


def age_of(text: str, edited_on: date | None, today: date) -> Age:
    """Fresh up to 30 days after the last edit, ageing from then on, empty without words."""
    if edited_on is None or not text.strip():
        return Age(Freshness.EMPTY, None)
    days = max(0, (today - edited_on).days)
    return Age(Freshness.AGEING if days > AGEING_AFTER_DAYS else Freshness.FRESH, days)


def confirmation(confirmed_on: date | None, since: date, tier: str, today: date) -> Confirmation:
    """The beat of the account's tier, counted from the last confirmation or, before the first, from `since`."""
    every = CONFIRM_EVERY_DAYS.get(tier, CONFIRM_OTHERS_DAYS)
    due_on = (confirmed_on or since) + timedelta(days=every)
    return Confirmation(confirmed_on, due_on, every, max(0, (today - due_on).days))
