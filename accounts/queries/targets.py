"""Targets and forecasts of one account, and of many: by lead, by tier and for the whole programme."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from accounts.domain.targets import Standing
from accounts.models import Account, Forecast, Measure, Target
from accounts.queries.fiscal import FiscalQuarters, fiscal_calendar, fiscal_quarters
from sam.core.models import ExchangeRate, Organisation
from sam.values.periods import Quarter, last_closed_quarter
from sam.values.results import Computed, Missing, Result, value_of


@dataclass(frozen=True, slots=True)
class Goal:
    """One account's year and measure: the target, the newest forecast and where it stands, in the target's currency.

    `rate`: what one unit of the currency is in the reporting one; None where there is no rate.
    """

    account: Account
    measure: str
    currency: str
    target: Target | None
    forecast: Forecast | None
    standing: Standing
    rate: Decimal | None
    mixed: str = ""

    @property
    def label(self) -> str:
        return Measure(self.measure).label

    def converted(self, amount: Decimal | None) -> Decimal | None:
        return None if amount is None or self.rate is None else amount * self.rate

    @property
    def order(self) -> tuple[bool, Decimal, str]:
        """Early warnings first, among them the largest gap."""
        gap = self.converted(value_of(self.standing.gap))
        return (not self.standing.warns, gap if gap is not None else Decimal(0), self.account.name)


@dataclass(frozen=True, slots=True)
class Total:
    """Several goals together in the reporting currency; only what could be converted is in the sums.

    `forecast`, and the gap, compare only accounts that have both: `without_forecast` says how many have none.
    """

    label: str
    accounts: int = 0
    target: Decimal = Decimal(0)
    to_date: Decimal = Decimal(0)
    target_to_date: Decimal = Decimal(0)
    forecast: Decimal = Decimal(0)
    target_of_forecast: Decimal = Decimal(0)
    not_converted: int = 0
    without_figures: int = 0
    without_forecast: int = 0
    warnings: int = 0

    @property
    def alone(self) -> tuple[Total, ...]:
        """As a table of one row."""
        return (self,)

    @property
    def gap(self) -> Result:
        if self.accounts - self.not_converted <= self.without_forecast:
            return Missing("there is no forecast")
        return Computed(self.forecast - self.target_of_forecast)

    @property
    def pace(self) -> Result:
        if self.target_to_date <= 0:
            return Missing("there are no figures to compare yet")
        return Computed(self.to_date / self.target_to_date)

    def plus(self, goal: Goal) -> Total:
        """With one more goal that has a target."""
        one, standing = self, goal.standing
        one = replace(one, accounts=one.accounts + 1, warnings=one.warnings + standing.warns)
        target, rate = standing.target, goal.rate
        if rate is None or target is None:
            return replace(one, not_converted=one.not_converted + 1)
        one = replace(one, target=one.target + target * rate)
        if isinstance(standing.to_date, Computed):
            elapsed = sum(standing.quarters[: len(standing.counted)], Decimal(0))
            one = replace(
                one,
                to_date=one.to_date + standing.to_date.value * rate,
                target_to_date=one.target_to_date + elapsed * rate,
            )
        else:
            one = replace(one, without_figures=one.without_figures + 1)
        if standing.forecast is None:
            return replace(one, without_forecast=one.without_forecast + 1)
        return replace(
            one,
            forecast=one.forecast + standing.forecast * rate,
            target_of_forecast=one.target_of_forecast + target * rate,
        )


@dataclass(frozen=True, slots=True)
class Goals:
    """All goals of a year and measure. `quarter`: whose exchange rates convert every amount of the year."""

    year: int
    label: str
    measure: str
    reporting: str
    quarter: Quarter
    goals: tuple[Goal, ...]

    @property
    def total(self) -> Total:
        return self._total("All of them", self.goals)

    def by(self, name: Callable[[Goal], str]) -> tuple[Total, ...]:
        """Totals of the groups that `name` makes, in the order of their gap."""
        groups: defaultdict[str, list[Goal]] = defaultdict(list)
        for goal in self.goals:
            groups[name(goal)].append(goal)
        totals = [self._total(label, goals) for label, goals in groups.items()]
        return tuple(sorted(totals, key=lambda total: (value_of(total.gap) or Decimal(0), total.label)))

    @property
    def warned(self) -> tuple[Goal, ...]:
        return tuple(goal for goal in self.goals if goal.standing.warns)

    def _total(self, label: str, goals: Iterable[Goal]) -> Total:
        total = Total(label)
        for goal in goals:
            total = total.plus(goal)
        return total


def current_year(today: date) -> int:
    """The fiscal year of the last closed quarter: its numbers are what there is to talk about."""
    return fiscal_calendar().year_of(last_closed_quarter(today).start)


def goals_of(accounts: QuerySet[Account], year: int, measure: str, today: date) -> Goals:
    """Accounts with a target of the year, early warnings first. Six queries, whatever their number."""
    targets = list(
        Target.objects.current()
        .filter(account__in=accounts.order_by().values("pk"), year=year, measure=measure)
        .select_related("account__owner", "set_by")
    )
    ids = [target.account_id for target in targets]
    forecasts = _newest(Forecast.objects.filter(account__in=ids, year=year, measure=measure).select_related("made_by"))
    figures = fiscal_quarters(ids, year)
    quarter = last_closed_quarter(today)
    reporting, rates = _rates(quarter)
    over = figures.over(today)
    goals = [
        _goal(target.account, measure, target, forecasts.get((target.account_id, measure)), figures, over, rates)
        for target in targets
    ]
    label = figures.calendar.label(year)
    return Goals(year, label, measure, reporting, quarter, tuple(sorted(goals, key=lambda goal: goal.order)))


@dataclass(frozen=True, slots=True)
class AccountGoals:
    """Revenue and contribution of one account and year, with everything that was said before."""

    year: int
    label: str
    goals: tuple[Goal, ...]
    earlier_targets: tuple[Target, ...]
    earlier_forecasts: tuple[Forecast, ...]

    @property
    def is_empty(self) -> bool:
        return all(goal.target is None and goal.forecast is None for goal in self.goals)


def account_goals(account: Account, year: int, today: date) -> AccountGoals:
    """Four queries and the organisation."""
    targets = list(account.targets.filter(year=year).select_related("set_by"))
    forecasts = list(account.forecasts.filter(year=year).select_related("made_by"))
    current = {target.measure: target for target in targets if target.superseded_on is None}
    newest = _newest(forecasts)
    figures = fiscal_quarters([account.pk], year)
    over = figures.over(today)
    _, rates = _rates(last_closed_quarter(today))
    goals = tuple(
        _goal(account, measure, current.get(measure), newest.get((account.pk, measure)), figures, over, rates)
        for measure in Measure.values
    )
    return AccountGoals(
        year,
        figures.calendar.label(year),
        goals,
        tuple(target for target in targets if target.superseded_on is not None),
        tuple(forecast for forecast in forecasts if newest[forecast.account_id, forecast.measure].pk != forecast.pk),
    )


def _newest(forecasts: Iterable[Forecast]) -> dict[tuple[int, str], Forecast]:
    found: dict[tuple[int, str], Forecast] = {}
    for forecast in sorted(forecasts, key=lambda one: (one.made_on, one.pk)):
        found[forecast.account_id, forecast.measure] = forecast
    return found


def _rates(quarter: Quarter) -> tuple[str, Mapping[str, Decimal]]:
    """One rate for the whole year, so that shares do not move with currencies."""
    reporting = Organisation.objects.shown().reporting_currency
    rows = ExchangeRate.objects.filter(into=reporting, quarter_start=quarter.start).values_list("currency", "rate")
    return reporting, {reporting: Decimal(1), **dict(rows)}


def _goal(
    account: Account,
    measure: str,
    target: Target | None,
    forecast: Forecast | None,
    figures: FiscalQuarters,
    over: int,
    rates: Mapping[str, Decimal],
) -> Goal:
    currency = target.currency if target else forecast.currency if forecast else account.currency
    same = forecast is not None and forecast.currency == currency
    standing = Standing(
        quarters=target.quarters if target else (),
        actual=figures.amounts(account.pk, measure, currency)[:over],
        forecast=forecast.amount if forecast and same else None,
    )
    mixed = f"the forecast is in {forecast.currency}, the target in {currency}" if forecast and not same else ""
    return Goal(account, measure, currency, target, forecast, standing, rates.get(currency), mixed)
