"""Figures of many accounts in one statement: the last twelve months, the twelve before, the plan, eight quarters.

How rows become twelve months, per account and key: a quarter is its own row, else its three months; a year's row
counts where not all four quarters are there; nothing is ever split. Keys of an account add up. Amounts are in the
reporting currency, each row converted at the stated rate of the quarter in which its period starts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet

from accounts.domain import figures as domain
from accounts.models import Account, Figure
from sam.core.models import Organisation
from sam.values.periods import Quarter, last_closed_quarter, trailing_quarters
from sam.values.results import Computed, Missing, Result, value_of

MEASURES = ("revenue", "goods", "serve", "spend")
COLUMNS = {
    "revenue": "f.revenue",
    "goods": "f.cost_of_goods + coalesce(f.cost_of_goods_fixed, 0)",
    "serve": "f.cost_to_serve",
    "spend": "f.client_spend",
}
ALL_FOUR = 0b1111


@dataclass(frozen=True, slots=True)
class Window:
    """The twelve months that end with the quarter `last`, seen in one currency."""

    last: Quarter
    currency: str

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        """The eight quarters of two years, oldest first."""
        return trailing_quarters(self.last, 8)

    @property
    def start(self) -> date:
        """First day of the twelve months."""
        return self.quarters[4].start

    @property
    def label(self) -> str:
        return f"12 months to {self.last.label}"


def current_window(
    today: date, last: Quarter | None = None, *, for_accounts: Iterable[int] = (), currency: str = ""
) -> Window:
    """The window that ends with `last`; without one with the newest quarter that has actual figures and is over.

    `for_accounts` looks at the figures of these accounts only; `currency` is the reporting one when not given.
    """
    currency = currency or Organisation.objects.shown().reporting_currency
    if last is not None:
        return Window(last, currency)
    closed = last_closed_quarter(today)
    rows = Figure.objects.actual().filter(period_start__lte=closed.end)
    ids = list(for_accounts)
    newest = (rows.filter(account__in=ids) if ids else rows).aggregate(at=Max("period_start"))["at"]
    return Window(min(closed, Quarter.containing(newest)) if newest else closed, currency)


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """What one account did in the window. Every amount says why it is missing where it is.

    `partial`: revenue of the quarters that are known, None when there are none; equal to the revenue when complete.
    `trend`: revenue of the eight quarters; `plan`: planned revenue of these and the next one.
    """

    revenue: Result
    growth: Result
    contribution: Result
    contribution_growth: Result
    margin: Result
    margin_before: Result
    planned: Result
    against_plan: Result
    share_of_wallet: Result
    share_before: Result
    partial: Decimal | None
    missing: tuple[Quarter, ...]
    unconverted: str
    trend: tuple[Decimal | None, ...]
    plan: tuple[Decimal | None, ...]

    @property
    def known_quarters(self) -> int:
        return 4 - len(self.missing)


NO_ROWS = Missing("no figures yet")
NO_FIGURES = AccountFigures(
    revenue=NO_ROWS,
    growth=NO_ROWS,
    contribution=NO_ROWS,
    contribution_growth=NO_ROWS,
    margin=NO_ROWS,
    margin_before=NO_ROWS,
    planned=NO_ROWS,
    against_plan=NO_ROWS,
    share_of_wallet=NO_ROWS,
    share_before=NO_ROWS,
    partial=None,
    missing=(),
    unconverted="",
    trend=(None,) * 8,
    plan=(None,) * 9,
)


def figures_of(account_ids: Iterable[int], window: Window) -> dict[int, AccountFigures]:
    """Figures of the accounts that have rows in the window's two years; one query."""
    ids = list(account_ids)
    if not ids:
        return {}
    sql, params = trailing_sql(window, "f.account_id = ANY(%(ids)s)", {"ids": ids})
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {row[0]: _figures(row, window) for row in cursor.fetchall()}


def trailing_sql(window: Window, scope: str, params: dict[str, Any], statement: str = "") -> tuple[str, dict[str, Any]]:
    """One row per account; `statement` is one of the cheaper forms for sorting and export.

    `scope` narrows rows of accounts_figure f by `params`; both come from this package, never from a request.
    """
    return (statement or TRAILING).replace("{scope}", scope), {
        **params,
        "currency": window.currency,
        "from": window.quarters[0].start,
        "to": window.last.next().start,
        "plan_to": window.last.shift(2).start,
        "now": window.start,
    }


