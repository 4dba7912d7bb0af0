"""Imports by API, as a machine would use them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Account, AccountKey, Figure, ImportBatch
from sam.core import jobs
from sam.core.models import User

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/imports/"


def send(client: Any, content: str, kind: str = "accounts", **more: Any) -> Any:
    file = SimpleUploadedFile("file.csv", content.encode(), content_type="text/csv")
    return client.post(ADDRESS, {"kind": kind, "file": file, **more}, format="multipart")


def work(batch_id: int) -> None:
    jobs.run(ImportBatch.objects.get(pk=batch_id).job_id)


def test_a_file_goes_all_the_way(ingrid: User, api: Any) -> None:
    client = api(ingrid)
    answer = send(client, "external_id,name,country\n1,Alpha,EIRE\n2,,France\n")
    assert answer.status_code == 202
    sent = answer.json()
    assert sent["status"] == "queued"
    address = f"{ADDRESS}{sent['id']}/"
    work(sent["id"])
    body = client.get(address).json()
    assert body["status"] == "checked"
    assert body["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "rejected": 1, "warnings": 1, "duplicates": 0}
    assert body["errors"] == [
        {"row": 3, "column": "name", "code": "missing", "message": "The name is missing. A new account needs one."}
    ]
    assert body["warnings"][0]["code"] == "unknown_country"
    answer = client.post(f"{address}commit/")
    assert (answer.status_code, answer.json()["status"]) == (202, "importing")
    work(sent["id"])
    assert client.get(address).json()["status"] == "done"
    assert Account.objects.get().name == "Alpha"
    assert client.post(f"{address}commit/").status_code == 409
    assert client.post(f"{address}undo/").status_code == 202
    work(sent["id"])
    assert client.get(address).json()["status"] == "undone"
    assert client.post(f"{address}undo/").status_code == 409
    assert not Account.objects.exists()


def test_a_mapping_names_columns_and_leaves_the_others_out(
    ingrid: User, api: Any, make_account: Callable[..., Account]
) -> None:
    AccountKey.objects.create(account=make_account(currency="GBP"), key="7")
    mapping = {
        "net_revenue": "revenue",
        "account_external_id": "account_external_id",
        "year": "year",
        "quarter": "quarter",
    }
    content = "account_external_id,year,quarter,currency,net_revenue\n7,2010,4,nonsense,711.790\n"
    sent = send(api(ingrid), content, "financials", mapping=json.dumps(mapping)).json()
    work(sent["id"])
    api(ingrid).post(f"{ADDRESS}{sent['id']}/commit/")
    work(sent["id"])
    row = Figure.objects.get()
    assert (str(row.revenue), row.currency) == ("711.7900", "GBP")


def test_a_bad_file_fails_with_an_error_on_the_file(ingrid: User, api: Any) -> None:
    header = ",".join(f"c{number}" for number in range(300))
    sent = send(api(ingrid), f"{header}\n{header}\n").json()
    work(sent["id"])
    body = api(ingrid).get(f"{ADDRESS}{sent['id']}/").json()
    assert body["status"] == "failed"
    assert [(error["row"], error["code"]) for error in body["errors"]] == [(1, "too_many_columns")]
    assert api(ingrid).post(f"{ADDRESS}{sent['id']}/commit/").status_code == 409


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"kind": "people"}, "kind"),
        ({"mapping": "not json"}, "mapping"),
        ({"mapping": '{"a": "colour"}'}, "mapping"),
        ({"mapping": '{"a": "name", "b": "name"}'}, "mapping"),
        ({"mapping": '{"a": 5}'}, "mapping"),
        ({"options": '{"decimal": "x"}'}, "options"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_400_and_named(ingrid: User, api: Any, more: dict[str, str], named: str) -> None:
    file = SimpleUploadedFile("file.csv", b"a,b\n1,2\n")
    answer = api(ingrid).post(ADDRESS, {"kind": "accounts", "file": file, **more}, format="multipart")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [named]


def test_an_empty_file_is_400(ingrid: User, api: Any) -> None:
    answer = send(api(ingrid), "")
    assert answer.status_code == 400


def test_undo_is_409_in_words_while_figures_depend(ingrid: User, api: Any) -> None:
    client = api(ingrid)
    ids = []
    for kind, content in (
        ("accounts", "external_id,name\n1,Alpha\n"),
        ("financials", "account_external_id,year,revenue\n1,2024,5\n"),
    ):
        ids.append(send(client, content, kind).json()["id"])
        work(ids[-1])
        client.post(f"{ADDRESS}{ids[-1]}/commit/")
        work(ids[-1])
    answer = client.post(f"{ADDRESS}{ids[0]}/undo/")
    assert answer.status_code == 409
    assert answer.json()["code"] == "in_use"
    assert "Alpha" in answer.json()["detail"]
    assert client.get(f"{ADDRESS}{ids[0]}/").json()["status"] == "done"


def test_without_the_right_it_is_403_and_others_imports_are_404(
    ingrid: User, make_person: Callable[..., User], api: Any
) -> None:
    sent = send(api(ingrid), "external_id,name\n1,Alpha\n").json()
    partner = api(make_person("finance_partner"))
    assert send(partner, "external_id,name\n1,A\n").status_code == 403
    for role in ("admin", "reader", "viewer", "account_manager", "team_member", "finance_partner"):
        client = api(make_person(role))
        assert client.get(f"{ADDRESS}{sent['id']}/").status_code == 404
        assert client.post(f"{ADDRESS}{sent['id']}/commit/").status_code == 404
        assert client.get(ADDRESS).json()["results"] == []
    assert api(None).get(ADDRESS).status_code == 401


def test_the_list_is_narrowed_by_an_allow_list(ingrid: User, api: Any) -> None:
    send(api(ingrid), "external_id,name\n1,Alpha\n")
    assert len(api(ingrid).get(ADDRESS, {"kind": "accounts"}).json()["results"]) == 1
    assert api(ingrid).get(ADDRESS, {"kind": "contacts"}).json()["results"] == []
    assert api(ingrid).get(ADDRESS, {"colour": "red"}).status_code == 400
