"""Imports of P&L lines, activities, parts of figures and exchange rates: twice changes nothing, undo takes it back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.models import Account, AccountKey, ActivityRate, ActivityVolume, Figure, FigureSplit
from accounts.models.imports import importable_kinds
from sam.core.models import ExchangeRate, User
from tests.unit.imports import checked, codes, committed, found, undone

pytestmark = pytest.mark.django_db
LINES = (
    "account_external_id,year,quarter,list_revenue,on_invoice_discounts,rebates,freight,payment_terms,revenue,"
    "cost_of_goods,receivables\n7,2025,2,1000,100,45,25,20,810,400,405\n"
)
ACTIVITIES = "account_external_id,year,quarter,driver,quantity\n7,2025,2,Orders,10\n7,2025,2,Retouren,2.5\n"
SPLITS = (
    "account_external_id,year,quarter,dimension,name,revenue,cost_of_goods,currency\n"
    "7,2025,2,offer,Pumps,500,300,EUR\n7,2025,2,unit,Rheinau,310,,EUR\n"
)
RATES = "currency;year;quarter;rate\nGBP;2025;2;1,18\nUSD;2025;2;0,885\n"


@pytest.fixture(autouse=True)
def keyed(account: Account) -> Account:
    AccountKey.objects.create(account=account, source="import", key="7")
    for driver, amount in (("order", 45), ("return", 120)):
        ActivityRate.objects.create(driver=driver, year=2025, amount=amount, currency="EUR", variable=True)
    return account


@pytest.fixture
def petra(make_person) -> User:
    return make_person("finance_partner")


@pytest.mark.parametrize(
    ("kind", "content", "model", "rows"),
    [
        ("financials", LINES, Figure, 1),
        ("activities", ACTIVITIES, ActivityVolume, 2),
        ("splits", SPLITS, FigureSplit, 2),
        ("rates", RATES, ExchangeRate, 2),
    ],
)
def test_import_again_changes_nothing_and_undo_takes_it_back(petra, kind, content, model, rows) -> None:
    first = committed(petra, kind, content)
    assert (first.status, first.counts["new"], model.objects.count()) == ("done", rows, rows)
    again = checked(petra, kind, content)
    assert again.counts["unchanged"] == rows, found(again)
    undone(petra, first)
    assert model.objects.count() == 0


def test_lines_are_read_and_a_sum_that_fails_is_named_but_kept(petra: User) -> None:
    committed(petra, "financials", LINES)
    row = Figure.objects.get()
    assert (row.list_revenue, row.rebates, row.receivables) == (1000, 45, 405)
    batch = committed(petra, "financials", LINES.replace(",45,", ",40,"))
    assert codes(batch, "warning") == [(2, "lines_do_not_add_up")]
    assert Figure.objects.get().rebates == 40


def test_activities_give_the_figure_its_cost_and_undo_takes_it_away(petra: User) -> None:
    committed(petra, "financials", LINES)
    batch = committed(petra, "activities", ACTIVITIES)
    assert (Figure.objects.get().cost_to_serve, Figure.objects.get().cost_to_serve_basis) == (750, "drivers")
    undone(petra, batch)
    assert Figure.objects.get().cost_to_serve is None


def test_figures_that_come_after_the_activities_are_costed_too(petra: User) -> None:
    committed(petra, "activities", ACTIVITIES)
    figures = committed(petra, "financials", LINES)
    assert Figure.objects.get().cost_to_serve == 750
    undone(petra, figures)
    assert not Figure.objects.exists()


def test_a_better_figure_by_import_replaces_the_computed_one_and_undo_brings_it_back(petra: User) -> None:
    committed(petra, "financials", LINES)
    committed(petra, "activities", ACTIVITIES)
    better = committed(petra, "financials", "account_external_id,year,quarter,cost_to_serve\n7,2025,2,80\n")
    row = Figure.objects.get()
    assert (row.cost_to_serve, row.cost_to_serve_variable, row.cost_to_serve_basis) == (80, None, "stated")
    undone(petra, better)
    row.refresh_from_db()
    assert (row.cost_to_serve, row.cost_to_serve_basis) == (750, "drivers")


def test_rates_by_file_are_felt_by_costs_in_other_currencies(petra: User, account: Account) -> None:
    committed(petra, "financials", LINES.replace("rebates,", "rebates,currency,").replace(",45,", ",45,GBP,"))
    committed(petra, "activities", ACTIVITIES)
    assert Figure.objects.get().cost_to_serve is None
    committed(petra, "rates", RATES)
    assert Figure.objects.get().cost_to_serve == round(Decimal(750) / Decimal("1.18"), 2)


def test_every_bad_row_says_why(petra: User) -> None:
    activities = checked(
        petra,
        "activities",
        "account_external_id,year,quarter,driver,quantity\n"
        "7,2025,2,Dancing,1\n7,2025,2,order,-1\n7,2025,2,return,\n9,2025,2,order,1\n7,2025,5,order,1\n"
        "7,2025,3,order,1\n7,2025,3,orders,2\n",
    )
    assert codes(activities) == [
        (2, "unknown_activity"),
        (3, "negative_quantity"),
        (4, "missing"),
        (5, "unknown_account"),
        (6, "bad_quarter"),
        (8, "duplicate_key"),
    ]
    rates = checked(
        petra, "rates", "currency,year,quarter,rate\nEUR,2025,2,1\nXXQ,2025,2,1\nGBP,2025,,1\nGBP,2025,2,0\n"
    )
    assert codes(rates) == [(2, "own_currency"), (3, "unknown_currency"), (4, "missing"), (5, "bad_rate")]
    splits = checked(
        petra,
        "splits",
        "account_external_id,year,quarter,dimension,name,revenue\n7,2025,2,colour,Red,1\n7,2025,2,offer,,1\n"
        "7,2025,2,offer,Pumps,\n",
    )
    assert codes(splits) == [(2, "unknown_dimension"), (3, "missing"), (4, "no_amount")]


def test_who_may_import_what(make_person, account: Account) -> None:
    seat = make_person("team_member", on=account, access="finance_lead")
    assert importable_kinds(seat) == ["financials", "activities", "splits"]
    assert "rates" in importable_kinds(make_person("finance_partner"))
    assert importable_kinds(make_person("reader")) == []
