"""Cost to serve from activities: quantities times the rates of the year, written into the figures they belong to.

Set-based. Only figures without a better (stated) cost are written. Where a volume or a rate is missing the cost is
unknown, never a part of it: an activity that the account reported in the nine months before must be there again.
The figure's own revision stays: nobody typed anything, and somebody who types a cost of their own wins anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connection

from sam.core.models import Organisation

# A volume belongs to the figure under its own key, else to the first figure of the account and period.
# A rate's currency reaches the figure's over the reporting currency, both at the rate of the period's quarter.
RECOMPUTE = """
    WITH figures AS (
        SELECT f.id, f.account_id, f.key_id, f.period_start, f.months, f.currency,
            row_number() OVER (PARTITION BY f.account_id, f.period_start, f.months ORDER BY f.id) = 1 AS is_first
        FROM accounts_figure f WHERE f.kind = 'actual' {figures}
    ), volumes AS (
        SELECT v.account_id, v.key_id, v.period_start, v.months, v.driver, v.quantity, r.amount, r.currency, r.variable
        FROM accounts_activityvolume v LEFT JOIN accounts_activityrate r
            ON r.driver = v.driver AND r.year = extract(year FROM v.period_start)
        WHERE true {volumes}
    ), periods AS (
        SELECT account_id, period_start, months, count(DISTINCT driver) AS reported FROM volumes GROUP BY 1, 2, 3
    ), complete AS (
        SELECT p.account_id, p.period_start, p.months, p.reported = count(DISTINCT v.driver) AS is_complete
        FROM periods p JOIN volumes v ON v.account_id = p.account_id AND v.months = p.months
            AND v.period_start BETWEEN p.period_start - interval '9 months' AND p.period_start
        GROUP BY p.account_id, p.period_start, p.months, p.reported
    ), placed AS (
        SELECT coalesce(own.id, f.id) AS id, coalesce(own.currency, f.currency) AS figure_currency, v.period_start,
            v.quantity, v.amount, v.currency, v.variable, c.is_complete
        FROM volumes v
        JOIN figures f ON f.is_first
            AND f.account_id = v.account_id AND f.period_start = v.period_start AND f.months = v.months
        LEFT JOIN figures own ON coalesce(own.key_id, 0) = coalesce(v.key_id, 0)
            AND own.account_id = v.account_id AND own.period_start = v.period_start AND own.months = v.months
        JOIN complete c ON c.account_id = v.account_id AND c.period_start = v.period_start AND c.months = v.months
    ), converted AS (
        SELECT p.id, p.is_complete, p.variable, p.quantity * p.amount * CASE
            WHEN p.currency = p.figure_currency THEN 1
            ELSE (CASE WHEN p.currency = %(into)s THEN 1 ELSE a.rate END)
                / (CASE WHEN p.figure_currency = %(into)s THEN 1 ELSE b.rate END) END AS cost
        FROM placed p
        LEFT JOIN core_exchangerate a ON a.currency = p.currency AND a."into" = %(into)s
            AND a.quarter_start = date_trunc('quarter', p.period_start::timestamp)::date
        LEFT JOIN core_exchangerate b ON b.currency = p.figure_currency AND b."into" = %(into)s
            AND b.quarter_start = date_trunc('quarter', p.period_start::timestamp)::date
    ), costs AS (
        SELECT id, bool_and(is_complete AND cost IS NOT NULL) AS is_known, round(sum(cost), 2) AS total,
            coalesce(round(sum(cost) FILTER (WHERE variable), 2), 0) AS variable
        FROM converted GROUP BY id
    ), wanted AS (
        SELECT f.id, CASE WHEN c.is_known THEN c.total END AS total,
            CASE WHEN c.is_known THEN c.variable END AS variable
        FROM figures f LEFT JOIN costs c ON c.id = f.id
    )
    UPDATE accounts_figure f SET cost_to_serve = w.total, cost_to_serve_variable = w.variable,
        cost_to_serve_basis = 'drivers'
    FROM wanted w
    WHERE f.id = w.id AND (f.cost_to_serve_basis = 'drivers' OR f.cost_to_serve IS NULL AND w.total IS NOT NULL)
        AND (f.cost_to_serve IS DISTINCT FROM w.total OR f.cost_to_serve_variable IS DISTINCT FROM w.variable
            OR f.cost_to_serve_basis <> 'drivers')
"""


def recompute_cost_to_serve(
    accounts: Iterable[int] | None = None, *, since: date | None = None, until: date | None = None
) -> int:
    """How many figures changed. To be called inside the action that changed volumes, rates or figures.

    `accounts`: ids to look at; all without. `since` and `until`: figures whose period starts in [since, until).
    """
    ids = None if accounts is None else list(accounts)
    if ids == []:
        return 0
    figures, volumes = [], []
    if ids is not None:
        figures.append("AND f.account_id = ANY(%(ids)s)")
        volumes.append("AND v.account_id = ANY(%(ids)s)")
    else:
        # Without any activity there is nothing to compute, and most installations start that way.
        figures.append(
            "AND (f.cost_to_serve_basis = 'drivers'"
            " OR f.account_id IN (SELECT account_id FROM accounts_activityvolume))"
        )
    if since is not None:
        figures.append("AND f.period_start >= %(since)s")
        volumes.append("AND v.period_start >= %(since)s::date - interval '9 months'")
    if until is not None:
        figures.append("AND f.period_start < %(until)s")
        volumes.append("AND v.period_start < %(until)s")
    into = Organisation.objects.current().reporting_currency
    statement = RECOMPUTE.format(figures=" ".join(figures), volumes=" ".join(volumes))
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": ids, "into": into, "since": since, "until": until})
        return int(cursor.rowcount)
