"""Opinions on client people: how long one holds. An opinion nobody confirmed for a year says nothing."""

from datetime import date

MONTHS_VALID = 12


def expires_on(recorded_on: date) -> date:
    """The first day on which an opinion no longer counts: the same day twelve months later (28 Feb for 29 Feb)."""
    try:
        return recorded_on.replace(year=recorded_on.year + 1)
    except ValueError:
        return recorded_on.replace(year=recorded_on.year + 1, day=28)
