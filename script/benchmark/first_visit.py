"""What travels over the wire when somebody comes for the first time: sign-in page, then the portfolio."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmark.dataset import LEAD, PASSWORD
from benchmark.results import Finding
from benchmark.server import Server

MOST_KILOBYTES = 150.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-gpu", "--disable-component-update"]


def measure_first_visit(server: Server, accounts: int) -> list[Finding]:
    """Bytes of every answer, headers included, as Chromium received them with an empty cache."""
    with _page() as page:
        wire = Wire(page)
        page.goto(f"http://localhost:{server.port}/auth/login/?next=/accounts/", wait_until="networkidle")
        sign_in = wire.total
        page.fill("input[name=login]", LEAD)
        page.fill("input[name=password]", PASSWORD)
        with page.expect_navigation(wait_until="networkidle"):
            page.press("input[name=password]", "Enter")
        if "/accounts/" not in page.url:
            raise ValueError(f"signing in led to {page.url}")
    note = f"sign-in page {sign_in / 1000:.0f} KB; HTML {wire.documents / 1000:.0f} KB; {wire.answers} answers"
    return [
        Finding(
            "first-visit", "first visit, over the wire", accounts, wire.total / 1000, "KB", MOST_KILOBYTES, note=note
        )
    ]


class Wire:
    """Adds up what the browser receives."""

    def __init__(self, page: Any) -> None:
        self.total = self.documents = self.answers = 0
        self._kinds: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.responseReceived", self._received)
        session.on("Network.loadingFinished", self._finished)

    def _received(self, event: dict[str, Any]) -> None:
        self._kinds[event["requestId"]] = event["type"]

    def _finished(self, event: dict[str, Any]) -> None:
        size = int(event["encodedDataLength"])
        self.total += size
        self.answers += 1 if size else 0
        if self._kinds.get(event["requestId"]) == "Document":
            self.documents += size


@contextmanager
def _page() -> Iterator[Any]:
    program = os.environ.get("SAM_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None or importlib.util.find_spec("playwright") is None:
        raise ValueError("needs Chromium and the development packages; script/test sets both up")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not installed with the product

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        try:
            yield browser.new_page(viewport={"width": 1440, "height": 900})
        finally:
            browser.close()