def ordered_ids(
    accounts: QuerySet[Account], seen: QuerySet[Account], window: Window, key: str
) -> tuple[str, list[Any]]:
    """SQL and parameters for ids of `accounts` by revenue, growth or margin; only figures of `seen` accounts count.

    `key` is one of ORDERS, with a minus for the largest first. Accounts without the figure come last.
    """
    descending = key.startswith("-")
    order = ORDERS[key.lstrip("-")]
    accounts_sql, accounts_params = accounts.order_by().values("pk").query.sql_with_params()
    seen_sql, seen_params = seen.order_by().values("pk").query.sql_with_params()
    inner, named = trailing_sql(window, "f.account_id IN (SELECT pk FROM seen)", {}, SUMS[key.lstrip("-")])
    inner, positions = positional(inner, named)
    sql = f"""
        WITH seen AS MATERIALIZED (SELECT s.pk FROM ({seen_sql}) s), totals AS ({inner})
        SELECT a.pk FROM ({accounts_sql}) a LEFT JOIN totals t ON t.account_id = a.pk
        ORDER BY {order} {"DESC" if descending else "ASC"} NULLS LAST, a.pk
    """  # noqa: S608 - built from our own parts and the ORM's compiled queries
    return sql, [*seen_params, *positions, *accounts_params]


ORDER_MEASURES = {"revenue": ("revenue",), "growth": ("revenue",), "margin": ("revenue", "goods", "serve")}
ORDERS = {
    "revenue": "t.revenue_now",
    "growth": "(t.revenue_now / nullif(greatest(t.revenue_before, 0), 0))",
    "margin": "((t.revenue_now - t.goods_now - t.serve_now) / nullif(greatest(t.revenue_now, 0), 0))",
}


def positional(sql: str, params: dict[str, Any]) -> tuple[str, list[Any]]:
    """Named parameters as positions in the order they stand, to join the statement with a compiled query."""
    found: list[Any] = []
    pieces = sql.split("%(")
    text = pieces[0]
    for piece in pieces[1:]:
        name, _, rest = piece.partition(")s")
        found.append(params[name])
        text += "%s" + rest
    return text, found


def _sum_of_quarter(measure: str) -> str:
    return f"""CASE WHEN bool_or(whole) THEN sum({measure} * rate) FILTER (WHERE whole)
        WHEN count({measure}) FILTER (WHERE months = 1) = 3 THEN sum({measure} * rate) FILTER (WHERE months = 1)
        END AS {measure}"""


def _sum_of_half(measure: str) -> str:
    return f"""CASE WHEN count(*) FILTER (WHERE known AND NOT is_year) < 4 AND bool_or(is_year)
        THEN sum({measure}) FILTER (WHERE is_year) ELSE sum({measure}) FILTER (WHERE NOT is_year) END AS {measure},
        CASE WHEN count(*) FILTER (WHERE known AND NOT is_year) < 4 AND bool_or(is_year)
        THEN bool_and({measure} IS NOT NULL) FILTER (WHERE is_year)
        ELSE bool_and({measure} IS NOT NULL) FILTER (WHERE NOT is_year) END AS {measure}_whole"""


def _sums_of_account(measure: str, is_asked: bool) -> str:
    if not is_asked:
        return f"NULL::numeric AS {measure}_now, NULL::numeric AS {measure}_before"
    parts = [
        f"CASE WHEN bool_and({measure}_whole) FILTER (WHERE half = '{half}' AND kind = 'actual') "
        f"THEN sum({measure}) FILTER (WHERE half = '{half}' AND kind = 'actual') END AS {measure}_{half}"
        for half in ("now", "before")
    ]
    return ", ".join(parts)


TRENDS = """, trends AS (
            SELECT account_id, jsonb_object_agg(kind || ' ' || quarter, revenue) AS trend FROM (
                SELECT account_id, kind, quarter,
                    CASE WHEN bool_and(revenue IS NOT NULL) THEN sum(revenue) END AS revenue
                FROM parts WHERE NOT is_year GROUP BY account_id, kind, quarter
            ) q GROUP BY account_id
        )"""


