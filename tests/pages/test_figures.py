"""Typing figures, exchange rates, and the 80/20 page."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, AccountKey, Figure
from sam.core.models import ExchangeRate, Organisation, User

pytestmark = pytest.mark.django_db


def address(account: Account, quarter: str = "2025-Q2", *kind: str) -> str:
    return reverse("accounts:figure-edit", args=[account.pk, quarter, *kind])


def typed(prefix: str, **fields: object) -> dict[str, object]:
    values = {"currency": "GBP", "status": "closed", **fields}
    return {"form": prefix, **{f"{prefix}-{name}": value for name, value in values.items()}}


def test_a_quarter_is_typed_then_changed(ingrid: User, signed_in: Callable[[User], Client], account: Account) -> None:
    client = signed_in(ingrid)
    assert b"Not known yet" in client.get(address(account)).content
    answer = client.post(address(account), typed("new", revenue="1200.5", cost_of_goods="0"))
    assert answer.status_code == 303
    row = Figure.objects.get()
    assert (row.revenue, row.cost_of_goods, row.cost_to_serve) == (Decimal("1200.5"), 0, None)
    assert b'value="1200.5"' in client.get(address(account)).content
    client.post(address(account), typed(str(row.pk), revenue="1300", revision=1))
    row.refresh_from_db()
    assert (row.revenue, row.cost_of_goods, row.revision) == (1300, None, 2)


def test_somebody_elses_change_is_shown_and_nothing_typed_is_lost(
    ingrid: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    row = Figure.objects.create(account=account, period_start="2025-04-01", currency="GBP", revenue=7, revision=3)
    answer = signed_in(ingrid).post(address(account), typed(str(row.pk), revenue="9", revision=2))
    assert answer.status_code == 422
    assert b"Somebody else changed this first" in answer.content
    assert b'value="9"' in answer.content
    assert b"Revenue 7" in answer.content
    row.refresh_from_db()
    assert row.revenue == 7


def test_imported_rows_are_corrected_in_place(
    ingrid: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    key = AccountKey.objects.create(account=account, key="N1")
    row = Figure.objects.create(account=account, key=key, period_start="2025-04-01", currency="GBP", revenue=7)
    client = signed_in(ingrid)
    assert b"Imported under key N1" in client.get(address(account)).content
    client.post(address(account), typed(str(row.pk), revenue="8", revision=1, key=key.pk))
    row.refresh_from_db()
    assert (row.revenue, Figure.objects.count()) == (8, 1)
    refused = client.post(address(account), typed("new", revenue="8"))
    assert refused.status_code == 422
    assert b"came in by import" in refused.content


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"revenue": ""}, b"at least one figure"),
        ({"client_spend": "-1"}, b"below zero"),
        ({"revenue": "5", "currency": "XXQ"}, b"no currency"),
        ({"revenue": "many"}, b"Enter a number"),
    ],
)
def test_mistakes_are_said_in_words(
    ingrid: User, signed_in: Callable[[User], Client], account: Account, fields: dict[str, str], words: bytes
) -> None:
    answer = signed_in(ingrid).post(address(account), typed("new", **fields))
    assert answer.status_code == 422
    assert words in answer.content
    assert not Figure.objects.exists()


def test_planned_figures_stand_beside_actual_ones(
    ingrid: User, signed_in: Callable[[User], Client], account: Account
) -> None:
    signed_in(ingrid).post(address(account, "2025-Q2", "planned"), typed("new", revenue="5"))
    assert Figure.objects.get().kind == "planned"


@pytest.mark.parametrize(
    ("role", "access", "status"),
    [
        ("finance_partner", "", 200),
        ("team_member", "finance_lead", 200),
        ("account_manager", "lead", 403),
        ("reader", "", 403),
        ("team_member", "", 404),
    ],
)
def test_who_types_figures(
    make_person: Callable[..., User],
    signed_in: Callable[[User], Client],
    account: Account,
    role: str,
    access: str,
    status: int,
) -> None:
    person = make_person(role, on=account, access=access) if access else make_person(role)
    assert signed_in(person).get(address(account)).status_code == status


@pytest.mark.parametrize("quarter", ["2025-Q5", "2025", "x", "0000-Q1"])
def test_no_such_quarter_is_404(
    ingrid: User, signed_in: Callable[[User], Client], account: Account, quarter: str
) -> None:
    assert signed_in(ingrid).get(address(account, quarter)).status_code == 404


def test_rates_are_added_and_changed(make_person: Callable[..., User], signed_in: Callable[[User], Client]) -> None:
    client = signed_in(make_person("finance_partner"))
    facts = {"currency": "gbp", "quarter": "2025-Q2", "rate": "1.18"}
    assert client.post("/rates/", facts).status_code == 303
    rate = ExchangeRate.objects.get()
    assert (rate.currency, rate.into, rate.rate) == ("GBP", "EUR", Decimal("1.18"))
    assert b"1.18" in client.get("/rates/").content
    again = client.post("/rates/", facts)
    assert again.status_code == 422
    assert b"already" in again.content
    edit = reverse("accounts:rate-edit", args=[rate.pk])
    assert client.post(edit, {"rate": "1.19", "revision": "1"}).status_code == 303
    stale = client.post(edit, {"rate": "1.2", "revision": "1"})
    assert stale.status_code == 422
    assert b"Somebody else" in stale.content
    for wrong in ({"currency": "EUR"}, {"currency": "XXQ"}, {"rate": "0"}, {"rate": "-1"}, {"quarter": "2025"}):
        assert client.post("/rates/", {**facts, "quarter": "2025-Q3", **wrong}).status_code == 422, wrong


def test_only_finance_keeps_rates(ingrid: User, signed_in: Callable[[User], Client]) -> None:
    assert signed_in(ingrid).get("/rates/").status_code == 403


@pytest.fixture
def business(make_account: Callable[..., Account]) -> list[Account]:
    Organisation.objects.create(pk=1, reporting_currency="GBP")
    accounts = [make_account(f"Firm {number}") for number in range(10)]
    for number, account in enumerate(accounts):
        Figure.objects.create(
            account=account, period_start="2025-04-01", currency="GBP", revenue=1000 if number == 0 else number - 2
        )
    return accounts


def test_the_sentence_says_who_carries_the_business(
    ingrid: User, signed_in: Callable[[User], Client], business: list[Account]
) -> None:
    page = signed_in(ingrid).get("/portfolio/").content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert "The top 20&nbsp;% (2 accounts) hold" in page
    assert "Firm 0" in page
    assert "Show as table" in page
    assert "<svg" in page
    assert "10,000" in page


def test_the_controls_live_in_the_address(
    ingrid: User, signed_in: Callable[[User], Client], business: list[Account]
) -> None:
    client = signed_in(ingrid)
    asked = {"measure": "contribution", "from": "2025-Q1", "to": "2025-Q2", "level": "group", "currency": "GBP"}
    page = client.get("/portfolio/", asked)
    assert page.status_code == 200
    assert b"No figures in this period" in page.content
    assert client.get("/portfolio/", {**asked, "from": "2026-Q1"}).status_code == 422
    partial = client.get("/portfolio/", headers={"HX-Request": "true"})
    assert b"<html" not in partial.content
    rows = b"".join(client.get("/portfolio/concentration.csv").streaming_content).decode("utf-8-sig").splitlines()
    assert rows[0] == "rank,external_id,name,revenue,currency,cumulative share"
    assert rows[1].split(",")[2:4] == ["Firm 0", "1000.0000"]
    assert len(rows) == 11


def test_a_sponsor_sees_the_portfolio_without_foreign_names(
    make_person: Callable[..., User], signed_in: Callable[[User], Client], business: list[Account]
) -> None:
    sponsor = make_person("executive_sponsor", on=business[1], access="sponsor")
    page = signed_in(sponsor).get("/portfolio/").content.decode()
    assert "Firm 1" in page
    assert "Firm 0" not in page
    assert "Not visible to you" in page
    rows = b"".join(signed_in(sponsor).get("/portfolio/concentration.csv").streaming_content).decode()
    assert "Firm 0" not in rows


@pytest.mark.parametrize("role", ["admin", "viewer", "team_member"])
def test_the_page_is_closed_to_people_without_figures(
    make_person: Callable[..., User], signed_in: Callable[[User], Client], role: str
) -> None:
    client = signed_in(make_person(role))
    assert client.get("/portfolio/").status_code == 403
    assert client.get("/portfolio/concentration.csv").status_code == 403


def test_an_empty_portfolio_offers_the_import(ingrid: User, signed_in: Callable[[User], Client]) -> None:
    page = signed_in(ingrid).get("/portfolio/")
    assert page.status_code == 200
    assert b"Import figures" in page.content
