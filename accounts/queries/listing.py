"""The portfolio's list: filters from the address, order, one page of rows with their figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, F, QuerySet
from django.http import QueryDict

from accounts.models import Account
from accounts.models.account import tier_rank
from accounts.queries.kept_years import ORDERS, ordered_ids
from accounts.queries.portfolio import NO_FIGURES, AccountFigures, Window, figures_of
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import those_where
from sam.core.models import User
from sam.core.statements import ask
from sam.values.periods import Quarter

PAGE = 50
NAMES = ("q", "tier", "owner", "country", "industry", "status", "to")
STATUSES = {"active": "Active", "prospect": "Prospect", "archived": "Archived"}
TIERS = {"global": "Global", "strategic": "Strategic", "key": "Key", "none": "Not in the programme"}
PLAIN_ORDERS: Mapping[str, tuple[Any, ...]] = {
    "tier": (tier_rank(), "folded_name", "id"),
    "name": ("folded_name", "id"),
    "owner": (F("owner__display_name").asc(nulls_last=True), "folded_name", "id"),
    "country": ("country", "folded_name", "id"),
}
DESCENDING: Mapping[str, tuple[Any, ...]] = {
    "tier": (tier_rank().desc(), "folded_name", "id"),
    "name": ("-folded_name", "-id"),
    "owner": (F("owner__display_name").desc(nulls_last=True), "folded_name", "id"),
    "country": ("-country", "folded_name", "id"),
}
DEFAULT_ORDER = "tier"
# What a row shows; the search vector of fifty accounts is more than all the rest.
LISTED = ("name", "tier", "status", "industry", "country", "owner__display_name", "owner__email")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for; unknown values are as if they were not there."""

    q: str = ""
    tier: str = ""
    owner: str = ""
    country: str = ""
    industry: str = ""
    status: str = ""
    to: Quarter | None = None
    sort: str = DEFAULT_ORDER

    @classmethod
    def of(cls, given: QueryDict) -> Chosen:
        tier, status, owner, sort = (given.get(name, "") for name in ("tier", "status", "owner", "sort"))
        known_order = sort.removeprefix("-") in {*PLAIN_ORDERS, *ORDERS}
        return cls(
            q=given.get("q", "").strip()[:200],
            tier=tier if tier in TIERS else "",
            owner=owner if owner in {"me", "none"} or (owner.isascii() and owner.isdigit() and len(owner) < 19) else "",
            country=given.get("country", "").strip()[:80],
            industry=given.get("industry", "").strip()[:80],
            status=status if status in STATUSES else "",
            to=_quarter(given.get("to", "")),
            sort=sort if known_order else DEFAULT_ORDER,
        )

    @property
    def leaves_all(self) -> bool:
        """Whether no filter is set: the window of the figures and the order leave nothing out."""
        return not any(getattr(self, name) for name in NAMES if name != "to")

    def narrowed(self, accounts: Any, user: User) -> QuerySet[Account]:
        """`accounts` without what the filters leave out."""
        accounts = accounts.filter(status=self.status) if self.status else accounts.live()
        if self.q:
            accounts = accounts.matching(self.q)
        if self.tier:
            accounts = accounts.filter(tier="" if self.tier == "none" else self.tier)
        if self.owner:
            owner = {"me": user.pk, "none": None}.get(self.owner, self.owner)
            accounts = accounts.filter(owner=owner)
        for name in ("country", "industry"):
            if getattr(self, name):
                accounts = accounts.filter(**{name: getattr(self, name)})
        found: QuerySet[Account] = accounts
        return found


def _quarter(text: str) -> Quarter | None:
    try:
        return Quarter.parse(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """One account of the list. `figures` is None where the person may not see them."""

    account: Account
    figures: AccountFigures | None

    @property
    def growth_tone(self) -> str:
        growth = getattr(self.figures and self.figures.growth, "value", None)
        return "" if growth is None else "good" if growth >= Decimal(0) else "bad"


def counts_by_tier(accounts: QuerySet[Account], chosen: Chosen, user: User) -> dict[str, int]:
    """How many of `accounts` (what `chosen` leaves of those that `user` sees) are of each tier; one query."""
    if chosen.leaves_all and user.is_active and Permission.ACCOUNT_VIEW in user.role.everywhere:
        return dict(ask(ALL_BY_TIER, {"live": LIVE, "gone": GONE, "programme": PROGRAMME}))
    return dict(accounts.order_by().values_list("tier").annotate(Count("pk")))


GONE = [Account.Status.ARCHIVED.value, Account.Status.MERGED.value]
LIVE = [status for status in Account.Status.values if status not in GONE]
PROGRAMME = [tier for tier in Account.Tier.values if tier]
# The few in the programme and the few that are gone are counted in an index. What is left of all rows stands outside
# of the programme: counting rows without looking at them takes a third of the time that grouping them takes.
ALL_BY_TIER = """
    WITH programme AS MATERIALIZED (
        SELECT tier, count(*) AS number FROM accounts_account
        WHERE status = ANY(%(live)s) AND tier = ANY(%(programme)s) GROUP BY tier
    ), outside AS (
        SELECT (SELECT count(*) FROM accounts_account)
            - (SELECT count(*) FROM accounts_account WHERE status = ANY(%(gone)s))
            - (SELECT coalesce(sum(number), 0) FROM programme)::bigint AS number
    )
    SELECT tier, number FROM programme UNION ALL SELECT '', number FROM outside WHERE number > 0
"""


def views_of(user: User) -> list[tuple[str, str]]:
    """Name and query of the views that the person saved, the oldest first."""
    return [(name, query) for name, query in ask(VIEWS, [user.pk])]


VIEWS = "SELECT name, query FROM accounts_savedview WHERE user_id = %s ORDER BY id"


def page_of(
    accounts: QuerySet[Account], user: User, window: Window, sort: str, offset: int, limit: int = PAGE
) -> list[Row]:
    """`limit` rows from `offset` on, in the order of `sort`; two to three queries."""
    if sort.removeprefix("-") in ORDERS:
        ids = _page_of_ids(accounts, user, window, sort, offset, limit)
        found = Account.objects.select_related("owner").only(*LISTED).in_bulk(ids)
        listed = [found[pk] for pk in ids if pk in found]
    else:
        listed = list(ordered(accounts, sort).select_related("owner").only(*LISTED)[offset : offset + limit])
    seen = {account.pk for account in those_where(user, Permission.FIGURES_VIEW, listed)}
    figures = figures_of(seen, window)
    return [Row(account, figures.get(account.pk, NO_FIGURES) if account.pk in seen else None) for account in listed]


def ordered(accounts: QuerySet[Account], sort: str) -> QuerySet[Account]:
    """By a column of the account itself."""
    orders = DESCENDING if sort.startswith("-") else PLAIN_ORDERS
    return accounts.order_by(*orders.get(sort.removeprefix("-"), PLAIN_ORDERS[DEFAULT_ORDER]))


def _page_of_ids(
    accounts: QuerySet[Account], user: User, window: Window, sort: str, offset: int, limit: int
) -> list[int]:
    sql, params = ordered_ids(accounts, Account.objects.visible_to(user, Permission.FIGURES_VIEW), window, sort)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} OFFSET %s LIMIT %s", [*params, offset, limit])
        return [row[0] for row in cursor.fetchall()]