def _statement(
    measures: Sequence[str] = MEASURES,
    *,
    trend: bool,
    shown: Sequence[str] = MEASURES,
    columns: Mapping[str, str] = COLUMNS,
) -> str:
    """One row per account; `shown` names the measures of the answer, those of them not in `measures` are empty."""
    return f"""
    SELECT h.account_id, h.mask_now, h.mask_before, h.mask_plan, h.unconverted_now, h.unconverted_before,
        {", ".join(f"h.{name}_now" for name in shown)}, {", ".join(f"h.{name}_before" for name in shown)},
        h.planned, h.partial, h.trend
    FROM (
        WITH raw AS (
            SELECT f.account_id, f.key_id, f.kind, f.months, f.currency,
                CASE WHEN f.months = 12 THEN f.period_start
                    ELSE date_trunc('quarter', f.period_start::timestamp)::date END AS quarter,
                f.months = 3 AND extract(month FROM f.period_start) IN (1, 4, 7, 10) AS whole,
                CASE WHEN f.currency = %(currency)s THEN 1 ELSE r.rate END AS rate,
                {", ".join(f"{columns[name]} AS {name}" for name in measures)}
            FROM accounts_figure f
            LEFT JOIN core_exchangerate r ON r.currency = f.currency AND r."into" = %(currency)s
                AND r.quarter_start = date_trunc('quarter', f.period_start::timestamp)::date
            WHERE f.kind IN ('actual', 'planned') AND f.period_start >= %(from)s
                AND f.period_start < CASE WHEN f.kind = 'planned' THEN %(plan_to)s ELSE %(to)s END
                AND (f.months < 12 OR f.period_start IN (%(from)s, %(now)s)) AND {{scope}}
        ), parts AS (
            SELECT account_id, key_id, kind, quarter, months = 12 AS is_year,
                CASE WHEN quarter >= %(to)s THEN 'ahead' WHEN quarter >= %(now)s THEN 'now' ELSE 'before' END AS half,
                max(currency) FILTER (WHERE rate IS NULL) AS unconverted,
                bool_or(whole AND revenue IS NOT NULL) OR count(revenue) FILTER (WHERE months = 1) = 3 AS known,
                {", ".join(_sum_of_quarter(name) for name in measures)}
            FROM (SELECT account_id, key_id, kind, quarter, months, currency, rate, whole OR months = 12 AS whole,
                    {", ".join(measures)} FROM raw) raw
            GROUP BY account_id, key_id, kind, quarter, months = 12
        ), halves AS (
            SELECT account_id, key_id, kind, half, max(unconverted) AS unconverted,
                CASE WHEN count(*) FILTER (WHERE known AND NOT is_year) < 4 AND bool_or(is_year AND known)
                    THEN {ALL_FOUR}
                    ELSE coalesce(bit_or(1 << (((extract(year FROM quarter) - extract(year FROM %(now)s::date)) * 4
                        + (extract(month FROM quarter) - extract(month FROM %(now)s::date)) / 3)::int + 8) %% 4)
                        FILTER (WHERE known AND NOT is_year), 0) END AS mask,
                {", ".join(_sum_of_half(name) for name in measures)}
            FROM parts GROUP BY account_id, key_id, kind, half
        ){TRENDS if trend else ""}
        SELECT halves.account_id,
            max(halves.unconverted) FILTER (WHERE half = 'now' AND kind = 'actual') AS unconverted_now,
            max(halves.unconverted) FILTER (WHERE half = 'before' AND kind = 'actual') AS unconverted_before,
            coalesce(bit_or(mask) FILTER (WHERE half = 'now' AND kind = 'actual'), 0) AS mask_now,
            coalesce(bit_or(mask) FILTER (WHERE half = 'before' AND kind = 'actual'), 0) AS mask_before,
            coalesce(bit_or(mask) FILTER (WHERE half = 'now' AND kind = 'planned'), 0) AS mask_plan,
            {", ".join(_sums_of_account(name, name in measures) for name in shown)},
            CASE WHEN bool_and(revenue_whole) FILTER (WHERE half = 'now' AND kind = 'planned')
                THEN sum(revenue) FILTER (WHERE half = 'now' AND kind = 'planned') END AS planned,
            sum(revenue) FILTER (WHERE half = 'now' AND kind = 'actual') AS partial,
            {"max(trends.trend::text)" if trend else "NULL"} AS trend
        FROM halves {"LEFT JOIN trends ON trends.account_id = halves.account_id" if trend else ""}
        GROUP BY halves.account_id
    ) h
"""  # noqa: S608 - built from our own constants


