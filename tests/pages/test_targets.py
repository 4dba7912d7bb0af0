"""Targets on the Numbers tab and across the portfolio."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.targets import Wanted, make_forecast, set_target
from accounts.models import Account, Forecast, Target
from accounts.queries.targets import current_year
from accounts.registry import target_items
from sam.core.models import User
from tests.pages.test_numbers import fill, numbers_url, page

pytestmark = pytest.mark.django_db
D = Decimal


def year() -> int:
    return current_year(timezone.localdate())


def behind(account: Account, by: User | None = None) -> None:
    told = {"account": account, "year": year(), "measure": "revenue", "by": by}
    set_target(**told, wanted=Wanted(D(4_000_000)))
    make_forecast(**told, amount=D(3_200_000), basis="lead")


def test_a_target_is_set_changed_with_a_reason_and_kept(
    make_person: Callable[..., User], signed_in: Callable[[User], Client], account: Account
) -> None:
    fill(account)
    client = signed_in(make_person("finance_partner"))
    assert "Set target" in page(client, numbers_url(account))
    url = reverse("accounts:target-edit", args=[account.pk, year(), "revenue"])
    sent = {"amount": "4000000", "currency": "eur", "spread": "even"}
    assert client.post(url, sent).status_code == 303
    answer = client.post(url, {**sent, "amount": "3500000", "revision": "1"})
    assert answer.status_code == 422
    assert (
        client.post(url, {**sent, "amount": "3500000", "revision": "1", "reason": "a line closes"}).status_code == 303
    )
    stale = client.post(url, {**sent, "amount": "1", "revision": "1", "reason": "later"})
    assert stale.status_code == 409
    assert "Somebody else saved first" in stale.content.decode()
    text = page(client, numbers_url(account))
    assert "a line closes" in text
    assert "until " in text
    assert sorted(Target.objects.values_list("amount", flat=True)) == [3_500_000, 4_000_000]


def test_the_lead_and_finance_forecast_and_a_sponsor_does_not(
    alice: User, make_person: Callable[..., User], signed_in: Callable[[User], Client], account: Account
) -> None:
    url = reverse("accounts:forecast-new", args=[account.pk, year(), "revenue"])
    sent = {"amount": "100", "currency": "EUR", "basis": "orders", "note": "two orders in hand"}
    sponsor = make_person("executive_sponsor", on=account, access="sponsor")
    assert signed_in(sponsor).post(url, sent).status_code == 403
    assert signed_in(make_person("reader")).get(url).status_code == 403
    for person in (alice, make_person("finance_partner"), make_person(on=account, access="finance_lead")):
        assert signed_in(person).post(url, sent).status_code == 303
    assert Forecast.objects.count() == 3
    assert signed_in(alice).get(url.replace("revenue", "beauty")).status_code == 404


def test_the_list_puts_early_warnings_first_and_sorts(
    ingrid: User, signed_in: Callable[[User], Client], make_account: Callable[..., Account]
) -> None:
    good, late = make_account("Aster Works"), make_account("Zephyr Works")
    behind(late)
    set_target(account=good, year=year(), measure="revenue", wanted=Wanted(D(10)), by=None)
    client = signed_in(ingrid)
    text = page(client, reverse("accounts:target-list"))
    assert "Early warnings" in text
    assert "The forecast is 80 % of the target, 800 k€ short." in text
    table = text[text.index("<tbody>", text.index("early warnings first")) :]
    assert table.index("Zephyr Works") < table.index("Aster Works")
    rising = page(client, f"{reverse('accounts:target-list')}?sort=name")
    table = rising[rising.index("<tbody>", rising.index("early warnings first")) :]
    assert table.index("Aster Works") < table.index("Zephyr Works")


def test_the_list_shows_only_accounts_whose_figures_one_sees(
    alice: User, charlie: User, signed_in: Callable[[User], Client], account: Account,
    make_account: Callable[..., Account],
) -> None:  # fmt: skip
    other = make_account("Hidden Works")
    behind(account)
    behind(other)
    text = page(signed_in(alice), reverse("accounts:target-list"))
    assert str(account) in text
    assert "Hidden Works" not in text
    assert "No targets yet" in page(signed_in(charlie), reverse("accounts:target-list"))


def test_my_day_tells_the_lead_of_the_own_account_and_finance_of_all(
    alice: User, make_person: Callable[..., User], account: Account
) -> None:
    behind(account)
    today = timezone.localdate()
    assert list(target_items(alice, today)) == []
    Account.objects.filter(pk=account.pk).update(owner=alice)
    (item,) = target_items(alice, today)
    assert "likely to miss its target" in item.title
    (summary,) = target_items(make_person("finance_partner"), today)
    assert summary.title == "Early warning: Northgate Mills"
    assert list(target_items(make_person("reader"), today)) == []
