"""The price-request room in the browser, without JavaScript and with it, and the page for the client."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal as D

import pytest
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions.price_checks import GiveGetEntry, LineEntry
from accounts.actions.price_documents import render_document
from accounts.actions.price_requests import answer_price_request, open_price_request
from accounts.documents import answer_html
from accounts.models import Account, Figure, GiveGet, PriceRequest, PriceRequestLine
from accounts.queries.price_requests import room_of
from sam.core.confidentiality import Confidentiality
from sam.core.files import open_stored
from sam.core.models import User

pytestmark = pytest.mark.django_db
MILLION = 1_000_000


@pytest.fixture
def asked(account: Account, alice: User) -> PriceRequest:
    for start in (date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1), date(2026, 1, 1)):
        Figure.objects.create(
            account=account, period_start=start, months=3, currency="EUR", revenue=D("2.5") * MILLION,
            cost_of_goods=D("1.375") * MILLION, cost_of_goods_fixed=D("0.3") * MILLION,
            cost_to_serve=D("0.2") * MILLION, cost_to_serve_variable=D("0.125") * MILLION,
        )  # fmt: skip
    return open_price_request(
        account=account, asked_on=date(2026, 5, 4), asked_cut=D("0.04"), starts_on=date(2026, 7, 1),
        until=date(2030, 12, 31), reason="Group savings list",
        lines=[LineEntry("Pumps", D(6) * MILLION, D("0.04"), D("0.015")),
               LineEntry("Seals", D(4) * MILLION, D("0.04"))],
        give_gets=[GiveGetEntry("Payment in 45 days", "Earlier notice", D(119_096), "secret-note")], by=alice,
    )  # fmt: skip


def url(name: str, request: PriceRequest) -> str:
    return reverse(f"accounts:{name}", args=[request.account_id, request.pk])


def test_the_room_tells_the_price_of_giving_in(
    asked: PriceRequest, alice: User, signed_in: Callable[..., Client]
) -> None:
    page = signed_in(alice).get(url("price-request-detail", asked)).content.decode()
    for words in (
        "the one that decides",
        "+11.1",
        "+13.8",
        "+19.0",
        "33",
        "400",
        "1.80",
        "+29.1",
        "programme lead",
        "No value log yet",
    ):
        assert words in page, words


def test_what_if_answers_as_a_page_and_as_a_partial_and_stores_nothing(
    asked: PriceRequest, alice: User, signed_in: Callable[..., Client]
) -> None:
    client, address = signed_in(alice), url("price-request-detail", asked)
    page = client.get(address, {"cut": "2", "risk": "50"}).content.decode()
    partial = client.get(address, {"cut": "2", "risk": "50"}, headers={"HX-Request": "true"}).content.decode()
    assert "+5.3" in page
    assert "<html" in page
    assert "+5.3" in partial
    assert '<div id="price-sums"' in partial
    assert "<html" not in partial
    assert "number" in client.get(address, {"cut": "much"}).content.decode()
    asked.refresh_from_db()
    assert (asked.asked_cut, asked.revision) == (D("0.04"), 1)


def test_a_request_is_written_in_percent_and_kept_as_fractions(
    account: Account, alice: User, signed_in: Callable[..., Client]
) -> None:
    data = {
        "asked_on": "2026-05-04", "asked_cut": "4", "starts_on": "2026-07-01", "volume_at_risk": "30",
        "lines-TOTAL_FORMS": 2, "lines-INITIAL_FORMS": 0, "lines-0-name": "Pumps", "lines-0-revenue": "1000000",
        "pairs-TOTAL_FORMS": 1, "pairs-INITIAL_FORMS": 0, "pairs-0-ask": "Longer term", "pairs-0-give": "Price",
    }  # fmt: skip
    new = reverse("accounts:price-request-new", args=[account.pk])
    client = signed_in(alice)
    refused = client.post(new, {**data, "lines-0-revenue": ""})
    assert refused.status_code == 422
    assert "Give its revenue of 12 months." in refused.content.decode()
    assert client.post(new, data).status_code == 303
    made = PriceRequest.objects.get()
    assert (made.asked_cut, made.volume_at_risk, made.lines.get().asked_cut) == (D("0.04"), D("0.3"), D("0.04"))
    edit = client.get(url("price-request-edit", made)).content.decode()
    assert 'value="4"' in edit
    assert client.post(url("price-request-edit", made), {**data, "revision": 1, "asked_cut": "3"}).status_code == 303
    assert client.post(url("price-request-edit", made), {**data, "revision": 1, "asked_cut": "2"}).status_code == 409


def test_the_steps_from_question_to_signed_answer_work_in_the_browser(
    asked: PriceRequest, alice: User, ingrid: User, signed_in: Callable[..., Client]
) -> None:
    client = signed_in(alice)
    refused = client.post(
        url("price-answer", asked), {"revision": 1, "answer_text": "1.5 % on pumps", "on": "2026-06-01"}
    )
    assert refused.status_code == 409
    assert "programme lead" in refused.content.decode()
    assert client.post(url("price-ask", asked), {"person": ingrid.pk}).status_code == 303
    decided = signed_in(ingrid).post(
        url("price-approve", asked), {"revision": 1, "decision": "approved", "reason": "Fine"}
    )
    assert decided.status_code == 303
    done = client.post(url("price-answer", asked), {"revision": 1, "answer_text": "1.5 % on pumps", "on": "2026-06-01"})
    assert done.status_code == 303
    page = client.get(url("price-request-detail", asked)).content.decode()
    assert [words for words in ("1.5 % on pumps", "approved", "Signed off") if words not in page] == []


def marked(request: PriceRequest) -> list[str]:
    """Every text and number of the request that is not for clients holds a word of its own."""
    words = []
    for row in [request, *request.lines.all(), *request.give_gets.all()]:
        values: dict[str, object] = {}
        for name, kind in type(row).confidentiality.items():
            field = row._meta.get_field(name)
            if kind in (Confidentiality.CLIENT, Confidentiality.PUBLIC) or getattr(field, "choices", None):
                continue
            if isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.ForeignKey):
                if field.max_length is None or (field.max_length > 40 and name not in ("stored", "sha256")):
                    values[name] = f"zz{name.replace('_', '')}"
            elif name in ("revenue", "favoured_revenue", "value", "client_spend", "spend_free"):
                values[name] = D(73_915_846)
            elif name in ("asked_cut", "target_cut", "walk_away_cut"):
                values[name] = D("0.7391")
        type(row)._base_manager.filter(pk=row.pk).update(**values)
        words += [str(value) for value in values.values()]
    return [*words, "73.9", "73,9", "739"]


def test_the_page_for_the_client_carries_the_offer_and_not_one_word_of_ours(
    asked: PriceRequest, alice: User, signed_in: Callable[..., Client]
) -> None:
    words = marked(asked)
    assert {"zzreason", "zzplannote", "zznote", "73915846"} <= set(words)
    page = signed_in(alice).get(url("price-counter", asked)).content.decode()
    for offered in ("Pumps", "1.5", "Payment in 45 days", "Earlier notice", "1 July 2026", asked.account.name):
        assert offered in page, offered
    assert "Seals" not in page
    lower = page.lower()
    ours = ("margin", "break-even", "contribution", "internal", "precedent", "approv", "walk")
    assert [word for word in (*words, *ours) if word.lower() in lower] == []


def test_the_paper_is_internal_and_names_no_other_account(
    asked: PriceRequest, alice: User, ingrid: User, make_account: Callable[..., Account]
) -> None:
    other = make_account("Secret Mills")
    PriceRequestLine.objects.filter(name="Seals").update(favoured_account=other)
    PriceRequestLine.objects.update(answered_cut=0)
    GiveGet.objects.update(value=D(10))
    answered = answer_price_request(account=asked.account, request=asked, revision=1, answer_text="No.", by=alice)
    html = answer_html(room_of(answered, ingrid))
    assert f"INTERNAL – not for {asked.account}" in html
    assert "Secret Mills" not in html
    made = render_document(request_id=answered.pk, reader=alice, progress=lambda percent, step="": None)  # type: ignore[arg-type]
    with open_stored(made.stored) as file:
        assert file.read(5) == b"%PDF-"


def test_the_room_asks_the_database_as_often_for_ten_times_as_much(
    asked: PriceRequest, alice: User, signed_in: Callable[..., Client]
) -> None:
    client, address = signed_in(alice), url("price-request-detail", asked)
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        client.get(address)
    for at in range(20):
        PriceRequestLine.objects.create(request=asked, position=9, name=f"Line {at}", revenue=1, asked_cut=D("0.01"))
        GiveGet.objects.create(request=asked, position=9, ask=f"Ask {at}", value=1)
    with CaptureQueriesContext(connection) as after:
        client.get(address)
    assert len(after) <= len(before)
