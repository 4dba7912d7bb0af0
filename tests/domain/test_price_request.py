"""The arithmetic of a price request, without a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain import price_request as domain
from accounts.domain.pnl import Lines
from sam.values.results import Computed, Missing

ALL = (domain.Cut("Pumps", D("17.9"), D("0.04")), domain.Cut("Everything else", D("23.5"), D("0.04")))
MARGINS = st.decimals(D("0.05"), D("0.95"), places=4)
CUTS = st.decimals(D("0.001"), D("0.04"), places=4)


def value(result: Computed | Missing) -> D:
    assert isinstance(result, Computed), result
    return result.value


def test_a_cut_of_ten_percent_at_thirty_percent_margin_needs_half_as_much_volume_again() -> None:
    assert value(domain.break_even_volume_change(D("-0.1"), D("0.3"))) == D("0.5")


def test_a_cut_of_the_whole_margin_is_never_repaid_and_says_why() -> None:
    found = domain.break_even_volume_change(D("-0.2"), D("0.2"))
    assert found == Missing("the new price leaves no margin, so no volume repays it")


def test_a_cost_that_falls_with_the_price_leaves_the_volume_where_it_is() -> None:
    assert value(domain.break_even_volume_change(D("-0.05"), D("0.3"), D("-0.05"))) == 0
    assert value(domain.break_even_volume_change(D("-0.10"), D("0.3"), D("-0.04"))) == D("0.06") / D("0.24")


@given(margin=MARGINS, cut=CUTS)
def test_the_break_even_volume_earns_exactly_what_the_old_price_earned(margin: D, cut: D) -> None:
    change = value(domain.break_even_volume_change(-cut, margin))
    assert abs((1 + change) * (margin - cut) - margin) < D("1e-20")


@given(margin=MARGINS, cut=CUTS, cost=st.decimals(D("-0.03"), D("0.005"), places=4))
def test_with_a_cost_change_too(margin: D, cut: D, cost: D) -> None:
    change = value(domain.break_even_volume_change(-cut, margin, cost))
    assert abs((1 + change) * (margin - cut - cost) - margin) < D("1e-20")


@given(low=MARGINS, high=MARGINS, cut=CUTS)
def test_the_smaller_the_margin_the_more_volume_is_needed(low: D, high: D, cut: D) -> None:
    low, high = sorted((low, high))
    assert value(domain.break_even_volume_change(-cut, low)) >= value(domain.break_even_volume_change(-cut, high))


def test_the_three_margins_differ_and_an_unsplit_cost_is_named() -> None:
    lines = Lines(
        revenue=D(100), cost_of_goods=D(55), cost_of_goods_fixed=D(12), cost_to_serve=D(8), cost_to_serve_variable=D(5)
    )
    found = domain.margins_of(lines)
    assert [value(found[key]) for key in domain.MARGIN_NAMES] == [D("0.40"), D("0.33"), D("0.25")]
    unsplit = domain.margins_of(Lines(revenue=D(100), cost_of_goods=D(67), cost_to_serve=D(8)))
    assert unsplit["variable"] == Missing("cost of goods is not split into variable and fixed")
    assert value(unsplit["gross"]) == D("0.33")


def test_the_published_figures_of_the_story() -> None:
    yearly = domain.cost_of(ALL)
    used = Computed(D("0.400"))
    loss = domain.loss_at_risk(D("41.4"), D("0.30"), used)
    assert yearly == D("1.656")
    assert domain.average_cut(ALL) == D("0.04")
    assert value(domain.to_the_end(yearly, date(2026, 7, 1), date(2030, 12, 31))) == D("7.452")
    assert value(loss) == D("4.968")
    assert round(value(domain.loss_chance(yearly, loss)), 3) == D("0.333")
    margins = ("0.400", "0.328", "0.248")
    found = [round(100 * value(domain.break_even_volume_change(D("-0.04"), D(one))), 1) for one in margins]
    assert found == [D("11.1"), D("13.9"), D("19.2")]


def test_without_an_end_of_the_contract_the_effect_to_its_end_is_missing() -> None:
    assert domain.to_the_end(D(1), date(2026, 7, 1), None) == Missing("the contract's end is unknown")


@given(margin=MARGINS, cut=CUTS)
def test_the_margin_afterwards_is_what_is_left_of_the_lower_price(margin: D, cut: D) -> None:
    after = value(domain.margin_after(Computed(margin), cut))
    assert abs(after * (1 - cut) + cut - margin) < D("1e-20")
    assert after <= margin


@pytest.mark.parametrize(
    ("needed", "elsewhere", "free", "tone"),
    [("4.6", "25.1", "9.0", "good"), ("10", "25.1", "9.0", "bad"), ("30", "25.1", "9.0", "bad")],
)
def test_the_wallet_holds_the_volume_only_where_it_is_free_to_move(
    needed: str, elsewhere: str, free: str, tone: str
) -> None:
    assert domain.wallet_words(Computed(D(needed)), Computed(D(elsewhere)), D(free))[0] == tone


def test_what_comes_back_does_not_lower_what_is_given_away() -> None:
    values = [D(119_096), D(468_000), D(33_600), D(-10_000)]
    assert domain.net_effect(D(268_500), values) == D(342_196)
    assert domain.given_away(D(268_500), values) == D(278_500)


@pytest.mark.parametrize(
    ("effect", "key"),
    [("0", None), ("50000", "team"), ("50000.01", "programme"), ("250000", "programme"), ("268500", "cfo"),
     ("1000000", "cfo"), ("1000000.01", "board")],
)  # fmt: skip
def test_the_level_is_the_lowest_that_may_give_as_much(effect: str, key: str | None) -> None:
    found = domain.level_for(D(effect))
    assert (found.key if found else None) == key


def test_a_clause_carries_a_cut_to_revenue_elsewhere_only_where_that_is_known() -> None:
    cuts = [domain.Cut("Seals", D("8.6"), D("0.02"), D("5.0")), domain.Cut("Pumps", D(1), D("0.02"))]
    assert domain.favoured_cost(cuts) == D("0.1")


@given(months=st.integers(1, 120), start=st.integers(0, 400))
def test_whole_months_count_as_twelfths(months: int, start: int) -> None:
    first = date(2020 + start // 12, 1 + start % 12, 1)
    at = first.year * 12 + first.month - 1 + months
    last = date(at // 12, 1 + at % 12, 1)
    last = date.fromordinal(last.toordinal() - 1)
    assert domain.years_between(first, last) == D(months) / 12
