"""Activities times yearly rates become cost to serve: converted, recomputed, never a part of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.actions.activities import Told, delete_volume, set_volume, set_volumes
from accounts.actions.activity_rates import copy_rates, load_default_rates, set_activity_rate
from accounts.actions.figures import set_figure, set_rate
from accounts.actions.merging import merge_accounts
from accounts.models import Account, AccountKey, ActivityRate, ActivityVolume, Figure
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from sam.values.periods import Quarter

pytestmark = pytest.mark.django_db
D = Decimal
Q2 = Quarter(2025, 2)


@pytest.fixture
def rates(db: None) -> None:
    for driver, amount in (("order", 45), ("return", 120), ("visit_day", 780)):
        set_activity_rate(driver=driver, year=2025, amount=D(amount), currency="EUR", by=None)


@pytest.fixture
def figure(account: Account) -> Figure:
    return Figure.objects.create(account=account, period_start=Q2.start, currency="EUR", revenue=D(100_000))


def cost(figure: Figure) -> tuple[Any, Any, str]:
    figure.refresh_from_db()
    return figure.cost_to_serve, figure.cost_to_serve_variable, figure.cost_to_serve_basis


def count(account: Account, driver: str, quantity: Any, quarter: Quarter = Q2) -> ActivityVolume:
    return set_volume(
        account=account, period=quarter.period, driver=driver, quantity=D(quantity), revision=None, by=None
    )


def test_quantities_times_rates_become_the_cost_with_its_variable_part(
    rates: None, account: Account, figure: Figure
) -> None:
    count(account, "order", 10)
    count(account, "visit_day", "1.5")
    assert cost(figure) == (D(450) + D(1170), D(450), "drivers")
    assert figure.revision == 1


def test_a_stated_cost_is_never_replaced_and_comes_back_when_it_is_taken_away(
    rates: None, account: Account, figure: Figure
) -> None:
    figure = set_figure(
        account=account, period=Q2.period, kind="actual", values={"cost_to_serve": D(999)}, revision=1, by=None
    )
    count(account, "order", 10)
    assert cost(figure) == (D(999), None, "stated")
    figure = set_figure(
        account=account, period=Q2.period, kind="actual", values={"cost_to_serve": None}, revision=2, by=None
    )
    assert cost(figure) == (D(450), D(450), "drivers")
    stated = set_figure(
        account=account, period=Q2.period, kind="actual", values={"cost_to_serve": D(5)}, revision=3, by=None
    )
    assert cost(stated) == (D(5), None, "stated")


def test_a_changed_volume_or_rate_is_felt_at_once(rates: None, account: Account, figure: Figure) -> None:
    row = count(account, "order", 10)
    set_volume(account=account, period=Q2.period, driver="order", quantity=D(20), revision=row.revision, by=None)
    assert cost(figure)[0] == 900
    set_activity_rate(driver="order", year=2025, amount=D(50), revision=1, by=None)
    assert cost(figure)[0] == 1000
    row.refresh_from_db()
    delete_volume(account=account, volume=row, revision=row.revision, by=None)
    assert cost(figure) == (None, None, "drivers")


def test_a_missing_rate_leaves_the_cost_unknown_not_smaller(rates: None, account: Account, figure: Figure) -> None:
    count(account, "order", 10)
    count(account, "complaint", 1)
    assert cost(figure)[0] is None
    set_activity_rate(driver="complaint", year=2025, amount=D(240), by=None)
    assert cost(figure)[0] == 690


def test_an_activity_reported_before_is_missed_when_it_is_not_there(
    rates: None, account: Account, figure: Figure
) -> None:
    count(account, "return", 3, Q2.previous())
    count(account, "order", 10)
    assert cost(figure)[0] is None
    count(account, "return", 0)
    assert cost(figure)[0] == 450


def test_rates_reach_another_currency_at_the_quarters_rate(rates: None, account: Account) -> None:
    figure = Figure.objects.create(account=account, period_start=Q2.start, currency="GBP", revenue=D(1))
    count(account, "order", 12)
    assert cost(figure)[0] is None, "there is no rate yet"
    made = set_rate(currency="GBP", quarter=Q2, rate=D("1.20"), by=None)
    assert cost(figure)[0] == 450
    set_rate(currency="GBP", quarter=Q2, rate=D("1.25"), revision=made.revision, by=None)
    assert cost(figure)[0] == 432


def test_activities_under_one_key_land_on_that_keys_figure(rates: None, account: Account) -> None:
    keys = [AccountKey.objects.create(account=account, key=name) for name in ("A", "B")]
    rows = [
        Figure.objects.create(account=account, key=key, period_start=Q2.start, currency="EUR", revenue=D(1))
        for key in keys
    ]
    ActivityVolume.objects.create(
        account=account, key=keys[1], period_start=Q2.start, months=3, driver="order", quantity=D(2)
    )
    count(account, "return", 1)
    assert [cost(row)[0] for row in rows] == [D(120), D(90)]


def test_typed_quantities_are_written_together_and_stale_ones_refused(rates: None, account: Account) -> None:
    told = {"order": Told(D(3)), "return": Told(D(1)), "visit_day": Told(None)}
    assert set_volumes(account=account, period=Q2.period, told=told, by=None) == 2
    assert set_volumes(account=account, period=Q2.period, told={"order": Told(D(3), 1)}, by=None) == 0
    assert set_volumes(account=account, period=Q2.period, told={"order": Told(None, 1)}, by=None) == 1
    with pytest.raises(Stale):
        set_volumes(account=account, period=Q2.period, told={"return": Told(D(9), 7)}, by=None)
    assert ActivityVolume.objects.get().quantity == 1


@pytest.mark.parametrize(
    ("driver", "quantity", "field"), [("order", "-1", "quantity"), ("capital", "1", "driver"), ("x", "1", "driver")]
)
def test_wrong_activities_are_refused_in_words(account: Account, driver: str, quantity: str, field: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        count(account, driver, quantity)
    assert set(refused.value.errors) == {field}


def test_typed_beside_imported_is_refused(account: Account) -> None:
    key = AccountKey.objects.create(account=account, key="A")
    ActivityVolume.objects.create(
        account=account, key=key, period_start=Q2.start, months=3, driver="order", quantity=D(2)
    )
    with pytest.raises(ActionRefused, match="came in by import"):
        count(account, "order", 1)


class TestRates:
    def test_first_rates_are_loaded_once_for_this_year_and_two_before(self, db: None) -> None:
        assert load_default_rates(by=None) == 42
        assert load_default_rates(by=None) == 0
        assert ActivityRate.objects.filter(driver="express_delivery", amount=165, currency="EUR").count() == 3
        assert ActivityRate.objects.filter(driver="capital", amount=D("0.07"), currency="").count() == 3

    def test_a_year_is_copied_without_touching_what_is_there(self, rates: None) -> None:
        set_activity_rate(driver="order", year=2026, amount=D(50), by=None)
        assert copy_rates(year=2025, into=2026, by=None) == 2
        assert ActivityRate.objects.get(driver="order", year=2026).amount == 50
        with pytest.raises(ActionRefused):
            copy_rates(year=2025, into=2026, by=None)

    @pytest.mark.parametrize(
        ("driver", "amount"), [("capital", "7"), ("order", "-1"), ("horizon", "2.5"), ("horizon", "0")]
    )
    def test_rates_out_of_range_are_refused(self, db: None, driver: str, amount: str) -> None:
        with pytest.raises(FieldErrors):
            set_activity_rate(driver=driver, year=2026, amount=D(amount), by=None)

    def test_a_stale_rate_is_refused(self, rates: None) -> None:
        with pytest.raises(Stale):
            set_activity_rate(driver="order", year=2025, amount=D(1), revision=9, by=None)


def test_merging_takes_activities_along(rates: None, account: Account, figure: Figure, ingrid: User) -> None:
    other = Account.objects.create(name="Other", currency="EUR")
    count(other, "order", 10)
    merge_accounts(account=other, into=account, by=ingrid)
    assert cost(figure)[0] == 450


def test_activities_under_another_systems_key_land_on_the_first_figure(rates: None, account: Account) -> None:
    figures, logistics = (AccountKey.objects.create(account=account, source=name, key="7") for name in ("erp", "wms"))
    row = Figure.objects.create(account=account, key=figures, period_start=Q2.start, currency="EUR", revenue=D(1))
    ActivityVolume.objects.create(account=account, key=logistics, period_start=Q2.start, driver="order", quantity=D(2))
    set_activity_rate(driver="order", year=2025, amount=D(50), revision=1, by=None)
    assert cost(row)[0] == 100
