"""The programme's results: groups by the tiers of a day, their sums, and accounts like them. A fixed number of queries.

The many accounts outside the programme are summed by the database; one by one come only the programme's own and those
of the same industries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from accounts.models import Account
from accounts.queries.kept_years import SUMS
from accounts.queries.portfolio import ALL_FOUR, Window, trailing_sql
from sam.core.models import User
from sam.core.statements import ask
from scoring.domain.programme import (
    Comparison,
    Group,
    Loyalty,
    Member,
    Sums,
    Without,
    compare,
    comparison_words,
    sums,
    too_few,
    without_one,
)

START, NOW = "start", "now"
TIERS = {START: "tiers of the first day", NOW: "tiers of today"}

ReadLoyalty: TypeAlias = Callable[[Mapping[int, str], date, date], Mapping[str, Loyalty]]
"""Group of each programme account, first and last day → loyalty by group; all other accounts are the rest."""

_loyalty: dict[str, ReadLoyalty] = {}


def register_loyalty(read: ReadLoyalty) -> None:
    """An app above knows what clients say; there is one such reader."""
    _loyalty["read"] = read


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One group with its two years, its most weighty account, its clients' view, and what may be said."""

    group: Group
    sums: Sums
    without: Without | None
    loyalty: Loyalty | None
    loyalty_before: Loyalty | None

    @property
    def label(self) -> str:
        return "All others" if self.group is Group.REST else f"{Account.Tier(self.group.value).label} accounts"

    @property
    def caution(self) -> str:
        return too_few(self.sums.with_growth)


@dataclass(frozen=True, slots=True)
class Programme:
    """`tiers`: of which day the groups are. `before_name`: what stands for accounts the person may not see."""

    window: Window
    tiers: str
    groups: tuple[GroupResult, ...]
    comparison: Comparison
    has_loyalty: bool

    @property
    def words(self) -> str:
        return comparison_words(self.comparison)


# An account that was never decided about has the tier it has; one first decided about later had the one before that.
_TIERS_THEN = """
    SELECT a.id, a.name, a.industry, coalesce(past.tier, later.previous, a.tier) AS tier FROM accounts_account a
    LEFT JOIN (SELECT DISTINCT ON (account_id) account_id, tier FROM scoring_tierdecision
               WHERE decided_on <= %s ORDER BY account_id, decided_on DESC, id DESC) past ON past.account_id = a.id
    LEFT JOIN (SELECT DISTINCT ON (account_id) account_id, previous FROM scoring_tierdecision
               WHERE decided_on > %s ORDER BY account_id, decided_on, id) later ON later.account_id = a.id
    WHERE a.status <> 'merged'
"""
_TIERS_NOW = "SELECT a.id, a.name, a.industry, a.tier FROM accounts_account a WHERE a.status <> 'merged'"


def _known(half: str) -> str:
    return f"y.mask_{half} = {ALL_FOUR} AND y.unconverted_{half} IS NULL"


def _statement(tiers_sql: str, inner: str) -> str:
    """Rows: kind, id, name, industry, tier, four amounts, then the sums of the rest in the order of `Sums`."""
    return f"""
    WITH tiers AS MATERIALIZED ({tiers_sql}), y AS MATERIALIZED (
        SELECT t.id, t.name, t.industry, t.tier,
            CASE WHEN {_known("now")} THEN y.revenue_now END AS r1,
            CASE WHEN {_known("before")} THEN y.revenue_before END AS r0,
            CASE WHEN {_known("now")} THEN y.revenue_now - y.goods_now - y.serve_now END AS c1,
            CASE WHEN {_known("before")} THEN y.revenue_before - y.goods_before - y.serve_before END AS c0
        FROM tiers t LEFT JOIN ({inner}) y ON y.account_id = t.id
    )
    SELECT 'account', id, name, industry, tier, r1, r0, c1, c0, {", ".join(["NULL"] * 12)} FROM y
    WHERE tier <> '' OR industry <> '' AND r0 > 0 AND industry IN (SELECT industry FROM tiers WHERE tier <> '')
    UNION ALL
    SELECT 'rest', 0, '', '', '', NULL, NULL, NULL, NULL, count(*), count(r1), coalesce(sum(r1), 0),
        count(r1 + r0), coalesce(sum(r1) FILTER (WHERE r0 IS NOT NULL), 0),
        coalesce(sum(r0) FILTER (WHERE r1 IS NOT NULL), 0),
        count(c1), coalesce(sum(c1), 0), coalesce(sum(r1) FILTER (WHERE c1 IS NOT NULL), 0),
        count(c0), coalesce(sum(c0), 0), coalesce(sum(r0) FILTER (WHERE c0 IS NOT NULL), 0)
    FROM y WHERE tier = ''
    """  # noqa: S608 - built from our own constants


def programme(user: User, window: Window, tiers: str = START) -> Programme:
    """The results of the twelve months of `window`, with the groups of its first day or of today."""
    members, rest = _read(window, tiers)
    inside = [one for one in members if one.group is not Group.REST]
    shown = _names(user, inside)
    loyalty, before = _loyalties(inside, window)
    found = []
    for group in Group:
        own = [shown[one.account_id] for one in inside if one.group is group]
        if group is Group.REST or own or group is not Group.GLOBAL:
            added = rest if group is Group.REST else sums(own)
            found.append(GroupResult(group, added, without_one(own), loyalty.get(group), before.get(group)))
    others = [one for one in members if one.group is Group.REST]
    comparison = compare([shown[one.account_id] for one in inside], others)
    return Programme(window, tiers, tuple(found), comparison, bool(_loyalty))


def _read(window: Window, tiers: str) -> tuple[list[Member], Sums]:
    from_then = tiers == START
    # The inner statement names its parameters; those of the tiers join them.
    inner, named = trailing_sql(window, "TRUE", {"day": window.start}, SUMS)
    then = _TIERS_THEN.replace("%s", "%(day)s") if from_then else _TIERS_NOW
    members: list[Member] = []
    rest = Sums()
    for kind, pk, name, industry, tier, *numbers in ask(_statement(then, inner), named):
        if kind == "rest":
            rest = Sums(*numbers[4:])
        else:
            members.append(Member(pk, name, industry, Group(tier) if tier else Group.REST, *numbers[:4]))
    members.sort(key=lambda one: (-(one.revenue or Decimal(0)), one.account_id))
    return members, rest


def _names(user: User, inside: list[Member]) -> dict[int, Member]:
    """Members by id; those whose account the person may not see lose their name."""
    seen = set(
        Account.objects.visible_to(user).filter(pk__in=[one.account_id for one in inside]).values_list("pk", flat=True)
    )
    return {one.account_id: one if one.account_id in seen else _unnamed(one) for one in inside}


def _unnamed(one: Member) -> Member:
    amounts: tuple[Any, ...] = (one.revenue, one.revenue_before, one.contribution, one.contribution_before)
    return Member(one.account_id, "", one.industry, one.group, *amounts)


def _loyalties(inside: list[Member], window: Window) -> tuple[Mapping[str, Loyalty], Mapping[str, Loyalty]]:
    """By group, in the twelve months and in the twelve before."""
    read = _loyalty.get("read")
    if read is None:
        return {}, {}
    groups = {one.account_id: one.group.value for one in inside}
    first = window.quarters[0].start
    return (
        read(groups, window.start, window.last.end),
        read(groups, first, window.quarters[3].end),
    )
