"""The register of measures: every number that a computed criterion may be scored from, in one place.

An app registers its measures when it starts (``AppConfig.ready``). A measure is read by one statement for all accounts
or for some, so that a recompute of the portfolio and of one account see the very same number. Measures made of the
twelve months of figures share one statement (``scoring.queries.measures``) and have none of their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias

Statement: TypeAlias = tuple[str, tuple[Any, ...]]
Read: TypeAlias = Callable[[date, Sequence[int] | None], Statement]
"""Day and account ids (None: all) → SQL with parameters whose rows are account id (int8) and value (float8).

An account whose value is unknown has no row. Values are finite and do not depend on which accounts are asked for.
"""


class Unit(StrEnum):
    MONEY = "money"
    """Full amounts in the reporting currency."""
    RATIO = "ratio"
    """Fractions: 0.224 is 22.4 %."""
    POINTS = "points"
    """Points of margin, above or below an average."""
    DAYS = "days"
    MONTHS = "months"
    LEVEL = "level"
    """Mean of answers from 1 to 5."""
    SCORE = "score"
    """A score from -100 to 100."""
    COUNT = "count"
    YES_NO = "yes_no"
    """1 for yes, 0 for no."""


@dataclass(frozen=True, slots=True)
class Measure:
    """``read``: None for a measure that the figures' own statement gives. ``missing``: why an account has no value.

    ``finance``: its values are figures of the account, for those who may see figures.
    """

    key: str
    label: str
    unit: Unit
    explanation: str
    read: Read | None = None
    missing: Callable[[int, date], str] | None = None
    low_is_good: bool = False
    finance: bool = True
    registered: bool = True

    @property
    def from_figures(self) -> bool:
        return self.registered and self.read is None


class Figures(StrEnum):
    """Keys of the measures that come from twelve months of figures."""

    REVENUE = "revenue"
    GROWTH = "growth"
    GROWTH_TWO_YEARS = "growth_two_years"
    MARGIN = "margin"
    MARGIN_GAP = "margin_gap"
    CONTRIBUTION = "contribution"
    COST_TO_SERVE = "cost_to_serve"
    SHARE_OF_WALLET = "share_of_wallet"
    DAYS_SALES_OUTSTANDING = "days_sales_outstanding"
    PRICE_REALISATION = "price_realisation"


_measures: dict[str, Measure] = {}


def register(measure: Measure) -> None:
    """Add a measure, or replace the one with its key."""
    _measures[measure.key] = measure


def measures() -> list[Measure]:
    """All registered measures, in the order in which they came."""
    return list(_measures.values())


def is_registered(key: str) -> bool:
    return key in _measures


def measure_of(key: str) -> Measure:
    """The measure with this key. One that nothing registers any more has no values, and says so."""
    return _measures.get(key) or Measure(
        key, f"“{key}”, which this installation does not know", Unit.COUNT, "Nothing registers this measure any more.",
        missing=_unknown, registered=False,
    )  # fmt: skip


def _unknown(account_id: int, day: date) -> str:
    return "this installation does not know the measure any more"


for _measure in (
    Measure(
        Figures.REVENUE, "Revenue, last 12 months", Unit.MONEY,
        "The sum of the last twelve months in the reporting currency.",
    ),
    Measure(
        Figures.GROWTH, "Growth of revenue over one year", Unit.RATIO,
        "Revenue of the last twelve months against the twelve before: now ÷ before - 1.",
    ),
    Measure(
        Figures.GROWTH_TWO_YEARS, "Growth of revenue over two years", Unit.RATIO,
        "Revenue of the last twelve months against the twelve that ended two years earlier: now ÷ then - 1.",
    ),
    Measure(
        Figures.MARGIN, "Contribution margin", Unit.RATIO,
        "Contribution ÷ revenue, both of the last twelve months.",
    ),
    Measure(
        Figures.MARGIN_GAP, "Contribution margin against the average of all accounts", Unit.POINTS,
        "The account's contribution margin less that of all accounts together, in points.",
    ),
    Measure(
        Figures.CONTRIBUTION, "Contribution, last 12 months", Unit.MONEY,
        "Revenue - cost of goods - cost to serve of the last twelve months.",
    ),
    Measure(
        Figures.COST_TO_SERVE, "Cost to serve per unit of revenue", Unit.RATIO,
        "Cost to serve ÷ revenue, both of the last twelve months.", low_is_good=True,
    ),
    Measure(
        Figures.SHARE_OF_WALLET, "Our share of the client's spend", Unit.RATIO,
        "Our revenue ÷ what the client spends on what we offer, both of the last twelve months.",
    ),
    Measure(
        Figures.DAYS_SALES_OUTSTANDING, "Days sales outstanding", Unit.DAYS,
        "Receivables at the end of the last twelve months ÷ their revenue × 365.", low_is_good=True,
    ),
    Measure(
        Figures.PRICE_REALISATION, "Price realisation", Unit.RATIO,
        "Revenue ÷ list revenue of the last twelve months: 1 means that nothing was given away.",
    ),
):  # fmt: skip
    register(_measure)
