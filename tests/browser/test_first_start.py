"""Journey (a), first part: an empty installation gets its first admin, who invites somebody."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

PHRASE = "a long enough phrase"


def test_the_first_visitor_becomes_admin_and_invites_a_colleague(
    empty_site: Site, open_page: Callable[..., Page]
) -> None:
    page = open_page()
    page.goto(empty_site.url)
    page.wait_for_url("**/welcome/")
    page.get_by_label("Your company").fill("Thalbrook Flow")
    page.get_by_label("Your name").fill("Robin Ahlers")
    page.get_by_label("Your e-mail").fill("robin@example.com")
    page.get_by_label("Password").fill(PHRASE)
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Organisation")

    page.get_by_role("link", name="People").first.click()
    page.get_by_role("link", name="Invite").click()
    page.get_by_label("E-mail").fill("ingrid@example.com")
    page.get_by_label("Name", exact=True).fill("Ingrid Vossberg")
    page.get_by_label("Role").select_option("programme_lead")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_text("is invited")).to_be_visible()

    colleague = open_page()
    colleague.goto(f"{empty_site.url}/mailbox/")
    for _ in range(20):
        if colleague.get_by_text("ingrid@example.com").count():
            break
        colleague.wait_for_timeout(500)
        colleague.reload()
    colleague.get_by_role("link", name="Your access to SAM").first.click()
    colleague.get_by_role("link", name="/auth/").click()
    colleague.get_by_label("New Password", exact=True).fill(PHRASE)
    colleague.get_by_label("New Password (again)").fill(PHRASE)
    colleague.get_by_role("button").first.click()
    colleague.goto(f"{empty_site.url}/auth/login/")
    colleague.get_by_label("Email").fill("ingrid@example.com")
    colleague.get_by_label("Password", exact=True).fill(PHRASE)
    colleague.get_by_role("button", name="Sign in", exact=True).click()
    expect(colleague.get_by_role("heading", level=1)).to_contain_text("Ingrid Vossberg")
