"""The demo company's ideal customer, and what outcomes are worth to its clients and to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Account
from sam.core.models import User
from scoring.actions.profiles import create_profile_draft, edit_profile, publish_profile
from scoring.actions.worth import add_worth
from scoring.domain.measures import Figures
from scoring.domain.profile import Wanted

PUBLISHED_DAYS = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """Amounts in millions of the account's currency; None: nobody knows."""

    short: str
    what: str
    client: str | None
    ours: str | None
    basis: str
    confirmed: bool
    days: int


OUTCOMES = (
    Outcome(
        "Oremund", "One seal standard at Base", "0.92", "0.30",
        "Validated by their controlling; ours from the mix of seals sold", True, 40,
    ),
    Outcome(
        "Oremund", "Fewer unplanned stops at Elster", "0.66", "0.25",
        "Validated hours of stops × their cost of an hour", True, 40,
    ),
    Outcome(
        "Skoggrim", "Steady pulp flow on machine 3", "0.61", "0.20",
        "Agreed with Lars Eikeland for the last twelve months", True, 90,
    ),
    Outcome(
        "Montevarra", "Shorter cleaning between batches", "1.39", "0.55",
        "Agreed in the review; minutes per batch × lines × their margin", True, 30,
    ),
    Outcome(
        "Dunmarsh", "Quick repair at the pumping stations", None, "0.15",
        "Our margin on service calls; nobody has asked what it saves them", False, 120,
    ),
    Outcome(
        "Havelgrund", "Less electricity in the district network", "0.25", "0.10",
        "Our estimate from the pump curves; they have not looked at it", False, 100,
    ),
    Outcome(
        "Merrowick", "Spares at the quay within a day", "0.10", "0.05",
        "Agreed for one yard, before the other went to a competitor", True, 160,
    ),
    Outcome(
        "Quillaraya", "Water saved in the desert plant", "0.35", "0.20",
        "Cubic metres measured on site × their price of water", True, 55,
    ),
    Outcome(
        "Lindqvara", "Validation passed without a second run", "3.5", "1.4",
        "Their validation team counted the runs of last year", True, 25,
    ),
)  # fmt: skip

WANTED = (
    Wanted("industry", ("Pharma", "Healthcare", "Food", "Chemicals", "Mining"), weight=Decimal(20)),
    Wanted("region", ("DACH", "Nordics", "South"), weight=Decimal(10)),
    Wanted(Figures.GROWTH, low=Decimal("0.05"), weight=Decimal(20)),
    Wanted(Figures.MARGIN, low=Decimal("0.24"), weight=Decimal(30)),
    Wanted(Figures.SHARE_OF_WALLET, low=Decimal("0.25"), high=Decimal("0.75"), weight=Decimal(20)),
)


def build(today: date, found: Mapping[str, Account], people: Mapping[str, User]) -> None:
    """A live profile that began with the leading accounts, and an outcome or two for each account of the programme."""
    ingrid = people["Ingrid Vossberg"]
    draft = create_profile_draft(source="leading", by=ingrid)
    draft = edit_profile(profile=draft, revision=draft.revision, wanted=WANTED, by=ingrid)
    publish_profile(
        profile=draft,
        revision=draft.revision,
        note="What Montevarra, Lindqvara and Oremund have in common, without their size",
        by=ingrid,
    )
    for outcome in OUTCOMES:
        account = found.get(outcome.short)
        if account is None:
            continue
        add_worth(
            account=account,
            outcome=outcome.what,
            client_amount=_millions(outcome.client),
            our_amount=_millions(outcome.ours),
            currency=account.currency,
            basis=outcome.basis,
            confirmed=outcome.confirmed,
            on=today - timedelta(days=outcome.days),
            by=account.owner or ingrid,
        )


def _millions(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text) * 1_000_000
