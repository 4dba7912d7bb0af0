"""Finished pages beside the floor page: request by request in turn, so that a busy moment hits all of them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmark.cpu import Meter
from benchmark.dataset import crowded_account, people, search_words, usual_account
from benchmark.results import Finding, Sample
from benchmark.server import Browser, Server, session_cookie
from sam.core.models import User

WARM_UP, ROUNDS, IN_A_ROW = 6, 10, 6
MOST_RATIO, MOST_QUERIES, MOST_GROWTH = 2.0, 10, 1.25


@dataclass
class Subject:
    """A page with the addresses that are asked in turn."""

    title: str
    paths: Sequence[str]
    user: User
    goal: bool = True
    walls: list[float] = field(default_factory=list)
    python: float = 0.0
    database: float = 0.0
    size: int = 0

    def sample(self) -> Sample:
        return Sample.of(self.walls, self.python, self.database)


def measure_pages(server: Server, postmaster: int, names: Sequence[str]) -> list[Finding]:
    """One finding per page, first the floor itself. Raises ValueError for a page that does not answer."""
    subjects = _subjects(names)
    meter = Meter(postmaster, server.cpu)
    browsers = {subject.user.pk: Browser(server, session_cookie(subject.user)) for subject in subjects}
    for subject in subjects:
        for step in range(WARM_UP):
            subject.size = len(browsers[subject.user.pk].get(subject.paths[step % len(subject.paths)]))
    for step in range(ROUNDS):
        for subject in subjects:
            _ask(subject, browsers[subject.user.pk], meter, step * IN_A_ROW)
    for browser in browsers.values():
        browser.close()
    floor = subjects[0].sample()
    return [_finding(subject, floor, len(names)) for subject in subjects]


def _subjects(names: Sequence[str]) -> list[Subject]:
    lead, manager = people().lead, people().manager
    words = search_words(names)
    usual, crowded = usual_account(), crowded_account()
    return [
        Subject("floor: bare view, 50 rows and a count", ["/floor/page/"], lead, goal=False),
        Subject("the same view behind SAM's middleware", ["/bench/page/"], lead, goal=False),
        Subject("portfolio", ["/accounts/"], lead),
        Subject("portfolio, sorted by revenue", ["/accounts/?sort=-revenue"], lead, goal=False),
        Subject("portfolio of an account manager", ["/accounts/"], manager, goal=False),
        Subject("portfolio narrowed by search", [f"/accounts/?{urlencode({'q': word})}" for word in words], lead),
        Subject("search box", [f"/search/?{urlencode({'q': word})}" for word in words], lead),
        Subject("account", [f"/accounts/{usual.pk}/"], lead),
        Subject("account with 300 contacts", [f"/accounts/{crowded.pk}/"], lead),
        Subject("its people, 300 contacts", [f"/accounts/{crowded.pk}/people/"], lead, goal=False),
    ]


def _ask(subject: Subject, browser: Browser, meter: Meter, first: int) -> None:
    with meter.measure() as spent:
        for step in range(first, first + IN_A_ROW):
            began = time.perf_counter()
            browser.get(subject.paths[step % len(subject.paths)])
            subject.walls.append(time.perf_counter() - began)
    subject.python += spent.python
    subject.database += spent.database


def _finding(subject: Subject, floor: Sample, accounts: int) -> Finding:
    sample = subject.sample()
    queries = max(queries_of(path, subject.user) for path in subject.paths)
    too_many = f"; MORE THAN {MOST_QUERIES} QUERIES" if subject.goal and queries > MOST_QUERIES else ""
    return Finding(
        "pages",
        subject.title,
        accounts,
        sample.cpu_ms / floor.cpu_ms,
        "×",
        MOST_RATIO if subject.goal else None,
        sample,
        floor,
        queries=queries,
        note=f"{subject.size / 1000:.0f} KB{too_many}",
    )


def queries_of(path: str, user: User) -> int:
    """How many queries the page takes, session and user included, once caches are warm."""
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="sam.core.authentication.PersonBackend")
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        raise ValueError(f"{path} answered {answer.status_code}")
    return len(captured)


def flatness(findings: Sequence[Finding]) -> list[Finding]:
    """How much a page's own CPU time grows from the smallest to the largest size, beside the floor's growth."""
    sizes = sorted({finding.accounts for finding in findings if finding.part == "pages"})
    if len(sizes) < 2:
        return []
    found = []
    for title in dict.fromkeys(finding.title for finding in findings if finding.part == "pages" and finding.limit):
        small, large = (_one(findings, title, size) for size in (sizes[0], sizes[-1]))
        same = "same number of queries" if small.queries == large.queries else "MORE QUERIES"
        growth, of_floor = (_growth(small.sample, large.sample), _growth(small.floor, large.floor))
        words = f"{title}: CPU at {sizes[-1]:,} to CPU at {sizes[0]:,}"
        note = f"{same}; the floor itself grows {of_floor:.2f} ×"
        found.append(Finding("pages", words, 0, growth, "×", MOST_GROWTH, note=note))
    return found


def _growth(small: Sample | None, large: Sample | None) -> float:
    return large.cpu_ms / small.cpu_ms if small and large else 0.0


def _one(findings: Sequence[Finding], title: str, size: int) -> Finding:
    return next(finding for finding in findings if finding.title == title and finding.accounts == size)
