"""Targets that keep what they replace, forecasts that are only added, totals that name what they leave out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.actions.targets import Wanted, make_forecast, set_target
from accounts.models import Account, Figure, Forecast, Target
from accounts.queries.targets import account_goals, current_year, goals_of
from sam.core.errors import FieldErrors, Stale
from sam.core.models import ExchangeRate, Organisation, User
from sam.values.periods import last_closed_quarter
from sam.values.results import Missing, value_of

pytestmark = pytest.mark.django_db
D = Decimal
TODAY = date(2026, 11, 18)


def target(account: Account, amount: int, by: User | None = None, **more: Any) -> Target:
    year, measure = more.pop("year", 2026), more.pop("measure", "revenue")
    revision, on = more.pop("revision", None), more.pop("on", None)
    return set_target(
        account=account, year=year, measure=measure, wanted=Wanted(D(amount), **more), by=by, revision=revision, on=on
    )


def figures(account: Account, year: int, *amounts: int, currency: str = "EUR", month: int = 1) -> None:
    for number, amount in enumerate(amounts):
        start = date(year, month + 3 * number, 1)
        Figure.objects.create(account=account, period_start=start, currency=currency, revenue=D(amount))


def test_a_target_follows_last_years_quarters(account: Account) -> None:
    figures(account, 2025, 10, 20, 30, 40)
    assert target(account, 1000).quarters == (D(100), D(200), D(300), D(400))


def test_a_changed_target_keeps_the_old_one_with_the_day_it_ended(account: Account, ingrid: User) -> None:
    made = target(account, 340, ingrid, on=date(2026, 1, 10))
    with pytest.raises(FieldErrors) as refused:
        target(account, 323, ingrid, revision=1)
    assert "reason" in refused.value.errors
    changed = target(account, 323, ingrid, revision=1, reason="machine 4 stopped", on=date(2026, 4, 15))
    assert (changed.pk, changed.revision, changed.amount) == (made.pk, 2, 323)
    kept = Target.objects.get(superseded_on=date(2026, 4, 15))
    assert (kept.amount, kept.set_on, kept.set_by) == (340, date(2026, 1, 10), ingrid)
    with pytest.raises(Stale):
        target(account, 300, ingrid, revision=1, reason="again")
    assert Target.objects.current().get().amount == 323


def test_typed_quarters_must_add_up_to_the_year(account: Account) -> None:
    with pytest.raises(FieldErrors) as refused:
        target(account, 100, spread="own", quarters=(D(10), D(20), D(30), D(30)))
    assert "add up to 90" in refused.value.errors["amount"][0]
    assert target(account, 90, spread="own", quarters=(D(10), D(20), D(30), D(30))).quarters[3] == 30


def test_the_latest_forecast_counts_and_the_earlier_ones_stay(account: Account) -> None:
    target(account, 100)
    told = {"account": account, "year": 2026, "measure": "revenue", "by": None}
    make_forecast(**told, amount=D(99), basis="run_rate", on=date(2026, 5, 1))
    make_forecast(**told, amount=D(80), basis="lead", on=date(2026, 9, 1))
    found = account_goals(account, 2026, TODAY)
    assert found.goals[0].standing.forecast == 80
    assert [old.amount for old in found.earlier_forecasts] == [99]
    assert found.goals[0].standing.warns
    with pytest.raises(FieldErrors):
        make_forecast(**told, amount=D(1), basis="a feeling")
    assert Forecast.objects.count() == 2


def test_a_fiscal_year_may_begin_in_any_month(account: Account) -> None:
    Organisation.objects.update_or_create(pk=1, defaults={"fiscal_year_start": 4})
    figures(account, 2025, 11, 12, 13, month=4)
    figures(account, 2026, 14)
    figures(account, 2026, 20, 21, month=4)
    made = target(account, 100)
    assert made.quarters == (D(22), D(24), D(26), D(28))
    goal = account_goals(account, 2026, TODAY).goals[0]
    assert value_of(goal.standing.to_date) == 41
    assert current_year(date(2026, 5, 1)) == 2025


def test_totals_take_converted_amounts_only_and_say_how_many_are_left_out(
    make_account: Callable[..., Account], ingrid: User
) -> None:
    quarter = last_closed_quarter(TODAY)
    ExchangeRate.objects.create(currency="GBP", into="EUR", quarter_start=quarter.start, rate=D("1.15"))
    for name, currency in (("Euro", "EUR"), ("Pound", "GBP"), ("Forint", "HUF")):
        account = make_account(name, currency=currency, owner=ingrid, tier="key")
        figures(account, 2026, 20, 20, 20, currency=currency)
        target(account, 100, currency=currency)
    found = goals_of(Account.objects.all(), 2026, "revenue", TODAY)
    total = found.total
    assert (total.accounts, total.not_converted, total.without_forecast) == (3, 1, 2)
    assert total.target == D(215)
    assert total.to_date == D(129)
    assert isinstance(total.gap, Missing)
    assert [one.label for one in found.by(lambda goal: goal.account.get_tier_display())] == ["Key"]


def test_totals_of_many_accounts_cost_as_many_queries_as_of_one(
    make_account: Callable[..., Account], django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        target(make_account(), 100)
    Organisation.objects.current()
    with django_assert_num_queries(6):
        goals_of(Account.objects.all(), 2026, "revenue", TODAY)
    for _ in range(9):
        target(make_account(), 100)
    with django_assert_num_queries(6):
        goals_of(Account.objects.all(), 2026, "revenue", TODAY)


def test_the_running_year_is_that_of_the_last_closed_quarter() -> None:
    assert current_year(date(2027, 1, 20)) == 2026
    assert current_year(date(2027, 4, 1)) == 2027
