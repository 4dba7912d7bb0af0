"""Activities, yearly rates and exchange rates by API: the same actions, rights and revisions as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account, ActivityRate, ActivityVolume, Figure
from sam.core.models import ExchangeRate, User
from sam.values.periods import last_closed_quarter, trailing_quarters

pytestmark = pytest.mark.django_db
VOLUMES, RATES, EXCHANGE = "/api/v1/activity-volumes/", "/api/v1/activity-rates/", "/api/v1/exchange-rates/"


def test_activities_are_made_changed_and_deleted_by_revision(ingrid: User, api: Any, account: Account) -> None:
    client = api(ingrid)
    ActivityRate.objects.create(driver="order", year=2025, amount=45, currency="EUR", variable=True)
    figure = Figure.objects.create(account=account, period_start="2025-04-01", currency="EUR", revenue=1000)
    sent = {"account": account.pk, "period_start": "2025-04-01", "driver": "order", "quantity": "2.5"}
    made = client.post(VOLUMES, sent)
    assert (made.status_code, made["ETag"], made.json()["quantity"]) == (201, '"1"', "2.5000"), made.json()
    told = client.get(f"/api/v1/financials/{figure.pk}/").json()
    assert (told["cost_to_serve"], told["cost_to_serve_basis"]) == ("112.5000", "drivers")
    address = f"{VOLUMES}{made.json()['id']}/"
    assert client.patch(address, {"quantity": "3"}).status_code == 428
    assert client.patch(address, {"quantity": "4"}, headers={"If-Match": '"1"'}).json()["quantity"] == "4.0000"
    stale = client.patch(address, {"quantity": "5"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["quantity"]) == (412, "4.0000")
    assert len(client.get(VOLUMES, {"driver": "order"}).json()["results"]) == 1
    assert client.delete(address, headers={"If-Match": '"2"'}).status_code == 204
    assert not ActivityVolume.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"driver": "capital"}, {"quantity": "-1"}, {"period_start": "2025-04-02"}, {"months": 6}, {"colour": "red"}],
)
def test_wrong_activities_are_400(ingrid: User, api: Any, account: Account, wrong: dict[str, Any]) -> None:
    sent = {"account": account.pk, "period_start": "2025-04-01", "driver": "order", "quantity": "2", **wrong}
    assert api(ingrid).post(VOLUMES, sent).status_code == 400
    assert not ActivityVolume.objects.exists()


def test_lines_come_and_go_by_api(ingrid: User, api: Any, account: Account) -> None:
    sent = {"account": account.pk, "period_start": "2025-04-01", "revenue": "81", "list_revenue": "100", "rebates": "4"}
    made = api(ingrid).post("/api/v1/financials/", sent)
    assert made.status_code == 201, made.json()
    assert (made.json()["list_revenue"], made.json()["rebates"], made.json()["freight"]) == ("100.0000", "4.0000", None)
    wrong = {**sent, "period_start": "2025-07-01", "cost_to_serve": "5", "cost_to_serve_variable": "6"}
    assert api(ingrid).post("/api/v1/financials/", wrong).status_code == 400


def test_yearly_rates_by_revision(make_person: Callable[..., User], api: Any, account: Account) -> None:
    client = api(make_person("finance_partner"))
    made = client.post(RATES, {"driver": "order", "year": 2025, "amount": "45", "currency": "gbp"})
    assert (made.status_code, made.json()["currency"], made.json()["variable"]) == (201, "GBP", True), made.json()
    assert client.post(RATES, {"driver": "order", "year": 2025, "amount": "46"}).status_code == 400
    assert client.post(RATES, {"driver": "capital", "year": 2025, "amount": "7"}).status_code == 400
    address = f"{RATES}{made.json()['id']}/"
    changed = client.patch(address, {"amount": "50"}, headers={"If-Match": '"1"'})
    assert (changed.json()["amount"], changed.json()["currency"], changed.json()["variable"]) == (
        "50.0000",
        "GBP",
        True,
    )
    assert client.patch(address, {"amount": "51"}, headers={"If-Match": '"1"'}).status_code == 412
    assert len(client.get(RATES, {"year": 2025}).json()["results"]) == 1


def test_exchange_rates_by_revision(make_person: Callable[..., User], api: Any) -> None:
    client = api(make_person("finance_partner"))
    made = client.post(EXCHANGE, {"currency": "gbp", "quarter": "2025-Q2", "rate": "1.18"})
    assert (made.status_code, made.json()["quarter"], made.json()["into"]) == (201, "2025-Q2", "EUR"), made.json()
    address = f"{EXCHANGE}{made.json()['id']}/"
    assert client.patch(address, {"rate": "1.19"}, headers={"If-Match": '"1"'}).json()["rate"] == "1.19000000"
    for wrong in ({"currency": "EUR"}, {"quarter": "2025"}, {"quarter": "0000-Q1"}, {"rate": "0"}):
        sent = {"currency": "USD", "quarter": "2025-Q2", "rate": "0.9", **wrong}
        assert client.post(EXCHANGE, sent).status_code == 400, wrong
    assert ExchangeRate.objects.count() == 1


def test_rates_are_for_those_who_keep_them(ingrid: User, api: Any) -> None:
    assert api(ingrid).get(RATES).status_code == 403
    assert api(ingrid).get(EXCHANGE).status_code == 403


def test_the_pnl_explains_every_metric_or_says_why_not(ingrid: User, api: Any, account: Account) -> None:
    for quarter in trailing_quarters(last_closed_quarter(timezone.localdate()), 4):
        Figure.objects.create(
            account=account, period_start=quarter.start, currency="EUR", revenue=810, list_revenue=1000,
            on_invoice_discounts=100, rebates=40, freight=25, payment_terms=20, cost_of_goods=500, cost_to_serve=90,
        )  # fmt: skip
    told = api(ingrid).get(f"/api/v1/accounts/{account.pk}/pnl/").json()
    assert (told["currency"], told["twelve_months"]["lines"]["revenue"]) == ("EUR", "3240.0000")
    steps = told["twelve_months"]["waterfall"]
    assert (steps[0]["key"], steps[-1]["key"], steps[-1]["amount"]) == ("list_revenue", "contribution", "880.0000")
    assert told["quarter"]["not_explained"] == "5.0000"
    metrics = {metric["key"]: metric for metric in told["metrics"]}
    assert metrics["price_realisation"]["value"] == "0.81"
    assert metrics["price_realisation"]["inputs"] == {"revenue": "3240.0000", "list revenue": "4000.0000"}
    assert (metrics["share_of_wallet"]["value"], metrics["share_of_wallet"]["missing"]) == (
        None,
        "client spend is unknown",
    )
    assert len(metrics["revenue"]["trend"]) == 8