# q counts the quarters of the window: 0 to 3 are the twelve months before, 4 to 7 those of the window, 8 is ahead.
QUICK_HALVES = {"now": "kind = 'actual' AND q BETWEEN 4 AND 7", "before": "kind = 'actual' AND q < 4"}
QUICK_PLAN = "kind = 'planned' AND q BETWEEN 4 AND 7"


def _quick_sum(measure: str, rows: str) -> str:
    return f"""CASE WHEN count({measure}) FILTER (WHERE {rows}) = count(*) FILTER (WHERE {rows})
        THEN sum({measure}) FILTER (WHERE {rows}) END"""


def _quick_mask(rows: str) -> str:
    return f"coalesce(bit_or(1 << (q %% 4)) FILTER (WHERE known AND {rows}), 0)"


def _sums(measures: Sequence[str]) -> str:
    """The general statement without trends, with a short cut for the many accounts that report one way.

    Where all rows of an account are whole quarters under one key there is nothing to put together: one pass over
    the table sums them. The others go through the general statement.
    """
    amounts = ", ".join(
        f"CASE WHEN f.currency = %(currency)s THEN {COLUMNS[name]} ELSE ({COLUMNS[name]}) * r.rate END AS {name}"
        for name in measures
    )
    sums = ", ".join(
        f"{_quick_sum(name, rows) if name in measures else 'NULL::numeric'} AS {name}_{half}"
        for half, rows in QUICK_HALVES.items()
        for name in MEASURES
    )
    masks = ", ".join(f"{_quick_mask(rows)} AS mask_{half}" for half, rows in QUICK_HALVES.items())
    unrated = ", ".join(
        f"max(currency) FILTER (WHERE unrated AND {rows}) AS unconverted_{half}" for half, rows in QUICK_HALVES.items()
    )
    names = ", ".join(f"{name}_{half}" for half in QUICK_HALVES for name in MEASURES)
    not_plain = "f.account_id IN (SELECT account_id FROM quick WHERE NOT plain)"
    others = _statement(measures, trend=False).replace("{scope}", f"{{scope}} AND {not_plain}")
    return f"""
    WITH quick AS (
        SELECT account_id,
            bool_and(q IS NOT NULL)
                AND (count(key_id) = 0 OR count(key_id) = count(*) AND min(key_id) = max(key_id)) AS plain,
            {masks}, {_quick_mask(QUICK_PLAN)} AS mask_plan, {unrated}, {sums},
            {_quick_sum("revenue", QUICK_PLAN)} AS planned,
            sum(revenue) FILTER (WHERE {QUICK_HALVES["now"]}) AS partial
        FROM (
            SELECT f.account_id, f.key_id, f.kind, f.currency, s.q, f.revenue IS NOT NULL AS known,
                f.currency <> %(currency)s AND r.rate IS NULL AS unrated, {amounts}
            FROM accounts_figure f
            LEFT JOIN (SELECT q, (%(from)s::date + make_interval(months => 3 * q))::date AS start
                       FROM generate_series(0, 8) q) s ON s.start = f.period_start AND f.months = 3
            LEFT JOIN core_exchangerate r ON r.currency = f.currency AND r."into" = %(currency)s
                AND r.quarter_start = f.period_start
            WHERE f.kind IN ('actual', 'planned') AND f.period_start >= %(from)s
                AND f.period_start < CASE WHEN f.kind = 'planned' THEN %(plan_to)s ELSE %(to)s END
                AND (f.months < 12 OR f.period_start IN (%(from)s, %(now)s)) AND {{scope}}
        ) figure_rows
        GROUP BY account_id
    )
    SELECT account_id, mask_now, mask_before, mask_plan, unconverted_now, unconverted_before, {names}, planned, partial,
        NULL AS trend
    FROM quick WHERE plain
    UNION ALL {others}
"""  # noqa: S608 - built from our own constants


