"""The import's pages: five steps that work without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Account, ImportBatch
from sam.core import jobs
from sam.core.models import User
from tests.unit.imports import checked, committed

pytestmark = pytest.mark.django_db


def upload(client: Client, content: bytes, kind: str = "accounts", name: str = "list.csv", **more: Any) -> Any:
    return client.post("/imports/", {"kind": kind, "file": SimpleUploadedFile(name, content), **more})


def work() -> ImportBatch:
    batch = ImportBatch.objects.order_by("-pk")[0]
    jobs.run(batch.job_id)
    batch.refresh_from_db()
    return batch


def test_from_file_to_report_and_back(ingrid: User, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(ingrid)
    answer = upload(client, b"nr;Firma;Farbe\n1;Alpha;rot\n2;;blau\n")
    assert answer.status_code == 303
    waiting = client.get(answer.url)
    assert b"every 1s" in waiting.content
    assert b">Refresh<" in waiting.content
    batch = work()
    columns = client.get(answer.url, follow=True)
    assert columns.redirect_chain == [(reverse("accounts:import-columns", args=[batch.pk]), 303)]
    assert b"Alpha" in columns.content
    refused = client.post(columns.redirect_chain[0][0], {"column_1": "name", "column_2": ""})
    assert refused.status_code == 422
    assert b"No column is chosen for: Key" in refused.content
    answer = client.post(columns.redirect_chain[0][0], {"column_0": "external_id", "column_1": "name", "column_2": ""})
    assert answer.status_code == 303
    work()
    page = client.get(answer.url)
    assert b"Ready to import 1\xc2\xa0row" in page.content or b"Ready to import 1 row" in page.content
    assert b"The name is missing" in page.content
    rejected = b"".join(client.get(reverse("accounts:import-rejected", args=[batch.pk])).streaming_content)
    assert rejected.decode("utf-8-sig").splitlines() == [
        "nr,Firma,Farbe,row in the file,reason",
        "2,,blau,3,Firma: The name is missing. A new account needs one.",
    ]
    answer = client.post(reverse("accounts:import-commit", args=[batch.pk]))
    assert answer.status_code == 303
    work()
    assert b"Undo this import" in client.get(answer.url).content
    assert Account.objects.get().name == "Alpha"
    client.post(reverse("accounts:import-undo", args=[batch.pk]))
    work()
    assert b"This import is undone" in client.get(answer.url).content
    assert not Account.objects.exists()


def test_a_sample_is_checked_with_one_click(ingrid: User, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(ingrid)
    answer = client.post(reverse("accounts:import-sample", args=["accounts"]))
    assert answer.status_code == 303
    assert work().counts["new"] == 4372
    assert b"is no country we know" in client.get(answer.url).content


def test_progress_is_polled_until_it_is_over(ingrid: User, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(ingrid)
    address = upload(client, b"external_id,name\n1,A\n").url
    headers = {"HX-Request": "true"}
    busy = client.get(address, headers=headers)
    assert b'id="import-progress"' in busy.content
    assert b"<html" not in busy.content
    assert "HX-Refresh" not in busy
    work()
    assert client.get(address, headers=headers)["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("content", "words"), [(b"", b"empty"), (b"external_id,name\n", b"no rows below"), (b"%PDF-1.7", b"not an .xlsx")]
)
def test_what_is_wrong_with_a_file_stands_on_the_page(
    ingrid: User, signed_in: Callable[[User], Client], content: bytes, words: bytes
) -> None:
    client = signed_in(ingrid)
    answer = upload(client, content)
    if answer.status_code == 303:
        work()
        answer = client.get(answer.url)
    assert words in answer.content


def test_what_was_typed_stays_after_a_mistake(ingrid: User, signed_in: Callable[[User], Client]) -> None:
    answer = signed_in(ingrid).post("/imports/", {"kind": "accounts", "source": "crm-east"})
    assert answer.status_code == 422
    assert b"crm-east" in answer.content


def test_a_file_above_the_limit_is_refused_while_it_arrives(
    ingrid: User, signed_in: Callable[[User], Client], settings: Any
) -> None:
    settings.UPLOAD_LIMIT = 1000
    answer = upload(signed_in(ingrid), b"x" * 5000)
    assert answer.status_code in {400, 413, 422}
    assert not ImportBatch.objects.exists()


def test_undo_that_is_refused_says_why(ingrid: User, signed_in: Callable[[User], Client]) -> None:
    batch = committed(ingrid, "accounts", "external_id,name\n1,Alpha\n")
    committed(ingrid, "financials", "account_external_id,year,revenue\n1,2024,5\n")
    answer = signed_in(ingrid).post(reverse("accounts:import-undo", args=[batch.pk]), follow=True)
    assert b"cannot be undone yet" in answer.content


def test_who_sees_what(ingrid: User, make_person: Callable[..., User], signed_in: Callable[[User], Client]) -> None:
    batch = checked(ingrid, "accounts", "external_id,name\n1,Alpha\n")
    for role in ("admin", "reader", "viewer", "team_member", "finance_partner", "account_manager", "executive_sponsor"):
        client = signed_in(make_person(role))
        assert client.get("/imports/").status_code == 200
        for name in ("detail", "columns", "rejected"):
            assert client.get(reverse(f"accounts:import-{name}", args=[batch.pk])).status_code == 404, (role, name)
        for name in ("commit", "undo", "check"):
            assert client.post(reverse(f"accounts:import-{name}", args=[batch.pk])).status_code == 404
        assert client.post(reverse("accounts:import-sample", args=["accounts"])).status_code == 403
    partner = signed_in(make_person("finance_partner"))
    assert upload(partner, b"a,b\n1,2\n", "accounts").status_code == 422
    assert upload(partner, b"a,b\n1,2\n", "financials").status_code == 303
    assert upload(signed_in(make_person("reader")), b"a,b\n1,2\n").status_code == 403
    assert Client().get("/imports/").status_code == 302


def test_the_report_keeps_its_number_of_queries(
    ingrid: User, signed_in: Callable[[User], Client], django_assert_max_num_queries: Any
) -> None:
    rows = "".join(f"{number},Firm {number},Nowhere\n" for number in range(60))
    batch = checked(ingrid, "accounts", f"external_id,name,country\n{rows},,\n")
    client = signed_in(ingrid)
    with django_assert_max_num_queries(14):
        client.get(reverse("accounts:import-detail", args=[batch.pk]))
