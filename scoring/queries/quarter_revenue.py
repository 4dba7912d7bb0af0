"""Revenue of the last quarter as a measure: the only one where the figures do not reach back twelve months yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sam.core.models import Organisation
from sam.values.periods import Quarter, last_closed_quarter
from scoring.domain.measures import Measure, Unit

_QUARTER = """
    SELECT account_id::int8, sum(amount)::float8 FROM (
        SELECT f.account_id, f.revenue * CASE WHEN f.currency = %s THEN 1 ELSE r.rate END AS amount
        FROM accounts_figure f
        LEFT JOIN core_exchangerate r ON r.currency = f.currency AND r."into" = %s AND r.quarter_start = f.period_start
        WHERE f.kind = 'actual' AND f.months = 3 AND f.period_start = %s {accounts}
    ) quarter GROUP BY account_id HAVING count(amount) = count(*)
"""


def quarter_of(day: date) -> Quarter:
    """The last quarter that is over at the end of `day`."""
    own = Quarter.containing(day)
    return own if own.end == day else last_closed_quarter(day)


def quarter_statement(day: date, accounts: Sequence[int] | None) -> tuple[str, tuple[Any, ...]]:
    """SQL and parameters for account id and the revenue of the last closed quarter in the reporting currency."""
    currency = Organisation.objects.current().reporting_currency
    of_accounts = [] if accounts is None else [list(accounts)]
    sql = _QUARTER.format(accounts="" if accounts is None else "AND f.account_id = ANY(%s)")
    return sql, (currency, currency, quarter_of(day).start, *of_accounts)


def quarter_missing(account_id: int, day: date) -> str:
    return f"no row or no exchange rate for {quarter_of(day).label}"


QUARTER_REVENUE = Measure(
    "quarter_revenue", "Revenue, last quarter", Unit.MONEY,
    "Revenue of the last closed quarter in the reporting currency, from rows of whole quarters. For portfolios whose"
    " figures do not reach back twelve months; seasons show in it.",
    read=quarter_statement, missing=quarter_missing,
)  # fmt: skip
