"""Values of the measures that other apps registered, by the measure's own statement: for all accounts or for one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connection

from scoring.domain.measures import Read, measure_of


def registered(keys: Iterable[str]) -> dict[str, Read]:
    """The statements of those measures that have one of their own."""
    return {key: read for key in dict.fromkeys(keys) if (read := measure_of(key).read) is not None}


def values_of(account_id: int, keys: Iterable[str], day: date) -> dict[str, float | None]:
    """One account's values of the measures that have a statement of their own; one query for each of them."""
    found: dict[str, float | None] = {}
    for key, read in registered(keys).items():
        sql, params = read(day, [account_id])
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            row = cursor.fetchone()
        found[key] = None if row is None else float(row[1])
    return found
