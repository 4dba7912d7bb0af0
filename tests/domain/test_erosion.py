"""What eats the margin: lines above the portfolio's share of revenue."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.erosion import erosion, shares_of, takes
from accounts.domain.pnl import Lines

D = Decimal


def lines(revenue: int, goods: int, serve: int | None, **more: int) -> Lines:
    drivers = {key: D(value) for key, value in more.items()}
    return Lines(
        revenue=D(revenue), cost_of_goods=D(goods), cost_to_serve=None if serve is None else D(serve), drivers=drivers
    )


def test_the_lines_above_the_portfolios_share_are_named_largest_first() -> None:
    dear, usual = lines(100, 90, 15), lines(900, 540, 63)
    shares = shares_of([dear, usual])
    assert shares == {"cost_of_goods": D("0.63"), "cost_to_serve": D("0.078")}
    found = erosion(dear, shares)
    assert [(one.label, one.share, one.more) for one in found] == [
        ("cost of goods", D("0.9"), D("0.27")),
        ("cost to serve", D("0.15"), D("0.072")),
    ]
    assert erosion(usual, shares) == ()


def test_activities_name_the_cost_to_serve_only_where_they_explain_it() -> None:
    assert takes(lines(100, 50, 20, express_delivery=12, order=8))["express_delivery"] == 12
    assert takes(lines(100, 50, 20, order=8)) == {"cost_of_goods": 50, "cost_to_serve": 20}


def test_an_unknown_line_is_left_out_and_never_zero() -> None:
    assert shares_of([lines(100, 50, None), lines(100, 50, 10)])["cost_to_serve"] == D("0.1")
    assert erosion(Lines(), {}) == ()


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=8))
def test_an_account_alone_in_the_portfolio_loses_nothing_against_it(told: list) -> None:
    accounts = [lines(*one) for one in told]
    shares = shares_of(accounts)
    assert erosion(accounts[0], shares_of(accounts[:1])) == ()
    for one in accounts:
        assert all(part.share > shares[part.key] for part in erosion(one, shares))
