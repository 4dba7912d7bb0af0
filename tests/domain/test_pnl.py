"""An account's P&L: lines, waterfall, metrics, and the published customer P&L."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.customer_pnl import (
    PUBLISHED,
    PUBLISHED_LIST_PRICE,
    PUBLISHED_RATES,
    PUBLISHED_UNIT_COST,
    PublishedCustomer,
    customer_pnl,
)
from accounts.domain.metrics import BY_KEY, Facts, Rates, cost_of_receivables, lifetime_value, metrics
from accounts.domain.pnl import (
    LABELS,
    NO_LINES,
    NOT_EXPLAINED,
    Lines,
    adds_up,
    difference_of,
    pocket_margin,
    pocket_price,
    stacked,
    together,
    total_discount,
    waterfall,
)
from sam.values.results import Computed, Missing, value_of

D = Decimal
FULL = Lines(
    list_revenue=D(1000),
    on_invoice_discounts=D(100),
    rebates=D(45),
    freight=D(25),
    payment_terms=D(20),
    revenue=D(810),
    cost_of_goods=D(400),
    cost_of_goods_fixed=D(100),
    cost_to_serve=D(90),
    cost_to_serve_variable=D(60),
    client_spend=D(1620),
    receivables=D(405),
    drivers={"order": D(50), "return": D(40)},
)
RATES = Rates(capital=D("0.07"), retention=D("0.9"), discount=D("0.1"), horizon=D(5))
amounts = st.decimals(min_value=0, max_value=10**9, places=4)
maybe = st.none() | amounts


@st.composite
def any_lines(draw: st.DrawFn) -> Lines:
    drivers = draw(st.dictionaries(st.sampled_from(["order", "return", "delivery", "visit_day", "complaint"]), amounts))
    return Lines(**{name: draw(maybe) for name in LABELS}, drivers=drivers)


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case.name)
def test_the_published_customer_pnl_is_met_to_the_unit(case: PublishedCustomer) -> None:
    lines = customer_pnl(case.customer, PUBLISHED_LIST_PRICE, PUBLISHED_UNIT_COST, PUBLISHED_RATES)
    assert lines.revenue == case.revenue
    assert value_of(lines.gross_profit) == case.gross_profit
    assert value_of(lines.contribution) == case.operating_income
    assert adds_up(difference_of(lines))


def test_a_full_waterfall_goes_from_list_to_contribution() -> None:
    found = waterfall(FULL)
    assert [(bar.key, bar.amount) for bar in found.bars] == [
        ("list_revenue", 1000),
        ("on_invoice_discounts", -100),
        ("rebates", -45),
        ("freight", -25),
        ("payment_terms", -20),
        ("revenue", 810),
        ("cost_of_goods", -500),
        ("order", -50),
        ("return", -40),
        ("contribution", 220),
    ]
    assert found.missing == ()


@given(any_lines())
def test_steps_of_a_waterfall_sum_exactly_to_its_last_total(lines: Lines) -> None:
    level = D(0)
    for bar in waterfall(lines).bars:
        if bar.total and level:
            assert bar.amount == level
        level = bar.amount if bar.total else level + bar.amount


@given(any_lines())
def test_a_waterfall_names_what_it_lacks(lines: Lines) -> None:
    found = waterfall(lines)
    whole = found.bars and found.bars[0].key == "list_revenue" and found.bars[-1].key == "contribution"
    assert bool(found.missing) is not bool(whole)


def test_what_the_lines_do_not_explain_is_a_step_of_its_own() -> None:
    found = waterfall(replace(FULL, rebates=D(40)))
    assert [bar.amount for bar in found.bars if bar.key == NOT_EXPLAINED] == [-5]
    assert not adds_up(difference_of(replace(FULL, rebates=D(40))))
    assert adds_up(difference_of(replace(FULL, rebates=D("45.04"))))


def test_missing_price_lines_are_named() -> None:
    found = difference_of(replace(FULL, rebates=None, freight=None))
    assert found == Missing("rebates and bonus and freight are unknown")


def test_discounts_that_follow_each_other_multiply() -> None:
    assert stacked([D("0.1"), D("0.1")]) == D("0.19")
    found = total_discount(FULL)
    assert value_of(found) == 1 - D(810) / D(1000)


@given(st.lists(st.decimals(min_value=0, max_value=1, places=3), max_size=6))
def test_stacked_discounts_stay_between_the_largest_and_their_sum(discounts: list[Decimal]) -> None:
    found = stacked(discounts)
    assert max(discounts, default=D(0)) <= found <= min(sum(discounts, D(0)), D(1))


def test_pocket_price_and_margin() -> None:
    assert value_of(pocket_price(FULL)) == 720
    assert value_of(pocket_margin(FULL)) == D(220) / D(720)
    assert pocket_price(replace(FULL, cost_to_serve=None)) == Missing("cost to serve is unknown")


def test_every_metric_says_its_inputs_or_what_is_missing() -> None:
    facts = Facts(FULL, Lines(revenue=D(750)), 92, RATES, team_cost=D(0), year_contribution=Computed(D(880)))
    found = {one.key: one for one in metrics(facts, [facts] * 8)}
    assert {key: round(value_of(one.result), 4) for key, one in found.items()} == {
        "revenue": 810,
        "growth": D("0.08"),
        "gross_margin": D("0.3827"),
        "cost_to_serve": 90,
        "contribution": 220,
        "contribution_margin": D("0.2716"),
        "pocket_margin": D("0.3056"),
        "price_realisation": D("0.81"),
        "share_of_wallet": D("0.5"),
        "days_sales_outstanding": 46,
        "cost_of_receivables": D("7.1458"),
        "return_on_investment": D("2.4444"),
        "lifetime_value": D("2508.0746"),
    }
    assert all(isinstance(one.result, Computed) and one.result.inputs and one.formula for one in found.values())
    assert all(len(one.trend) == 8 for one in found.values())
    assert found["cost_to_serve"].result == Computed(D(90), (("orders", D(50)), ("returns", D(40))))
    for one in metrics(Facts(NO_LINES, NO_LINES, 92), []):
        assert isinstance(one.result, Missing), one.name
        assert one.result.reason


@given(st.decimals(min_value=1, max_value=10**9, places=2), st.integers(1, 49), st.decimals(0, 1, places=3))
def test_a_lifetime_grows_with_years_and_retention_and_scales_with_money(
    contribution: Decimal, years: int, retention: Decimal
) -> None:
    rates = Rates(retention=retention, discount=D("0.1"), horizon=D(years))

    def worth(amount: Decimal, with_rates: Rates) -> Decimal:
        found = value_of(lifetime_value(Computed(amount), with_rates))
        assert found is not None
        return found

    base = worth(contribution, rates)
    assert worth(contribution, replace(rates, horizon=D(years + 1))) >= base
    assert worth(contribution, replace(rates, retention=D(1))) >= base
    assert worth(contribution, replace(rates, discount=D("0.2"))) <= base
    assert abs(worth(contribution * 2, rates) - base * 2) <= D("0.0001")


def test_receivables_of_a_year_cost_the_capital_rate() -> None:
    assert value_of(cost_of_receivables(D(1000), D("0.07"), 365)) == 70
    assert cost_of_receivables(None, D("0.07"), 365) == Missing("receivables is unknown")
    assert cost_of_receivables(D(1), None, 365) == Missing("capital rate is unknown")


MONEY = [key for key, one in BY_KEY.items() if one.unit == "money"]


@given(st.integers(2, 1000))
def test_units_hold_money_scales_with_the_currency_and_ratios_do_not(factor: int) -> None:
    facts = Facts(FULL, Lines(revenue=D(750)), 92, RATES, D(0), Computed(D(880)))
    scaled_lines = Lines(**{name: getattr(FULL, name) * factor for name in LABELS}, drivers={})
    scaled = Facts(scaled_lines, Lines(revenue=D(750) * factor), 92, RATES, D(0), Computed(D(880) * factor))
    for key, one in BY_KEY.items():
        now, then = value_of(one.compute(facts)), value_of(one.compute(scaled))
        assert now is not None
        assert then is not None
        assert abs(then - now * (factor if key in MONEY else 1)) < D("0.000001"), key


def test_a_group_is_the_sum_of_its_units_and_unknown_where_one_is() -> None:
    both = together([FULL, replace(FULL, drivers={"order": D(90)})])
    assert (both.revenue, both.client_spend, both.drivers) == (1620, 3240, {"order": D(140), "return": D(40)})
    assert both.cost_of_goods_fixed == 200
    assert together([FULL, replace(FULL, rebates=None)]).rebates is None
    assert together([]).revenue is None
