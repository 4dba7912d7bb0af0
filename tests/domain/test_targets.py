"""Targets: spread over quarters, pace, gap and the early warning."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.targets import Standing, spread
from sam.values.results import Missing, value_of

D = Decimal
AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=4)
SHAPES = st.lists(st.one_of(st.none(), st.decimals(min_value=-100, max_value=10**9, places=2)), max_size=4)


@given(AMOUNTS, SHAPES)
def test_the_quarters_of_a_target_add_up_to_it_whatever_last_year_was(amount: Decimal, shape: list) -> None:
    parts = spread(amount, shape)
    assert len(parts) == 4
    assert sum(parts) == amount


def test_a_target_follows_last_years_quarters_and_is_even_where_they_are_not_known() -> None:
    assert spread(D(100), (D(1), D(2), D(3), D(4))) == (D(10), D(20), D(30), D(40))
    assert spread(D(100), (D(1), None, D(3), D(4))) == (D(25),) * 4
    assert spread(D(100), (D(0),) * 4) == (D(25),) * 4
    assert spread(D(100), (D(-1), D(2), D(3), D(4))) == (D(25),) * 4


def standing(actual: str, forecast: str = "", target: int = 100) -> Standing:
    told = tuple(None if word == "-" else D(word) for word in actual.split())
    return Standing(spread(D(target)), told, D(forecast) if forecast else None)


def test_pace_compares_what_came_in_with_the_targets_of_the_quarters_that_are_over() -> None:
    one = standing("20 25")
    assert value_of(one.to_date) == 45
    assert value_of(one.pace) == D("0.9")
    assert [value_of(pace) for pace in one.paces] == [D("0.8"), D("0.9")]


def test_a_quarter_without_figures_ends_the_comparison_instead_of_counting_zero() -> None:
    assert value_of(standing("25 - 25").pace) == 1
    unknown = standing("- 25")
    assert isinstance(unknown.pace, Missing)
    assert "first quarter" in unknown.pace.reason
    assert not unknown.warns


def test_a_forecast_below_95_percent_of_the_target_warns_in_whole_percent_as_shown() -> None:
    assert standing("25", "94.4").is_forecast_short
    assert not standing("25", "94.5").is_forecast_short
    assert not standing("25", "95").warns
    assert value_of(standing("25", "83").gap) == -17


def test_a_pace_below_90_percent_warns_after_two_quarters_running() -> None:
    assert not standing("20").is_slow
    assert standing("20 20").is_slow
    assert not standing("20 26").is_slow
    assert not standing("25 20 24").is_slow


def test_without_a_target_nothing_is_computed_and_nothing_warns() -> None:
    one = Standing((), (D(5),), D(10))
    assert isinstance(one.pace, Missing)
    assert isinstance(one.gap, Missing)
    assert not one.warns


@given(st.lists(AMOUNTS, min_size=1, max_size=4), AMOUNTS, st.integers(1, 1000))
def test_a_warning_does_not_depend_on_the_currency_unit(actual: list, forecast: Decimal, factor: int) -> None:
    quarters = spread(D(1000))
    small = Standing(quarters, tuple(actual), forecast)
    large = Standing(
        tuple(part * factor for part in quarters), tuple(one * factor for one in actual), forecast * factor
    )
    assert small.warns == large.warns
