"""The portfolio as rows of a file: one statement, read from a cursor on the server, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Account
from accounts.queries.kept_years import ORDERS, totals
from accounts.queries.portfolio import ALL_FOUR, Window
from sam.core.authorization.permissions import Permission
from sam.core.models import User

FETCHED = 5000
HEADER = ("Account", "Tier", "Status", "Industry", "Region", "Country", "Currency", "Website", "Owner", "Keys")
KINDS = (*("text" for _ in HEADER),)
FIGURE_KINDS = ("money", "percent", "money", "percent", "text")
PLAIN_ORDERS = {
    "tier": "CASE a.tier WHEN 'global' THEN 0 WHEN 'strategic' THEN 1 WHEN 'key' THEN 2 ELSE 3 END",
    "name": "a.folded_name",
    "owner": "u.display_name",
    "country": "a.country",
}
PROFILE = """a.name, a.tier, a.status, a.industry, a.region, a.country, a.currency, a.website,
    CASE WHEN known.pk IS NOT NULL THEN u.display_name END, CASE WHEN known.pk IS NOT NULL THEN k.keys END"""
COMPLETE = f"t.mask_now = {ALL_FOUR} AND t.unconverted_now IS NULL"
CONTRIBUTION = "(t.revenue_now - t.goods_now - t.serve_now)"
FIGURES = f"""
    CASE WHEN {COMPLETE} THEN t.revenue_now END,
    CASE WHEN {COMPLETE} AND t.mask_before = {ALL_FOUR} AND t.unconverted_before IS NULL AND t.revenue_before > 0
        THEN round(t.revenue_now / t.revenue_before - 1, 6) END,
    CASE WHEN {COMPLETE} THEN {CONTRIBUTION} END,
    CASE WHEN {COMPLETE} AND t.revenue_now > 0 THEN round({CONTRIBUTION} / t.revenue_now, 6) END,
    CASE WHEN seen.pk IS NULL THEN 'not shown to you' WHEN t.account_id IS NULL THEN 'no figures yet'
        WHEN t.unconverted_now IS NOT NULL THEN 'no rate for ' || t.unconverted_now
        WHEN t.mask_now <> {ALL_FOUR} THEN bit_count(t.mask_now::bit(4)) || ' of 4 quarters known' ELSE '' END
"""


def header(window: Window, *, figures: bool) -> tuple[str, ...]:
    """Names of the columns; figures only for somebody who may see some."""
    shown = (
        f"Revenue {window.currency}, {window.label}",
        "Growth",
        f"Contribution {window.currency}",
        "Contribution margin",
        "Remark",
    )
    return (*HEADER, *shown) if figures else HEADER


def sees_figures(user: User) -> bool:
    """Whether the person sees figures of any account at all."""
    return Account.objects.visible_to(user, Permission.FIGURES_VIEW).exists()


def export_rows(
    accounts: QuerySet[Account], user: User, window: Window, sort: str, *, figures: bool
) -> Iterator[Sequence[object]]:
    """One row per account in the list's order; what the person may not see on an account is empty there."""
    sql, params = _statement(accounts, user, window, sort, figures)
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(FETCHED):
            yield from rows


def _statement(
    accounts: QuerySet[Account], user: User, window: Window, sort: str, figures: bool
) -> tuple[str, list[Any]]:
    listed, listed_params = _ids(accounts)
    known, known_params = _ids(Account.objects.visible_to(user, Permission.PROFILE_VIEW))
    seen, seen_params = _ids(Account.objects.visible_to(user, Permission.FIGURES_VIEW))
    tables, tables_params = totals(window)
    order = sort.removeprefix("-")
    by = ORDERS.get(order) if figures else None
    by = by or PLAIN_ORDERS.get(order, PLAIN_ORDERS["tier"])
    sql = f"""
        WITH listed AS MATERIALIZED (SELECT v.pk FROM ({listed}) v), known AS (SELECT v.pk FROM ({known}) v),
        seen AS MATERIALIZED (SELECT v.pk FROM ({seen}) v JOIN listed USING (pk)), {tables},
        keys AS (
            SELECT account_id, string_agg(source || ' ' || key, ', ' ORDER BY source, key) AS keys
            FROM accounts_accountkey GROUP BY account_id
        )
        SELECT {PROFILE}{"," + FIGURES if figures else ""}
        FROM listed JOIN accounts_account a ON a.id = listed.pk
        LEFT JOIN core_user u ON u.id = a.owner_id LEFT JOIN known ON known.pk = a.id
        LEFT JOIN keys k ON k.account_id = a.id
        {"LEFT JOIN seen ON seen.pk = a.id LEFT JOIN totals t ON t.account_id = a.id" if figures else ""}
        ORDER BY {by} {"DESC" if sort.startswith("-") else "ASC"} NULLS LAST, a.folded_name, a.id
    """  # noqa: S608 - built from our own parts and the ORM's compiled queries
    return sql, [*listed_params, *known_params, *seen_params, *tables_params]


def _ids(accounts: QuerySet[Account]) -> tuple[str, Sequence[Any]]:
    found: tuple[str, Sequence[Any]] = accounts.order_by().values("pk").query.sql_with_params()
    return found
