"""The portfolio as rows of a file: streamed in batches, so that memory stays flat at any number of accounts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Account
from accounts.queries.portfolio import ALL_FOUR, Window, trailing_sql
from sam.core.authorization.permissions import Permission
from sam.core.models import User

BATCH = 2000
HEADER = ("Account", "Tier", "Status", "Industry", "Region", "Country", "Currency", "Website", "Owner", "Keys")
KINDS = (*("text" for _ in HEADER),)
FIGURE_KINDS = ("money", "percent", "money", "percent", "text")


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


def export_rows(ids: Iterable[int], user: User, window: Window, *, figures: bool) -> Iterator[Sequence[object]]:
    """One row per id, in their order; per batch two queries."""
    left = iter(ids)
    while batch := list(itertools.islice(left, BATCH)):
        numbers = _figures(batch, window) if figures else {}
        seen = _seen(batch, user) if figures else set()
        for pk, *row in _details(batch):
            if not figures:
                yield row
            elif pk in seen:
                yield (*row, *numbers.get(pk, (None, None, None, None, "no figures yet")))
            else:
                yield (*row, None, None, None, None, "not shown to you")


# Thousands of numbers as one array: as parameters of their own they would cost more than the query.
DETAILS = """
    SELECT a.id, a.name, a.tier, a.status, a.industry, a.region, a.country, a.currency, a.website, u.display_name,
        coalesce((SELECT string_agg(k.source || ' ' || k.key, ', ' ORDER BY k.source, k.key)
                  FROM accounts_accountkey k WHERE k.account_id = a.id), '')
    FROM unnest(%s::bigint[]) WITH ORDINALITY AS chosen (id, place)
    JOIN accounts_account a ON a.id = chosen.id
    LEFT JOIN core_user u ON u.id = a.owner_id
    ORDER BY chosen.place
"""


def _details(ids: list[int]) -> list[Sequence[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(DETAILS, [ids])
        return list(cursor.fetchall())


def _seen(ids: list[int], user: User) -> set[int]:
    if Permission.FIGURES_VIEW in user.role.everywhere:
        return set(ids)
    return set(
        Account.objects.visible_to(user, Permission.FIGURES_VIEW).filter(pk__in=ids).values_list("pk", flat=True)
    )


def _figures(ids: list[int], window: Window) -> dict[int, tuple[object, ...]]:
    sql, params = trailing_sql(window, "f.account_id = ANY(%(ids)s)", {"ids": ids}, trend=False)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {row[0]: _shown(row) for row in cursor.fetchall()}


def _shown(row: Sequence[Any]) -> tuple[object, ...]:
    """Revenue, growth, contribution, margin, remark: the same rules as `portfolio.figures_of`, without the reasons."""
    (_, mask_now, mask_before, _, unconverted, revenue, goods, serve, _, before, *_) = row
    if unconverted:
        return (None, None, None, None, f"no rate for {unconverted}")
    if mask_now != ALL_FOUR or revenue is None:
        return (None, None, None, None, f"{mask_now.bit_count()} of 4 quarters known")
    growth = revenue / before - 1 if mask_before == ALL_FOUR and before is not None and before > 0 else None
    contribution = revenue - goods - serve if goods is not None and serve is not None else None
    margin = contribution / revenue if contribution is not None and revenue > 0 else None
    return (revenue, _ratio(growth), contribution, _ratio(margin), "")


def _ratio(value: Decimal | None) -> Decimal | None:
    return value.quantize(Decimal("0.000001")) if value is not None else None
