"""The main pages without a finding of axe-core, in both themes; what a person sees, a person can reach and read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Site

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SIGN_IN = Callable[..., Page]
OPEN = Callable[..., Page]
DESK_PAGES = (
    "/",
    "/accounts/",
    "/accounts/{account}/",
    "/accounts/{account}/score/",
    "/accounts/{account}/numbers/",
    "/accounts/{account}/people/",
    "/accounts/{account}/plan/",
    "/accounts/{account}/surveys/{survey}/",
    "/accounts/{account}/reviews/",
    "/accounts/{account}/reviews/{review}/",
    "/imports/",
    "/portfolio/",
    "/scores/",
    "/actions/",
    "/settings/templates/",
)
ADMIN_PAGES = ("/", "/people/", "/audit/", "/settings/permissions/", "/settings/organisation/", "/settings/templates/")
HEADING_LEVELS = """
    [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
        .filter(heading => heading.checkVisibility()).map(heading => Number(heading.tagName[1]))
"""
PHONE_PAGES = ("/", "/accounts/", "/accounts/{account}/", "/accounts/{account}/plan/", "/actions/")


@pytest.fixture(scope="module")
def places(site: Site) -> dict[str, int]:
    """An account of the demo with a plan, a closed survey and a planned review."""
    query = """
        SELECT s.account_id, max(s.id), max(r.id)
        FROM reviews_survey s JOIN reviews_review r ON r.account_id = s.account_id AND r.status = 'planned'
        WHERE s.status = 'closed' GROUP BY s.account_id ORDER BY s.account_id LIMIT 1
    """
    with psycopg.connect(site.environment["DATABASE_URL"]) as connection:
        found = connection.execute(query).fetchone()
    assert found is not None
    return dict(zip(("account", "survey", "review"), found, strict=True))


@pytest.fixture(scope="module")
def axe() -> str:
    return Path(AXE).read_text(encoding="utf-8")


def findings(page: Page, axe: str) -> list[str]:
    """What axe-core says about the page as it is now, one line for each rule and place."""
    page.evaluate(axe)
    result: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{found['id']}: {node['html'][:160]}" for found in result["violations"] for node in found["nodes"]]


def wide(page: Page) -> int:
    """Pixels by which the page can be scrolled sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def problems(page: Page, axe: str, url: str) -> list[str]:
    """Findings, headings that skip a level, and content wider than the screen."""
    answer = page.goto(url)
    assert answer is not None, url
    assert answer.ok, url
    expect(page.locator(".htmx-request")).to_have_count(0)
    found = [f"{url}: {line}" for line in findings(page, axe)]
    levels: list[int] = page.evaluate(HEADING_LEVELS)
    if levels.count(1) != 1 or any(after > before + 1 for before, after in pairwise([0, *levels])):
        found.append(f"{url}: headings {levels}")
    if wide(page) > 0:
        found.append(f"{url}: {wide(page)} px wider than the screen")
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_main_pages_have_no_finding(
    site: Site, sign_in: SIGN_IN, places: dict[str, int], axe: str, scheme: str
) -> None:
    page = sign_in(site, "ingrid.vossberg@example.com", scheme=scheme)
    found = [line for path in DESK_PAGES for line in problems(page, axe, site.url + path.format(**places))]
    assert found == []


def test_pages_on_a_phone_have_no_finding(site: Site, sign_in: SIGN_IN, places: dict[str, int], axe: str) -> None:
    page = sign_in(site, "nadia.ferrant@example.com", width="phone")
    found = [line for path in PHONE_PAGES for line in problems(page, axe, site.url + path.format(**places))]
    assert found == []


def test_pages_of_an_admin_on_a_phone_have_no_finding(site: Site, sign_in: SIGN_IN, axe: str) -> None:
    page = sign_in(site, "admin@example.com", width="phone", scheme="dark")
    assert [line for path in ADMIN_PAGES for line in problems(page, axe, site.url + path)] == []


@pytest.mark.parametrize("kind", ["surveys", "agendas"])
def test_templates_have_no_finding_to_read_and_as_a_draft(site: Site, sign_in: SIGN_IN, axe: str, kind: str) -> None:
    page = sign_in(site, "admin@example.com")
    page.goto(f"{site.url}/settings/templates/")
    page.locator(f"a[href*='/templates/{kind}/']").first.click()
    found = problems(page, axe, page.url)
    page.get_by_role("button", name="Draft the next version").click()
    expect(page.get_by_role("button", name="Save draft")).to_be_visible()
    found += problems(page, axe, page.url)
    page.set_viewport_size({"width": 390, "height": 844})
    found += problems(page, axe, page.url)
    page.get_by_role("button", name="Discard this draft").click()
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sign_in_has_no_finding(site: Site, open_page: OPEN, axe: str, scheme: str) -> None:
    assert problems(open_page(scheme=scheme), axe, f"{site.url}/auth/login/") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_client_survey_on_a_phone_has_no_finding(
    site: Site, sign_in: SIGN_IN, places: dict[str, int], axe: str, scheme: str
) -> None:
    """The preview draws the client's own page."""
    page = sign_in(site, "ingrid.vossberg@example.com", width="phone", scheme=scheme)
    url = "{site}/accounts/{account}/surveys/{survey}/preview/survey/".format(site=site.url, **places)
    assert problems(page, axe, url) == []
    assert page.get_by_role("radio").count() > 0
