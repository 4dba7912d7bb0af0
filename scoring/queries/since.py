"""What happened after a quarter: the newest quarters against as many that ended with it, per account."""

from __future__ import annotations

from typing import Any

from sam.values.periods import Quarter
from scoring.queries.measures import AMOUNTS

MOST_QUARTERS = 4
CHANGES = {
    "revenue": AMOUNTS["revenue"],
    "contribution": f"{AMOUNTS['revenue']} - ({AMOUNTS['goods']}) - {AMOUNTS['cost_to_serve']}",
}


def quarters_compared(quarter: Quarter, last: Quarter) -> int:
    """How many quarters stand on each side: up to four, and never one that lies on both. ValueError when none does."""
    distance = len(Quarter.range(quarter, last)) - 1 if quarter < last else 0
    if not distance:
        raise ValueError("There has to be a quarter after the one that is tested.")
    return min(distance, MOST_QUARTERS)


def growth_statement(measure: str, quarter: Quarter, last: Quarter, currency: str) -> tuple[str, dict[str, Any]]:
    """SQL and parameters for account id and the two sums as floats, where every quarter of both is known.

    Rows are quarters, or three months that make one; a year is never split. Converted at the rate of the quarter.
    """
    count = quarters_compared(quarter, last)
    sql = f"""
        WITH raw AS (
            SELECT f.account_id, f.key_id, f.months, date_trunc('quarter', f.period_start::timestamp)::date AS quarter,
                ({CHANGES[measure]}) * CASE WHEN f.currency = %(currency)s THEN 1 ELSE r.rate END AS amount
            FROM accounts_figure f
            LEFT JOIN core_exchangerate r ON r.currency = f.currency AND r."into" = %(currency)s
                AND r.quarter_start = date_trunc('quarter', f.period_start::timestamp)::date
            WHERE f.kind = 'actual' AND f.period_start >= %(first)s AND f.period_start <= %(end)s
              AND (f.months = 1 OR f.months = 3 AND extract(month FROM f.period_start) IN (1, 4, 7, 10))
        ), keyed AS (
            SELECT account_id, key_id, quarter,
                CASE WHEN bool_or(months = 3) THEN sum(amount) FILTER (WHERE months = 3)
                     WHEN count(amount) = 3 THEN sum(amount) END AS amount
            FROM raw GROUP BY account_id, key_id, quarter
        ), whole AS (
            SELECT account_id, quarter, CASE WHEN bool_and(amount IS NOT NULL) THEN sum(amount) END AS amount
            FROM keyed GROUP BY account_id, quarter
        )
        SELECT account_id::int8, before::float8, after::float8 FROM (
            SELECT account_id,
                sum(amount) FILTER (WHERE quarter <= %(quarter)s) AS before,
                sum(amount) FILTER (WHERE quarter >= %(after)s) AS after,
                count(amount) FILTER (WHERE quarter <= %(quarter)s) AS known_before,
                count(amount) FILTER (WHERE quarter >= %(after)s) AS known_after
            FROM whole GROUP BY account_id
        ) sums
        WHERE known_before = %(count)s AND known_after = %(count)s AND before > 0
    """  # noqa: S608 - our own expressions
    return sql, {
        "currency": currency,
        "first": quarter.shift(1 - count).start,
        "quarter": quarter.start,
        "after": last.shift(1 - count).start,
        "end": last.end,
        "count": count,
    }
