from datetime import date
from decimal import Decimal

import pytest

from accounts.domain.figures import (
    break_even_volume_change,
    contribution,
    days_sales_outstanding,
    gross_profit,
    growth,
    margin,
    price_realisation,
    share_of_wallet,
    trailing_four_quarters,
    trailing_twelve_months,
    variable_profit,
)
from sam.values.periods import Month, Period, Quarter
from sam.values.results import Computed, Missing, Result, value_of
from tests.domain.story import PROGRAMME, QUARTERS, year_in_euros

ONE = Decimal(1)
NO_MARGIN = "the new price leaves no margin, so no volume repays it"


def percent(result: Result, places: int = 1) -> Decimal | None:
    value = value_of(result)
    return None if value is None else round(value * 100, places)


@pytest.mark.parametrize(
    ("account", "grown", "earned", "wallet"),
    [
        ("Oremund", "4.8", "22.4", "63"),
        ("Skoggrim", "-12.5", "14.9", "53"),
        ("Montevarra", "11.5", "31.4", "69"),
        ("Dunmarsh", "2.0", "-3.0", "73"),
        ("Havelgrund", "5.2", "29.0", "53"),
        ("Merrowick", "-28.1", "10.3", "51"),
        ("Quillaraya", "77.6", "33.1", "16"),
        ("Lindqvara", "27.1", "44.7", "40"),
    ],
)
def test_demo_accounts_have_the_published_ratios(account: str, grown: str, earned: str, wallet: str) -> None:
    revenue, earnings = year_in_euros(account)
    before, _ = year_in_euros(account, back=1)
    spend = PROGRAMME[account][4][0]
    assert percent(growth(revenue, before)) == Decimal(grown)
    assert percent(margin(Computed(earnings), revenue)) == Decimal(earned)
    assert percent(share_of_wallet(revenue, spend), 0) == Decimal(wallet)


def test_contribution_of_a_quarter_is_revenue_less_all_costs() -> None:
    # Oremund, Q4/24: 33.6 % gross margin, 12 points of the cost are fixed
    fixed = Decimal("9.6") * Decimal("0.12")
    variable = Decimal("9.6") * Decimal("0.664") - fixed
    found = contribution(Decimal("9.6"), variable, fixed, Decimal("0.71"))
    assert isinstance(found, Computed)
    assert round(found.value, 2) == Decimal("2.52")
    assert [name for name, _ in found.inputs] == ["revenue", "cost of goods", "fixed cost of goods", "cost to serve"]
    assert percent(margin(variable_profit(Decimal("9.6"), variable, fixed), Decimal("9.6"))) == Decimal("45.6")


def test_cost_that_was_never_split_is_the_whole_cost_and_has_no_variable_margin() -> None:
    assert value_of(gross_profit(Decimal(10), Decimal(7), None)) == 3
    assert variable_profit(Decimal(10), Decimal(7), None) == Missing(
        "cost of goods is not split into variable and fixed"
    )


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (gross_profit(None, ONE, None), "revenue is unknown"),
        (gross_profit(ONE, None, None), "cost of goods is unknown"),
        (variable_profit(ONE, None, ONE), "cost of goods is unknown"),
        (contribution(ONE, ONE, None, None), "cost to serve is unknown"),
        (contribution(None, ONE, None, ONE), "revenue is unknown"),
        (margin(Computed(ONE), Decimal(0)), "revenue is not above zero"),
        (margin(Computed(ONE), Decimal(-5)), "revenue is not above zero"),
        (margin(Computed(ONE), None), "revenue is unknown"),
        (margin(Missing("cost to serve is unknown"), ONE), "cost to serve is unknown"),
        (growth(None, ONE), "the figure of this period is unknown"),
        (growth(ONE, None), "the figure of the period before is unknown"),
        (growth(ONE, Decimal(0)), "the figure of the period before is not above zero"),
        (share_of_wallet(ONE, None), "client spend is unknown"),
        (share_of_wallet(ONE, Decimal(0)), "client spend is not above zero"),
        (share_of_wallet(-ONE, ONE), "revenue is below zero"),
        (share_of_wallet(Decimal(2), ONE), "our revenue is larger than the client spend on record, so that is too low"),
        (days_sales_outstanding(None, ONE, 92), "receivables is unknown"),
        (days_sales_outstanding(ONE, Decimal(0), 92), "revenue is not above zero"),
        (price_realisation(ONE, None), "list revenue is unknown"),
        (price_realisation(ONE, Decimal(0)), "list revenue is not above zero"),
        (
            break_even_volume_change(Decimal("-0.3"), Decimal("0.3")),
            "the new price leaves no margin, so no volume repays it",
        ),
    ],
)
def test_what_cannot_be_computed_says_why(result: Result, reason: str) -> None:
    assert result == Missing(reason)


def test_days_sales_outstanding_are_receivables_in_days_of_revenue() -> None:
    assert value_of(days_sales_outstanding(Decimal(50), Decimal(100), Quarter(2026, 3).days)) == 46
    with pytest.raises(ValueError, match="at least one day"):
        days_sales_outstanding(ONE, ONE, 0)


def test_price_realisation_is_what_is_left_of_the_list_price() -> None:
    assert value_of(price_realisation(Decimal(92), Decimal(100))) == Decimal("0.92")


@pytest.mark.parametrize(
    ("cut", "unit_margin", "volume"),
    [("-0.10", "0.30", "50.0"), ("-0.04", "0.40", "11.1"), ("-0.04", "0.328", "13.9"), ("-0.04", "0.248", "19.2")],
)
def test_price_cut_needs_the_published_volume(cut: str, unit_margin: str, volume: str) -> None:
    assert percent(break_even_volume_change(Decimal(cut), Decimal(unit_margin))) == Decimal(volume)


def test_trailing_twelve_months_add_four_quarters() -> None:
    rows = {quarter.period: amount for quarter, amount in zip(QUARTERS, PROGRAMME["Oremund"][1], strict=True)}
    found = trailing_four_quarters(rows, Quarter(2026, 3))
    assert isinstance(found, Computed)
    assert found.value == Decimal("41.7")
    assert [name for name, _ in found.inputs] == ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]


def test_quarter_without_a_row_is_unknown_and_named_not_zero() -> None:
    rows = {quarter.period: ONE for quarter in QUARTERS if quarter != Quarter(2026, 2)}
    assert trailing_four_quarters(rows, Quarter(2026, 3)) == Missing("no figures for 2026-Q2")
    rows[Period(date(2026, 4, 1), 1)] = ONE
    assert trailing_four_quarters(rows, Quarter(2026, 3)) == Missing("no figures for 2026-05, 2026-06")


def test_quarter_of_zero_is_known() -> None:
    rows = {quarter.period: Decimal(0) for quarter in QUARTERS}
    assert value_of(trailing_four_quarters(rows, Quarter(2026, 3))) == 0


def test_year_of_another_beginning_is_not_split() -> None:
    rows = {Period(date(2025, 4, 1), 12): Decimal(12)}
    assert value_of(trailing_twelve_months(rows, Month(2026, 3))) == 12
    assert isinstance(trailing_twelve_months(rows, Month(2025, 12)), Missing)
