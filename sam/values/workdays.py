"""Working days: Monday to Friday. Public holidays are not known here and count as working days."""

from datetime import date, timedelta


def add_working_days(day: date, count: int) -> date:
    """The day that lies ``count`` working days (0 or more) after ``day``; for 0 the day itself.

    >>> add_working_days(date(2026, 11, 20), 1)
    datetime.date(2026, 11, 23)
    """
    if count < 0:
        raise ValueError(f"The number of working days is 0 or more, not {count}.")
    weeks, rest = divmod(count, 5)
    found = day + timedelta(weeks=weeks)
    if weeks and not rest and found.weekday() > 4:
        # whole weeks from a weekend end on the Friday before it, because the weekend itself adds nothing
        return found - timedelta(days=found.weekday() - 4)
    while rest:
        found += timedelta(days=1)
        rest -= found.weekday() < 5
    return found


def working_days_between(first: date, last: date) -> int:
    """Working days after ``first`` up to and including ``last``; 0 when last is not after first."""
    if last <= first:
        return 0
    weeks, rest = divmod((last - first).days, 7)
    return weeks * 5 + sum((first + timedelta(days=step)).weekday() < 5 for step in range(1, rest + 1))
