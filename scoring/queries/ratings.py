"""What people rated, as the numbers that scores are computed from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from sam.values.periods import Month
from scoring.queries.rules import Rules

# The consensus of several raters is the median; a rating older than the criterion's validity does not count.
_MEDIANS = """
    SELECT r.account_id::int8, c.index - 1,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY r.value)
    FROM scoring_rating r
    JOIN unnest(%s::text[], %s::int[]) WITH ORDINALITY AS c(key, months, index) ON c.key = r.criterion_key
    WHERE r.scorecard_id = %s AND c.months > 0
      AND r.rated_on <= %s AND r.rated_on + make_interval(months => c.months) > %s
      {accounts}
    GROUP BY r.account_id, c.index
"""


def expires_on(rated_on: date, months: int) -> date:
    """The first day on which a rating does not count any more; a day that a shorter month lacks becomes its last."""
    month = Month.containing(rated_on).shift(months)
    return month.start.replace(day=min(rated_on.day, month.end.day))


def median_statement(rules: Rules, today: date, accounts: Sequence[int] | None = None) -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters for account id, position of the criterion, and median."""
    keys = [criterion.key for criterion in rules.criteria]
    months = [criterion.valid_months if criterion.is_rated else 0 for criterion in rules.criteria]
    params: list[Any] = [keys, months, rules.version.scorecard_id, today, today]
    if accounts is not None:
        params.append(list(accounts))
    return _MEDIANS.format(accounts="" if accounts is None else "AND r.account_id = ANY(%s)"), tuple(params)


def medians_of(rules: Rules, account_id: int, today: date) -> dict[str, float]:
    """Median per criterion key of the ratings that still count."""
    sql, params = median_statement(rules, today, [account_id])
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {rules.criteria[position].key: float(value) for _, position, value in cursor.fetchall()}
