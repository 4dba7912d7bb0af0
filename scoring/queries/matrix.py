"""The portfolio matrix: worth today against potential, sized by revenue, told apart by tier."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

from django.urls import reverse

from accounts.models import Account
from sam.core.charts import Axis, ChartTable, Dot, Quarter, TwoByTwo, chart_table
from sam.core.charts.palette import Tone
from sam.core.models import User
from sam.core.templatetags.ui import money, plain_number
from scoring.domain.measures import Figures
from scoring.models import AccountScore
from scoring.queries.cycle import live_rules_or_none
from scoring.queries.portfolio_scope import measured, seen_accounts

MOST = 150
"""Points that still can be told apart; of more, the best by score are drawn."""
LARGEST = 5
USUAL_HALF = Decimal(50)
LETTERS = {"": "–", "key": "K", "strategic": "S", "global": "G"}
TONES: dict[str, Tone] = {"": "plan", "key": "info", "strategic": "brand", "global": "good"}
QUARTERS = (
    Quarter("Invest in potential"),
    Quarter("Strategic candidates", "good"),
    Quarter("Serve at low cost"),
    Quarter("Earn and keep"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the matrix; lives in the address. `lead`: an account lead's id, 0 for all."""

    tier: str = ""
    region: str = ""
    lead: int = 0

    def __bool__(self) -> bool:
        return bool(self.tier or self.region or self.lead)


@dataclass(frozen=True, slots=True)
class Placed:
    """One account on the matrix, in points; `revenue` in the reporting currency, None where it is not known."""

    account: Account
    current: Decimal
    potential: Decimal
    overall: Decimal | None
    revenue: Decimal | None
    quarter: str

    @property
    def tier_label(self) -> str:
        return str(self.account.get_tier_display())


@dataclass(frozen=True, slots=True)
class Matrix:
    """`split`: where the halves meet, by the live scorecard. `unplaced`: accounts without both halves."""

    placed: tuple[Placed, ...]
    split: Decimal
    more: int
    unplaced: tuple[str, ...]
    unplaced_count: int
    currency: str
    regions: tuple[str, ...]
    leads: tuple[User, ...]

    def counts(self) -> list[tuple[str, int]]:
        """How many accounts lie in each quarter, in the order of the map."""
        return [(quarter.title, sum(1 for one in self.placed if one.quarter == quarter.title)) for quarter in QUARTERS]

    @property
    def chart(self) -> TwoByTwo:
        most = max((one.revenue or Decimal(0) for one in self.placed), default=Decimal(0))
        places = ((0, "0"), (self.split, plain_number(self.split, 0)), (100, "100"))
        return TwoByTwo(
            dots=tuple(_dot(one, most) for one in self.placed),
            x=Axis("Worth today, points", 0, 100, places, self.split),
            y=Axis("Potential and fit, points", 0, 100, split=self.split),
            title="Portfolio matrix",
            quarters=QUARTERS,
        )

    @property
    def table(self) -> ChartTable:
        """The same rows with the revenue itself; a size on paper says little."""
        return chart_table(
            ("Account", "Tier", "Worth today", "Potential and fit", "Overall", f"Revenue, {self.currency}"),
            [
                (
                    one.account.name,
                    one.tier_label,
                    plain_number(one.current, 1),
                    plain_number(one.potential, 1),
                    plain_number(one.overall, 1) if one.overall is not None else "not scored",
                    str(money(one.revenue, "")) if one.revenue is not None else "not known",
                )
                for one in self.placed
            ],
        )


def _dot(one: Placed, most: Decimal) -> Dot:
    """The circle's area goes with the revenue: its size is the root of the share of the largest."""
    share = max(one.revenue or Decimal(0), Decimal(0)) / most if most > 0 else Decimal(0)
    return Dot(
        label=one.account.name,
        x=one.current,
        y=one.potential,
        note="" if one.account.tier else "outside",
        size=LARGEST * sqrt(share),
        inside=LETTERS[one.account.tier],
        tone=TONES[one.account.tier],
        href=reverse("scoring:account-score", args=[one.account.pk]),
    )


def matrix(user: User, filters: Filters) -> Matrix:
    """The accounts that the person may see and that are scored in both halves. A constant number of queries."""
    seen = seen_accounts(user)
    narrowed = seen
    if filters.tier:
        narrowed = narrowed.filter(tier="" if filters.tier == "none" else filters.tier)
    if filters.region:
        narrowed = narrowed.filter(region=filters.region)
    if filters.lead:
        narrowed = narrowed.filter(owner_id=filters.lead)
    scores = AccountScore.objects.filter(account__in=narrowed, current__isnull=False, potential__isnull=False)
    rows = list(scores.select_related("account__owner").order_by("-overall", "account_id")[: MOST + 1])
    count = len(rows) if len(rows) <= MOST else scores.count()
    rows = rows[:MOST]
    found = measured([Figures.REVENUE], [row.account_id for row in rows])
    split = _split()
    placed = tuple(_placed(row, found.of(row.account_id, Figures.REVENUE), split) for row in rows)
    without = narrowed.exclude(tier="").exclude(score__current__isnull=False, score__potential__isnull=False)
    scored = seen.filter(score__current__isnull=False, score__potential__isnull=False)
    return Matrix(
        placed=placed,
        split=split,
        more=count - len(placed),
        unplaced=tuple(without.order_by("name").values_list("name", flat=True)[:20]),
        unplaced_count=without.count(),
        currency=found.currency,
        regions=tuple(scored.exclude(region="").order_by("region").values_list("region", flat=True).distinct()),
        leads=tuple(
            User.objects.filter(pk__in=scored.exclude(owner=None).order_by().values("owner")).order_by("display_name")
        ),
    )


def _split() -> Decimal:
    """What a half needs to enter the tier strategic, by the live scorecard; the middle without one."""
    rules = live_rules_or_none()
    asked = [tier.enter_half for tier in rules.tiers if tier.tier == "strategic"] if rules else []
    return next((half for half in asked if half > 0), USUAL_HALF)


def _placed(row: AccountScore, revenue: float | None, split: Decimal) -> Placed:
    current, potential = row.current_points or Decimal(0), row.potential_points or Decimal(0)
    position = (2 if potential < split else 0) + (1 if current >= split else 0)
    return Placed(
        account=row.account,
        current=current,
        potential=potential,
        overall=row.overall_points,
        revenue=None if revenue is None else Decimal(repr(revenue)),
        quarter=QUARTERS[position].title,
    )
