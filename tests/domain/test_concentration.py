import csv
import random
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.domain.concentration import Ranking, concentration
from tests.domain.story import portfolio

RETAIL = Path(__file__).parents[2] / "accounts/examples/online_retail_revenue_quarter.csv"

amounts = st.decimals(min_value=-1000, max_value=100_000, places=3)
portfolios = st.lists(amounts, min_size=1, max_size=40).map(lambda rows: [(f"A{i}", x) for i, x in enumerate(rows)])


def test_demo_portfolio_gives_the_published_concentration() -> None:
    found = concentration((name, revenue) for name, (revenue, _) in portfolio().items())
    assert found.accounts == 37
    assert round(found.total, 1) == Decimal("241.6")
    assert found.top20.accounts == 8
    assert found.top20.share == pytest.approx(0.696, abs=0.0005)
    assert found.accounts_for_80 == 13
    assert found.gini == pytest.approx(0.63, abs=0.005)
    assert found.hhi == pytest.approx(880, abs=0.5)


def test_demo_portfolio_gives_the_published_whale() -> None:
    whale = Ranking.of((name, earned) for name, (_, earned) in portfolio().items()).whale()
    assert round(whale.total, 2) == Decimal("35.77")
    assert round(whale.peak, 2) == Decimal("38.18")
    assert whale.peak_share == pytest.approx(1.067, abs=0.0005)
    assert (whale.peak_accounts, whale.below_zero) == (29, 8)


def test_online_retail_keeps_its_third_decimal_and_its_negative_accounts() -> None:
    sums: dict[str, Decimal] = {}
    with RETAIL.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = row["account_external_id"]
            sums[key] = sums.get(key, Decimal(0)) + Decimal(row["net_revenue"])
    found = concentration(sums.items())
    assert found.accounts == 4372
    assert found.total == Decimal("8300065.814")
    assert found.top20.accounts == 875
    assert found.hhi == pytest.approx(45.004, abs=0.0005)


def test_equal_accounts_are_not_concentrated() -> None:
    found = concentration((f"A{i}", Decimal(5)) for i in range(10))
    assert (found.gini, found.hhi, found.accounts_for_80) == (0.0, 1000.0, 8)
    assert found.deciles == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def test_one_account_has_everything() -> None:
    found = concentration([("A", Decimal("0.001"))])
    assert (found.gini, found.hhi, found.accounts_for_80, found.top20.share) == (0.0, 10_000.0, 1, 1.0)


def test_no_accounts_have_no_shares() -> None:
    found = concentration([])
    assert (found.accounts, found.total, found.top20.accounts) == (0, Decimal(0), 0)
    assert (found.top20.share, found.accounts_for_80, found.gini, found.hhi) == (None, None, None, None)
    assert found.deciles == (None,) * 10
    assert Ranking.of([]).points() == ()


def test_total_that_is_not_positive_has_no_shares() -> None:
    found = concentration([("A", Decimal(10)), ("B", Decimal(-10))])
    assert (found.total, found.accounts_for_80, found.top20.share) == (Decimal(0), None, None)
    assert (found.gini, found.hhi) == (0.0, 10_000.0)


def test_accounts_below_zero_count_in_the_total_but_not_in_the_hhi() -> None:
    found = concentration([("A", Decimal(60)), ("B", Decimal(60)), ("C", Decimal(-20))])
    assert found.total == 100
    assert found.accounts_for_80 == 2
    assert found.hhi == 5000.0
    assert found.deciles[4] == 1.2


def test_ties_stand_in_order_of_external_id() -> None:
    ranking = Ranking.of([("b", Decimal("1.0")), ("c", Decimal(2)), ("a", Decimal(1))])
    assert ranking.external_ids == ("c", "a", "b")


def test_amounts_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        concentration([("A", Decimal("NaN"))])


@settings(max_examples=60)
@given(portfolios)
def test_formulas_hold_exactly_as_written(rows: list[tuple[str, Decimal]]) -> None:
    found = concentration(rows)
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))
    total = sum(Fraction(amount) for _, amount in rows)
    assert Fraction(found.total) == total
    positive = sorted(Fraction(amount) for _, amount in rows if amount > 0)
    n = len(positive)
    if n:
        gini = sum((2 * i - n - 1) * x for i, x in enumerate(positive, 1)) / (n * sum(positive))
        assert found.gini == float(gini)
        assert found.hhi == float(10_000 * sum(x * x for x in positive) / sum(positive) ** 2)
    if total > 0:
        reached = [sum(Fraction(x) for _, x in ordered[:k]) >= total * 4 / 5 for k in range(1, len(rows) + 1)]
        assert found.accounts_for_80 == reached.index(True) + 1
        for decile in range(1, 11):
            first = -(-decile * len(rows) // 10)
            assert found.deciles[decile - 1] == float(sum(Fraction(x) for _, x in ordered[:first]) / total)


@settings(max_examples=40)
@given(portfolios, st.integers(3, 12))
def test_thinned_curve_keeps_both_ends_and_the_peak(rows: list[tuple[str, Decimal]], limit: int) -> None:
    ranking = Ranking.of(rows)
    points = ranking.points(limit)
    ranks = [point.rank for point in points]
    assert len(points) <= max(limit, 1)
    assert ranks == sorted(set(ranks))
    assert (ranks[0], ranks[-1]) == (1, len(rows))
    whale = ranking.whale()
    if whale.peak_accounts:
        assert max(point.cumulative_amount for point in points) == whale.peak
    assert points[-1].cumulative_amount == ranking.total


def test_curve_of_one_point_is_refused() -> None:
    with pytest.raises(ValueError, match="two points"):
        Ranking.of([]).points(1)


def test_hundred_thousand_accounts_take_no_quadratic_time() -> None:
    source = random.Random(7)
    rows = [(f"A{i:06d}", Decimal(source.randrange(-(10**6), 10**11)).scaleb(-4)) for i in range(100_000)]
    began = time.process_time()
    found = concentration(rows)
    assert time.process_time() - began < 5
    assert found.accounts == 100_000
