"""Every sort of answer carries the headers that keep it where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpResponseBase
from django.test import Client

from sam.core.models import User
from tests.security.addresses import page_path, pages, routes, text_of
from tests.security.conftest import OWN
from tests.security.population import Population, Shared

ALWAYS = {
    "X-Content-Type-Options": {"nosniff"},
    "X-Frame-Options": {"DENY"},
    "Referrer-Policy": {"same-origin", "no-referrer"},
    "Cross-Origin-Opener-Policy": {"same-origin"},
}
POLICY = ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'")
NOT_STRICT = ("unsafe-inline", "unsafe-eval", "http:", "https:", "*")


def wrong_with(response: HttpResponseBase, *, private: bool = True) -> list[str]:
    found = [f"{name}: {response.get(name)}" for name, allowed in ALWAYS.items() if response.get(name) not in allowed]
    policy = response.get("Content-Security-Policy", "")
    found += [f"policy without {part}" for part in POLICY if part not in policy]
    found += [f"policy with {part}" for part in NOT_STRICT if part in policy]
    if private and "no-store" not in response.get("Cache-Control", ""):
        found.append(f"Cache-Control: {response.get('Cache-Control')}")
    if "X-Request-Id" not in response:
        found.append("no X-Request-Id")
    return found


@pytest.fixture
def lead(own: Population, signed_in: Callable[[User], Client]) -> Client:
    client = signed_in(own.lead)
    client.raise_request_exception = False
    return client


def test_every_page_download_and_api_answer_has_them(own: Population, shared: Shared, lead: Client) -> None:
    paths = [page_path(address, OWN, shared) for address in pages() if not address.post_only]
    paths += [route.path(OWN) for route in routes() if route.method == "get"]
    wrong, sorts = {}, set()
    for path in paths:
        response = lead.get(path)
        text_of(response)
        sorts.add((response.status_code, response["Content-Type"].split(";")[0]))
        if found := wrong_with(response):
            wrong[path] = found
    assert wrong == {}
    # Control: pages, downloads, API, problems and refusals were among them.
    assert {(200, "text/html"), (200, "text/csv"), (200, "application/json"), (403, "text/html")} <= sorts
    assert any(status in (403, 404) and sort == "application/problem+json" for status, sort in sorts)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"/accounts/{OWN}/people/", {"HX-Request": "true"}, 200),
        ("/accounts/1/", {}, 404),
        ("/no/such/page", {}, 404),
        ("/api/v1/no/such/route/", {}, 404),
        ("/audit/", {}, 403),
        ("/accounts/?q=%00", {}, 400),
        ("/accounts/", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}, 403),
        ("/accounts", {}, 301),
    ],
)
def test_partials_and_errors_have_them(
    own: Population, lead: Client, path: str, headers: dict[str, str], status: int
) -> None:
    response = lead.get(path, headers=headers or None)
    assert (response.status_code, wrong_with(response)) == (status, [])


def test_pages_before_signing_in_have_them(db: None) -> None:
    client = Client()
    for path in ("/auth/login/", "/auth/password/reset/", "/accounts/", "/healthz", "/readyz", "/welcome/"):
        response = client.get(path)
        assert wrong_with(response) == [], path
    assert client.get("/api/v1/accounts/").status_code == 401
    assert wrong_with(client.get("/api/v1/accounts/")) == []


def test_a_client_page_says_nothing_about_where_it_was(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sam.portal.gate.PORTAL", "default")
    response = Client().get("/s/unknown-token/")
    assert response.status_code in (404, 410)
    assert wrong_with(response) == []
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]


@pytest.mark.parametrize(("problem", "status"), [(ZeroDivisionError, 500), (OperationalError, 503)])
@pytest.mark.parametrize("path", ["/accounts/", "/api/v1/accounts/"])
def test_what_breaks_has_them_and_tells_nothing(
    own: Population, lead: Client, monkeypatch: pytest.MonkeyPatch, problem: type[Exception], status: int, path: str
) -> None:
    def breaks(*args: Any, **kwargs: Any) -> Any:
        raise problem("inner detail")

    monkeypatch.setattr("accounts.models.account.AccountQuerySet.visible_to", breaks)
    response = lead.get(path)
    assert (response.status_code, wrong_with(response)) == (status, [])
    assert b"inner detail" not in response.content
    assert status != 503 or response["Retry-After"] == "5"


def test_a_refused_form_has_them(own: Population, db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(own.lead, backend="sam.core.authentication.PersonBackend")
    response = strict.post("/profile/theme/", {"theme": "dark"})
    assert (response.status_code, wrong_with(response)) == (403, [])


def test_the_logo_is_the_only_thing_that_may_be_kept(db: None) -> None:
    response = Client().get("/logo")
    assert response.status_code == 404
    assert wrong_with(response) == []
