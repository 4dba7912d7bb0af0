"""The demo story's portfolio, small: eight programme accounts and thirty others with their figures and rates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.models import Account, Figure
from sam.core.models import ExchangeRate, User
from scoring.actions.defaults import load_defaults
from scoring.actions.scores import recompute_all
from scoring.models import Rating, ScorecardVersion
from tests.domain.story import OTHERS, PROGRAMME, QUARTERS, RATES, numbers

TODAY = date(2026, 11, 23)
MILLION = Decimal(1_000_000)


@pytest.fixture
def live(db: None) -> ScorecardVersion:
    """The first scorecard, live."""
    version = load_defaults(by=None)
    assert version is not None
    return version


@pytest.fixture
def story(db: None) -> dict[str, Account]:
    """The accounts of the demo story by first word of their name."""
    ExchangeRate.objects.bulk_create(
        ExchangeRate(currency=currency, into="EUR", quarter_start=quarter.start, rate=rate)
        for currency, rates in RATES.items()
        if currency != "EUR"
        for quarter, rate in zip(QUARTERS, rates, strict=True)
    )
    found = {}
    for name, (currency, revenue, margin, cost, wallet) in PROGRAMME.items():
        account = found[name] = Account.objects.create(name=name, currency=currency)
        Figure.objects.bulk_create(
            Figure(
                account=account,
                period_start=quarter.start,
                currency=currency,
                revenue=revenue[i] * MILLION,
                cost_of_goods=revenue[i] * MILLION * (1 - margin[i] / 100),
                cost_to_serve=cost[i] * MILLION,
                client_spend=wallet[0 if i >= 4 else 1] / 4 * MILLION / RATES[currency][i],
            )
            for i, quarter in enumerate(QUARTERS)
        )
    for name, (revenue, percent) in OTHERS.items():
        account = found[name] = Account.objects.create(name=name)
        Figure.objects.bulk_create(
            Figure(
                account=account,
                period_start=quarter.start,
                currency="EUR",
                revenue=revenue * share / 4 * MILLION,
                cost_of_goods=revenue * share / 4 * MILLION * (1 - percent / 100),
                cost_to_serve=Decimal(0),
            )
            for share, quarter in zip(numbers("0.97 1.00 1.02 1.01"), QUARTERS[4:], strict=True)
        )
    return found


# C4, C5 and the medians of P1 to P5, as the story's section 2 gives them; None where C5 is not known.
LEVELS: dict[str, tuple[int | None, ...]] = {
    "Oremund": (5, 3, 4, 3, 4, 5, 4),
    "Skoggrim": (2, 2, 2, 3, 2, 3, 2),
    "Montevarra": (3, 5, 4, 5, 5, 4, 4),
    "Dunmarsh": (3, None, 2, 2, 1, 2, 2),
    "Havelgrund": (4, None, 3, 4, 4, 4, 3),
    "Merrowick": (2, None, 2, 3, 3, 2, 2),
    "Quillaraya": (5, 4, 5, 4, 3, 5, 4),
    "Lindqvara": (4, 5, 4, 5, 4, 5, 5),
}
KEYS = ("C4", "C5", "P1", "P2", "P3", "P4", "P5")
SCORES = {
    "Oremund": ("85.0", "72.5", "78.8"),
    "Skoggrim": ("52.5", "35.0", "43.8"),
    "Montevarra": ("92.5", "86.3", "89.4"),
    "Dunmarsh": ("34.4", "20.0", "27.2"),
    "Havelgrund": ("81.3", "65.0", "73.1"),
    "Merrowick": ("37.5", "36.3", "36.9"),
    "Quillaraya": ("67.5", "80.0", "73.8"),
    "Lindqvara": ("73.8", "88.8", "81.3"),
}


@pytest.fixture
def rated_story(story: dict[str, Account], live: ScorecardVersion, raters: list[User]) -> dict[str, Account]:
    """The story's accounts with the ratings of three people whose median is the story's level."""
    Rating.objects.bulk_create(
        Rating(
            account=story[name],
            scorecard=live.scorecard,
            criterion_key=key,
            rater=rater,
            value=min(5, max(1, level + shift)),
            evidence="Seen at the last review",
            confirmed=True,
            rated_on=TODAY - timedelta(days=30),
        )
        for name, levels in LEVELS.items()
        for key, level in zip(KEYS, levels, strict=True)
        if level is not None
        for rater, shift in zip(raters, (-1, 0, 1), strict=True)
    )
    return story


@pytest.fixture
def rescore() -> Callable[[], None]:
    def rescore() -> None:
        recompute_all(by=None, today=TODAY)

    return rescore


@pytest.fixture
def raters(make_person: Callable[..., User]) -> list[User]:
    return [make_person("finance_partner", display_name=f"Rater {number}") for number in (1, 2, 3)]
