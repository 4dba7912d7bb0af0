"""The agreed beat of contact between two people: when the next one is due and how late it is. All in calendar days."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction


class CadenceState(StrEnum):
    ON_TIME = "on_time"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Cadence:
    """Where a beat stands on a day.

    ``days_since``: since the last contact, or since the beat was agreed when there was none (``met`` False).
    ``overdue_days``: 0 up to and on the due day. ``ratio``: days since over agreed days, 1 on the due day.
    """

    met: bool
    days_since: int
    due_on: date
    overdue_days: int
    ratio: Fraction
    state: CadenceState


def cadence(last_contact: date | None, since: date, every_days: int, today: date, soon_days: int = 7) -> Cadence:
    """State of a beat of ``every_days`` (1 or more) agreed on ``since``. ``soon_days``: warning before the due day.

    Contacts after ``today`` are appointments, not contacts: ValueError, as for a beat below one day.
    """
    if every_days < 1:
        raise ValueError(f"A beat is at least one day, not {every_days}.")
    if last_contact is not None and last_contact > today:
        raise ValueError("The last contact lies in the future.")
    counted_from = last_contact if last_contact is not None else min(since, today)
    days_since = (today - counted_from).days
    late = max(0, days_since - every_days)
    return Cadence(
        met=last_contact is not None,
        days_since=days_since,
        due_on=counted_from + timedelta(days=every_days),
        overdue_days=late,
        ratio=Fraction(days_since, every_days),
        state=_state(late, every_days - days_since, soon_days),
    )


def _state(late: int, left: int, soon_days: int) -> CadenceState:
    if late:
        return CadenceState.OVERDUE
    return CadenceState.DUE_SOON if left <= soon_days else CadenceState.ON_TIME
