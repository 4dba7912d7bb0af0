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
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import Max

from accounts.domain import figures as domain
from accounts.models import Figure
from sam.core.models import Organisation
from sam.core.statements import ask
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


class AccountFigures:
    """What one account did in the window. Every amount says why it is missing where it is.

    Each part is worked out when it is asked for: a list of fifty accounts shows a third of them.
    """

    def __init__(self, row: Sequence[Any], window: Window) -> None:
        """`row` is one of the statement's, see QUICK_COLUMNS."""
        (_, self._mask, self._mask_before, self._mask_plan, unconverted, self._unconverted_before, *sums) = row
        (self._revenue, self._goods, self._serve, self._spend, *before, self._planned, partial, self._trend) = sums
        self._before = before
        self.partial: Decimal | None = None if unconverted else partial
        """Revenue of the quarters that are known, None when there are none; equal to the revenue when complete."""
        self.unconverted: str = unconverted or ""
        self._quarters, self._ahead = _quarters_shown(window)

    @cached_property
    def missing(self) -> tuple[Quarter, ...]:
        return _missing(self._mask, self._quarters[4:])

    @property
    def known_quarters(self) -> int:
        return 4 - len(self.missing)

    @cached_property
    def revenue(self) -> Result:
        return _complete(self._revenue, self._mask, self._quarters[4:], self.unconverted)

    @cached_property
    def revenue_before(self) -> Result:
        return _complete(self._before[0], self._mask_before, self._quarters[:4], self._unconverted_before)

    @cached_property
    def growth(self) -> Result:
        return _growth(self.revenue, self.revenue_before)

    @cached_property
    def contribution(self) -> Result:
        return _contribution(self.revenue, self._goods, self._serve)

    @cached_property
    def contribution_before(self) -> Result:
        return _contribution(self.revenue_before, self._before[1], self._before[2])

    @property
    def contribution_growth(self) -> Result:
        return _growth(self.contribution, self.contribution_before)

    @cached_property
    def margin(self) -> Result:
        return domain.margin(self.contribution, value_of(self.revenue))

    @property
    def margin_before(self) -> Result:
        return domain.margin(self.contribution_before, value_of(self.revenue_before))

    @cached_property
    def planned(self) -> Result:
        return _complete(self._planned, self._mask_plan, self._quarters[4:], "", "no plan")

    @property
    def against_plan(self) -> Result:
        return _growth(self.revenue, self.planned)

    @property
    def share_of_wallet(self) -> Result:
        return _share(self.revenue, self._spend)

    @property
    def share_before(self) -> Result:
        return _share(self.revenue_before, self._before[3])

    @cached_property
    def _by_quarter(self) -> Mapping[str, str | None]:
        found: Mapping[str, str | None] = json.loads(self._trend, parse_float=str, parse_int=str) if self._trend else {}
        return found

    @cached_property
    def trend(self) -> tuple[Decimal | None, ...]:
        """Revenue of the eight quarters."""
        return _quarterly(self._by_quarter, "actual", self._quarters)

    @cached_property
    def plan(self) -> tuple[Decimal | None, ...]:
        """Planned revenue of these and the next one."""
        return _quarterly(self._by_quarter, "planned", self._ahead)


NO_ROWS = Missing("no figures yet")


class NoFigures(AccountFigures):
    """An account without a row in the window."""

    def __init__(self) -> None:
        self.partial = None
        self.unconverted = ""
        self.missing = ()
        self.revenue = self.revenue_before = self.growth = self.planned = NO_ROWS
        self.contribution = self.contribution_before = self.margin = NO_ROWS
        self.trend, self.plan = (None,) * 8, (None,) * 9

    @property
    def share_of_wallet(self) -> Result:
        return NO_ROWS

    share_before = share_of_wallet


NO_FIGURES = NoFigures()


def figures_of(account_ids: Iterable[int], window: Window) -> dict[int, AccountFigures]:
    """Figures of the accounts that have rows in the window's two years.

    One query where all of them report whole quarters under one key, one more for those that report otherwise.
    """
    ids = list(account_ids)
    if not ids:
        return {}
    rows = ask(*trailing_sql(window, OF_IDS, {"ids": ids}, QUICK))
    others = [row[0] for row in rows if not row[-1]]
    found = {row[0]: AccountFigures(row[:-1], window) for row in rows if row[-1]}
    if others:
        rest = ask(*trailing_sql(window, OF_IDS, {"ids": others}))
        found |= {row[0]: AccountFigures(row, window) for row in rest}
    return found


OF_IDS = "f.account_id = ANY(%(ids)s)"


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


QUICK_NAMES = ", ".join(f"{name}_{half}" for half in QUICK_HALVES for name in MEASURES)
QUICK_COLUMNS = (
    "account_id, mask_now, mask_before, mask_plan, unconverted_now, unconverted_before, "
    f"{QUICK_NAMES}, planned, partial, trend"
)


def _quick(measures: Sequence[str], *, trend: bool = False) -> str:
    """One pass over the rows, right for accounts that are `plain`: all rows whole quarters under one key.

    There is nothing to put together then. Its other rows mean nothing.
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
    trends = "jsonb_object_agg(kind || ' ' || period_start, revenue)::text" if trend else "NULL"
    return f"""
        SELECT account_id,
            bool_and(q IS NOT NULL)
                AND (count(key_id) = 0 OR count(key_id) = count(*) AND min(key_id) = max(key_id)) AS plain,
            {masks}, {_quick_mask(QUICK_PLAN)} AS mask_plan, {unrated}, {sums},
            {_quick_sum("revenue", QUICK_PLAN)} AS planned,
            sum(revenue) FILTER (WHERE {QUICK_HALVES["now"]}) AS partial, {trends} AS trend
        FROM (
            SELECT f.account_id, f.key_id, f.period_start, f.kind, f.currency, s.q, f.revenue IS NOT NULL AS known,
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
"""  # noqa: S608 - built from our own constants


def summing(measures: Sequence[str]) -> str:
    """The general statement without trends, with the short cut for the many accounts that report one way."""
    not_plain = "f.account_id IN (SELECT account_id FROM quick WHERE NOT plain)"
    others = _statement(measures, trend=False).replace("{scope}", f"{{scope}} AND {not_plain}")
    return f"""
    WITH quick AS ({_quick(measures)})
    SELECT {QUICK_COLUMNS} FROM quick WHERE plain
    UNION ALL {others}
"""  # noqa: S608 - built from our own constants


def statement_of(columns: Mapping[str, str]) -> str:
    """The statement for other measures, name to SQL over accounts_figure f; revenue must be among them."""
    return _statement(tuple(columns), trend=False, shown=tuple(columns), columns=columns)


TRAILING = _statement(trend=True)
QUICK = f"SELECT {QUICK_COLUMNS}, plain FROM ({_quick(MEASURES, trend=True)}) quick"  # noqa: S608 - our own constants


@lru_cache(maxsize=64)
def _quarters_shown(window: Window) -> tuple[tuple[Quarter, ...], tuple[Quarter, ...]]:
    """The eight quarters, and the same with the one that comes next."""
    return window.quarters, (*window.quarters, window.last.next())


def _missing(mask: int, quarters: Sequence[Quarter]) -> tuple[Quarter, ...]:
    if mask == ALL_FOUR:
        return ()
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
