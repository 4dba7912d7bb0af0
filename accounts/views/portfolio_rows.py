"""Rows of the portfolio's table, ready to be printed: a template would work the same out fifty times over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Account
from accounts.queries.listing import Row
from accounts.queries.portfolio import AccountFigures
from accounts.templatetags.account_figures import scaled
from sam.core import panels
from sam.core.authorization.policy import can
from sam.core.charts import Spark, spark
from sam.core.models import User
from sam.core.templatetags.ui import avatar, missing, percent, pill, plain_number, signed_percent
from sam.values.results import Missing, value_of

NOT_SHOWN = "not shown to you"
# Stands in for the number of an account, so that the address is worked out once for all rows.
ANY_ACCOUNT = 1


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row as the table draws it. `has_figures`: whether the person may see any; `cells`: columns of other apps."""

    account: Account
    pk: int
    name: str
    url: str
    place: str
    tier: str
    owner_name: str
    badge: SafeString
    owner: SafeString
    has_figures: bool
    revenue: SafeString
    trend: SafeString | str
    margin: SafeString | str
    cells: Sequence[SafeString]


def shown_rows(
    rows: Sequence[Row], columns: Sequence[panels.AccountColumn], user: User, size: Decimal
) -> list[ShownRow]:
    """`size`: how much one unit of the revenue column is worth."""
    cells = _cells(rows, columns, user)
    before, after = reverse("accounts:account-detail", args=[ANY_ACCOUNT]).rsplit(str(ANY_ACCOUNT), 1)
    return [_shown(row, f"{before}{row.account.pk}{after}", cells[row.account.pk], size) for row in rows]


def _shown(row: Row, url: str, cells: Sequence[SafeString], size: Decimal) -> ShownRow:
    account, figures = row.account, row.figures
    return ShownRow(
        account=account,
        pk=account.pk,
        name=account.name,
        url=url,
        place=", ".join(filter(None, (account.industry, account.country))),
        tier=account.get_tier_display(),
        owner_name=str(account.owner) if account.owner else "no owner",
        badge=_badge(account),
        owner=avatar(account.owner, "No owner yet"),
        has_figures=figures is not None,
        revenue=_revenue(figures, row.growth_tone, size),
        trend=_trend(account, figures),
        margin=_margin(figures),
        cells=cells,
    )


def _badge(account: Account) -> SafeString:
    """The status when it is not the usual one, else the tier."""
    if account.status != Account.Status.ACTIVE:
        return pill("", account.get_status_display())
    if account.tier:
        return pill("brand", account.get_tier_display())
    return NO_TIER


NO_TIER = SafeString('<span class="muted small">–</span>')


def _revenue(figures: AccountFigures | None, tone: str, size: Decimal) -> SafeString:
    """Revenue with its growth; with the number of known quarters where some are missing."""
    if figures is None:
        return missing(NOT_SHOWN)
    if figures.unconverted:
        return format_html('<span class="small warn">no rate for {}</span>', figures.unconverted)
    if figures.partial is None:
        return missing(figures.revenue.reason if isinstance(figures.revenue, Missing) else "")
    growth = value_of(figures.growth)
    if figures.missing:
        tone, note = "warn", f"{figures.known_quarters} of 4 quarters"
    else:
        note = "" if growth is None else signed_percent(growth, 1)
    return format_html('{}<div class="small {}">{}</div>', scaled(figures.partial, size), tone, note)


def _margin(figures: AccountFigures | None) -> SafeString | str:
    if figures is None:
        return missing(NOT_SHOWN)
    return missing(figures.margin.reason) if isinstance(figures.margin, Missing) else percent(figures.margin.value, 1)


def _trend(account: Account, figures: AccountFigures | None) -> SafeString | str:
    if figures is None:
        return ""
    growth = value_of(figures.growth)
    tone = "brand" if growth is None else "good" if growth >= 0 else "bad"
    return spark(
        Spark(figures.trend, f"{account.name}, revenue of eight quarters", tone=tone, show=_short),  # type: ignore[arg-type]
        width=84,
        height=26,
    )


def _short(value: Any) -> str:
    return plain_number(Decimal(str(value)), 0)


def _cells(rows: Sequence[Row], columns: Sequence[panels.AccountColumn], user: User) -> dict[int, list[SafeString]]:
    """Cells of the registered columns: each column is asked once for all rows the person may see it of."""
    found: dict[int, list[SafeString]] = {row.account.pk: [] for row in rows}
    for column in columns:
        seen = [row.account.pk for row in rows if can(user, column.permission, on=row.account)]
        values: Mapping[int, Any] = column.values(seen, user)
        template: Any = get_template(column.template)
        for row in rows:
            cell = values.get(row.account.pk)
            spread = cell if isinstance(cell, Mapping) else {}
            # Straight to the compiled template: a cell needs nothing of the request.
            html = (
                template.template.render(Context({"account": row.account, "cell": cell, **spread}))
                if cell is not None
                else ""
            )
            found[row.account.pk].append(SafeString(html))
    return found
