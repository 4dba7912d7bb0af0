"""A client asks for a lower price: what it costs, what volume would repay it, and who may say yes.

Cuts and margins are fractions (0.04 = 4 %); a cut above zero lowers the price. Amounts of one call share a currency
and are yearly unless they say otherwise. An unknown input is named, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounts.domain import figures
from accounts.domain.pnl import Lines
from sam.values.results import Computed, Missing, Result

ANSWER_DAYS = 10
"""Working days until the client has an answer (programme default for price requests)."""
AT_RISK = Decimal("0.30")
"""The share of the volume that a refusal puts at risk, until somebody knows better."""


# --- margins ------------------------------------------------------------------------------------------------------

USED = "variable"
MARGIN_NAMES: Mapping[str, str] = {
    "variable": "Variable margin after variable cost to serve",
    "gross": "Gross margin",
    "contribution": "Contribution",
}
"""The first decides: only costs that go away with the volume may be set against it."""


def margins_of(lines: Lines) -> dict[str, Result]:
    """The three margins of one period by key, as fractions of revenue, each with its inputs or why there is none."""
    profits = {
        "variable": _after_variable_serving(lines),
        "gross": lines.gross_profit,
        "contribution": lines.contribution,
    }
    return {key: _explained(figures.margin(profit, lines.revenue), profit) for key, profit in profits.items()}


def _explained(margin: Result, profit: Result) -> Result:
    """The margin with the lines behind its profit, revenue among them."""
    if isinstance(margin, Missing) or isinstance(profit, Missing):
        return margin
    return Computed(margin.value, profit.inputs)


def _after_variable_serving(lines: Lines) -> Result:
    profit = figures.variable_profit(lines.revenue, lines.cost_of_goods, lines.cost_of_goods_fixed)
    if isinstance(profit, Missing):
        return profit
    if lines.cost_to_serve_variable is None:
        return Missing("the variable part of the cost to serve is unknown")
    inputs = (*profit.inputs, ("variable cost to serve", lines.cost_to_serve_variable))
    return Computed(profit.value - lines.cost_to_serve_variable, inputs)


def margin_after(margin: Result, cut: Decimal) -> Result:
    """The margin on the lower price: (m - cut) / (1 - cut). ``cut`` below 1."""
    if isinstance(margin, Missing):
        return margin
    if cut >= 1:
        return Missing("nothing is left of the price")
    return Computed((margin.value - cut) / (1 - cut), (("margin", margin.value), ("cut", cut)))


# --- volume -------------------------------------------------------------------------------------------------------


def break_even_volume_change(price_change: Decimal, margin: Decimal, cost_change: Decimal = Decimal(0)) -> Result:
    """The change of volume that repays a change of price: -(Δp - Δc) / (m + Δp - Δc), all as fractions of the price.

    ``cost_change``: what a unit costs more or less afterwards. A cut of 10 % at 30 % margin needs 50 % more volume.
    """
    if not cost_change:
        found = figures.break_even_volume_change(price_change, margin)
    else:
        left = margin + price_change - cost_change
        if left <= 0:
            return Missing("the new price leaves no margin, so no volume repays it")
        inputs = (("price change", price_change), ("unit margin", margin), ("cost change", cost_change))
        found = Computed(-(price_change - cost_change) / left, inputs)
    if isinstance(found, Computed) and found.value < -1:
        return Missing("there is no margin today, so even without any volume the change pays")
    return found


def volume_needed(revenue: Decimal, change: Result) -> Result:
    """Revenue a year, at today's prices, that the break-even asks for on top."""
    if isinstance(change, Missing):
        return change
    return Computed(revenue * change.value, (("revenue", revenue), ("break-even", change.value)))


def spend_elsewhere(client_spend: Decimal | None, revenue: Decimal | None) -> Result:
    """What the client spends in our categories with others."""
    if client_spend is None:
        return Missing("client spend is unknown")
    if revenue is None:
        return Missing("revenue is unknown")
    if revenue > client_spend:
        return Missing("our revenue is larger than the client spend on record, so that is too low")
    return Computed(client_spend - revenue, (("client spend", client_spend), ("revenue", revenue)))


def wallet_words(needed: Result, elsewhere: Result, free: Decimal | None) -> tuple[str, str]:
    """Whether the wallet holds the volume that would repay the cut: (tone, sentence)."""
    if isinstance(needed, Missing):
        return "", f"Not known because {needed.reason}."
    if isinstance(elsewhere, Missing):
        return "", f"Not known because {elsewhere.reason}."
    if needed.value > elsewhere.value:
        return "bad", "The wallet does not hold it: the client does not spend that much elsewhere."
    if free is None:
        return "warn", "The wallet holds it; how much of it is free to move is not known."
    if needed.value > free:
        return "bad", "The wallet holds it, but less than that is free to move."
    return "good", "The wallet holds it, and enough of it is free to move."


