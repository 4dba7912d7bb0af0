"""What an account takes of our time, in hours and money, and when people are spread too thin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sam.values.results import Computed, Missing, Result
from scoring.domain.cycle import FULL_UNITS

FULL_YEAR_HOURS = Decimal(1720)
"""Working hours of one full person in a year, as the European Commission reckons personnel costs (Horizon Europe)."""
FEWEST_PEOPLE = 5
"""Hours of fewer people are not averaged: they would say what single people do."""
TIERS = ("key", "strategic", "global")
LEAD = "account_lead"
USUAL_SHARES: Mapping[str, tuple[int, int, int]] = {
    LEAD: (15, 40, 100),
    "deputy": (5, 10, 20),
    # Two days a year for a key account, a day a month for the others.
    "sponsor": (1, 5, 5),
    "finance_lead": (2, 5, 15),
    "relationship_lead": (10, 10, 10),
    "results_driver": (10, 10, 10),
    "technical_expert": (5, 10, 30),
    "innovator": (5, 5, 5),
    "service_lead": (5, 10, 25),
    "collaborator": (5, 5, 5),
    "contracts": (2, 2, 2),
}
"""Percent of a person's time that a role usually takes on an account of a tier: key, strategic, global."""
ENOUGH = Decimal("0.9")
"""Of the usual share: a tenth less still fits."""


def usual_share(role: str, tier: str) -> int:
    """Percent; 0 for a role that takes what is needed, and outside the programme."""
    return USUAL_SHARES.get(role, (0, 0, 0))[TIERS.index(tier)] if tier in TIERS else 0


def planned_hours(allocation: Decimal | int) -> Decimal:
    """Hours a year of a share of time in percent (100: one full person)."""
    return FULL_YEAR_HOURS * Decimal(allocation) / 100


def contact_hours(minutes: Decimal | int) -> Decimal:
    return Decimal(minutes) / 60


def cost(hours: Decimal, rate: Result) -> Result:
    """Money of so many hours at the yearly rate of a team hour."""
    if isinstance(rate, Missing):
        return rate
    return Computed(hours * rate.value, (("hours", hours), ("rate of a team hour", rate.value)))


def per_unit(contribution: Decimal | None, invested: Result) -> Result:
    """Contribution for one unit of money invested in time; missing where either is, or nothing is invested."""
    if isinstance(invested, Missing):
        return invested
    if contribution is None:
        return Missing("the contribution of twelve months is not known")
    if invested.value <= 0:
        return Missing("no time is planned: nobody has a seat with a share of time")
    return Computed(contribution / invested.value, (("contribution", contribution), ("cost", invested.value)))


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """What one person is staffed with: units as account lead (full = 6), accounts, and percent of time over all.

    `usual`: percent that the person's roles on these accounts usually take.
    """

    units: int
    accounts: int
    allocation: int
    usual: int = 0

    @property
    def hours_per_account(self) -> Decimal:
        """Planned hours a year for each account; 0 without accounts."""
        return planned_hours(self.allocation) / self.accounts if self.accounts else Decimal(0)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why the person is spread too thin; none when not. From staffing alone, never from what was logged."""
        thin = f"{self.allocation} % of their time where these roles usually take {self.usual} %"
        signs = (
            (self.units > FULL_UNITS, f"{self.units} of {FULL_UNITS} units: move an account to somebody else"),
            (self.allocation > 100, f"{self.allocation} % of their time is promised"),
            (self.allocation < self.usual * ENOUGH, thin),
        )
        return tuple(words for present, words in signs if present)


def tier_warning(tier: str, lead_share: Decimal | None) -> str:
    """What is wrong with the leads' average share of time (percent) for an account of the tier; empty: nothing."""
    usual = usual_share(LEAD, tier)
    if lead_share is None or lead_share >= usual:
        return ""
    return f"leads give {lead_share:.0f} % of their time to an account where {usual} % is usual"
