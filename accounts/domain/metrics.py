"""What an account's numbers are judged by: each metric with its formula, inputs and trend, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from accounts.domain import figures, pnl
from accounts.domain.drivers import DRIVERS
from accounts.domain.pnl import Lines
from sam.values.results import Computed, Missing, Result, first_missing

DAYS_OF_YEAR = 365


class Kind(StrEnum):
    """How a value is shown: money in the account's currency, a fraction (0.22 = 22 %), days, or how many times."""

    MONEY = "money"
    FRACTION = "fraction"
    DAYS = "days"
    TIMES = "times"


@dataclass(frozen=True, slots=True)
class Rates:
    """Yearly rates of the programme. `missing` says which year has none; fractions, years for the horizon."""

    capital: Decimal | None = None
    retention: Decimal | None = None
    discount: Decimal | None = None
    horizon: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a metric of one period is computed from. `before`: the same period a year earlier; `days` of the period.

    `team_cost`: hours of the account team at the rate of the year, None when unknown. `year_contribution`: the
    twelve months that end with the period.
    """

    lines: Lines
    before: Lines
    days: int
    rates: Rates = field(default_factory=Rates)
    team_cost: Decimal | None = None
    year_contribution: Result = field(default_factory=lambda: Missing("twelve months are not complete"))


def cost_of_receivables(receivables: Decimal | None, capital: Decimal | None, days: int) -> Result:
    """Average receivables x yearly capital rate (fraction) x days / 365."""
    if receivables is None or capital is None:
        missing = first_missing(receivables=receivables, capital_rate=capital)
        return missing or Missing("an input is unknown")
    inputs = (("average receivables", receivables), ("capital rate", capital), ("days", Decimal(days)))
    return Computed(receivables * capital * days / DAYS_OF_YEAR, inputs)


def return_on_investment(contribution: Result, cost_to_serve: Decimal | None, team_cost: Decimal | None) -> Result:
    """Contribution / (cost to serve + team time): what one unit of money put into the account brings back.

    ``team_cost`` is zero where the cost to serve holds the team's hours already, so that they count once.
    """
    if isinstance(contribution, Missing):
        return contribution
    if cost_to_serve is None or team_cost is None:
        missing = first_missing(cost_to_serve=cost_to_serve, team_time=team_cost)
        return missing or Missing("an input is unknown")
    invested = cost_to_serve + team_cost
    if invested <= 0:
        return Missing("nothing was spent on serving the account")
    inputs = (("contribution", contribution.value), ("cost to serve", cost_to_serve), ("team time", team_cost))
    return Computed(contribution.value / invested, inputs)


def lifetime_value(contribution: Result, rates: Rates) -> Result:
    """Sum over t = 1…n of c · rᵗ / (1 + d)ᵗ.

    c: contribution of twelve months; r: retention a year, 0 to 1; d: discount rate a year, 0 or more; n: whole years.
    """
    if isinstance(contribution, Missing):
        return contribution
    retention, discount, horizon = rates.retention, rates.discount, rates.horizon
    if retention is None or discount is None or horizon is None:
        missing = first_missing(retention=retention, discount_rate=discount, horizon=horizon)
        return missing or Missing("an input is unknown")
    if not 0 <= retention <= 1 or discount < 0 or not 1 <= horizon <= 50:
        return Missing("retention, discount rate or horizon is out of range")
    factor = retention / (1 + discount)
    worth = sum((contribution.value * factor**year for year in range(1, int(horizon) + 1)), Decimal(0))
    inputs = (
        ("contribution of twelve months", contribution.value),
        ("retention a year", retention),
        ("discount rate a year", discount),
        ("years", Decimal(int(horizon))),
    )
    return Computed(worth, inputs)


def _known(value: Decimal | None, name: str) -> Result:
    return Missing(f"{name} is unknown") if value is None else Computed(value, ((name, value),))


def _cost_to_serve(lines: Lines) -> Result:
    """With the activities it was computed from, where it was."""
    if lines.cost_to_serve is None or not lines.drivers:
        return _known(lines.cost_to_serve, "cost to serve")
    parts = ((DRIVERS[key].label.lower(), cost) for key, cost in lines.drivers.items())
    return Computed(lines.cost_to_serve, tuple(parts))


@dataclass(frozen=True, slots=True)
class Definition:
    """A metric before it meets an account. `low_is_good`: less of it is better."""

    key: str
    name: str
    unit: Kind
    formula: str
    compute: Callable[[Facts], Result]
    low_is_good: bool = False


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "revenue", "Revenue", Kind.MONEY,
        "Revenue of the period, after all discounts",
        lambda facts: _known(facts.lines.revenue, "revenue"),
    ),
    Definition(
        "growth", "Growth", Kind.FRACTION,
        "Revenue / revenue of the same period a year earlier - 1",
        lambda facts: figures.growth(facts.lines.revenue, facts.before.revenue),
    ),
    Definition(
        "gross_margin", "Gross margin", Kind.FRACTION,
        "(Revenue - cost of goods, variable and fixed) / revenue",
        lambda facts: figures.margin(facts.lines.gross_profit, facts.lines.revenue),
    ),
    Definition(
        "cost_to_serve", "Cost to serve", Kind.MONEY,
        "A better figure where there is one, else the sum of activities x the rates of the year",
        lambda facts: _cost_to_serve(facts.lines),
        low_is_good=True,
    ),
    Definition(
        "contribution", "Contribution", Kind.MONEY,
        "Revenue - cost of goods - cost to serve",
        lambda facts: facts.lines.contribution,
    ),
    Definition(
        "contribution_margin", "Contribution margin", Kind.FRACTION,
        "Contribution / revenue",
        lambda facts: figures.margin(facts.lines.contribution, facts.lines.revenue),
    ),
    Definition(
        "pocket_margin", "Pocket margin", Kind.FRACTION,
        "(Pocket price - cost of goods) / pocket price; pocket price = revenue - cost to serve",
        lambda facts: pnl.pocket_margin(facts.lines),
    ),
    Definition(
        "price_realisation", "Price realisation", Kind.FRACTION,
        "Revenue / list revenue",
        lambda facts: figures.price_realisation(facts.lines.revenue, facts.lines.list_revenue),
    ),
    Definition(
        "share_of_wallet", "Share of wallet", Kind.FRACTION,
        "Revenue / what the client spends in the categories we serve",
        lambda facts: figures.share_of_wallet(facts.lines.revenue, facts.lines.client_spend),
    ),
    Definition(
        "days_sales_outstanding", "Days sales outstanding", Kind.DAYS,
        "Average receivables at the quarters' ends / revenue x days",
        lambda facts: figures.days_sales_outstanding(facts.lines.receivables, facts.lines.revenue, facts.days),
        low_is_good=True,
    ),
    Definition(
        "cost_of_receivables", "Cost of receivables", Kind.MONEY,
        "Average receivables at the quarters' ends x capital rate x days / 365",
        lambda facts: cost_of_receivables(facts.lines.receivables, facts.rates.capital, facts.days),
        low_is_good=True,
    ),
    Definition(
        "return_on_investment", "Return on account investment", Kind.TIMES,
        "Contribution / (cost to serve + team time); team time counts once where the cost to serve holds it already",
        lambda facts: return_on_investment(facts.lines.contribution, facts.lines.cost_to_serve, facts.team_cost),
    ),
    Definition(
        "lifetime_value", "Lifetime value", Kind.MONEY,
        "Sum over t = 1…n of contribution of twelve months x retention^t / (1 + discount rate)^t",
        lambda facts: lifetime_value(facts.year_contribution, facts.rates),
    ),
)  # fmt: skip
BY_KEY: Mapping[str, Definition] = {definition.key: definition for definition in DEFINITIONS}


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of one account: its value with inputs or the reason why there is none, and eight quarters of it."""

    key: str
    name: str
    unit: Kind
    formula: str
    low_is_good: bool
    result: Result
    trend: tuple[Result, ...]


def metrics(now: Facts, quarters: Sequence[Facts]) -> tuple[Metric, ...]:
    """All metrics of a period, with the same metric of each single quarter of ``quarters``, oldest first."""
    return tuple(
        Metric(
            one.key,
            one.name,
            one.unit,
            one.formula,
            one.low_is_good,
            one.compute(now),
            tuple(one.compute(quarter) for quarter in quarters),
        )
        for one in DEFINITIONS
    )
