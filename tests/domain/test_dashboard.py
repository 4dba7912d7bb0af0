"""Thresholds of the dashboard: green, amber and red around a target."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.dashboard import DEFAULT_THRESHOLDS, Status, Threshold, status_of

D = Decimal
KEY = DEFAULT_THRESHOLDS["contribution_margin", "key"]


@pytest.mark.parametrize(
    ("margin", "status"),
    [("0.20", "green"), ("0.18", "green"), ("0.1501", "green"), ("0.15", "amber"), ("0.1201", "amber"),
     ("0.12", "red"), ("-0.05", "red")],
)  # fmt: skip
def test_a_key_accounts_margin_is_amber_three_points_under_and_red_six(margin: str, status: str) -> None:
    assert status_of(D(margin), KEY, low_is_good=False) == status


def test_where_less_is_better_the_wrong_side_is_above_the_target() -> None:
    days = Threshold(D(45), D(5), D(15))
    assert [status_of(D(value), days, low_is_good=True) for value in (30, 49, 50, 60)] == [
        Status.GREEN, Status.GREEN, Status.AMBER, Status.RED,
    ]  # fmt: skip


def test_an_unknown_value_is_neither_good_nor_bad() -> None:
    assert status_of(None, KEY, low_is_good=False) is Status.UNKNOWN


ORDER = [Status.RED, Status.AMBER, Status.GREEN]
SHARE = st.decimals(min_value=-1, max_value=1, places=4)


@given(SHARE, SHARE, st.decimals(0, 1, places=3), st.decimals(0, 1, places=3))
def test_a_better_value_never_gets_a_worse_colour(one: Decimal, other: Decimal, amber: Decimal, more: Decimal) -> None:
    limit = Threshold(D("0.2"), amber, amber + more)
    low, high = sorted((one, other))
    worse, better = (ORDER.index(status_of(value, limit, low_is_good=False)) for value in (low, high))
    assert worse <= better
