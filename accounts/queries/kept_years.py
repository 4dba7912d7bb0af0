"""Twelve months of all accounts for lists and files: kept sums where there are some, freshly summed where not.

Both come from one statement, so that a reader sees one moment: a figure that changes throws the kept row away in the
same transaction (accounts.models.kept_year), and from then on the account is summed here until it is kept again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.models import Account
from accounts.queries.portfolio import Window, positional, summing, trailing_sql

SUMS = summing(("revenue", "goods", "serve"))
NAMES = (
    *("mask_now", "mask_before", "unconverted_now", "unconverted_before"),
    *("revenue_now", "goods_now", "serve_now", "revenue_before"),
)
COLUMNS = ", ".join(NAMES)
REPLACED = ", ".join(f"{name} = excluded.{name}" for name in ("last_quarter", "currency", "has_figures", *NAMES))
KEPT = "y.last_quarter = %(last)s AND y.currency = %(currency)s"
ORDERS = {
    "revenue": "t.revenue_now",
    "growth": "(t.revenue_now / nullif(greatest(t.revenue_before, 0), 0))",
    "margin": "((t.revenue_now - t.goods_now - t.serve_now) / nullif(greatest(t.revenue_now, 0), 0))",
}


def totals(window: Window) -> tuple[str, list[Any]]:
    """SQL and parameters of the tables `unkept` and `totals`, to stand in a WITH behind a table `seen` of ids (pk).

    `totals` has one row per seen account with figures in the window's two years: account_id and COLUMNS.
    """
    # An array from a query: few accounts are looked up by the index, and nothing is read when all are kept.
    inner, named = trailing_sql(window, "f.account_id = ANY(ARRAY(SELECT pk FROM unkept))", {}, SUMS)
    sql = f"""
        unkept AS MATERIALIZED (
            SELECT pk FROM seen
            WHERE NOT EXISTS (SELECT 1 FROM accounts_accountyear y WHERE y.account_id = seen.pk AND {KEPT})
        ), totals AS (
            SELECT y.account_id, {COLUMNS} FROM accounts_accountyear y JOIN seen ON seen.pk = y.account_id
            WHERE {KEPT} AND y.has_figures
            UNION ALL SELECT account_id, {COLUMNS} FROM ({inner}) summed
        )
    """  # noqa: S608 - built from our own parts
    return positional(sql, {**named, "last": window.last.start})


def keeping(window: Window, ids: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """SQL and parameters that keep the twelve months of these accounts, in place of what was kept of them."""
    inner, named = trailing_sql(window, "f.account_id = ANY(%(ids)s)", {"ids": list(ids)}, SUMS)
    sql = f"""
        INSERT INTO accounts_accountyear (account_id, last_quarter, currency, has_figures, {COLUMNS})
        SELECT kept.id, %(last)s, %(currency)s, summed.account_id IS NOT NULL, {COLUMNS}
        FROM unnest(%(ids)s::bigint[]) AS kept(id) LEFT JOIN ({inner}) summed ON summed.account_id = kept.id
        ON CONFLICT (account_id) DO UPDATE SET {REPLACED}
    """  # noqa: S608 - built from our own parts
    return sql, {**named, "last": window.last.start}


def ordered_ids(
    accounts: QuerySet[Account], seen: QuerySet[Account], window: Window, key: str
) -> tuple[str, list[Any]]:
    """SQL and parameters for ids of `accounts` by revenue, growth or margin; only figures of `seen` accounts count.

    `key` is one of ORDERS, with a minus for the largest first. Accounts without the figure come last.
    """
    order = ORDERS[key.lstrip("-")]
    accounts_sql, accounts_params = accounts.order_by().values("pk").query.sql_with_params()
    seen_sql, seen_params = seen.order_by().values("pk").query.sql_with_params()
    tables, tables_params = totals(window)
    sql = f"""
        WITH seen AS MATERIALIZED (SELECT s.pk FROM ({seen_sql}) s), {tables}
        SELECT a.pk FROM ({accounts_sql}) a LEFT JOIN totals t ON t.account_id = a.pk
        ORDER BY {order} {"DESC" if key.startswith("-") else "ASC"} NULLS LAST, a.pk
    """  # noqa: S608 - built from our own parts and the ORM's compiled queries
    return sql, [*seen_params, *tables_params, *accounts_params]
