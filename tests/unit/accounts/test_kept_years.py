"""Kept twelve months: whatever is written, lists and files show what summing everything again would show."""

import random
import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions.kept_years import keep_all_years, keep_years
from accounts.models import Account, AccountKey, AccountYear, Figure
from accounts.queries.kept_years import NAMES, ordered_ids, summing, totals
from accounts.queries.portfolio import Window, trailing_sql
from sam.core.models import ExchangeRate, Organisation
from sam.values.periods import Quarter

TODAY = date(2026, 11, 23)
LAST = Quarter(2026, 3)
WINDOW = Window(LAST, "EUR")


def read(window: Window = WINDOW) -> dict[int, tuple[object, ...]]:
    """What lists and files read."""
    tables, params = totals(window)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH seen AS MATERIALIZED (SELECT id AS pk FROM accounts_account), {tables}"
            f" SELECT account_id, {', '.join(NAMES)} FROM totals",
            params,
        )
        rows = cursor.fetchall()
    assert len({row[0] for row in rows}) == len(rows)
    return {row[0]: row[1:] for row in rows}


def summed(window: Window = WINDOW) -> dict[int, tuple[object, ...]]:
    """The same from all figures."""
    sql, params = trailing_sql(window, "true", {}, summing(("revenue", "goods", "serve")))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT account_id, {', '.join(NAMES)} FROM ({sql}) s", params)
        return {row[0]: row[1:] for row in cursor.fetchall()}


def add(account: Account, quarter: Quarter, revenue: int, **fields: object) -> Figure:
    return Figure.objects.create(
        account=account, period_start=quarter.start, revenue=revenue, **{"currency": "EUR", **fields}
    )


def write_something(pick: random.Random) -> None:
    """One write of any kind that can change somebody's twelve months."""
    accounts = list(Account.objects.order_by("pk"))
    one, other = pick.sample(accounts, 2)
    quarter = LAST.shift(-pick.randrange(10))
    currency = pick.choice(["EUR", "USD", "GBP"])
    months = pick.choice([1, 3, 3, 3, 12])
    kind = pick.randrange(9)
    if kind < 3:
        key = pick.choice([None, *AccountKey.objects.filter(account=one)])
        Figure.objects.update_or_create(
            account=one, key=key, period_start=quarter.start, months=months, kind="actual",
            defaults={"revenue": pick.choice([None, pick.randrange(1000)]), "cost_of_goods": pick.randrange(9),
                      "cost_to_serve": pick.choice([None, 3]), "currency": currency},
        )  # fmt: skip
    elif kind == 3:
        Figure.objects.filter(account=one, period_start=quarter.start).delete()
    elif kind == 4:
        Figure.objects.filter(account=one).exclude(period_start__in=other.figures.values("period_start")).update(
            account=other
        )
    elif kind == 5:
        ExchangeRate.objects.update_or_create(
            currency=currency, into="EUR", quarter_start=quarter.start,
            defaults={"rate": Decimal(pick.randrange(1, 300)) / 100},
        ) if currency != "EUR" else None  # fmt: skip
    elif kind == 6:
        ExchangeRate.objects.filter(quarter_start=quarter.start).delete()
    elif kind == 7:
        Figure.objects.bulk_create(
            [Figure(account=a, period_start=date(2019, 1, 1), revenue=1, currency="EUR") for a in accounts],
            ignore_conflicts=True,
        )
    else:
        keep_years(by=None, today=TODAY, most=pick.randrange(1, 4))


@given(seed=st.integers(min_value=0, max_value=2**32))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_after_any_writes_readers_see_what_summing_again_gives(make_account, seed):
    pick = random.Random(seed)
    with transaction.atomic():
        accounts = [make_account() for _ in range(4)]
        for account in accounts[:2]:
            AccountKey.objects.create(account=account, key=f"K{account.pk}")
        for step in range(25):
            write_something(pick)
            if step % 8 == 0:
                keep_all_years(today=TODAY)
            assert read() == summed()
        transaction.set_rollback(True)