# --- money --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cut:
    """One line: revenue of twelve months, and how much less it is to cost. ``favoured``: revenue of twelve months at
    another account that a most-favoured clause would carry the cut to; None where there is no clause or it is unknown.
    """

    name: str
    revenue: Decimal
    cut: Decimal
    favoured: Decimal | None = None

    @property
    def cost(self) -> Decimal:
        """What the cut costs a year; below zero where the price rises."""
        return self.revenue * self.cut


def revenue_of(cuts: Iterable[Cut]) -> Decimal:
    return sum((one.revenue for one in cuts), Decimal(0))


def cost_of(cuts: Iterable[Cut]) -> Decimal:
    """What the cuts of all lines cost a year."""
    return sum((one.cost for one in cuts), Decimal(0))


def average_cut(cuts: Sequence[Cut]) -> Decimal:
    """The cut over all lines, weighted by revenue; 0 without revenue."""
    revenue = revenue_of(cuts)
    return cost_of(cuts) / revenue if revenue > 0 else Decimal(0)


def favoured_cost(cuts: Iterable[Cut]) -> Decimal:
    """What most-favoured clauses add at other accounts a year, as far as the revenue there is known."""
    return sum((one.favoured * one.cut for one in cuts if one.favoured is not None), Decimal(0))


def years_between(first: date, last: date) -> Decimal:
    """Years from ``first`` to ``last``, both included, in twelfths: whole months and the days left of one month."""
    if last < first:
        return Decimal(0)
    after = last + timedelta(days=1)
    months = (after.year - first.year) * 12 + after.month - first.month
    if after.day >= first.day:
        return (months + Decimal(after.day - first.day) / 31) / 12
    return (months - Decimal(first.day - after.day) / 31) / 12


def to_the_end(yearly: Decimal, first: date | None, last: date | None) -> Result:
    """The yearly cost until the contract ends."""
    if first is None or last is None:
        return Missing("the contract's end is unknown" if last is None else "the first day is unknown")
    years = years_between(first, last)
    return Computed(yearly * years, (("a year", yearly), ("years", years)))


def loss_at_risk(revenue: Decimal, share: Decimal, margin: Result) -> Result:
    """What goes a year when ``share`` of the volume (fraction) goes: share x revenue x margin."""
    if isinstance(margin, Missing):
        return margin
    inputs = (("revenue", revenue), ("share that goes", share), ("margin", margin.value))
    return Computed(revenue * share * margin.value, inputs)


def loss_chance(giving_in: Decimal, loss: Result) -> Result:
    """The chance of losing the volume from which giving in is cheaper: cost of giving in / what would be lost.

    Above 1: giving in costs more than the loss itself, so refusing is cheaper whatever happens.
    """
    if isinstance(loss, Missing):
        return loss
    if loss.value <= 0:
        return Missing("the volume at risk earns nothing, so losing it costs nothing")
    return Computed(giving_in / loss.value, (("giving in", giving_in), ("lost", loss.value)))


# --- give and get -------------------------------------------------------------------------------------------------


def net_effect(price_cost: Decimal, values: Iterable[Decimal]) -> Decimal:
    """Contribution a year: the values of all give–get lines less what the prices cost."""
    return sum(values, Decimal(0)) - price_cost


def given_away(price_cost: Decimal, values: Iterable[Decimal]) -> Decimal:
    """What is given a year, which the authority is measured by: what comes back does not lower it."""
    costs = sum((-value for value in values if value < 0), Decimal(0))
    return max(price_cost, Decimal(0)) + costs


# Ideas for the table, from the programme's defaults: what we give, what we ask for it.
GIVE_GET: tuple[tuple[str, str], ...] = (
    ("Price on one line", "Longer term"),
    ("Rebate from a volume step", "Volume commitment"),
    ("Fixed price for 12 months", "Index clause afterwards"),
    ("Consignment stock", "Forecast and take-back rule"),
    ("Faster delivery", "Fewer small orders"),
    ("Engineering days", "Trial at a second site"),
    ("Reference price", "Published case"),
    ("Earlier notice of changes", "Payment 15 days earlier"),
    ("Training", "Standard range"),
    ("Data access", "Monitoring contract"),
)


# --- authority ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Level:
    """Who may give how much a year; ``limit`` in the reporting currency, None without one."""

    key: str
    who: str
    limit: Decimal | None
    rank: int


LEVELS: tuple[Level, ...] = (
    Level("team", "account lead and finance lead", Decimal(50_000), 1),
    Level("programme", "programme lead", Decimal(250_000), 2),
    Level("cfo", "CFO", Decimal(1_000_000), 3),
    Level("board", "board", None, 4),
)
"""Authority by the yearly effect on contribution (programme defaults for price requests)."""
BY_LEVEL: Mapping[str, Level] = {level.key: level for level in LEVELS}
HOLDS: Mapping[str, str] = {"programme_lead": "programme", "executive_sponsor": "board"}
"""The highest level that a role decides; an executive records what the board decided, with its reason."""


def level_for(effect: Decimal) -> Level | None:
    """The lowest level that may give ``effect`` a year (reporting currency); None where nothing is given."""
    if effect <= 0:
        return None
    return next(level for level in LEVELS if level.limit is None or effect <= level.limit)
