"""Back-tests: rank correlation as published, its invariants, and readings that claim no more than the numbers carry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.domain.back_test import MOST_POINTS, BackTest, Fifth, Point, fifths, reading, thinned
from scoring.domain.bootstrap import Interval
from scoring.domain.rank_correlation import ranks, spearman
from scoring.domain.rank_table import spearman_with_interval

numbers = st.lists(st.integers(-50, 50).map(float), min_size=2, max_size=40)
distinct = st.lists(st.integers(-1000, 1000).map(float), min_size=2, max_size=40, unique=True)
pairs = st.lists(st.tuples(st.integers(-9, 9).map(float), st.integers(-9, 9).map(float)), min_size=2, max_size=40)


def test_equal_values_share_the_mean_of_their_places() -> None:
    assert ranks([3, 1, 3, 2, 3]) == [4, 1, 4, 2, 4]
    assert ranks([]) == []


def test_one_pair_or_a_side_that_never_varies_has_no_correlation() -> None:
    assert spearman([1], [2]) is None
    assert spearman([1, 1], [1, 2]) is None
    with pytest.raises(ValueError, match="partner"):
        spearman([1, 2], [1])


@given(pairs)
def test_a_correlation_lies_between_minus_one_and_one(both: list[tuple[float, float]]) -> None:
    found = spearman([one for one, _ in both], [other for _, other in both])
    assert found is None or -1 <= found <= 1


@given(distinct)
def test_the_same_order_is_one_and_the_reversed_order_minus_one(values: list[float]) -> None:
    assert spearman(values, [value**3 + 7 for value in values]) == pytest.approx(1)
    assert spearman(values, [-value for value in values]) == pytest.approx(-1)


@given(pairs)
def test_the_order_of_the_lists_does_not_matter(both: list[tuple[float, float]]) -> None:
    first, second = [one for one, _ in both], [other for _, other in both]
    assert spearman(first, second) == spearman(second, first)
    assert spearman(first[::-1], second[::-1]) == pytest.approx(spearman(first, second))


@settings(max_examples=40, deadline=None)
@given(pairs)
def test_many_accounts_at_once_give_the_same_as_one_by_one(both: list[tuple[float, float]]) -> None:
    first, second = [one for one, _ in both], [other for _, other in both]
    found, interval = spearman_with_interval(np.array(first), np.array(second), draws=20)
    assert found == (None if spearman(first, second) is None else pytest.approx(spearman(first, second)))
    assert interval is None or -1 <= interval.low <= interval.high <= 1


def test_a_draw_counts_an_account_as_often_as_it_was_drawn() -> None:
    from scoring.domain.rank_table import Ordered, correlation

    first, second = np.array([5.0, 1.0, 3.0, 3.0]), np.array([2.0, 2.0, 9.0, 4.0])
    counts = np.array([2, 0, 1, 3])
    drawn = np.repeat(np.arange(4), counts)
    found = correlation(Ordered(first), Ordered(second), counts)
    assert found == pytest.approx(spearman(first[drawn].tolist(), second[drawn].tolist()))


def test_the_interval_is_seeded_and_narrows_with_more_accounts() -> None:
    random = np.random.default_rng(1)
    score = random.normal(size=400)
    growth = score + random.normal(size=400)
    few = spearman_with_interval(score[:40], growth[:40])[1]
    many = spearman_with_interval(score, growth)[1]
    assert few is not None
    assert many is not None
    assert many == spearman_with_interval(score, growth)[1]
    assert many.high - many.low < few.high - few.low
    assert many.low > 0


def points(n: int) -> list[Point]:
    return [Point(account, float(account), account / 100) for account in range(1, n + 1)]


def test_the_best_and_the_last_fifth_have_their_n() -> None:
    assert fifths(points(9)) is None
    assert fifths(points(14)) == (Fifth(2, pytest.approx(0.135)), Fifth(2, pytest.approx(0.015)))


def test_a_chart_of_many_accounts_keeps_the_best_and_the_last() -> None:
    found = thinned(points(1000))
    assert len(found) == MOST_POINTS
    assert (found[0].account, found[-1].account) == (1000, 1)
    assert thinned(points(3)) == tuple(reversed(points(3)))


@pytest.mark.parametrize(
    ("n", "correlation", "interval", "words"),
    [
        (8, None, None, "8 accounts have a score of then and figures since. Under 10 nothing is said."),
        (1, None, None, "1 account has a score of then"),
        (12, None, None, "do not differ"),
        (37, 0.2, Interval(-0.1, 0.5), "No evidence that this scorecard foretells growth of revenue (n = 37)"),
        (37, 0.6, Interval(0.3, 0.8), "grew more since, strongly so (n = 37)"),
        (389, -0.14, Interval(-0.24, -0.05), "grew less since, weakly so (n = 389)"),
    ],
)
def test_the_reading_says_n_and_no_more_than_the_interval_carries(n, correlation, interval, words) -> None:
    assert words in reading(n, correlation, interval, "revenue")


def test_an_answer_comes_back_from_a_job_as_it_was() -> None:
    found = BackTest(
        1, "2025-Q3", "2026-Q3", 4, "revenue", "overall", 12, 11, 2, 10, 0.5, Interval(0.1, 0.8), Fifth(2, 0.2),
        Fifth(2, 0.1), (Point(1, 50.0, 0.1),),
    )  # fmt: skip
    assert BackTest.from_json(found.as_json()) == found
