"""Work without a mouse, and work without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

SIGN_IN = Callable[..., Page]
MOST_TABS = 60


def tab_to(page: Page, what: str) -> None:
    """Press Tab until the focus is on what the selector names, as a person does; fails when it never gets there."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", what):
            return
    raise AssertionError(f"{what} cannot be reached with Tab")


def focus_is_shown(page: Page) -> bool:
    return bool(
        page.evaluate(
            "() => { const look = getComputedStyle(document.activeElement);"
            " return look.outlineStyle !== 'none' || look.boxShadow !== 'none'; }"
        )
    )


def test_a_touchpoint_is_logged_by_keyboard_only(site: Site, sign_in: SIGN_IN) -> None:
    page = sign_in(site, "nadia.ferrant@example.com")
    page.keyboard.press("Control+k")
    page.keyboard.type("Oremund")
    expect(page.locator("#palette [role=option]").first).to_contain_text("Oremund Chemie AG")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Oremund Chemie AG")

    tab_to(page, "a[href$='/touchpoints/new/']")
    assert focus_is_shown(page)
    page.keyboard.press("Enter")
    expect(page.locator("#touchpoint-dialog #touchpoint-form")).to_be_visible()
    tab_to(page, "#touchpoint-form select[name=kind]")
    assert focus_is_shown(page)
    page.keyboard.type("Vis")
    tab_to(page, "#touchpoint-form input[name=contacts]")
    assert focus_is_shown(page)
    page.keyboard.press("Space")
    tab_to(page, "#touchpoint-form [name=summary]")
    page.keyboard.type("Walked through hall 2 with the plant manager.")
    tab_to(page, "#touchpoint-form button")
    assert focus_is_shown(page)
    page.keyboard.press("Enter")

    expect(page.locator("#touchpoint-dialog")).to_be_hidden()
    page.wait_for_load_state()
    tab_to(page, ".tabrow a[href$='/people/']")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Walked through hall 2 with the plant manager.").first).to_be_visible()


def test_a_dialog_gives_the_focus_back(site: Site, sign_in: SIGN_IN) -> None:
    page = sign_in(site, "nadia.ferrant@example.com")
    page.goto(f"{site.url}/accounts/")
    tab_to(page, "[data-palette]")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Search")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-palette]")).to_be_focused()


def test_touchpoint_and_plan_are_saved_without_javascript(site: Site, sign_in: SIGN_IN) -> None:
    page = sign_in(site, "nadia.ferrant@example.com", javascript=False)
    page.goto(f"{site.url}/accounts/")
    page.get_by_role("link", name="Oremund Chemie AG").first.click()
    page.get_by_role("link", name="Log touchpoint").click()
    page.get_by_label("Dr. Karin Osthoff").check()
    page.locator("#touchpoint-form [name=summary]").fill("Asked for the price index of May.")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_text("Asked for the price index of May.").first).to_be_visible()

    page.get_by_role("link", name="Plan", exact=True).click()
    section = page.locator("section.section").first
    text = section.get_by_role("textbox").input_value() + " Two sites close in May."
    section.get_by_role("textbox").fill(text)
    section.get_by_role("button", name="Save").click()
    expect(page.locator("section.section").first.get_by_role("textbox")).to_have_value(text)
