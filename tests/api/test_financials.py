"""Figures by API: revisions, rights, and amounts as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account, AccountKey, Figure
from sam.core.models import User

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/financials/"
ROW = {"period_start": "2025-04-01", "months": 3, "revenue": "1234.5678", "currency": "gbp"}


def test_a_row_is_made_changed_by_revision_and_deleted(ingrid: User, api: Any, account: Account) -> None:
    client = api(ingrid)
    made = client.post(ADDRESS, {**ROW, "account": account.pk})
    assert made.status_code == 201, made.json()
    assert (made.json()["revenue"], made.json()["currency"], made["ETag"]) == ("1234.5678", "GBP", '"1"')
    address = f"{ADDRESS}{made.json()['id']}/"
    assert client.patch(address, {"revenue": "1"}).status_code == 428
    changed = client.patch(address, {"revenue": "2"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed["ETag"], changed.json()["revenue"]) == (200, '"2"', "2.0000")
    stale = client.patch(address, {"revenue": "3"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["revenue"]) == (412, "2.0000")
    assert client.delete(address, headers={"If-Match": '"1"'}).status_code == 412
    assert client.delete(address, headers={"If-Match": '"2"'}).status_code == 204
    assert not Figure.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"period_start": "2025-04-02"},
        {"months": 6},
        {"revenue": "1e99"},
        {"revenue": "NaN"},
        {"client_spend": "-1"},
        {"currency": "XXQ"},
        {"colour": "red"},
        {"kind": "guess"},
    ],
)
def test_wrong_values_are_400(ingrid: User, api: Any, account: Account, wrong: dict[str, Any]) -> None:
    assert api(ingrid).post(ADDRESS, {**ROW, "account": account.pk, **wrong}).status_code == 400
    assert not Figure.objects.exists()


def test_typed_figures_are_refused_beside_imported_ones(ingrid: User, api: Any, account: Account) -> None:
    key = AccountKey.objects.create(account=account, key="N1")
    Figure.objects.create(account=account, key=key, period_start="2025-04-01", currency="GBP", revenue=5)
    answer = api(ingrid).post(ADDRESS, {**ROW, "account": account.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "imported")


def test_the_same_period_twice_is_stale(ingrid: User, api: Any, account: Account) -> None:
    api(ingrid).post(ADDRESS, {**ROW, "account": account.pk})
    assert api(ingrid).post(ADDRESS, {**ROW, "account": account.pk}).status_code == 412


@pytest.mark.parametrize(
    ("role", "access", "reads", "writes"),
    [
        ("finance_partner", "", 200, 201),
        ("reader", "", 200, 403),
        ("team_member", "finance_lead", 200, 201),
        ("account_manager", "lead", 200, 403),
        ("team_member", "member", 404, 403),
        ("team_member", "", 404, 400),
        ("admin", "", 404, 403),
    ],
)
def test_who_reads_and_who_writes(
    make_person: Callable[..., User], api: Any, account: Account, role: str, access: str, reads: int, writes: int
) -> None:
    person = make_person(role, on=account, access=access) if access else make_person(role)
    row = Figure.objects.create(account=account, period_start="2025-01-01", currency="GBP", revenue=5)
    assert api(person).get(f"{ADDRESS}{row.pk}/").status_code == reads
    answer = api(person).post(ADDRESS, {**ROW, "account": account.pk})
    assert answer.status_code in {writes, 403} if writes == 400 else answer.status_code == writes
