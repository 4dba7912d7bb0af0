"""Twelve months of many accounts in one statement, and what it says when something is missing."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from accounts.models import Account, AccountKey, Figure
from accounts.queries.kept_years import ordered_ids
from accounts.queries.portfolio import (
    MEASURES,
    Window,
    _statement,
    current_window,
    figures_of,
    summing,
    trailing_sql,
)
from sam.core.models import ExchangeRate
from sam.values.periods import Quarter
from sam.values.results import Missing, value_of
from tests.domain.story import PROGRAMME, QUARTERS, RATES, year_in_euros

WINDOW = Window(Quarter(2026, 3), "EUR")
FIRST = Quarter(2024, 4)


def rows(account, values, *, months=3, start=FIRST, currency="EUR", **fields):
    day = start.first_month
    for value in values:
        amount = Decimal(value) if value is not None else None
        Figure.objects.create(
            account=account, period_start=day.start, months=months, currency=currency, revenue=amount, **fields
        )
        day = day.shift(months)


def figures(account, window=WINDOW):
    return figures_of([account.pk], window)[account.pk]


@pytest.mark.parametrize("name", PROGRAMME)
def test_story_accounts_come_out_as_the_story_says(make_account, name):
    account = make_account(name)
    currency, revenue, gross, serve, wallet = PROGRAMME[name]
    for code, rates in RATES.items():
        for quarter, rate in zip(QUARTERS, rates, strict=True):
            ExchangeRate.objects.create(currency=code, into="EUR", quarter_start=quarter.start, rate=rate)
    for quarter, amount, percent, served in zip(QUARTERS, revenue, gross, serve, strict=True):
        Figure.objects.create(
            account=account, period_start=quarter.start, currency=currency, revenue=amount,
            cost_of_goods=amount * (1 - percent / 100), cost_to_serve=served,
        )  # fmt: skip
    found = figures(account)
    now, before = year_in_euros(name), year_in_euros(name, 1)
    assert value_of(found.revenue) == pytest.approx(now[0], abs=Decimal("0.0001"))
    assert value_of(found.contribution) == pytest.approx(now[1], abs=Decimal("0.001"))
    assert value_of(found.growth) == pytest.approx(now[0] / before[0] - 1, abs=Decimal("0.0001"))
    assert len([value for value in found.trend if value is not None]) == 8


def test_missing_quarter_is_named_and_counts_nothing(account):
    rows(account, [1, 1, 1, 1, 2, None, 2])
    found = figures(account)
    assert found.revenue == Missing("no figures for Q1/26, Q3/26")
    assert (found.partial, found.known_quarters) == (4, 2)


def test_three_months_make_a_quarter_and_two_do_not(account):
    rows(account, [1] * 11, months=1, start=Quarter(2025, 4))
    assert figures(account).revenue == Missing("no figures for Q3/26")
    rows(account, [1], months=1, start=Quarter(2026, 4))
    Figure.objects.filter(period_start=date(2026, 10, 1)).update(period_start=date(2026, 9, 1))
    assert value_of(figures(account).revenue) == 12


def test_quarter_row_beats_its_months_and_nothing_counts_twice(account):
    rows(account, [10, 10, 10, 10], start=Quarter(2025, 4))
    rows(account, [1] * 12, months=1, start=Quarter(2025, 4))
    assert value_of(figures(account).revenue) == 40


def test_year_row_counts_whole_or_not_at_all(account):
    rows(account, [100], months=12, start=Quarter(2025, 4))
    assert value_of(figures(account).revenue) == 100
    other = Window(Quarter(2026, 2), "EUR")
    assert account.pk not in figures_of([account.pk], other)
    rows(account, [10, 10], start=Quarter(2025, 4))
    assert value_of(figures(account).revenue) == 100
    rows(account, [10, 10], start=Quarter(2026, 2))
    assert value_of(figures(account).revenue) == 40


def test_keys_of_one_account_add_up(account):
    for number in range(2):
        key = AccountKey.objects.create(account=account, key=str(number))
        rows(account, [1, 1, 1, 1], start=Quarter(2025, 4), key=key)
    sparse = AccountKey.objects.create(account=account, key="sparse")
    rows(account, [5], start=Quarter(2026, 1), key=sparse)
    assert value_of(figures(account).revenue) == 13
    yearly = AccountKey.objects.create(account=account, key="yearly")
    rows(account, [100], months=12, start=Quarter(2025, 4), key=yearly)
    assert value_of(figures(account).revenue) == 113


def test_currency_without_a_rate_says_so(account):
    rows(account, [1] * 8, currency="HUF")
    found = figures(account)
    assert found.revenue == Missing("no rate for HUF")
    assert (found.partial, found.unconverted) == (None, "HUF")


def test_unknown_cost_leaves_revenue_known(account):
    rows(account, [10] * 8)
    found = figures(account)
    assert value_of(found.revenue) == 40
    assert found.contribution == Missing("cost of goods is unknown")


def test_plan_and_share_of_wallet(account):
    rows(account, [9] * 4, start=Quarter(2025, 4), client_spend=30)
    rows(account, [10] * 4, start=Quarter(2025, 4), kind="planned")
    found = figures(account)
    assert value_of(found.against_plan) == Decimal("-0.1")
    assert value_of(found.share_of_wallet) == Decimal("0.3")


def test_window_ends_with_the_newest_quarter_that_is_over(account):
    assert current_window(date(2026, 11, 23)).last == Quarter(2026, 3)
    rows(account, [1], start=Quarter(2011, 4))
    assert current_window(date(2026, 11, 23)).last == Quarter(2011, 4)
    rows(account, [1], start=Quarter(2026, 4))
    assert current_window(date(2026, 11, 23)).last == Quarter(2011, 4)
    assert current_window(date(2026, 11, 23), Quarter(2020, 1)).last == Quarter(2020, 1)


def test_order_by_revenue_counts_only_figures_the_person_may_see(make_account):
    small, large, hidden, none = (make_account(name) for name in ("Small", "Large", "Hidden", "None"))
    for account, amount in ((small, 1), (large, 5), (hidden, 9)):
        rows(account, [amount] * 8)
    seen = Account.objects.exclude(pk=hidden.pk)
    with connection.cursor() as cursor:
        cursor.execute(*ordered_ids(Account.objects.all(), seen, WINDOW, "-revenue"))
        ids = [row[0] for row in cursor.fetchall()]
    assert ids == [large.pk, small.pk, hidden.pk, none.pk]


def test_figures_of_many_accounts_are_one_query(make_account, django_assert_num_queries):
    accounts = [make_account() for _ in range(5)]
    for account in accounts:
        rows(account, [1] * 8)
    with django_assert_num_queries(1):
        assert len(figures_of([account.pk for account in accounts], WINDOW)) == 5


def test_missing_rate_of_last_year_leaves_this_year_known(account):
    for quarter in QUARTERS[4:]:
        ExchangeRate.objects.create(currency="GBP", into="EUR", quarter_start=quarter.start, rate=2)
    rows(account, [1] * 8, currency="GBP")
    found = figures(account)
    assert value_of(found.revenue) == 8
    assert found.growth == Missing("no rate for GBP")


def test_plan_without_a_rate_is_no_smaller_plan(account):
    ExchangeRate.objects.create(currency="GBP", into="EUR", quarter_start=QUARTERS[4].start, rate=2)
    rows(account, [1] * 4, start=Quarter(2025, 4))
    rows(account, [1] * 4, start=Quarter(2025, 4), currency="GBP", kind="planned")
    assert isinstance(figures(account).planned, Missing)


def sums_by(statement: str, accounts) -> list[tuple[object, ...]]:
    ids = [account.pk for account in accounts]
    sql, params = trailing_sql(WINDOW, "f.account_id = ANY(%(ids)s)", {"ids": ids}, statement)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return sorted((row[:-1] for row in cursor.fetchall()), key=lambda row: row[0])


@pytest.mark.parametrize("measures", [("revenue",), ("revenue", "goods", "serve"), MEASURES])
def test_short_cut_for_one_way_of_reporting_gives_what_the_general_statement_gives(make_account, measures):
    """Whole quarters under one key are summed in one pass; everything else is put together. Both must agree."""
    ExchangeRate.objects.create(currency="USD", into="EUR", quarter_start=Quarter(2025, 4).start, rate=Decimal("0.9"))
    accounts = [make_account() for _ in range(11)]
    plain, gap, dollars, months, year, both, unaligned, planned, keys, loss, nothing = accounts
    costs = {"cost_of_goods": 1, "cost_of_goods_fixed": 2, "cost_to_serve": 3, "client_spend": 40}
    rows(plain, range(10, 18), **costs)
    rows(gap, [1, None, 3, 4, 5, 6, None], **costs)
    rows(dollars, range(8), currency="USD", **costs)
    rows(months, range(24), months=1)
    rows(year, [100, 200], months=12)
    rows(both, range(8))
    rows(both, [7, 8, 9], months=1, start=Quarter(2026, 1))
    Figure.objects.create(account=unaligned, period_start=date(2026, 2, 1), months=3, currency="EUR", revenue=5)
    rows(unaligned, range(4))
    rows(planned, range(9), kind="planned")
    rows(planned, range(6))
    for number in range(2):
        key = AccountKey.objects.create(account=keys, key=f"K{number}")
        rows(keys, range(number, 8), key=key)
    rows(loss, [-5, 3, 0, 1, -5, 3, 0, 1])
    assert nothing.figures.count() == 0
    quick = sums_by(summing(measures), accounts)
    assert quick == sums_by(_statement(measures, trend=False), accounts)
    assert len(quick) == 10
