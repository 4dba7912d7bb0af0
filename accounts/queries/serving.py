"""What serving an account cost by activity, quarter by quarter, with what is missing named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from accounts.domain.drivers import DRIVERS, TEAM, Driver
from accounts.domain.metrics import Rates
from accounts.models import Account, ActivityRate, ActivityVolume
from sam.core.models import ExchangeRate
from sam.values.periods import Quarter


@dataclass(frozen=True, slots=True)
class Part:
    """One activity of a period: how often, at what rate, and the cost in the account's currency; None with a reason."""

    driver: Driver
    quantity: Decimal
    rate: Decimal | None
    rate_currency: str
    cost: Decimal | None
    variable: bool
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Conversion:
    """Rates into the reporting currency `into` by currency and quarter."""

    into: str
    rates: Mapping[tuple[str, Quarter], Decimal]

    def into_reporting(self, currency: str, quarter: Quarter) -> Decimal | None:
        return Decimal(1) if currency == self.into else self.rates.get((currency, quarter))

    def between(self, source: str, target: str, quarter: Quarter) -> Decimal | None:
        """What one unit of `source` is in `target`, over the reporting currency."""
        if source == target:
            return Decimal(1)
        first, second = self.into_reporting(source, quarter), self.into_reporting(target, quarter)
        return None if first is None or second is None else first / second


@dataclass(frozen=True, slots=True)
class Activities:
    """An account's activities in a stretch of quarters, with the yearly rates that price them."""

    currency: str
    volumes: Mapping[Quarter, Mapping[str, Decimal]]
    rates: Mapping[tuple[str, int], ActivityRate]
    conversion: Conversion

    def parts(self, quarter: Quarter) -> tuple[Part, ...]:
        """In the order of the drivers; also those that are missing against the three quarters before."""
        found = self.volumes.get(quarter, {})
        return tuple(self._part(key, found[key], quarter) for key in DRIVERS if key in found)

    def absent(self, quarter: Quarter) -> tuple[str, ...]:
        """Activities reported in the three quarters before and not in this one."""
        here = self.volumes.get(quarter, {})
        if not here:
            return ()
        before = {key for back in (1, 2, 3) for key in self.volumes.get(quarter.shift(-back), {})}
        return tuple(DRIVERS[key].label for key in DRIVERS if key in before and key not in here)

    def costs(self, quarter: Quarter) -> dict[str, Decimal]:
        """Cost by driver where all of them are known, else nothing."""
        parts = self.parts(quarter)
        known = {part.driver.key: part.cost for part in parts if part.cost is not None}
        return known if len(known) == len(parts) and not self.absent(quarter) else {}

    def team_cost(self, quarter: Quarter, *, is_inside: bool) -> Decimal | None:
        """Hours of the account team in money; zero where the cost to serve holds them already."""
        hours = self.volumes.get(quarter, {}).get(TEAM)
        if hours is None:
            return None
        return Decimal(0) if is_inside else self._part(TEAM, hours, quarter).cost

    def yearly(self, year: int) -> Rates:
        """Capital, retention, discount and horizon of a year."""
        found = {key: self.rates.get((key, year)) for key in ("capital", "retention", "discount", "horizon")}
        return Rates(**{key: row.amount for key, row in found.items() if row is not None})

    def _part(self, key: str, quantity: Decimal, quarter: Quarter) -> Part:
        driver, row = DRIVERS[key], self.rates.get((key, quarter.year))
        if row is None:
            return Part(driver, quantity, None, "", None, driver.variable, f"no rate for {quarter.year}")
        factor = self.conversion.between(row.currency, self.currency, quarter)
        if factor is None:
            missing = self.currency if self.currency != self.conversion.into else row.currency
            reason = f"no exchange rate of {missing} for {quarter.label}"
            return Part(driver, quantity, row.amount, row.currency, None, row.variable, reason)
        return Part(driver, quantity, row.amount, row.currency, quantity * row.amount * factor, row.variable)


def activities_of(account: Account, quarters: Sequence[Quarter], currency: str, into: str) -> Activities:
    """Three queries. Quarters and months only: a year's row is not split."""
    first, after = quarters[0].start, quarters[-1].next().start
    volumes = ActivityVolume.objects.filter(account=account, months__lt=12).within(first, after)
    years = {quarter.year for quarter in quarters}
    rates = ActivityRate.objects.filter(year__in=years)
    exchange = ExchangeRate.objects.filter(into=into, quarter_start__gte=first, quarter_start__lt=after)
    return Activities(
        currency=currency,
        volumes=_by_quarter(volumes),
        rates={(row.driver, row.year): row for row in rates},
        conversion=Conversion(
            into, {(row.currency, Quarter.containing(row.quarter_start)): row.rate for row in exchange}
        ),
    )


def _by_quarter(rows: Iterable[ActivityVolume]) -> dict[Quarter, dict[str, Decimal]]:
    """A quarter's own rows of all keys, or its three months; two months are no quarter."""
    whole: dict[Quarter, dict[str, Decimal]] = {}
    months: dict[tuple[Quarter, str], dict[int, Decimal]] = {}
    for row in rows:
        quarter = Quarter.containing(row.period_start)
        if row.months == 3 and row.period_start == quarter.start:
            sums = whole.setdefault(quarter, {})
            sums[row.driver] = sums.get(row.driver, Decimal(0)) + row.quantity
        elif row.months == 1:
            each = months.setdefault((quarter, row.driver), {})
            each[row.period_start.month] = each.get(row.period_start.month, Decimal(0)) + row.quantity
    for (quarter, driver), each in months.items():
        if len(each) == 3:
            whole.setdefault(quarter, {}).setdefault(driver, sum(each.values(), Decimal(0)))
    return whole
