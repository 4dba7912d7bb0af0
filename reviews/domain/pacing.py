"""How often a client person may be written to: a survey's reminders, and rest between two surveys."""

from datetime import date, timedelta

REMINDER_DAYS = (4, 10)
"""Days after the invitation; then never again."""
REST_DAYS = 150
"""Days between two surveys to one person, over all waves and accounts."""


def reminder_due(sent_on: date, reminders_sent: int, today: date) -> int | None:
    """The number of the reminder due today (1 or 2) to somebody who has not answered, else None.

    A clock that slept sends one reminder, not two: what it missed counts as sent.
    """
    passed = sum(1 for days in REMINDER_DAYS if today >= sent_on + timedelta(days=days))
    return passed if passed > reminders_sent else None


def may_be_asked_from(last_asked: date | None) -> date | None:
    """The first day on which a person may get another survey; None when at any time."""
    return None if last_asked is None else last_asked + timedelta(days=REST_DAYS)


def may_be_asked(last_asked: date | None, today: date) -> bool:
    first = may_be_asked_from(last_asked)
    return first is None or today >= first
