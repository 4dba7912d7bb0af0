"""The Numbers page: P&L, metrics that explain themselves, activities, yearly rates, groups."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.activity_rates import load_default_rates
from accounts.models import Account, ActivityRate, ActivityVolume, Figure, FigureSplit
from sam.core.models import ExchangeRate, User
from sam.values.periods import Quarter, last_closed_quarter, trailing_quarters

pytestmark = pytest.mark.django_db
D = Decimal
LINES: dict[str, Any] = {
    "list_revenue": D(1_000_000),
    "on_invoice_discounts": D(100_000),
    "rebates": D(45_000),
    "freight": D(25_000),
    "payment_terms": D(20_000),
    "revenue": D(810_000),
    "cost_of_goods": D(400_000),
    "cost_of_goods_fixed": D(100_000),
    "cost_to_serve": D(90_000),
    "client_spend": D(1_620_000),
    "receivables": D(405_000),
}


def last() -> Quarter:
    return last_closed_quarter(timezone.localdate())


def fill(account: Account, quarters: int = 8, currency: str = "EUR", **lines: Any) -> list[Figure]:
    return [
        Figure.objects.create(account=account, period_start=quarter.start, currency=currency, **{**LINES, **lines})
        for quarter in trailing_quarters(last(), quarters)
    ]


def numbers_url(account: Account) -> str:
    return reverse("accounts:figure-list", args=[account.pk])


def page(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status
    return answer.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def test_the_page_tells_the_pnl_of_a_quarter_and_of_twelve_months(
    ingrid: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    fill(account)
    text = page(signed_in(ingrid), numbers_url(account))
    for words in (
        f"12 months to {last().label}",
        "List value: 4.00",
        "Contribution: 0.88",
        "Show as table",
        "as stated, a better figure than activities would give",
        "Price realisation",
        "81.0 %",
    ):
        assert words in text, words
    for metric in ("price_realisation", "gross_margin", "cost_to_serve", "contribution"):
        url = reverse("accounts:metric-detail", args=[account.pk, metric])
        assert f'class="mark" href="{url}"' in text, metric


def test_lines_that_do_not_add_up_are_said_and_drawn(
    ingrid: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    fill(account, rebates=D(40_000))
    text = page(signed_in(ingrid), numbers_url(account))
    assert "The lines do not add up" in text
    assert "Not explained: −0.02" in text
    assert "lines differ" in text


@pytest.mark.parametrize("key", ["revenue", "return_on_investment", "lifetime_value", "days_sales_outstanding"])
def test_every_number_opens_its_formula_inputs_and_rows(
    ingrid: User, signed_in: Callable[[User], Client], account: Account, key: str
) -> None:
    load_default_rates(by=None)
    fill(account, quarters=12)
    client = signed_in(ingrid)
    url = reverse("accounts:metric-detail", args=[account.pk, key])
    assert url in page(client, numbers_url(account))
    text = page(client, url)
    assert "Formula" in text
    assert last().label in text
    if key == "return_on_investment":
        assert "Not computable because team time is unknown" in text
    if key == "lifetime_value":
        assert "Retention a year" in text
    page(client, reverse("accounts:metric-detail", args=[account.pk, "beauty"]), 404)


def test_activities_are_typed_priced_and_missed(
    make_person: Callable[..., User], signed_in: Callable[[User], Client], account: Account
) -> None:
    load_default_rates(by=None)
    client = signed_in(make_person("finance_partner"))
    fill(account, quarters=2, cost_to_serve=None)
    before, now = last().previous(), last()
    for quarter, sent in ((before, {"order": "10", "return": "2"}), (now, {"order": "20"})):
        answer = client.post(reverse("accounts:volume-edit", args=[account.pk, str(quarter)]), sent)
        assert answer.status_code == 303
    text = page(client, numbers_url(account))
    assert "Returns: reported before, not in" in text
    assert Figure.objects.get(period_start=now.start).cost_to_serve is None
    url = reverse("accounts:volume-edit", args=[account.pk, str(now)])
    client.post(url, {"order": "20", "order_revision": "1", "return": "0"})
    assert Figure.objects.get(period_start=now.start).cost_to_serve == 900
    stale = client.post(url, {"order": "30", "order_revision": "7", "return": "0", "return_revision": "1"})
    assert stale.status_code == 409
    assert b"Somebody else wrote 20 first" in stale.content
    assert b'value="30"' in stale.content
    wrong = client.post(url, {"order": "-3", "order_revision": "1"})
    assert wrong.status_code == 422
    assert ActivityVolume.objects.get(period_start=now.start, driver="order").quantity == 20


def test_the_cost_from_activities_is_named_in_the_form_and_not_taken_for_a_stated_one(
    make_person: Callable[..., User], signed_in: Callable[[User], Client], account: Account
) -> None:
    load_default_rates(by=None)
    row = fill(account, quarters=1, cost_to_serve=None)[0]
    client = signed_in(make_person("finance_partner"))
    client.post(reverse("accounts:volume-edit", args=[account.pk, str(last())]), {"order": "10"})
    url = reverse("accounts:figure-edit", args=[account.pk, str(last()), "actual"])
    assert "From activities: 450" in page(client, url)
    sent = {"form": str(row.pk), f"{row.pk}-revenue": "900", f"{row.pk}-revision": "1"}
    sent |= {f"{row.pk}-currency": "EUR", f"{row.pk}-status": "closed"}
    assert client.post(url, sent).status_code == 303
    row.refresh_from_db()
    assert (row.revenue, row.cost_to_serve, row.cost_to_serve_basis) == (900, 450, "drivers")


def test_yearly_rates_are_shown_changed_and_copied(
    make_person: Callable[..., User], signed_in: Callable[[User], Client], account: Account
) -> None:
    load_default_rates(by=None)
    client, year = signed_in(make_person("finance_partner")), timezone.localdate().year
    text = page(client, reverse("accounts:activity-rate-list"))
    assert "165.00 €" in text
    assert "7.0 %" in text
    url = reverse("accounts:activity-rate-edit", args=["express_delivery", year])
    assert client.post(url, {"amount": "180", "currency": "eur", "variable": "on", "revision": "1"}).status_code == 303
    assert ActivityRate.objects.get(driver="express_delivery", year=year).amount == 180
    stale = client.post(url, {"amount": "200", "currency": "EUR", "revision": "1"})
    assert stale.status_code == 409
    assert b"Somebody else saved first" in stale.content
    capital = reverse("accounts:activity-rate-edit", args=["capital", year])
    assert client.post(capital, {"amount": "7", "revision": "1"}).status_code == 422
    copied = client.post(reverse("accounts:activity-rate-copy"), {"year": year, "into": year + 1}, follow=True)
    assert b"14 rates copied" in copied.content
    assert ActivityRate.objects.filter(year=year + 1).count() == 14
    page(client, reverse("accounts:activity-rate-edit", args=["dancing", year]), 404)


def test_a_missing_exchange_rate_is_named_quarter_by_quarter(
    ingrid: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    fill(account, currency="GBP")
    ExchangeRate.objects.create(currency="GBP", into="EUR", quarter_start=last().start, rate="1.2")
    text = page(signed_in(ingrid), numbers_url(account))
    assert "1.2 EUR" in text
    assert f"not converted: no rate for {last().previous().label}" in text
    assert "No rate of GBP into EUR" in text


def test_the_mix_shows_shares_and_what_no_part_names(
    ingrid: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    fill(account, quarters=4)
    for name, revenue in (("Pumps", 600_000), ("Seals", 200_000)):
        FigureSplit.objects.create(
            account=account, period_start=last().start, dimension="offer", name=name, currency="EUR", revenue=revenue
        )
    text = page(signed_in(ingrid), numbers_url(account))
    assert "75.0 %" in text
    assert "2.44 M€ of the account’s revenue stands in no part" in text
    assert "No parts for" in text


class TestGroup:
    def test_a_simple_account_sees_no_machinery(
        self, ingrid: User, signed_in: Callable[[User], Client], account: Account
    ) -> None:
        fill(account)
        assert "group-numbers" not in page(signed_in(ingrid), numbers_url(account))

    def test_units_add_up_and_shares_are_sum_over_sum(
        self, ingrid: User, signed_in: Callable[[User], Client], account: Account
    ) -> None:
        unit = Account.objects.create(name="Unit two", parent=account, currency="EUR")
        Account.objects.create(name="Silent", parent=account, currency="EUR")
        fill(account)
        fill(unit, revenue=D(190_000), list_revenue=D(1_000_000), client_spend=D(3_380_000))
        text = page(signed_in(ingrid), numbers_url(account))
        group = text[text.index('id="group-numbers"') :]
        assert "4.00 M€" in group
        assert "20.0 %" in group, "share of wallet is 1.0 of 5.0"
        assert "50.0 %" in group, "price realisation is 1.0 of 2.0"
        assert "not counted: no figures yet" in group
        assert "2 accounts counted" in group

    def test_a_unit_whose_figures_one_may_not_see_counts_nothing(
        self,
        make_person: Callable[..., User],
        signed_in: Callable[[User], Client],
        account: Account,
    ) -> None:
        unit = Account.objects.create(name="Closed unit", parent=account, currency="EUR")
        fill(account)
        fill(unit)
        lead = make_person("team_member", on=account, access="lead")
        text = page(signed_in(lead), numbers_url(account))
        assert "Closed unit" not in text


def test_queries_do_not_grow_with_rows(
    ingrid: User,
    signed_in: Callable[[User], Client],
    account: Account,
    django_assert_max_num_queries: Any,
) -> None:
    load_default_rates(by=None)
    client = signed_in(ingrid)
    fill(account, quarters=1)
    page(client, numbers_url(account))
    with django_assert_max_num_queries(40) as few:
        page(client, numbers_url(account))
    for quarter in trailing_quarters(last().previous(), 20):
        Figure.objects.create(account=account, period_start=quarter.start, currency="EUR", **LINES)
        for driver in ("order", "return", "delivery"):
            ActivityVolume.objects.create(account=account, period_start=quarter.start, driver=driver, quantity=5)
    with django_assert_max_num_queries(len(few.captured_queries)):
        page(client, numbers_url(account))
