"""Values that broke a page once: each is answered with words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Account, Contact
from sam.core.going_back import own_address
from sam.core.models import User

LONG = "1" * 5_000


@pytest.mark.parametrize(
    "wanted", ["%s", "null", "accounts:account-list", "", "//evil.example/", "https://evil.example/"]
)
def test_a_button_goes_back_to_a_path_of_ours_only(wanted: str) -> None:
    request = RequestFactory().get("/")
    assert own_address(request, wanted, otherwise="/actions/") == "/actions/"
    assert own_address(request, "/accounts/5/", otherwise="/") == "/accounts/5/"


@pytest.mark.parametrize("wanted", ["null", "%00", "accounts:account-list"])
def test_a_theme_changes_wherever_the_form_says_it_stood(
    alice: User, signed_in: Callable[[User], Client], wanted: str
) -> None:
    answer = signed_in(alice).post(reverse("core:theme-change"), {"theme": "dark", "next": wanted})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("revision", [LONG, "²", "-1", "", "9" * 18])
def test_a_revision_that_never_was_is_an_older_one(
    alice: User,
    account: Account,
    make_contact: Callable[..., Contact],
    signed_in: Callable[[User], Client],
    revision: str,
) -> None:
    client, contact = signed_in(alice), make_contact(account)
    for path in (
        reverse("accounts:account-archive", args=[account.pk]),
        reverse("accounts:contact-status", args=[account.pk, contact.pk]),
    ):
        answer = client.post(path, {"revision": revision, "status": "left"})
        assert answer.status_code in (302, 303), path
    account.refresh_from_db()
    contact.refresh_from_db()
    assert (account.status, contact.status) == ("active", "active")


@pytest.mark.parametrize("number", [LONG, "²", "9" * 18, "-1", "x"])
def test_numbers_in_questions_may_be_anything(
    ingrid: User,
    account: Account,
    make_person: Callable[..., User],
    signed_in: Callable[[User], Client],
    number: str,
) -> None:
    client = signed_in(ingrid)
    assert client.post(reverse("accounts:account-export-csv"), {"account": number}).status_code == 200
    assert client.post(reverse("accounts:account-bulk-owner"), {"account": number, "owner": number}).status_code == 422
    page = client.get(reverse("accounts:touchpoint-new", args=[account.pk]), {"contact": number})
    assert page.status_code == 200
    admin = signed_in(make_person("admin"))
    assert admin.get(reverse("core:audit-trail"), {"person": number}).status_code == 200
