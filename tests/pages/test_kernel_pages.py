"""Profile, tokens, organisation, first start, notifications, search, audit, health, headers."""

import pytest
from django.urls import reverse

from sam.core.actions.messages import notify
from sam.core.models import ApiToken, Organisation, User


@pytest.fixture
def admin(make_person):
    return make_person("admin", display_name="Robin Admin")


def test_an_empty_installation_makes_its_first_admin_once(client, db):
    form = {
        "company": "Thalbrook",
        "display_name": "Robin",
        "email": "robin@example.com",
        "password": "a long enough phrase",
    }
    assert client.get("/welcome/").status_code == 200
    answer = client.post("/welcome/", form)
    assert answer.status_code == 302
    assert User.objects.get().role_key == "admin"
    assert Organisation.objects.current().name == "Thalbrook"
    client.logout()
    answer = client.post("/welcome/", form | {"email": "second@example.com"})
    assert answer["Location"].startswith("/auth/login/")
    assert User.objects.count() == 1


def test_the_first_admin_needs_a_real_password(client, db):
    answer = client.post(
        "/welcome/", {"company": "T", "display_name": "R", "email": "robin@example.com", "password": "short"}
    )
    assert answer.status_code == 422
    assert not User.objects.exists()


def test_a_token_opens_the_api_in_its_owners_name_until_revoked(signed_in, alice, client):
    page = signed_in(alice).post(reverse("core:token-create"), {"name": "nightly"})
    key = page.context["key"]
    assert key in page.content.decode()
    assert key not in ApiToken.objects.get().digest
    header = {"HTTP_AUTHORIZATION": f"Token {key}"}
    assert client.get("/api/v1/schema/", **header).status_code == 200
    signed_in(alice).post(reverse("core:token-revoke", args=[ApiToken.objects.get().pk]))
    assert client.get("/api/v1/schema/", **header).status_code == 401
    assert client.get("/api/v1/schema/").status_code == 401


def test_nobody_revokes_a_token_of_somebody_else(signed_in, alice, bob):
    signed_in(alice).post(reverse("core:token-create"), {"name": "mine"})
    assert signed_in(bob).post(reverse("core:token-revoke", args=[ApiToken.objects.get().pk])).status_code == 404


def test_settings_say_what_is_wrong_and_keep_what_was_typed(signed_in, admin):
    form = {
        "name": "Thalbrook Flow",
        "reporting_currency": "XXQ",
        "fiscal_year_start": 1,
        "closed_after_days": 10,
        "revision": 1,
    }
    answer = signed_in(admin).post(reverse("core:organisation-edit"), form)
    assert answer.status_code == 422
    assert "is not a currency" in answer.content.decode()
    assert "Thalbrook Flow" in answer.content.decode()
    answer = signed_in(admin).post(reverse("core:organisation-edit"), form | {"reporting_currency": "CHF"})
    assert answer.status_code == 302
    assert Organisation.objects.current().reporting_currency == "CHF"


def test_the_bell_counts_and_empties(signed_in, alice, bob):
    notify(user=alice, title="Pack is ready", url="/")
    page = signed_in(alice).get(reverse("core:notification-list"))
    assert "Pack is ready" in page.content.decode()
    assert "Pack is ready" not in signed_in(bob).get(reverse("core:notification-list")).content.decode()
    signed_in(alice).post(reverse("core:notification-read"))
    assert "All read" in signed_in(alice).get(reverse("core:notification-list")).content.decode()


@pytest.mark.parametrize("name", ["my-day", "profile", "notification-list", "search", "permission-table"])
def test_everybody_reaches_their_own_pages(signed_in, charlie, name):
    assert signed_in(charlie).get(reverse(f"core:{name}")).status_code == 200


@pytest.mark.parametrize("name", ["my-day", "profile", "person-list", "audit-trail", "organisation-edit"])
def test_strangers_are_sent_to_the_sign_in_page(client, db, name):
    answer = client.get(reverse(f"core:{name}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/auth/login/")


def test_audit_shows_who_did_what(signed_in, admin, make_person):
    person = make_person("viewer")
    signed_in(admin).post(reverse("core:person-deactivate", args=[person.pk]))
    page = signed_in(admin).get(reverse("core:audit-trail")).content.decode()
    assert "deactivated a person" in page
    assert "Robin Admin" in page


def test_every_answer_carries_the_strict_policy(client, db):
    for path in ("/auth/login/", "/healthz", "/nowhere/"):
        answer = client.get(path)
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_request_from_another_site_may_only_navigate(client, signed_in, alice):
    mine = signed_in(alice)
    assert mine.post("/notifications/read/", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert mine.get("/", headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}).status_code == 200
    assert mine.post("/notifications/read/", headers={"sec-fetch-site": "same-origin"}).status_code == 302


def test_a_nul_byte_is_a_bad_request_not_a_crash(signed_in, alice):
    assert signed_in(alice).get("/search/?q=a%00b").status_code == 400
    assert signed_in(alice).get("/accounts/%00/").status_code == 400


def test_demo_people_cannot_sign_in_on_production(client, make_person, settings):
    settings.DEMO_PEOPLE_MAY_SIGN_IN = False
    person = make_person("viewer", is_demo=True)
    answer = client.post("/auth/login/", {"login": person.email, "password": "correct horse battery"})
    assert answer.status_code == 403
    assert client.get("/").status_code == 302


def test_failed_sign_ins_are_limited(client, make_person):
    person = make_person("viewer")
    answers = [client.post("/auth/login/", {"login": person.email, "password": "wrong"}) for _ in range(8)]
    right = client.post("/auth/login/", {"login": person.email, "password": "correct horse battery"})
    assert right.status_code != 302 or answers[-1].status_code == 429
    assert client.get("/").status_code == 302


def test_alive_needs_nothing_and_ready_names_what_is_missing(client, db):
    assert client.get("/healthz").content == b"ok"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] is True
    assert answer.json()["worker"] is False
