"""Nothing internal reaches a client: every field that is not for clients holds a marker, and none may show up.

Which fields those are comes from the confidentiality registry, so a new field is swept from its first day.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.utils import DataError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountKey, Figure, Opinion, SponsorTerm, Touchpoint
from reviews import schedules
from reviews.models import Answer, Survey
from sam.core.confidentiality import Confidentiality
from sam.core.delivery import message_of
from sam.core.models import OutgoingMail, User
from sam.portal import schedules as portal_schedules

from .conftest import SentSurvey, form, post, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("same_connection")]

FOR_CLIENTS = {Confidentiality.PUBLIC, Confidentiality.CLIENT}
OURS = ("core", "portal", "accounts", "scoring", "planning", "reviews")
AMOUNT = 73915846
# A marker here would stop the product from working instead of testing it.
NEEDED_AS_THEY_ARE = {
    "core.User.time_zone",
    "core.User.password",
    "portal.Link.digest",
    "portal.Link.purpose",
    "portal.Publication.kind",
}


def fields(for_clients: bool) -> Iterable[tuple[type[models.Model], models.Field[Any, Any]]]:
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            for name, kind in getattr(model, "confidentiality", {}).items():
                field = model._meta.get_field(name)
                if (kind in FOR_CLIENTS) == for_clients and isinstance(field, models.Field):
                    yield model, field


def marker_for(model: type[models.Model], field: models.Field[Any, Any], row: int) -> tuple[str, Any]:
    """What to look for, and what to write; nothing for fields with a fixed vocabulary or too short for a marker."""
    word = f"zz{model._meta.model_name}{field.name}".replace("_", "")
    if isinstance(field, models.EmailField):
        return word, f"{word}{row}@marker.example"
    if isinstance(field, models.JSONField):
        return word, {word: word}
    if isinstance(field, models.DecimalField):
        return str(AMOUNT), AMOUNT
    if isinstance(field, models.CharField | models.TextField) and not field.choices:
        written = f"{word}{row}"
        if not field.max_length or len(written) <= field.max_length:
            return word, written
    return "", None


def mark(for_clients: bool = False, only: Container[str] | None = None) -> dict[str, str]:
    """Write markers into every row's fields; gives field → what to look for."""
    marked = {}
    for model, field in fields(for_clients):
        name = f"{model._meta.label}.{field.name}"
        if name in NEEDED_AS_THEY_ARE or getattr(field, "generated", False) or (only and name not in only):
            continue
        for row in model._base_manager.values_list("pk", flat=True):
            word, value = marker_for(model, field, row)
            if not word:
                break
            try:
                with transaction.atomic():
                    model._base_manager.filter(pk=row).update(**{field.name: value})
            except (IntegrityError, DataError):
                break
            marked[name] = word
    return marked


def found_in(text: str, marked: dict[str, str]) -> set[str]:
    plain = text.replace(",", "").replace(".", "") if str(AMOUNT) in text.replace(",", "") else text
    return {name for name, word in marked.items() if word in text or word in plain}


@pytest.fixture
def full_account(draft: Survey, alice: User, bob: User, make_account: Callable[..., Any]) -> Survey:
    """An account with something in every drawer."""
    account = draft.account
    contact = draft.invitations.first().contact  # type: ignore[union-attr]
    today = timezone.localdate()
    account.parent = make_account("Holding above")
    account.industry = "Paper"
    account.save()
    AccountKey.objects.create(account=account, key="ERP-1")
    SponsorTerm.objects.create(account=account, sponsor=bob, starts_on=today)
    Opinion.objects.create(
        contact=contact, kind="stance", value=-2, author=alice, recorded_on=today, expires_on=today + timedelta(days=1)
    )
    Touchpoint.objects.create(account=account, date=today, summary="They are angry", logged_by=alice)
    figure = {field.name: 1 for field in Figure._meta.fields if isinstance(field, models.DecimalField)}
    Figure.objects.create(account=account, period_start=date(2026, 1, 1), months=3, currency="EUR", **figure)
    return draft


def everything_a_client_gets(sent: SentSurvey) -> dict[str, str]:
    """Every page, header and mail of the survey, in both languages, with mistakes and dead ends."""
    got = {}
    for who in ("anna", "karl"):
        browser, page = sent.open(who)
        for name, response in {
            "open": Client().get(sent.links[who]),
            "page": browser.get(page),
            "mistake": post(browser, page, {"change": "x"}),
            "sent": post(browser, page, form(2, change="Our own words")),
            "again": browser.get(page),
            "thanks": browser.get(page + "thanks/"),
            "foreign": post(browser, page, form(2), **{"Sec-Fetch-Site": "cross-site"}),
            "unreadable": browser.post(page, form(2)),
            "dead": Client().get("/s/unknown/"),
        }.items():
            got[f"{who} {name}"] = f"{response.serialize_headers()!r} {response.content.decode()}"
        sent.links["stop"] = sent.stops[who]
        browser, page = sent.open("stop")
        got[f"{who} stop"] = browser.get(page).content.decode()
        got[f"{who} stopped"] = browser.get(post(browser, page, {"key": "stop-key-1"})["Location"]).content.decode()
    for mail in OutgoingMail.objects.filter(to__endswith="@client.example"):
        message = message_of(mail)
        message.reply_to = []
        got[f"mail {mail.pk}"] = f"{message.subject}\n{message.body}\n{message.message().as_string()}"
    return got


def test_no_marker_reaches_a_client(full_account: Survey, alice: User) -> None:
    marked = mark()
    for needed in (
        "accounts.Account.industry",
        "accounts.AccountKey.key",
        "accounts.Contact.phone",
        "accounts.Figure.revenue",
        "accounts.Touchpoint.summary",
        "core.User.email",
    ):
        assert needed in marked
    alice.refresh_from_db()
    sent = send(Survey.objects.get(pk=full_account.pk), alice)
    marked |= mark()
    schedules.send_reminders((timezone.now() + timedelta(days=4)).replace(hour=10))
    got = everything_a_client_gets(sent)
    assert len([name for name in got if name.startswith("mail")]) == 6
    portal_schedules.take_over_submissions()
    assert Answer.objects.count() == 2
    marked |= mark()
    assert {"reviews.Answer.values", "reviews.Answer.follow_up_note"} <= set(marked)
    got |= everything_a_client_gets(sent)
    leaks = {name: found_in(text, marked) for name, text in got.items()}
    assert {name: found for name, found in leaks.items() if found} == {}


SHOWN = ("core.Organisation.name", "core.User.display_name", "accounts.Contact.full_name")


def test_the_sweep_finds_what_is_shown(full_account: Survey, alice: User, signed_in: Callable[[User], Client]) -> None:
    """Control: client fields do appear in what clients get, and internal ones on our own page."""
    for_clients = mark(for_clients=True, only=SHOWN)
    alice.refresh_from_db()
    sent = send(Survey.objects.get(pk=full_account.pk), alice)
    shown: set[str] = set()
    for text in everything_a_client_gets(sent).values():
        shown |= found_in(text, for_clients)
    assert shown == set(SHOWN)
    portal_schedules.take_over_submissions()
    Answer.objects.update(followed_up_on=timezone.localdate())
    marked = mark(only=["reviews.Answer.follow_up_note", "core.User.job_title"])
    page = signed_in(alice).get(reverse("reviews:survey-detail", args=[full_account.account_id, full_account.pk]))
    assert found_in(page.content.decode(), marked) == {"reviews.Answer.follow_up_note"}
