"""A group's P&L: the parent and the units that the person may see, each counted once, shares as sum over sum."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.domain.metrics import DAYS_OF_YEAR, Facts, Metric, metrics
from accounts.domain.pnl import Lines, together
from accounts.models import Account
from accounts.queries.pnl import YearlyPnl, pnl_of
from accounts.queries.portfolio import Window
from accounts.queries.units import group_of
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import Organisation, User
from sam.values.periods import Quarter
from sam.values.results import Missing

RATIOS = (
    "revenue", "growth", "gross_margin", "cost_to_serve", "contribution", "contribution_margin", "price_realisation",
    "share_of_wallet", "days_sales_outstanding",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitPnl:
    """The parent's own figures or those of one unit; `missing` says why it counts nothing."""

    account: Account
    is_parent: bool
    lines: Lines
    missing: str


@dataclass(frozen=True, slots=True)
class GroupPnl:
    """`units` begin with the parent; `hidden` units are not seen and not counted."""

    window: Window
    units: tuple[UnitPnl, ...]
    counted: int
    hidden: int
    metrics: tuple[Metric, ...]


def group_pnl(account: Account, user: User, last: Quarter) -> GroupPnl | None:
    """None for an account without units that `user` sees: a simple account needs no group. Amounts are converted."""
    window = Window(last, Organisation.objects.shown().reporting_currency)
    group = group_of(account, user, window)
    if not group.units:
        return None
    ids = list(group.figures)
    found = pnl_of(ids, window)
    accounts = {row.pk: row for row in Account.objects.filter(pk__in=ids)}
    accounts |= {unit.account.pk: unit.account for unit in group.units} | {account.pk: account}
    order = sorted(accounts, key=lambda pk: (pk != account.pk, accounts[pk].folded_name))
    units = tuple(_unit(accounts[pk], user, found.get(pk), is_parent=pk == account.pk) for pk in order)
    complete = [found[unit.account.pk] for unit in units if not unit.missing]
    return GroupPnl(window, units, len(complete), group.hidden, _metrics(complete))


def _unit(account: Account, user: User, year: YearlyPnl | None, *, is_parent: bool) -> UnitPnl:
    if not can(user, Permission.FIGURES_VIEW, on=account):
        return UnitPnl(account, is_parent, Lines(), "you may not see its figures")
    if year is None:
        return UnitPnl(account, is_parent, Lines(), "no figures yet")
    return UnitPnl(account, is_parent, year.now, year.missing)


def _metrics(years: list[YearlyPnl]) -> tuple[Metric, ...]:
    """Ratios of the sums. Growth needs every unit that counts to be complete in both years."""
    if not years:
        return ()
    now = together([year.now for year in years])
    compared = [year for year in years if not year.missing_before]
    before = together([year.before for year in compared]) if len(compared) == len(years) else Lines()
    facts = Facts(now, before, DAYS_OF_YEAR, year_contribution=Missing("a group has none"))
    return tuple(metric for metric in metrics(facts, ()) if metric.key in RATIOS)
