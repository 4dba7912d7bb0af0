"""Targets of the running year and the leads' forecasts; Skoggrim's target was lowered in April, the old one is kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.actions.targets import Wanted, make_forecast, set_target
from accounts.demo.accounts import Accounts
from accounts.demo.figures import CURRENCIES, MILLION
from accounts.demo.people import People
from accounts.models import Account, Forecast, Measure
from accounts.queries.targets import current_year
from sam.core.models import User

# short name: revenue target and forecast of the year, millions in the account's currency
TARGETS = {
    "Oremund": ("43.8", "41.5"),
    "Skoggrim": ("32.3", "27.1"),
    "Montevarra": ("21.5", "22.0"),
    "Dunmarsh": ("33.4", "33.8"),
    "Havelgrund": ("12.0", "12.2"),
    "Merrowick": ("11.3", "8.3"),
    "Quillaraya": ("8.4", "9.8"),
    "Lindqvara": ("74.5", "79.7"),
}
FIRST_TARGETS = {"Skoggrim": "34.0"}
WHY_LOWER = "machine 4 stopped"
# Share of the revenue target that is to be left as contribution.
MARGINS = {"strategic": Decimal("0.24"), "key": Decimal("0.18")}


def build_targets(accounts: Accounts, people: People, today: date) -> None:
    year, petra = current_year(today), people["Petra Lohse"]
    for short, (target, forecast) in TARGETS.items():
        account, currency = accounts[short], CURRENCIES.get(short, "EUR")
        amount = Decimal(target) * MILLION
        _set(account, year, amount, short, petra)
        set_target(
            account=account,
            year=year,
            measure=Measure.CONTRIBUTION,
            wanted=Wanted(amount * MARGINS[account.tier], currency=currency),
            by=petra,
            on=date(year, 1, 15),
        )
        make_forecast(
            account=account,
            year=year,
            measure=Measure.REVENUE,
            amount=Decimal(forecast) * MILLION,
            currency=currency,
            basis=Forecast.Basis.LEAD,
            by=account.owner,
            on=date(year, 10, 5),
        )


def _set(account: Account, year: int, amount: Decimal, short: str, by: User) -> None:
    currency = CURRENCIES.get(short, "EUR")
    first = FIRST_TARGETS.get(short)
    told: dict[str, Any] = {"account": account, "year": year, "measure": Measure.REVENUE, "by": by}
    start = Decimal(first) * MILLION if first else amount
    made = set_target(**told, wanted=Wanted(start, currency=currency), on=date(year, 1, 15))
    if first:
        lower = Wanted(amount, currency=currency, reason=WHY_LOWER)
        set_target(**told, wanted=lower, revision=made.revision, on=date(year, 4, 15))
