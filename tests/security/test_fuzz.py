"""Whatever arrives, in a form, a body or a query, is answered with words: never a server error.

FUZZ_REQUESTS says how many requests (240 by default), FUZZ_SEED where the generator starts. Every address is asked
in turn, those that write first; about every third request is a good one, so that the fuzz is known to get past the
first check.
"""

from __future__ import annotations

import json
import os
import random
import re
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, Contact
from reviews.actions import packs, surveys
from reviews.actions.reviews import schedule_review
from reviews.actions.survey_templates import ensure_default_template
from reviews.documents import as_json
from reviews.models import Pack
from reviews.queries.client_edition import client_edition
from sam.core.authorization.roles import ROLES
from sam.core.files import store_bytes
from sam.core.models import Organisation, OutgoingMail, User
from sam.core.pdf import PdfFile
from tests.security import html_forms
from tests.security.addresses import Address, body_for, page_path, pages, routes, text_of
from tests.security.conftest import OWN
from tests.security.population import Population, Shared

REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "240"))
SEED = int(os.environ.get("FUZZ_SEED", "20261123"))
FORM = "application/x-www-form-urlencoded"

TEXTS = [
    "", " ", "\0", "a\0b", "\ud800", "x\udfff", "\x01\x02\x1f\x7f", "\u202e\u200b", "\ufeff", "ä" * 300, "👩‍👩‍👧",
    "x" * 100_000, "1" * 5_000, "9" * 400, "-1", "0", "-0", "1.5", "1,5", "1e5", "1e999999", "1E+1000000", "-1e-999999",
    "NaN", "sNaN", "Infinity", "-Infinity", "99999999999999999999", "2147483648", "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "32768", "٣", "１２", "²", "0x10", "1_000", "2026-02-30",
    "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-13", "2026-Q9", "0000-Q1", "9999-Q4", "24:00",
    "23:59:60", "null", "None", "true", "[]", "{}", "[[[]]]",
    "=1+1", "<script>alert(1)</script>", "'; DROP TABLE x; --",
    "%00", "%s%s", "{{ 7*7 }}",
    "../../etc/passwd", "\r\nX-Evil: 1", "javascript:alert(1)", "https://[", "zzz",
]  # fmt: skip
VALUES: list[Any] = [
    *TEXTS, None, True, False, 0, -1, 1.5, -0.0, 1e308, 2**31, 2**63 - 1, [], {}, [None], [[]], {"a": {"b": [1]}},
    [1, "x", None], "2026-10-01", ["\0"], {"\0": 1}, [1] * 2_000,
]  # fmt: skip
RAW = [
    b"", b"null", b"[]", b"5", b'"text"', b"{", b"[1", b'{"a": NaN}', b'{"a": Infinity}', b"\xff\xfe",
    b'{"a": "\\ud800"}', b'{"\\u0000": 1}', b'{"a": 1, "a": 2}', b"[" * 20_000, b'{"a":' * 500 + b"1" + b"}" * 500,
    b'{"a": ' + b"9" * 5_000 + b"}", b'{"a": 1e99999}', b'{"__proto__": {}}', b"\0", b"a=1&b=2",
]  # fmt: skip


@dataclass
class Target:
    """An address, who may use it, and a body that it takes."""

    name: str
    method: str
    path: str
    client: Any
    body: dict[str, Any] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    is_api: bool = False

    @property
    def reads(self) -> bool:
        return self.method == "get"


FUZZERS = ("programme_lead", "admin", "finance_partner", "executive_sponsor")


def all_targets(
    own: Population,
    shared: Shared,
    make_person: Callable[..., User],
    signed_in: Callable[[User], Client],
    api: Callable[[User | None], APIClient],
) -> list[Target]:
    people = {role: make_person(role) for role in FUZZERS}
    clients = {role: signed_in(person) for role, person in people.items()}
    for client in clients.values():
        client.raise_request_exception = False
    program = api(people["programme_lead"])
    program.raise_request_exception = False
    found = list(page_targets(clients, shared))
    for route in routes():
        number = {
            "ScorecardViews": shared.version.scorecard_id,
            "VersionViews": shared.version.pk,
            "RoundViews": shared.round.pk,
            "WhatIfViews": shared.version.scorecard_id,
        }
        path = route.path(number.get(route.view.__name__, OWN))
        known = tuple(getattr(route.view, "filters", {})) or ("page_size", "cursor")
        body = {} if route.method in ("get", "delete") else body_for(route, OWN)
        found.append(Target(route.key, route.method, path, program, body, known, is_api=True))
    return found


