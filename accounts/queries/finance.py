"""Finance's view of the portfolio: twelve months of every account, whale curve, and what eats the margin.

A fixed number of queries, whatever the number of accounts. Amounts are in the window's currency; an account that is
not complete or not converted is named with its reason and left out of every sum.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from django.db.models import QuerySet, Sum
from django.db.models.functions import TruncQuarter

from accounts.domain import figures as domain
from accounts.domain.concentration import Ranking, Whale
from accounts.domain.erosion import Eroding, erosion, shares_of
from accounts.domain.metrics import DAYS_OF_YEAR
from accounts.domain.pnl import NO_LINES, Lines
from accounts.models import Account, ActivityRate, ActivityVolume
from accounts.queries.pnl import pnl_of
from accounts.queries.portfolio import Window
from accounts.queries.serving import Conversion
from sam.core.authorization.permissions import Permission
from sam.core.models import ExchangeRate, Organisation, User
from sam.values.periods import Quarter
from sam.values.results import Computed, Missing, Result, value_of

NO_FIGURES = "no figures yet"


@dataclass(frozen=True, slots=True)
class Row:
    """One account. `name` is empty where the person may not see it, `opens` where they may open its numbers."""

    account_id: int
    name: str
    tier: str
    region: str
    lead: str
    opens: bool
    lines: Lines
    missing: str
    eats: tuple[Eroding, ...] = ()

    @property
    def contribution(self) -> Result:
        return Missing(self.missing) if self.missing else self.lines.contribution

    @property
    def revenue(self) -> Result:
        if self.missing or self.lines.revenue is None:
            return Missing(self.missing or "revenue is unknown")
        return Computed(self.lines.revenue)

    @property
    def margin(self) -> Result:
        return domain.margin(self.contribution, self.lines.revenue)

    @property
    def price_realisation(self) -> Result:
        return domain.price_realisation(self.lines.revenue, self.lines.list_revenue)

    @property
    def days_sales_outstanding(self) -> Result:
        return domain.days_sales_outstanding(self.lines.receivables, self.lines.revenue, DAYS_OF_YEAR)

    @property
    def is_beyond_peak(self) -> bool:
        """Takes away from what the accounts before it have earned."""
        return (value_of(self.contribution) or Decimal(0)) < 0


@dataclass(frozen=True)
class Finance:
    """All rows, those with the smallest contribution first, the unknown ones last."""

    window: Window
    rows: tuple[Row, ...]

    @cached_property
    def known(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if isinstance(row.contribution, Computed))

    @cached_property
    def beyond(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.is_beyond_peak)

    @cached_property
    def ranking(self) -> Ranking:
        amounts = ((str(row.account_id), row.contribution) for row in self.known)
        return Ranking.of((key, result.value) for key, result in amounts if isinstance(result, Computed))

    @property
    def whale(self) -> Whale:
        return self.ranking.whale()

    @property
    def amounts(self) -> tuple[Decimal, ...]:
        """Contributions from the largest to the smallest."""
        return tuple(sorted((value_of(row.contribution) or Decimal(0) for row in self.known), reverse=True))

    @cached_property
    def left_out(self) -> tuple[tuple[str, int], ...]:
        """Why accounts are in no sum, and how many."""
        reasons = (row.contribution for row in self.rows)
        return tuple(Counter(one.reason for one in reasons if isinstance(one, Missing)).most_common())

    @property
    def revenue(self) -> Decimal:
        return sum((value_of(row.revenue) or Decimal(0) for row in self.rows), Decimal(0))

    @property
    def with_revenue(self) -> int:
        return sum(1 for row in self.rows if isinstance(row.revenue, Computed))

    @property
    def contribution(self) -> Decimal:
        return sum((value_of(row.contribution) or Decimal(0) for row in self.known), Decimal(0))

    @property
    def lost(self) -> Decimal:
        """What the accounts beyond the peak take away; zero or more."""
        return -sum((value_of(row.contribution) or Decimal(0) for row in self.beyond), Decimal(0))

    def ratio(self, upper: str, lower: str = "revenue", factor: int = 1) -> tuple[Result, int]:
        """Sum over sum of the accounts that know both lines, and how many those are."""
        pairs = [(getattr(row.lines, upper), getattr(row.lines, lower)) for row in self.rows if not row.missing]
        both = [(up, low) for up, low in pairs if up is not None and low is not None]
        whole = sum((low for _, low in both), Decimal(0))
        if whole <= 0:
            return Missing("no account has both figures"), 0
        return Computed(sum((up for up, _ in both), Decimal(0)) * factor / whole), len(both)

    @property
    def margin(self) -> Result:
        total = sum((value_of(row.revenue) or Decimal(0) for row in self.known), Decimal(0))
        return domain.margin(Computed(self.contribution), total)


def finance_view(user: User, accounts: QuerySet[Account], window: Window) -> Finance:
    """`accounts`: those that are asked about; `user` decides which names are shown."""
    found = list(accounts.select_related("owner").order_by("folded_name", "pk"))
    ids = [account.pk for account in found]
    named, opened = _visible(user, Permission.ACCOUNT_VIEW), _visible(user, Permission.FIGURES_VIEW)
    years, drivers = pnl_of(ids, window), driver_costs(ids, window)
    rows = []
    for account in found:
        year = years.get(account.pk)
        lines = replace(year.now, drivers=drivers.get(account.pk, {})) if year else NO_LINES
        is_named = named is None or account.pk in named
        rows.append(
            Row(
                account_id=account.pk,
                name=account.name if is_named else "",
                tier=account.get_tier_display() if account.tier else "",
                region=account.region,
                lead=str(account.owner or "Nobody yet"),
                opens=opened is None or account.pk in opened,
                lines=lines,
                missing=year.missing if year else NO_FIGURES,
            )
        )
    usual = shares_of(row.lines for row in rows)
    rows = [replace(row, eats=erosion(row.lines, usual)) for row in rows]
    return Finance(window, tuple(sorted(rows, key=_smallest_first)))


def _smallest_first(row: Row) -> tuple[bool, Decimal, str]:
    value = value_of(row.contribution)
    return value is None, value or Decimal(0), row.name


def _visible(user: User, permission: Permission) -> frozenset[int] | None:
    """Ids of accounts on which the person holds it; None for all of them."""
    if permission in user.role.everywhere:
        return None
    return frozenset(Account.objects.visible_to(user, permission).values_list("pk", flat=True))


def driver_costs(account_ids: Iterable[int], window: Window) -> dict[int, dict[str, Decimal]]:
    """Cost by activity of the window's twelve months, in its currency; nothing where a rate is missing. Three queries.

    Valid as a breakdown only where the sum is the cost to serve: `erosion` checks that.
    """
    start, end = window.start, window.last.next().start
    volumes = (
        ActivityVolume.objects.within(start, end)
        .filter(account__in=list(account_ids), months__lt=12)
        .annotate(quarter=TruncQuarter("period_start"))
        .order_by()
        .values_list("account_id", "driver", "quarter")
        .annotate(total=Sum("quantity"))
    )
    rates = {(row.driver, row.year): row for row in ActivityRate.objects.filter(year__gte=start.year)}
    conversion = conversion_of(window)
    found: defaultdict[int, dict[str, Decimal]] = defaultdict(dict)
    unpriced: set[int] = set()
    for account_id, driver, first, quantity in volumes:
        quarter = Quarter.containing(first)
        row = rates.get((driver, quarter.year))
        rate = conversion.between(row.currency, window.currency, quarter) if row else None
        if row is None or rate is None:
            unpriced.add(account_id)
            continue
        costs = found[account_id]
        costs[driver] = costs.get(driver, Decimal(0)) + quantity * row.amount * rate
    return {key: costs for key, costs in found.items() if key not in unpriced}


def conversion_of(window: Window) -> Conversion:
    """Exchange rates of the window's twelve months."""
    into = Organisation.objects.shown().reporting_currency
    rows = ExchangeRate.objects.filter(into=into, quarter_start__gte=window.start)
    return Conversion(into, {(row.currency, Quarter.containing(row.quarter_start)): row.rate for row in rows})


def filtered(accounts: QuerySet[Account], tier: str, region: str, lead: str) -> QuerySet[Account]:
    """Accounts of a tier ("none" for those outside the programme), a region, and a lead by id; empty means any."""
    if tier:
        accounts = accounts.filter(tier="" if tier == "none" else tier)
    if region:
        accounts = accounts.filter(region=region)
    if lead.isdecimal():
        accounts = accounts.filter(owner_id=int(lead))
    return accounts


def choices_of(user: User) -> tuple[Sequence[str], Sequence[tuple[int, str]]]:
    """Regions and leads to filter by, of the accounts whose names the person sees. Two queries."""
    seen = Account.objects.visible_to(user).live().order_by()
    regions = seen.exclude(region="").values_list("region", flat=True).distinct().order_by("region")
    leads = User.objects.filter(pk__in=seen.exclude(owner=None).values("owner")).order_by("display_name")
    return list(regions), [(person.pk, str(person)) for person in leads]
