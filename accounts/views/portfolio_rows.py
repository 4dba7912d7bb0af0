"""Rows of the portfolio are printed by functions, not by the template.

A list has fifty rows in two shapes, the table and the phone's list, with a dozen values in each: the template language
takes longer for them than everything else on the page together. So `printed` puts each row together from plain text,
and the template places the finished rows. Whatever came from somebody is escaped here, by `escape`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from html import escape
from math import floor
from typing import Any

from django.template import Context
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from accounts.models import Account
from accounts.queries.listing import Row
from accounts.queries.portfolio import AccountFigures
from accounts.views.shell import account_url
from sam.core import panels
from sam.core.authorization.policy import those_where
from sam.core.charts import Spark, spark
from sam.core.models import User
from sam.core.templatetags.ui import MINUS, NBSP, Marks, avatar, missing, pill, plain_number, reader_marks
from sam.values.results import Missing, value_of

NOT_SHOWN = "not shown to you"
NO_TIER = '<span class="muted small">–</span>'


@dataclass(frozen=True, slots=True)
class Printed:
    """All rows as markup: `table` for the body of the table, `phone` for the list on a narrow screen."""

    table: SafeString
    phone: SafeString


def printed(
    rows: Sequence[Row],
    columns: Sequence[panels.AccountColumn],
    user: User,
    *,
    size: Decimal,
    figures: bool,
    selects: bool,
) -> Printed:
    """`size`: how much one unit of the revenue column is worth. `figures`, `selects`: whether the table has these."""
    printer = _Printer(size, figures, selects)
    cells = _cells(rows, columns, user)
    table, phone = [], []
    for row in rows:
        wide, narrow = printer.row(row, cells[row.account.pk])
        table.append(wide)
        phone.append(narrow)
    return Printed(mark_safe("".join(table)), mark_safe("".join(phone)))  # noqa: S308 - escaped below


@dataclass
class _Printer:
    """What all rows of a page share."""

    size: Decimal
    figures: bool
    selects: bool
    marks: Marks = field(default_factory=reader_marks)
    owners: dict[int | None, str] = field(default_factory=dict)

    def row(self, row: Row, cells: Sequence[str]) -> tuple[str, str]:
        """The row of the table and the one of the phone's list."""
        account, figures = row.account, row.figures
        name, url = escape(account.name), account_url("accounts:account-detail", account.pk)
        place = escape(", ".join(filter(None, (account.industry, account.country))))
        revenue = self._revenue(figures, row.growth_tone)
        box = f'<td><input type="checkbox" name="account" value="{account.pk}" aria-label="Select {name}"></td>'
        amounts = (
            f'<td class="r">{revenue}</td><td>{self._trend(account, figures)}</td>'
            f'<td class="r">{self._margin(figures)}</td>'
        )
        first = f'<td><a href="{url}">{name}</a><div class="muted small">{place}</div></td>'
        wide = (
            f"<tr>{box if self.selects else ''}{first}"
            f"<td>{_badge(account.status, account.tier)}</td>{amounts if self.figures else ''}"
            f"{''.join([f'<td>{cell}</td>' for cell in cells])}<td>{self._owner(account)}</td></tr>\n"
        )
        amount = f'<div class="right num account-amount">{revenue}</div>' if figures is not None else ""
        narrow = (
            f'<li><div class="grow"><a href="{url}"><b>{name}</b></a><div class="muted small">'
            f"{_tier(account.tier)}{' · ' if place else ''}{place}<br>"
            f"{escape(str(account.owner)) if account.owner else 'no owner'}</div></div>{amount}</li>\n"
        )
        return wide, narrow

    def _owner(self, account: Account) -> str:
        """The same few people own fifty accounts."""
        drawn = self.owners.get(account.owner_id)
        if drawn is None:
            drawn = self.owners[account.owner_id] = avatar(account.owner, "No owner yet")
        return drawn

    def _percent(self, share: Decimal, *, sign: bool = False) -> str:
        return f"{plain_number(share * 100, 1, sign=sign, marks=self.marks)}{NBSP}%"

    def _revenue(self, figures: AccountFigures | None, tone: str) -> str:
        """Revenue with its growth; with the number of known quarters where some are missing."""
        if figures is None:
            return missing(NOT_SHOWN)
        if figures.unconverted:
            return f'<span class="small warn">no rate for {escape(figures.unconverted)}</span>'
        if figures.partial is None:
            return missing(figures.revenue.reason if isinstance(figures.revenue, Missing) else "")
        growth = value_of(figures.growth)
        if figures.missing:
            tone, note = "warn", f"{figures.known_quarters} of 4 quarters"
        else:
            note = "" if growth is None else self._percent(growth, sign=True)
        amount = plain_number(figures.partial / self.size, 1 if self.size > 1 else 0, marks=self.marks)
        return f'{amount}<div class="small {tone}">{note}</div>'

    def _margin(self, figures: AccountFigures | None) -> str:
        if figures is None:
            return missing(NOT_SHOWN)
        margin = figures.margin
        return missing(margin.reason) if isinstance(margin, Missing) else self._percent(margin.value)

    def _trend(self, account: Account, figures: AccountFigures | None) -> str:
        if figures is None:
            return ""
        growth = value_of(figures.growth)
        tone = "brand" if growth is None else "good" if growth >= 0 else "bad"
        words = f"{account.name}, revenue of eight quarters"
        return spark(Spark(figures.trend, words, tone=tone, show=self._whole), width=84, height=26)  # type: ignore[arg-type]

    def _whole(self, amount: Any) -> str:
        """A number without decimals, rounded half up."""
        whole = floor(abs(amount) + 0.5)
        return f"{MINUS if amount < 0 and whole else ''}{whole:,}".translate(self.marks)


@cache
def _badge(status: str, tier: str) -> str:
    """The status when it is not the usual one, else the tier."""
    if status != Account.Status.ACTIVE:
        return pill("", Account.Status(status).label)
    return pill("brand", Account.Tier(tier).label) if tier else NO_TIER


@cache
def _tier(tier: str) -> str:
    return escape(Account.Tier(tier).label)


def _cells(rows: Sequence[Row], columns: Sequence[panels.AccountColumn], user: User) -> Mapping[int, list[str]]:
    """Cells of the registered columns: each column is asked once for all rows the person may see it of."""
    found: dict[int, list[str]] = {row.account.pk: [] for row in rows}
    accounts = [row.account for row in rows]
    for column in columns:
        seen = [account.pk for account in those_where(user, column.permission, accounts)]
        values = column.values(seen, user)
        draw = column.draw or _by_template(column.template)
        for row in rows:
            cell = values.get(row.account.pk)
            found[row.account.pk].append("" if cell is None else draw(row.account, cell))
    return found


def _by_template(name: str) -> panels.Draw:
    """Straight to the compiled template: a cell needs nothing of the request."""
    template: Any = get_template(name)

    def draw(account: Any, cell: Any) -> str:
        spread = cell if isinstance(cell, Mapping) else {}
        drawn: str = template.template.render(Context({"account": account, "cell": cell, **spread}))
        return drawn

    return draw
