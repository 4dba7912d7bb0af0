"""Targets and forecasts by API: the same actions, permissions and revisions as the pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from sam.core.models import User

pytestmark = pytest.mark.django_db
TARGETS, FORECASTS = "/api/v1/targets/", "/api/v1/forecasts/"


def client_of(person: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def test_a_target_is_made_changed_by_its_etag_and_kept(make_person: Callable[..., User], account: Account) -> None:
    client = client_of(make_person("finance_partner"))
    body = {"account": account.pk, "year": 2026, "measure": "revenue", "amount": "400.0000", "spread": "even"}
    made = client.post(TARGETS, body, format="json")
    assert made.status_code == 201, made.data
    assert [str(part) for part in made.data["quarters"]] == ["100.0000"] * 4
    url = f"{TARGETS}{made.data['id']}/"
    change = {"amount": "360", "spread": "even", "reason": "a line closes"}
    assert client.patch(url, change, format="json").status_code == 428
    changed = client.patch(url, change, format="json", headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.data
    assert changed["ETag"] == '"2"'
    assert client.patch(url, change, format="json", headers={"If-Match": '"1"'}).status_code == 412
    rows = client.get(f"{TARGETS}?account={account.pk}").data["results"]
    assert {row["amount"] for row in rows} == {"400.0000", "360.0000"}
    (old,) = [row for row in rows if row["superseded_on"]]
    refused = client.patch(f"{TARGETS}{old['id']}/", change, format="json", headers={"If-Match": '"1"'})
    assert refused.status_code == 409


def test_forecasts_are_for_the_lead_and_finance(
    alice: User, make_person: Callable[..., User], account: Account
) -> None:
    body = {"account": account.pk, "year": 2026, "measure": "revenue", "amount": "380", "basis": "pipeline"}
    assert client_of(alice).post(FORECASTS, body, format="json").status_code == 201
    assert client_of(make_person("finance_partner")).post(FORECASTS, body, format="json").status_code == 201
    sponsor = make_person("executive_sponsor", on=account, access="sponsor")
    assert client_of(sponsor).post(FORECASTS, body, format="json").status_code == 403
    assert client_of(sponsor).get(FORECASTS).data["results"][0]["basis"] == "pipeline"
    assert client_of(make_person("viewer")).get(FORECASTS).status_code == 403
