"""Price requests and the price-change tool by API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from sam.core.models import User

pytestmark = pytest.mark.django_db
TOOL = "/api/v1/tools/price-change/"
LIST = "/api/v1/price-requests/"
Api = Callable[[User | None], APIClient]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"margin": 0.3, "change": -0.1}, "0.5"),
        ({"margin": "0.30", "change": "-0.10"}, "0.5"),
        ({"margin": 0.4, "change": -0.04, "cost_change": -0.04}, "0"),
        ({"margin": "0.4", "change": "-0.04"}, "0.111111111111"),
    ],
)
def test_the_tool_gives_the_volume_that_repays_a_price(api: Api, charlie: User, body: Any, found: str) -> None:
    answer = api(charlie).post(TOOL, body)
    assert (answer.status_code, answer.json()) == (200, {"break_even_volume_change": found, "reason": None})


def test_the_tool_says_why_no_volume_repays_it(api: Api, charlie: User) -> None:
    answer = api(charlie).post(TOOL, {"margin": 0.2, "change": -0.2})
    assert answer.json() == {
        "break_even_volume_change": None,
        "reason": "the new price leaves no margin, so no volume repays it",
    }


@pytest.mark.parametrize(
    "body", [{}, {"margin": 30, "change": -0.1}, {"margin": 0.3, "change": -10}, {"margin": "much", "change": "-0.1"},
             {"margin": None, "change": 0}, {"margin": "NaN", "change": 0},
             {"margin": 0.3, "change": -0.1, "price": 1}],
)  # fmt: skip
def test_the_tool_refuses_what_is_no_fraction_with_words(api: Api, charlie: User, body: Any) -> None:
    answer = api(charlie).post(TOOL, body)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_a_request_goes_from_question_to_answer(api: Api, account: Account, alice: User, ingrid: User) -> None:
    client = api(alice)
    made = client.post(LIST, {
        "account": account.pk, "asked_on": "2026-05-04", "asked_cut": "0.04", "starts_on": "2026-07-01",
        "lines": [{"name": "Pumps", "revenue": "10000000", "answered_cut": "0.01"}],
        "give_gets": [{"ask": "Longer term", "give": "Price"}],
    })  # fmt: skip
    assert made.status_code == 201, made.json()
    row = made.json()
    assert row["answer_due"] == "2026-05-18"
    assert row["lines"][0]["asked_cut"] == "0.040000"
    assert row["sums"]["cost_a_year"].startswith("400000")
    one = f"{LIST}{row['id']}/"
    assert client.patch(one, {"reason": "Savings list"}).status_code == 428
    changed = client.patch(one, {"reason": "Savings list"}, headers={"If-Match": made["ETag"]})
    assert (changed.status_code, changed.json()["lines"][0]["name"]) == (200, "Pumps")
    assert client.patch(one, {"reason": "x"}, headers={"If-Match": made["ETag"]}).status_code == 412
    tag = {"If-Match": changed["ETag"]}
    assert client.post(f"{one}answer/", {"answer_text": "1 %"}, headers=tag).status_code == 409
    assert client.post(f"{one}approve/", {"decision": "approved"}, headers=tag).status_code == 403
    assert api(ingrid).post(f"{one}approve/", {"decision": "approved"}, headers=tag).status_code == 200
    answered = client.post(f"{one}answer/", {"answer_text": "1 %"}, headers=tag)
    assert (answered.status_code, answered.json()["state"]) == (200, "answered")


def test_a_stranger_finds_nothing(api: Api, account: Account, alice: User, charlie: User) -> None:
    made = api(alice).post(LIST, {
        "account": account.pk, "asked_on": "2026-05-04", "asked_cut": "0.04", "starts_on": "2026-07-01",
        "lines": [{"name": "Pumps", "revenue": "10"}],
    }).json()  # fmt: skip
    assert api(charlie).get(f"{LIST}{made['id']}/").status_code == 404