def statement_of(columns: Mapping[str, str]) -> str:
    """The statement for other measures, name to SQL over accounts_figure f; revenue must be among them."""
    return _statement(tuple(columns), trend=False, shown=tuple(columns), columns=columns)


TRAILING = _statement(trend=True)
SUMS = {name: _sums(measures) for name, measures in ORDER_MEASURES.items()}
EXPORTED = _sums(("revenue", "goods", "serve"))


def _figures(row: Sequence[Any], window: Window) -> AccountFigures:
    (_, mask_now, mask_before, mask_plan, unconverted, unconverted_before, *sums, planned_sum, partial, trend) = row
    revenue_sum, goods, serve, spend, revenue_before_sum, goods_before, serve_before, spend_before = sums
    quarters = window.quarters
    now, before = quarters[4:], quarters[:4]
    quarterly: Mapping[str, str | None] = json.loads(trend, parse_float=str, parse_int=str) if trend else {}
    revenue = _complete(revenue_sum, mask_now, now, unconverted)
    revenue_before = _complete(revenue_before_sum, mask_before, before, unconverted_before)
    planned = _complete(planned_sum, mask_plan, now, "", "no plan")
    contribution = _contribution(revenue, goods, serve)
    contribution_before = _contribution(revenue_before, goods_before, serve_before)
    return AccountFigures(
        revenue=revenue,
        growth=_growth(revenue, revenue_before),
        contribution=contribution,
        contribution_growth=_growth(contribution, contribution_before),
        margin=domain.margin(contribution, value_of(revenue)),
        margin_before=domain.margin(contribution_before, value_of(revenue_before)),
        planned=planned,
        against_plan=_growth(revenue, planned),
        share_of_wallet=_share(revenue, spend),
        share_before=_share(revenue_before, spend_before),
        partial=None if unconverted else partial,
        missing=_missing(mask_now, now),
        unconverted=unconverted or "",
        trend=_quarterly(quarterly, "actual", quarters),
        plan=_quarterly(quarterly, "planned", (*quarters, window.last.next())),
    )


def _missing(mask: int, quarters: Sequence[Quarter]) -> tuple[Quarter, ...]:
    return tuple(quarter for bit, quarter in enumerate(quarters) if not mask & (1 << bit))


def _complete(
    total: Decimal | None, mask: int, quarters: Sequence[Quarter], unconverted: str, what: str = "no figures"
) -> Result:
    missing = _missing(mask, quarters)
    if missing:
        return Missing(f"{what} for {', '.join(quarter.label for quarter in missing)}")
    if unconverted or total is None:
        return Missing(f"no rate for {unconverted}" if unconverted else "the amount is unknown")
    return Computed(total)


def _contribution(revenue: Result, goods: Decimal | None, serve: Decimal | None) -> Result:
    if isinstance(revenue, Missing):
        return revenue
    return domain.contribution(revenue.value, goods, None, serve)


def _growth(now: Result, before: Result) -> Result:
    for one in (now, before):
        if isinstance(one, Missing):
            return one
    return domain.growth(value_of(now), value_of(before))


def _share(revenue: Result, spend: Decimal | None) -> Result:
    return revenue if isinstance(revenue, Missing) else domain.share_of_wallet(revenue.value, spend)


@lru_cache(maxsize=64)
def _trend_keys(kind: str, quarters: tuple[Quarter, ...]) -> tuple[str, ...]:
    """What the statement calls these quarters."""
    return tuple(f"{kind} {quarter.start.isoformat()}" for quarter in quarters)


def _quarterly(trend: Mapping[str, str | None], kind: str, quarters: tuple[Quarter, ...]) -> tuple[Decimal | None, ...]:
    values = map(trend.get, _trend_keys(kind, quarters))
    return tuple(Decimal(value) if value is not None else None for value in values)