def test_keeping_leaves_nothing_to_sum_and_an_account_without_figures_is_not_looked_up_again(make_account):
    full, empty = make_account(), make_account()
    for step in range(8):
        add(full, LAST.shift(-step), 10)
    assert keep_all_years(today=TODAY) == 2
    assert keep_all_years(today=TODAY) == 0
    assert AccountYear.objects.get(pk=full.pk).revenue_now == 40
    assert not AccountYear.objects.get(pk=empty.pk).has_figures
    assert read().keys() == {full.pk}


def test_kept_row_is_what_a_reader_takes(account):
    """Otherwise the tests above would prove nothing: a reader that always sums is never wrong."""
    add(account, LAST, 10)
    keep_all_years(today=TODAY)
    AccountYear.objects.update(revenue_now=4711)
    assert read()[account.pk][NAMES.index("revenue_now")] == 4711


@pytest.mark.parametrize("change", ["insert", "update", "move", "delete", "rate", "no rate"])
def test_every_change_throws_exactly_the_touched_rows_away(make_account, change):
    touched, other, third = (make_account() for _ in range(3))
    for account in (touched, other, third):
        add(account, LAST, 10)
    ExchangeRate.objects.create(currency="USD", into="EUR", quarter_start=LAST.start, rate=2)
    keep_all_years(today=TODAY)
    if change == "insert":
        add(touched, LAST.shift(-1), 5)
    elif change == "update":
        touched.figures.update(revenue=11)
    elif change == "move":
        touched.figures.update(account=other, key=AccountKey.objects.create(account=other, key="moved"))
    elif change == "delete":
        touched.figures.all().delete()
    elif change == "rate":
        ExchangeRate.objects.update(rate=3)
    else:
        ExchangeRate.objects.all().delete()
    kept = set(AccountYear.objects.values_list("pk", flat=True))
    if change == "move":
        assert kept == {third.pk}
    elif "rate" in change:
        assert not kept
    else:
        assert kept == {other.pk, third.pk}


def test_another_reporting_currency_or_quarter_is_summed_afresh(account):
    add(account, LAST, 10)
    keep_all_years(today=TODAY)
    Organisation.objects.update_or_create(pk=1, defaults={"reporting_currency": "USD", "name": "Ours"})
    for window in (Window(LAST, "USD"), Window(LAST.shift(-1), "EUR"), Window(LAST.shift(1), "EUR")):
        assert read(window) == summed(window)
    keep_all_years(today=TODAY)
    assert AccountYear.objects.get().currency == Organisation.objects.get().reporting_currency


def test_order_is_the_same_with_kept_sums(make_account):
    for revenue in (3, 9, 5):
        add(make_account(), LAST, revenue)
    make_account()

    def order(key: str) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(*ordered_ids(Account.objects.all(), Account.objects.all(), WINDOW, key))
            return [row[0] for row in cursor.fetchall()]

    keys = [sign + key for key in ("revenue", "growth", "margin") for sign in ("", "-")]
    before = [order(key) for key in keys]
    assert keep_all_years(today=TODAY) == 4
    assert [order(key) for key in keys] == before


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_while_somebody_writes_and_a_later_writer_finds_the_kept_row(make_account):
    account = make_account()
    add(account, LAST, 10)
    kept: list[int] = []

    def keep() -> None:
        try:
            kept.append(keep_years(by=None, today=TODAY))
        finally:
            connection.close()

    with transaction.atomic():
        account.figures.update(revenue=20)
        # The figure is not to be seen yet: what another connection would keep now would be wrong for ever.
        elsewhere = threading.Thread(target=keep)
        elsewhere.start()
        elsewhere.join()
    assert kept == [0]
    assert keep_years(by=None, today=TODAY) == 1
    assert AccountYear.objects.get().revenue_now == 20
    account.figures.update(revenue=30)
    assert not AccountYear.objects.exists()
