"""The main job, end to end, on the Online Retail portfolio: from two files to two review packs.

One test, told in steps; each step is what one person does in the browser.
"""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

PHRASE = "a long enough phrase"
SIGN_IN = Callable[..., Page]
OPEN = Callable[..., Page]


def start_as_first_admin(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/welcome/")
    page.get_by_label("Your company").fill("Thalbrook Flow")
    page.get_by_label("Your name").fill("Robin Ahlers")
    page.get_by_label("Your e-mail").fill("robin@example.com")
    page.get_by_label("Password").fill(PHRASE)
    page.get_by_role("button", name="Start").click()
    page.get_by_label("Imprint").fill("https://example.com/imprint")
    page.get_by_label("Privacy notice").fill("https://example.com/privacy")
    page.get_by_label("Reporting currency").fill("GBP")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The settings are saved.")).to_be_visible()


def invite(site: Site, admin: Page, email: str, name: str, role: str) -> None:
    admin.goto(f"{site.url}/people/invite/")
    admin.get_by_label("E-mail").fill(email)
    admin.get_by_label("Name", exact=True).fill(name)
    admin.get_by_label("Role").select_option(role)
    admin.get_by_role("button", name="Invite", exact=True).click()
    expect(admin.get_by_text("is invited")).to_be_visible()


def mail_to(site: Site, page: Page, email: str, subject: str) -> Page:
    """Open the newest mail to somebody in the embedded mailbox, once the worker has sent it."""
    link = page.get_by_role("listitem").filter(has_text=email).get_by_role("link", name=subject)
    for _ in range(60):
        page.goto(f"{site.url}/mailbox/")
        if link.count():
            break
        page.wait_for_timeout(500)
    link.first.click()
    return page


def choose_password(site: Site, page: Page, email: str) -> None:
    mail_to(site, page, email, "Your access to SAM")
    page.get_by_role("link", name="/auth/").click()
    page.get_by_label("New Password", exact=True).fill(PHRASE)
    page.get_by_label("New Password (again)").fill(PHRASE)
    page.get_by_role("button").first.click()
    page.goto(f"{site.url}/auth/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PHRASE)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{site.url}/")


def import_sample(site: Site, page: Page, sample: str) -> None:
    page.goto(f"{site.url}/imports/")
    page.get_by_role("listitem").filter(has_text=sample).get_by_role("button").click()
    if page.get_by_role("heading", name="Which column is what?").count():
        page.locator("main form button").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ready to import", timeout=60_000)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Imported", timeout=60_000)


def see_the_concentration(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/portfolio/?measure=revenue&from=2010-Q4&to=2011-Q4&currency=GBP&level=account")
    expect(page.get_by_text("8.3").first).to_be_visible()
    expect(page.get_by_text("The top 20 %").first).to_be_visible()


def test_from_two_files_to_two_review_packs(empty_site: Site, open_page: OPEN) -> None:
    site = empty_site
    admin, lead = open_page(), open_page()
    start_as_first_admin(site, admin)
    invite(site, admin, "ingrid@example.com", "Ingrid Vossberg", "programme_lead")
    choose_password(site, lead, "ingrid@example.com")

    import_sample(site, lead, "online_retail_accounts.csv")
    import_sample(site, lead, "online_retail_revenue_quarter.csv")
    see_the_concentration(site, lead)
