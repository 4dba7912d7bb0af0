"""A group: the account, everything below it, and their figures together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from accounts.domain.hierarchy import group_totals
from accounts.models import Account
from accounts.queries.groups import links_below
from accounts.queries.portfolio import AccountFigures, Window, figures_of
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User
from sam.values.results import value_of


@dataclass(frozen=True, slots=True)
class Unit:
    """A direct unit that the person may see, with the revenue of everything below it, where they may see figures."""

    account: Account
    revenue: Decimal | None
    below: int


@dataclass(frozen=True, slots=True)
class Group:
    """What stands under an account. `hidden`: units that the person may not see and that count nowhere.

    `unknown`: accounts of the group without a complete revenue, left out of the sum.
    """

    units: tuple[Unit, ...]
    revenue: Decimal | None
    accounts: int
    unknown: int
    hidden: int
    figures: Mapping[int, AccountFigures]


def _alone(account: Account) -> dict[str, str | None]:
    """The links of an account without units, known without a query."""
    return {str(account.pk): str(account.parent_id) if account.parent_id else None}


def group_of(account: Account, user: User, window: Window | None) -> Group:
    """Two to three queries however large the group is; figures only with a window and only where `user` sees them."""
    links = links_below(account.pk) if getattr(account, "has_units", True) else _alone(account)
    below = {int(key) for key in links} - {account.pk}
    seen = {row.pk: row for row in Account.objects.visible_to(user).live().filter(pk__in=below)} if below else {}
    counted = [row for row in (account, *seen.values()) if can(user, Permission.FIGURES_VIEW, on=row)] if window else []
    figures = figures_of([row.pk for row in counted], window) if window else {}
    amounts = {str(pk): value_of(found.revenue) for pk, found in figures.items()}
    shown = {str(row.pk) for row in counted}
    parents = {key: parent for key, parent in links.items() if int(key) in seen or int(key) == account.pk}
    totals = group_totals(amounts, parents)
    own = totals[str(account.pk)]
    return Group(
        units=tuple(
            Unit(row, totals[str(row.pk)].group if str(row.pk) in shown else None, totals[str(row.pk)].accounts - 1)
            for row in sorted(seen.values(), key=lambda row: row.folded_name)
            if row.parent_id == account.pk
        ),
        revenue=own.group if figures else None,
        accounts=own.accounts,
        unknown=own.unknown,
        hidden=Account.objects.live().filter(pk__in=below).count() - len(seen) if below else 0,
        figures=figures,
    )
