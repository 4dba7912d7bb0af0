"""A real installation for the browser: its own database, gunicorn, a Celery worker and the clock, as in production.

The journey of the issue runs here; a violation of the content security policy, a script error or an
answer of 500 fails the test that caused it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Response,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
# A loaded machine is slow, not wrong.
expect.set_options(timeout=20_000)
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One installation serves all browser tests, so one worker runs them."""
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass(frozen=True)
class Site:
    """Where the installation answers, and the environment of its commands."""

    url: str
    environment: dict[str, str]
    data: Path

    def manage(self, *command: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def other_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextmanager
def own_database(name: str) -> Iterator[None]:
    maintenance = os.environ["DATABASE_URL"]
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    yield
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def wait_until_ready(url: str, children: list[subprocess.Popen[bytes]], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert all(child.poll() is None for child in children), log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(f"not ready after 60 s: {log.read_text()[-3000:]}")


@contextmanager
def running_site(data: Path, *, demo: bool) -> Iterator[Site]:
    """Start the processes that `script/run` starts, against a database of their own."""
    name = f"browser_{os.getpid()}_{'demo' if demo else 'empty'}"
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": other_database(os.environ["DATABASE_URL"], name),
        "PORTAL_DATABASE_URL": other_database(os.environ["PORTAL_DATABASE_URL"], name),
        "SAM_CACHE_PREFIX": name,
        "SAM_QUEUE": name,
        "SAM_DATA": str(data),
        "SAM_DEBUG": "1",
        "SAM_TESTING": "1",
        "SAM_BASE_URL": f"http://localhost:{port}",
        "PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    log = data / "site.log"
    with own_database(name), log.open("wb") as output:
        site = Site(f"http://localhost:{port}", environment, data)
        for command in (("migrate", "--noinput", "-v0"), ("prepare",), *((("seed_demo",),) if demo else ())):
            site.manage(*command)
        lines = (
            ("gunicorn", "sam.wsgi:application", "-b", f"127.0.0.1:{port}", "-w", "1", "--threads", "6"),
            ("celery", "-A", "sam", "worker", "-c", "1", "-l", "INFO", "--without-gossip", "--without-mingle"),
            ("celery", "-A", "sam", "beat", "-l", "INFO", "-s", str(data / "beat"), "--pidfile", ""),
        )
        children = [
            subprocess.Popen([sys.executable, "-m", *line], cwd=ROOT, env=environment, stdout=output, stderr=output)
            for line in lines
        ]
        try:
            wait_until_ready(site.url, children, log)
            yield site
        finally:
            for child in children:
                child.terminate()
            for child in children:
                try:
                    child.wait(10)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo company, running."""
    with running_site(tmp_path_factory.mktemp("demo"), demo=True) as running:
        yield running


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A fresh installation without demo data, running."""
    with running_site(tmp_path_factory.mktemp("empty"), demo=False) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    path = os.environ.get("SAM_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """open_page(width="desk"|"phone", scheme="light"|"dark", javascript=True) → a page of a new browser person."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            problems.append(f"console: {message.text}")

    def check(response: Response) -> None:
        if response.status >= 500 and not response.url.endswith("/readyz"):
            problems.append(f"{response.status} {response.url}")

    def make(width: str = "desk", scheme: str = "light", javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport=PHONE if width == "phone" else DESK,  # type: ignore[arg-type]
            color_scheme=scheme,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            locale="en-GB",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on("response", check)
        return page

    yield make
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def sign_in(open_page: Callable[..., Page]) -> Callable[..., Page]:
    """sign_in(site, "admin@example.com") → a page of that person, on my day."""

    def enter(site: Site, email: str, password: str = "demo", **options: str) -> Page:
        page = open_page(**options)
        page.goto(f"{site.url}/auth/login/")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{site.url}/")
        return page

    return enter
