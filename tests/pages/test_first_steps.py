"""An empty installation tells the person who opens it what to do first, with the button that does it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account
from sam.core.models import Organisation, User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def day_of(browser: Client) -> str:
    return browser.get(reverse("core:my-day")).content.decode()


def test_the_first_admin_is_told_to_invite_a_programme_lead_and_to_enter_the_notices(
    make_person: Callable[..., User], signed_in: SignIn
) -> None:
    admin = make_person("admin")
    page = day_of(signed_in(admin))
    assert reverse("core:person-invite") in page
    assert "Enter imprint and privacy notice" in page
    make_person("programme_lead")
    organisation = Organisation.objects.current()
    organisation.imprint_url, organisation.privacy_url = "https://a.example/", "https://b.example/"
    organisation.save()
    page = day_of(signed_in(admin))
    assert "Invite a programme lead" not in page
    assert "Enter imprint and privacy notice" not in page


def test_a_programme_lead_without_accounts_is_told_to_bring_them_in(
    make_person: Callable[..., User], signed_in: SignIn
) -> None:
    browser = signed_in(make_person("programme_lead"))
    page = day_of(browser)
    assert "Bring in your accounts" in page
    assert reverse("accounts:import-list") in page
    Account.objects.create(name="First")
    assert "Bring in your accounts" not in day_of(browser)


def test_nobody_else_is_bothered_with_first_steps(make_person: Callable[..., User], signed_in: SignIn) -> None:
    page = day_of(signed_in(make_person("team_member")))
    assert "All clear" in page
    for words in ("Invite a programme lead", "imprint", "Bring in your accounts"):
        assert words not in page
