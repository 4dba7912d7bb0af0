"""Surveys over the API: the contract that programs rely on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, Contact
from reviews.actions import surveys as actions
from reviews.models import Invitation, Survey, SurveyTemplate
from sam.core.models import Organisation, OutgoingMail, User

from .conftest import SentSurvey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("same_connection")]
Api = Callable[[User | None], APIClient]
URL = "/api/v1/surveys/"


@pytest.fixture
def body(
    organisation: Organisation, template: SurveyTemplate, account: Account, contacts: list[Contact]
) -> dict[str, Any]:
    return {"account": account.pk, "template": template.pk, "contacts": [contact.pk for contact in contacts]}


def test_create_send_and_read_results(body: dict[str, Any], api: Api, alice: User, contacts: list[Contact]) -> None:
    client = api(alice)
    created = client.post(URL, body)
    assert created.status_code == 201, created.json()
    survey = created.json()
    assert (survey["status"], survey["asked_by"], survey["contacts"]) == ("draft", alice.pk, body["contacts"])
    assert created["ETag"] == '"1"'
    sent = client.post(f"{URL}{survey['id']}/send/")
    assert sent.status_code == 202
    assert (sent.json()["status"], sent.json()["asked"], sent.json()["left_out"]) == ("open", 3, [])
    assert OutgoingMail.objects.filter(key__startswith="survey-").count() == 3
    empty = client.get(f"{URL}{survey['id']}/results/").json()
    assert (empty["sent"], empty["answered"], empty["n"], empty["nps"], empty["interval"]) == (3, 0, 0, None, None)
    for number, invitation in zip((10, 9, 3), Invitation.objects.order_by("pk"), strict=True):
        actions.record_answer(
            invitation=invitation, account=invitation.survey.account, values={"nps": number, "pricing": number % 5 + 1},
            received_at=timezone.now(), by=None,
        )  # fmt: skip
    found = client.get(f"{URL}{survey['id']}/results/").json()
    assert [found[name] for name in ("sent", "answered", "n", "promoters", "passives", "detractors")] == [
        3,
        3,
        3,
        2,
        0,
        1,
    ]
    assert found["nps"] == pytest.approx(100 / 3, abs=1e-12)
    low, high = found["interval"]
    assert -100 <= low < found["nps"] < high <= 100
    assert [question["key"] for question in found["questions"]] == [
        "contract", "pricing", "service", "relationship", "innovation",
    ]  # fmt: skip
    pricing = found["questions"][1]
    assert (pricing["n"], pricing["mean"], sum(pricing["counts"].values())) == (3, None, 3)
    assert "from 4 on" in pricing["reason"]


def test_mean_is_unrounded_from_four_answers_on(
    body: dict[str, Any], api: Api, alice: User, account: Account, make_contact: Callable[..., Contact]
) -> None:
    body["contacts"] += [make_contact(account, f"More {n}").pk for n in range(4)]
    client = api(alice)
    survey_id = client.post(URL, body).json()["id"]
    client.post(f"{URL}{survey_id}/send/")
    for number, invitation in enumerate(Invitation.objects.order_by("pk")):
        actions.record_answer(
            invitation=invitation, account=account, values={"nps": 9, "service": 4 if number else 3},
            received_at=timezone.now(), by=None,
        )  # fmt: skip
    service = client.get(f"{URL}{survey_id}/results/").json()["questions"][2]
    assert service["mean"].startswith("3.857142857142857")
    assert service["counts"] == {"1": 0, "2": 0, "3": 1, "4": 6, "5": 0}


def test_template_may_be_named_by_its_key(body: dict[str, Any], api: Api, alice: User) -> None:
    assert api(alice).post(URL, {**body, "template": "how-are-we-doing"}).status_code == 201
    assert api(alice).post(URL, {**body, "template": "no-such"}).status_code == 400


def test_hidden_forbidden_and_wrong_state(
    body: dict[str, Any], api: Api, alice: User, bob: User, charlie: User, make_person: Callable[..., User]
) -> None:
    assert api(None).post(URL, body).status_code == 401
    assert api(charlie).post(URL, body).status_code == 403
    assert api(bob).post(URL, body).status_code == 403
    survey_id = api(alice).post(URL, body).json()["id"]
    for path in ("", "results/"):
        assert api(charlie).get(f"{URL}{survey_id}/{path}").status_code == 404
        assert api(make_person("viewer")).get(f"{URL}{survey_id}/{path}").status_code == 403
        assert api(bob).get(f"{URL}{survey_id}/{path}").status_code == 200
    for path in ("send/", "close/"):
        assert api(charlie).post(f"{URL}{survey_id}/{path}").status_code == 404
        assert api(bob).post(f"{URL}{survey_id}/{path}").status_code == 403
    assert api(alice).post(f"{URL}{survey_id}/close/").status_code == 409
    assert api(alice).post(f"{URL}{survey_id}/send/").status_code == 202
    again = api(alice).post(f"{URL}{survey_id}/send/")
    assert (again.status_code, again.json()["code"]) == (409, "already_sent")
    assert api(alice).post(f"{URL}{survey_id}/close/").json()["status"] == "closed"
    assert [row["id"] for row in api(alice).get(URL).json()["results"]] == [survey_id]
    assert api(make_person("reader")).get(URL, {"status": "open"}).json()["results"] == []


def test_people_who_cannot_be_asked_are_named(
    body: dict[str, Any], api: Api, alice: User, account: Account, make_contact: Callable[..., Contact]
) -> None:
    body["contacts"].append(make_contact(account, "No Address", email="").pk)
    refused = api(alice).post(URL, body)
    assert refused.status_code == 400
    assert refused.json()["errors"] == [
        {"field": "contacts", "code": "invalid", "message": "No Address: Has no e-mail address."}
    ]


def test_foreign_people_and_accounts_are_not_reached(
    body: dict[str, Any],
    api: Api,
    alice: User,
    make_account: Callable[..., Account],
    make_contact: Callable[..., Contact],
) -> None:
    foreign = make_contact(make_account("Twin"))
    assert api(alice).post(URL, {**body, "contacts": [foreign.pk]}).status_code == 400
    assert api(alice).post(URL, {**body, "account": foreign.account_id}).status_code == 400
    assert Survey.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [{"contacts": []}, {"contacts": "x"}, {"closes_on": "soon"}, {"named": False}, {"other": 1}, {"template": "a\0b"}],
)
def test_mistakes_are_a_400_with_words(body: dict[str, Any], wrong: dict[str, Any], api: Api, alice: User) -> None:
    refused = api(alice).post(URL, {**body, **wrong})
    assert refused.status_code == 400
    assert refused.json().get("errors") or refused.json()["detail"]


def test_results_of_the_api_name_nobody(sent: SentSurvey, api: Api, make_person: Callable[..., User]) -> None:
    invitation = Invitation.objects.order_by("pk").first()
    assert invitation
    actions.record_answer(
        invitation=invitation, account=sent.survey.account, values={"nps": 9, "change": "Secret words"},
        received_at=timezone.now(), by=None,
    )  # fmt: skip
    found = api(make_person("reader")).get(f"{URL}{sent.survey.pk}/results/").content.decode()
    assert "Secret words" not in found
    assert invitation.contact.full_name not in found
