"""What people rated, as the numbers that scores are computed from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from sam.values.periods import Month
from scoring.queries.rules import Rules

# The consensus of several raters is the median, unless somebody settled the value; what is older than the criterion's
# validity does not count, and neither does what a round still seals.
_CONSENSUS = """
    WITH c AS (
        SELECT key, months, index FROM unnest(%s::text[], %s::int[]) WITH ORDINALITY AS c(key, months, index)
        WHERE months > 0
    ), rated AS (
        SELECT r.account_id, c.index, percentile_cont(0.5) WITHIN GROUP (ORDER BY r.value) AS value
        FROM scoring_rating r JOIN c ON c.key = r.criterion_key
        WHERE r.scorecard_id = %s AND NOT r.sealed
          AND r.rated_on <= %s AND r.rated_on + make_interval(months => c.months) > %s
          {rated}
        GROUP BY r.account_id, c.index
    ), settled AS (
        SELECT s.account_id, c.index, s.value::float8 AS value
        FROM scoring_settledvalue s JOIN c ON c.key = s.criterion_key
        WHERE s.scorecard_id = %s
          AND s.settled_on <= %s AND s.settled_on + make_interval(months => c.months) > %s
          {settled}
    )
    SELECT account_id::int8, index - 1, coalesce(settled.value, rated.value)
    FROM rated FULL JOIN settled USING (account_id, index)
"""


def expires_on(rated_on: date, months: int) -> date:
    """The first day on which a rating does not count any more; a day that a shorter month lacks becomes its last."""
    month = Month.containing(rated_on).shift(months)
    return month.start.replace(day=min(rated_on.day, month.end.day))


def median_statement(rules: Rules, today: date, accounts: Sequence[int] | None = None) -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters for account id, position of the criterion, and consensus: median or settled value.

    One statement for all accounts and for one, so that both recomputes mean the same.
    """
    keys = [criterion.key for criterion in rules.criteria]
    months = [criterion.valid_months if criterion.is_rated else 0 for criterion in rules.criteria]
    valid: list[Any] = [rules.version.scorecard_id, today, today]
    narrowed = [] if accounts is None else [list(accounts)]
    sql = _CONSENSUS.format(
        rated="" if accounts is None else "AND r.account_id = ANY(%s)",
        settled="" if accounts is None else "AND s.account_id = ANY(%s)",
    )
    return sql, (keys, months, *valid, *narrowed, *valid, *narrowed)


def medians_of(rules: Rules, account_id: int, today: date) -> dict[str, float]:
    """Per criterion key what counts: the settled value, or the median of the ratings that still count."""
    sql, params = median_statement(rules, today, [account_id])
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {rules.criteria[position].key: float(value) for _, position, value in cursor.fetchall()}
