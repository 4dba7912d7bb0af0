"""A year's target against what came in and what is expected: pace, gap, early warning.

Amounts of one call share a currency. A quarter without figures is unknown and ends what can be compared: pace looks
at the quarters before it only. Shares are judged in whole percent, as the pages show them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sam.values.money import round_amount
from sam.values.results import Computed, Missing, Result

QUARTERS = 4
FORECAST_AT_LEAST = Decimal("0.95")
"""Below this share of the target a forecast is an early warning."""
PACE_AT_LEAST = Decimal("0.90")
"""Below this share of the elapsed quarters' target, `SLOW_PERIODS` quarters running, the pace is one."""
SLOW_PERIODS = 2


def spread(amount: Decimal, shape: Sequence[Decimal | None] = ()) -> tuple[Decimal, ...]:
    """A year's amount in four quarters like ``shape`` (last year's quarters), even where that is not fully known.

    Also even where a quarter of the shape is below zero or all are zero. The parts add up exactly to ``amount``
    (four decimals); the last one takes what rounding left.
    """
    known = [part for part in shape if part is not None and part >= 0]
    whole = sum(known, Decimal(0))
    weights = known if len(known) == QUARTERS and whole > 0 else [Decimal(1)] * QUARTERS
    whole = sum(weights, Decimal(0))
    parts = [round_amount(amount * weight / whole) for weight in weights[:-1]]
    return (*parts, amount - sum(parts, Decimal(0)))


def is_below(share: Decimal, limit: Decimal) -> bool:
    """Whether a share is below the limit once both stand in whole percent."""
    return share.quantize(Decimal("0.01"), ROUND_HALF_UP) < limit


@dataclass(frozen=True, slots=True)
class Standing:
    """One account, year and measure. ``quarters``: the target's four, empty without a target.

    ``actual``: the fiscal quarters that are over, oldest first, None where nobody reported one.
    """

    quarters: tuple[Decimal, ...]
    actual: tuple[Decimal | None, ...]
    forecast: Decimal | None = None

    @property
    def target(self) -> Decimal | None:
        return sum(self.quarters, Decimal(0)) if self.quarters else None

    @property
    def counted(self) -> tuple[Decimal, ...]:
        """Quarters from the first on, up to the first that is unknown."""
        found: list[Decimal] = []
        for amount in self.actual:
            if amount is None:
                break
            found.append(amount)
        return tuple(found)

    @property
    def to_date(self) -> Result:
        """What came in since the year began, in the quarters that are known without a gap."""
        if not self.actual:
            return Missing("no quarter of the year is over yet")
        if not self.counted:
            return Missing("there are no figures for the first quarter of the year")
        parts = tuple((f"quarter {number}", amount) for number, amount in enumerate(self.counted, start=1))
        return Computed(sum(self.counted, Decimal(0)), parts)

    @property
    def paces(self) -> tuple[Result, ...]:
        """At the end of each known quarter: what came in until then / the target until then."""
        found: list[Result] = []
        for count in range(1, len(self.counted) + 1):
            came, wanted = sum(self.counted[:count], Decimal(0)), sum(self.quarters[:count], Decimal(0))
            found.append(_share(came, wanted, "actual to date", "target to date"))
        return tuple(found)

    @property
    def pace(self) -> Result:
        """The newest pace, as a fraction."""
        if not self.quarters:
            return Missing("there is no target")
        if not self.counted:
            return self.to_date
        return self.paces[-1]

    @property
    def forecast_share(self) -> Result:
        """Forecast / target of the year, as a fraction."""
        if self.target is None or self.forecast is None:
            return Missing("there is no target" if self.target is None else "there is no forecast")
        return _share(self.forecast, self.target, "forecast", "target")

    @property
    def gap(self) -> Result:
        """Forecast - target: below zero the year misses it."""
        if self.target is None or self.forecast is None:
            return Missing("there is no target" if self.target is None else "there is no forecast")
        return Computed(self.forecast - self.target, (("forecast", self.forecast), ("target", self.target)))

    @property
    def is_forecast_short(self) -> bool:
        share = self.forecast_share
        return isinstance(share, Computed) and is_below(share.value, FORECAST_AT_LEAST)

    @property
    def is_slow(self) -> bool:
        """The pace was too low at the ends of the last two known quarters."""
        last = self.paces[-SLOW_PERIODS:]
        return len(last) == SLOW_PERIODS and all(
            isinstance(pace, Computed) and is_below(pace.value, PACE_AT_LEAST) for pace in last
        )

    @property
    def warns(self) -> bool:
        """An early warning: the goal is likely to be missed."""
        return self.is_forecast_short or self.is_slow


def _share(part: Decimal, whole: Decimal, part_name: str, whole_name: str) -> Result:
    if whole <= 0:
        return Missing(f"the {whole_name} is not above zero")
    return Computed(part / whole, ((part_name, part), (whole_name, whole)))