def page_targets(clients: dict[str, Client], shared: Shared) -> Iterator[Target]:
    """GET of every page, POST of every form that they show, and of what takes only POST."""
    posts: dict[str, Target] = {}
    for address in pages():
        client, path = clients[role_for(address)], page_path(address, OWN, shared)
        posts.setdefault(address.name, Target(f"{address.name} POST", "post", path, client))
        if address.post_only:
            continue
        response = client.get(path)
        text = text_of(response)
        known = {"q", "page", "sort"}
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            page = html_forms.read(text, path)
            known |= {entry.name for form in page.queries for entry in form.fields}
            for form in page.forms:
                at = urlsplit(form.action).path
                name = resolve(at).view_name
                if not at.startswith("/auth/"):
                    posts[name] = Target(f"{name} POST", "post", at, client, form.data())
        yield Target(address.name, "get", path, client, known=tuple(sorted(known)))
    yield from posts.values()


def role_for(address: Address) -> str:
    holders = [role for role in FUZZERS if address.requires in ROLES[role].everywhere]
    return holders[0]


class Fuzzer:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def ask(self, target: Target) -> HttpResponseBase:
        good = self.random.random() < 0.35
        if target.reads:
            query = {} if good else self.query(target)
            return target.client.get(f"{target.path}?{query_string(query)}" if query else target.path)  # type: ignore[no-any-return]
        if target.is_api:
            return self.ask_api(target, good)
        body = target.body if good else self.form(target.body)
        if good or self.random.random() < 0.7:
            return target.client.post(target.path, query_string(body), content_type=FORM)  # type: ignore[no-any-return]
        return target.client.post(target.path, self.multipart(body))  # type: ignore[no-any-return]

    def ask_api(self, target: Target, good: bool) -> HttpResponseBase:
        headers = {"If-Match": '"1"' if good else self.random.choice(['"1"', "*", "W/1", "\x01", "9" * 400, ""])}
        call = getattr(target.client, target.method)
        if target.method == "delete":
            return call(target.path, headers=headers)  # type: ignore[no-any-return]
        if not good and self.random.random() < 0.25:
            return call(target.path, self.random.choice(RAW), content_type="application/json", headers=headers)  # type: ignore[no-any-return]
        content = json.dumps(target.body if good else self.json(target.body))
        return call(target.path, content, content_type="application/json", headers=headers)  # type: ignore[no-any-return]

    def query(self, target: Target) -> dict[str, list[str]]:
        names = self.random.sample(target.known, self.random.randint(1, min(3, len(target.known))))
        names += [self.random.choice(["x", "\0", "page", "q", "cursor", "[]"])] if self.random.random() < 0.3 else []
        return {
            name: self.random.choices([text[:2_000] for text in TEXTS], k=self.random.randint(1, 2)) for name in names
        }

    def form(self, body: dict[str, list[str]]) -> dict[str, list[str]]:
        made = dict(body)
        for name in self.some(body):
            if self.random.random() < 0.15:
                made.pop(name)
            else:
                made[name] = self.random.choices(TEXTS, k=self.random.choice([1, 1, 1, 3]))
        if self.random.random() < 0.2:
            made[self.random.choice(["x", "\0", "id", "account", "form-TOTAL_FORMS"])] = [self.random.choice(TEXTS)]
        return made

    def json(self, body: dict[str, Any]) -> dict[str, Any]:
        made = dict(body)
        for name in self.some(body):
            if self.random.random() < 0.15:
                made.pop(name)
            elif isinstance(made[name], list) and made[name] and self.random.random() < 0.5:
                made[name] = [self.random.choice(VALUES)] * self.random.randint(1, 3)
            else:
                made[name] = self.random.choice(VALUES)
        if self.random.random() < 0.1:
            made[self.random.choice(["x", "\0", "id"])] = self.random.choice(VALUES)
        return made

    def some(self, body: dict[str, Any]) -> list[str]:
        return self.random.sample(sorted(body), self.random.randint(1, min(3, len(body)))) if body else []

    def multipart(self, body: dict[str, list[str]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, values in body.items():
            made[printable(name)] = [printable(value) for value in values]
        if self.random.random() < 0.5:
            upload = self.random.choice(
                [b"", b"\0" * 50, b"a,b\n1,2\n", b"PK\x03\x04rubbish", "x;y\n\ud800".encode("utf-8", "replace")]
            )
            made[self.random.choice(["file", "new_logo", "x"])] = SimpleUploadedFile("a\0b.csv", upload)
        return made


def printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\r", "").replace("\n", "")


def query_string(values: dict[str, list[str]]) -> str:
    return urlencode(values, doseq=True, errors="surrogatepass")


@contextmanager
def crashes() -> Iterator[list[str]]:
    """What Django reports as unhandled, with the last line of ours."""
    found: list[str] = []

    def note(**signal: Any) -> None:
        error = signal_error()
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "site-packages" not in frame.filename]
        where = f"{frames[-1].filename.rsplit('/', 3)[-3:]}:{frames[-1].lineno}" if frames else ""
        found.append(f"{type(error).__name__}: {str(error)[:200]} at {where}")

    got_request_exception.connect(note)
    try:
        yield found
    finally:
        got_request_exception.disconnect(note)


def signal_error() -> BaseException:
    import sys

    error = sys.exc_info()[1]
    assert error is not None
    return error


def run(targets: list[Target], requests: int, seed: int) -> tuple[Counter[int], dict[str, str]]:
    """Status codes, and what broke: crash → the first target that showed it."""
    fuzzer = Fuzzer(seed)
    order = list(targets)
    fuzzer.random.shuffle(order)
    order.sort(key=lambda target: target.reads)
    answers: Counter[int] = Counter()
    broken: dict[str, str] = {}
    with crashes() as found:
        for turn in range(requests):
            target = order[turn % len(order)]
            with transaction.atomic():
                response = fuzzer.ask(target)
                text_of(response)
                transaction.set_rollback(True)
            answers[response.status_code] += 1
            if response.status_code >= 500 or found:
                broken.setdefault("; ".join(found) or str(response.status_code), f"{target.name} (turn {turn})")
                found.clear()
    return answers, broken


@pytest.fixture
def targets(
    own: Population,
    shared: Shared,
    make_person: Callable[..., User],
    signed_in: Callable[[User], Client],
    api: Callable[[User | None], APIClient],
) -> list[Target]:
    return all_targets(own, shared, make_person, signed_in, api)


def test_nothing_that_is_sent_makes_a_server_error(targets: list[Target]) -> None:
    answers, broken = run(targets, REQUESTS, SEED)
    assert not broken, "\n".join(f"{target}: {crash}" for crash, target in broken.items())
    reached = sum(count for status, count in answers.items() if status < 400)
    assert reached >= 0.3 * REQUESTS, answers
    assert sum(1 for target in targets if not target.reads) > 100


def test_a_server_error_is_noticed(
    make_person: Callable[..., User], signed_in: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a view that breaks is found and named."""

    def broken_list(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sam.core.views.people.Paginator", broken_list)
    admin = signed_in(make_person("admin"))
    admin.raise_request_exception = False
    answers, broken = run([Target("core:person-list", "get", "/people/", admin, known=("q", "page"))], 5, SEED)
    assert answers[500]
    assert "ZeroDivisionError" in next(iter(broken))


# --- client pages ---------------------------------------------------------------------------------

CLIENT_REQUESTS = int(os.environ.get("FUZZ_CLIENT_REQUESTS", "120"))


@pytest.fixture
def client_links(
    account: Account, alice: User, make_contact: Callable[..., Contact], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> list[str]:
    """The links that lie in a client's mails: a survey and a shared pack, and the way out of either."""
    # One transaction holds it all, so the two functions are called over the connection that sees it.
    monkeypatch.setattr("sam.portal.gate.PORTAL", "default")
    settings.PORTAL_READS_PER_MINUTE = settings.PORTAL_SENDS_PER_MINUTE = 10**9
    Organisation.objects.update_or_create(
        pk=1, defaults={"imprint_url": "https://s.example/imprint", "privacy_url": "https://s.example/privacy"}
    )
    today, anna = timezone.localdate(), make_contact(account, "Anna Berg")
    survey = surveys.create_survey(
        account=account,
        template=ensure_default_template(by=None),
        contacts=[anna],
        closes_on=today + timedelta(days=18),
        by=alice,
    )
    surveys.send_survey(survey=survey, account=account, by=alice)
    review = schedule_review(account=account, kind="quarterly", on=today + timedelta(days=9), contacts=[anna], by=alice)
    pack = packs.finish_pack(
        pack=Pack.objects.create(review=review, edition="client", requested_by=alice, requested_at=timezone.now()),
        account=account,
        stored=store_bytes(b"%PDF-1.7", folder=packs.FOLDER, suffix=".pdf"),
        pdf=PdfFile(b"%PDF-1.7", "0" * 64, 1),
        content=as_json(client_edition(review, today)),
        by=alice,
    )
    packs.share_client_pack(pack=pack, account=account, contacts=[anna], by=alice)
    texts = OutgoingMail.objects.order_by("pk").values_list("text", flat=True)
    return [link for text in texts for link in re.findall(r"https?://[^/]+(/s/\S+/)", text)]


def client_targets(links: list[str]) -> list[Target]:
    """Each link, the page behind it with its forms, questions and files, and addresses that nobody was given."""
    found = []
    for number, link in enumerate(links):
        browser = Client(raise_request_exception=False)
        page = browser.get(link)["Location"]
        shown = html_forms.read(text_of(browser.get(page)), page)
        bodies = [form.data() for form in shown.forms] or [{"stop": ["1"]}]
        body = {**bodies[0], "nps": ["9"]} if any("nps" in one for one in names_in(shown.forms)) else bodies[0]
        files = [urlsplit(address).path for address in shown.links if "/files/" in address]
        reads = [link, page, f"{page}thanks/", *files, f"{page}files/x.pdf"]
        found += [Target(f"link {number} GET {path}", "get", path, browser, known=("lang", "x")) for path in reads]
        found.append(Target(f"link {number} POST", "post", page, browser, body))
        found.append(Target(f"link {number} seen", "post", f"{page}seen/", browser, {"x": ["1"]}))
    stranger = Client(raise_request_exception=False)
    for path in ("/s/unknown/", "/s/p/unknown/", "/s/%FF%00/", f"/s/{'x' * 3_000}/", "/s/p/a/files/..%2f..%2fetc"):
        found.append(Target(f"stranger GET {path}", "get", path, stranger, known=("lang", "x")))
        found.append(Target(f"stranger POST {path}", "post", path, stranger, {"nps": ["9"]}))
    return found


def names_in(forms: list[html_forms.PageForm]) -> list[set[str]]:
    return [{entry.name for entry in form.fields} for form in forms]


def test_nothing_that_a_client_sends_makes_a_server_error(client_links: list[str]) -> None:
    targets = client_targets(client_links)
    answers, broken = run(targets, CLIENT_REQUESTS, SEED)
    assert not broken, "\n".join(f"{target}: {crash}" for crash, target in broken.items())
    reached = sum(count for status, count in answers.items() if status < 400)
    assert reached >= 0.3 * CLIENT_REQUESTS, answers
    # A survey, a pack and their ways out; the survey takes answers, the pack gives its file.
    assert len(client_links) == 4
    assert any("nps" in target.body and not target.name.startswith("stranger") for target in targets)
    assert any(target.path.endswith(".pdf") and "x.pdf" not in target.path for target in targets)


def test_a_broken_client_page_is_noticed(client_links: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: what the portal turns into a page without details is found all the same."""
    targets = client_targets(client_links)
    monkeypatch.setattr("sam.portal.views.opened", lambda *args: 1 / 0)
    answers, broken = run([target for target in targets if target.reads], 20, SEED)
    assert answers[500]
    assert "ZeroDivisionError" in next(iter(broken))
