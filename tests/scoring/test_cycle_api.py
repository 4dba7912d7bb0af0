"""The selection cycle by API: the same actions, the same permissions, the same words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from sam.core.models import User
from scoring.models import SelectionCycle
from tests.scoring.test_cycle import with_candidates

Api = Callable[[User | None], APIClient]


@pytest.fixture
def helene(make_person: Callable[..., User]) -> User:
    return make_person("executive_sponsor", display_name="Helene Sponsor")


@pytest.fixture
def other(make_account: Callable[..., Account]) -> Account:
    return make_account("Zelkova Shipping")


@pytest.fixture
def cycle(account: Account, other: Account, ingrid: User) -> SelectionCycle:
    return with_candidates(ingrid, account, other)


def test_a_whole_cycle_by_api(cycle: SelectionCycle, ingrid: User, helene: User, api: Api, account: Account) -> None:
    runs, approves = api(ingrid), api(helene)
    address = f"/api/v1/cycles/{cycle.pk}/"
    rows = runs.get(f"{address}candidates/").data
    assert [row["proposal"] for row in rows] == [None, None]
    for row in rows:
        put = f"{address}candidates/{row['id']}/decision/"
        given = {"outcome": "in", "tier": "key", "reason": "Plans with us"}
        assert runs.put(put, given, format="json").status_code == 428
        first = runs.put(put, given, format="json", headers={"if-match": '"0"'})
        assert (first.status_code, first.data["complete"]) == (200, True)
        assert runs.put(put, given, format="json", headers={"if-match": '"0"'}).status_code == 412
    tag = runs.get(address)["ETag"]
    early = runs.post(f"{address}close/", headers={"if-match": tag})
    assert (early.status_code, early.data["code"]) == (409, "not_ready")
    asked = runs.post(f"{address}approval/", {"people": [helene.pk]}, format="json", headers={"if-match": tag})
    assert asked.data["state"] == "approval"
    assert approves.post(f"{address}approval/verdict/", {"verdict": "objected"}, format="json").status_code == 400
    assert approves.post(f"{address}approval/verdict/", {"verdict": "approved"}, format="json").status_code == 200
    closed = runs.post(f"{address}close/", headers={"if-match": runs.get(address)["ETag"]})
    assert closed.data["state"] == "closed"
    account.refresh_from_db()
    assert account.tier == "key"
    again = runs.post(f"{address}close/", headers={"if-match": closed["ETag"]})
    assert (again.status_code, again.data["code"]) == (409, "closed")


def test_who_sits_on_one_account_finds_only_that(
    cycle: SelectionCycle, alice: User, api: Api, account: Account
) -> None:
    rows = api(alice).get(f"/api/v1/cycles/{cycle.pk}/candidates/").data
    assert [row["account"] for row in rows] == [account.pk]
    assert api(alice).get(f"/api/v1/cycles/{cycle.pk}/capacity/").status_code == 403
    assert api(alice).get(f"/api/v1/cycles/{cycle.pk}/document/").status_code == 403
    assert api(alice).post("/api/v1/cycles/", {"year": 2030}, format="json").status_code == 403


@pytest.mark.parametrize("role", ["viewer", "admin", "team_member"])
def test_who_sees_no_scores_sees_no_cycle(
    role: str, cycle: SelectionCycle, make_person: Callable[..., User], api: Api
) -> None:
    client = api(make_person(role))
    for part in ("", f"{cycle.pk}/", f"{cycle.pk}/candidates/", f"{cycle.pk}/approval/", f"{cycle.pk}/capacity/"):
        assert client.get(f"/api/v1/cycles/{part}").status_code == 403, part


def test_a_sponsor_approves_but_does_not_run(cycle: SelectionCycle, helene: User, api: Api) -> None:
    client = api(helene)
    assert len(client.get(f"/api/v1/cycles/{cycle.pk}/candidates/").data) == 2
    assert client.post(f"/api/v1/cycles/{cycle.pk}/close/", headers={"if-match": '"1"'}).status_code == 403
    assert client.post(f"/api/v1/cycles/{cycle.pk}/approval/verdict/", {"verdict": "approved"}).status_code == 409
