"""Finance's view: totals that say what they leave out, what eats the margin, and the work list with its buttons."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.activity_rates import load_default_rates
from accounts.models import Account, Figure
from accounts.queries.finance import finance_view
from accounts.queries.finance_gaps import gaps_of
from accounts.queries.portfolio import Window
from sam.core.models import ExchangeRate, Organisation, User
from sam.values.periods import trailing_quarters
from sam.values.results import value_of
from tests.pages.test_numbers import fill, last, page

pytestmark = pytest.mark.django_db
D = Decimal
URL = "accounts:finance"


@pytest.fixture
def petra(make_person: Callable[..., User]) -> User:
    return make_person("finance_partner", display_name="Petra Finance")


@pytest.fixture
def loser(make_account: Callable[..., Account], petra: User) -> Account:
    account = make_account("Zellmoor Textiles", tier="key", region="DACH", owner=petra)
    fill(account, cost_of_goods=D(700_000))
    return account


def test_accounts_beyond_the_peak_stand_first_with_what_eats_their_margin(
    petra: User, signed_in: Callable[[User], Client], account: Account, loser: Account
) -> None:
    fill(account)
    text = page(signed_in(petra), reverse(URL))
    assert "1 account earns 880 k€; 1 account beyond the peak takes 320 k€ of it away." in text
    table = text[text.index("What eats the margin") :]
    assert "Zellmoor Textiles" in table
    assert "Northgate Mills" not in table[: table.index("</table>")]
    assert "Cost of goods 98.8 % of revenue (+18.5 pt)" in table
    assert reverse("accounts:figure-list", args=[loser.pk]) in table
    both = page(signed_in(petra), f"{reverse(URL)}?show=all")
    assert "Northgate Mills" in both[both.index("What eats the margin") :]


def test_filters_narrow_the_view_and_the_export_holds_every_account_of_it(
    petra: User, signed_in: Callable[[User], Client], account: Account, loser: Account
) -> None:
    fill(account)
    client = signed_in(petra)
    assert "Northgate Mills" not in page(client, f"{reverse(URL)}?show=all&region=DACH")
    assert "Nothing fits" in page(client, f"{reverse(URL)}?tier=global")
    assert "Zellmoor Textiles" in page(client, f"{reverse(URL)}?lead={petra.pk}")
    answer = client.get(f"{reverse('accounts:finance-csv')}?tier=key")
    told = b"".join(answer.streaming_content).decode()
    assert "Zellmoor Textiles" in told
    assert "Northgate Mills" not in told
    assert "-320000" in told


def test_the_work_list_names_what_is_missing_with_the_page_that_mends_it(
    petra: User, signed_in: Callable[[User], Client], make_account: Callable[..., Account]
) -> None:
    quarters = trailing_quarters(last(), 4)
    silent = make_account("Silent Works", tier="strategic")
    holed = make_account("Holed Works")
    fill(holed)
    Figure.objects.filter(account=holed, period_start=quarters[1].start).delete()
    costless = make_account("Costless Works")
    fill(costless, cost_of_goods=None, cost_of_goods_fixed=None, cost_to_serve=None, client_spend=None)
    apart = make_account("Apart Works")
    fill(apart, rebates=D(40_000))
    forint = make_account("Forint Works")
    fill(forint, currency="HUF")
    text = page(signed_in(petra), reverse(URL))
    for words, url in (
        ("Closed quarters without figures", reverse("accounts:figure-edit", args=[silent.pk, str(quarters[0])])),
        ("Closed quarters without figures", reverse("accounts:figure-edit", args=[holed.pk, str(quarters[1])])),
        ("Cost of goods unknown", reverse("accounts:figure-edit", args=[costless.pk, str(quarters[0])])),
        ("Cost to serve unknown", reverse("accounts:volume-edit", args=[costless.pk, str(quarters[0])])),
        ("Wallet unknown", reverse("accounts:figure-edit", args=[costless.pk, str(quarters[3])])),
        ("Lines that do not add up", reverse("accounts:figure-edit", args=[apart.pk, str(quarters[0])])),
        ("Missing exchange rates", f"{reverse('accounts:rate-list')}?currency=HUF"),
    ):
        assert words in text, words
        assert url in text, (words, url)
    assert "1 account with no rate for HUF" in text
    assert 'value="HUF"' in page(signed_in(petra), f"{reverse('accounts:rate-list')}?currency=HUF&quarter=2026-Q1")


def test_months_and_a_year_of_figures_are_no_gap(make_account: Callable[..., Account]) -> None:
    quarters = trailing_quarters(last(), 4)
    yearly, monthly = make_account(tier="key"), make_account(tier="key")
    Figure.objects.create(
        account=yearly, period_start=quarters[0].start, months=12, currency="EUR", revenue=D(4), client_spend=D(9)
    )
    for month in (month for quarter in quarters for month in quarter.period.each_month):
        Figure.objects.create(account=monthly, period_start=month.start, months=1, currency="EUR", revenue=D(1))
    found = gaps_of(Account.objects.all(), last())
    assert found.figures == ()
    assert [gap.account_id for gap in found.goods] == [monthly.pk]


def test_a_sponsor_sees_figures_of_the_portfolio_but_no_names_and_no_work_list(
    make_person: Callable[..., User], signed_in: Callable[[User], Client], loser: Account
) -> None:
    text = page(signed_in(make_person("executive_sponsor")), reverse(URL))
    assert "Zellmoor" not in text
    assert "Not visible to you" in text
    assert "Missing data" not in text
    assert signed_in(make_person("viewer")).get(reverse(URL)).status_code == 403


def test_the_view_costs_as_many_queries_for_many_accounts_as_for_one(
    petra: User, make_account: Callable[..., Account], django_assert_num_queries: Any
) -> None:
    load_default_rates(by=None)
    Organisation.objects.current()
    window = Window(last(), "EUR")
    for count in (2, 12):
        for _ in range(count):
            fill(make_account(), quarters=8, client_spend=None)
        with django_assert_num_queries(6):
            found = finance_view(petra, Account.objects.live(), window)
        with django_assert_num_queries(7):
            gaps_of(Account.objects.live(), last())
    assert len(found.rows) == 14
    assert value_of(found.margin) == D(220_000) / D(810_000)


def test_amounts_are_converted_at_each_quarters_rate(petra: User, make_account: Callable[..., Account]) -> None:
    for quarter in trailing_quarters(last(), 4):
        ExchangeRate.objects.create(currency="GBP", into="EUR", quarter_start=quarter.start, rate=D("1.2"))
    fill(make_account(), quarters=4, currency="GBP")
    found = finance_view(petra, Account.objects.live(), Window(last(), "EUR"))
    assert found.revenue == 4 * D(810_000) * D("1.2")
