"""The programme's results: sums with an n of their own, what one account moves, and accounts like them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scoring.domain.bootstrap import bootstrap, percentile_interval
from scoring.domain.programme import (
    Group,
    Member,
    Sums,
    compare,
    comparison_words,
    difference,
    sums,
    too_few,
    without_one,
)


def member(
    pk: int,
    now: str | None,
    before: str | None,
    earned: str | None = None,
    earned_before: str | None = None,
    industry: str = "Food",
    group: Group = Group.STRATEGIC,
) -> Member:
    amounts = [None if text is None else Decimal(text) for text in (now, before, earned, earned_before)]
    return Member(pk, f"Account {pk}", industry, group, *amounts)


def test_each_figure_counts_the_accounts_where_both_its_parts_are_known() -> None:
    found = sums([member(1, "110", "100", "22", "10"), member(2, "50", None, "5"), member(3, None, "40")])
    assert (found.accounts, found.with_revenue, found.with_growth, found.with_margin) == (3, 2, 1, 2)
    assert found.growth == Decimal("0.1")
    assert found.margin == Decimal(27) / 160
    assert (found.with_margin_before, found.margin_before) == (1, Decimal("0.1"))


def test_a_group_without_figures_has_no_growth_and_no_margin() -> None:
    assert (Sums().growth, Sums().margin, Sums().margin_before) == (None, None, None)


def test_the_account_that_moves_a_small_group_most_is_named() -> None:
    found = without_one([member(1, "41.7", "39.8"), member(2, "28.7", "32.8"), member(3, "21.4", "19.2")])
    assert found is not None
    assert found.member.account_id == 2
    assert round(found.growth, 3) == Decimal("0.069")
    assert without_one([member(1, "2", "1")]) is None
    assert without_one([member(pk, "2", "1") for pk in range(21)]) is None


def test_an_account_is_compared_with_those_of_its_industry_and_size() -> None:
    others = [
        member(11, "110", "100", "11", group=Group.REST),
        member(12, "130", "100", "39", group=Group.REST),
        member(13, "40", "33", group=Group.REST),  # a third of 100 is 33.3: too small
        member(14, "900", "300", "90", group=Group.REST),  # three times is still alike
        member(15, "130", "100", industry="Steel", group=Group.REST),
    ]
    found = compare(
        [member(1, "120", "100", "36"), member(2, "5", "5", industry="Water"), member(3, "5", None)], others
    )
    (pair,) = found.pairs
    assert [one.account_id for one in pair.others] == [11, 12, 14]
    assert pair.growth == pytest.approx(0.2 - (0.1 + 0.3 + 2.0) / 3)
    assert pair.margin == pytest.approx(0.3 - (0.1 + 0.3 + 0.1) / 3)
    assert [(one.account_id, why) for one, why in found.unmatched] == [
        (2, "nobody else in its industry"),
        (3, "its growth is not known"),
    ]


def test_an_account_without_industry_or_of_another_size_is_not_matched() -> None:
    found = compare([member(1, "5", "5", industry=""), member(2, "900", "900")], [member(11, "5", "5")])
    assert [why for _, why in found.unmatched] == ["its industry is not known", "nobody of its size in its industry"]


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "There is no account to say anything about."),
        (1, "One account is too few for a claim."),
        (3, "Three accounts are too few for a claim."),
        (5, ""),
    ],
)
def test_under_five_accounts_there_is_no_claim(n: int, words: str) -> None:
    assert too_few(n) == words


def test_no_interval_stands_on_four_pairs() -> None:
    assert difference([0.1] * 4).interval is None
    found = difference([0.1, 0.2, 0.3, 0.2, 0.1])
    assert found.interval is not None
    assert found.interval.low <= (found.mean or 0) <= found.interval.high


def programme_of(growths: list[int]) -> str:
    """The reading for pairs whose own growth is given in percent, beside others that do not grow."""
    inside = [member(pk, str(100 + growth), "100") for pk, growth in enumerate(growths)]
    return comparison_words(compare(inside, [member(99, "100", "100", group=Group.REST)]))


def test_the_reading_claims_only_what_the_interval_carries() -> None:
    assert "Three pairs are too few for a claim." in programme_of([10, 20, 30])
    assert "may be chance" in programme_of([10, -12, 5, -6, 4, -1])
    assert "faster than accounts like them" in programme_of([10, 12, 15, 11, 9, 14])
    assert "slower than accounts like them" in programme_of([-10, -12, -15, -11, -9, -14])
    assert comparison_words(compare([], [])).startswith("No account was in the programme")


def test_a_bootstrap_is_the_same_each_time_and_gives_up_where_there_is_no_figure() -> None:
    items = [1.0, 2.0, 3.0, 10.0]
    assert bootstrap(items, max) == bootstrap(items, max)
    assert bootstrap(items, lambda drawn: None) is None
    found = percentile_interval([float(value) for value in range(101)])
    assert (found.low, found.high) == pytest.approx((2.5, 97.5))
