"""Two accounts alike in every row: whoever leads one neither sees nor changes anything of the other.

The addresses come from the URLconf and the API's routers, the bodies from the pages' own forms and the API's own
serializers; each id in them is replaced by the twin's. What a request changes is rolled back after it was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import models, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import resolve, reverse
from rest_framework.test import APIClient

from accounts.models import Account
from sam.core.models import User
from tests.security import html_forms
from tests.security.addresses import Address, Route, body_for, page_path, pages, routes, text_of
from tests.security.conftest import OWN, TWIN, Twins
from tests.security.population import inside_an_account, our_models, parents

Bodies = dict[str, dict[str, list[str]]]

# Forms that are on a page in another state of the row than ours has.
OTHER_FORMS: Bodies = {
    "accounts:import-check": {},
    "accounts:import-undo": {},
    "planning:action-reopen": {"revision": ["1"]},
    "planning:section-resolve": {"base_revision": ["1"], "text": ["Text"], "choice": ["mine"]},
    "planning:section-restore": {"revision": ["1"]},
    "reviews:answer-follow-up": {"note": ["Text"]},
    "reviews:pack-read": {},
    "reviews:pack-unshare": {"contact": [str(OWN)]},
    "reviews:survey-close": {},
}


def named_row(address: Address) -> tuple[str, ...]:
    """The arguments that name rows of an account or of a person."""
    shared = {"user_id", "rate_id", "round_id", "scorecard_id"} | (
        {"objective_id"} if address.name.startswith("scoring:") else set()
    )
    return tuple(name for name in address.arguments if name.endswith("_id") and name not in shared)


def crossings(names: tuple[str, ...]) -> Iterator[dict[str, int]]:
    """Each argument in turn, and all together, from the twin."""
    for name in names:
        yield {name: TWIN}
    if len(names) > 1:
        yield dict.fromkeys(names, TWIN)


@dataclass
class Crawl:
    """What the lead's own pages say: which show the own word, what their forms send, what their lists can be asked."""

    showing: set[str]
    bodies: Bodies
    questions: dict[str, set[str]]


_crawled: list[Crawl] = []


def crawl(client: Client, twins: Twins) -> Crawl:
    """Walked once: the rows carry the same keys in every test."""
    if _crawled:
        return _crawled[0]
    found = Crawl(set(), dict(OTHER_FORMS), {})
    for address in pages():
        if address.post_only:
            continue
        path = page_path(address, OWN, twins.shared)
        response = client.get(path)
        text = text_of(response)
        if response.status_code != 200:
            continue
        found.showing |= {address.name} if twins.own.word in text else set()
        found.questions[path] = set() if "account_id" in address.arguments else {"q", "account", "page"}
        if response["Content-Type"].startswith("text/html"):
            note_forms(found, html_forms.read(text, path), path)
    _crawled.append(found)
    return found


def note_forms(found: Crawl, page: html_forms.Page, path: str) -> None:
    for form in page.forms:
        found.bodies[resolve(urlsplit(form.action).path).view_name] = form.data() | with_own_ids(form)
    for form in page.queries:
        found.questions[path] |= {entry.name for entry in form.fields if urlsplit(form.action).path == path}
    for link in page.links:
        if urlsplit(link).path == path:
            found.questions[path] |= set(parse_qs(urlsplit(link).query))


def with_own_ids(form: html_forms.PageForm) -> dict[str, list[str]]:
    """Fields that may name the own row do, even where the page leaves them empty."""
    return {entry.name: [str(OWN)] for entry in form.fields if str(OWN) in entry.options}


def crossed(body: dict[str, list[str]]) -> dict[str, list[str]]:
    return {
        name.replace(str(OWN), str(TWIN)): [value.replace(str(OWN), str(TWIN)) for value in values]
        for name, values in body.items()
    }


class Watch:
    """Looks at the twin after every request, and puts everything back."""

    def __init__(self, twins: Twins) -> None:
        self.twin = twins.twin
        self.before = self.twin.fingerprint()
        self.pointers = self.twin.pointed_at_by()
        self.found: list[str] = []
        self.answers: dict[int, int] = {}

    def __call__(self, what: str, ask: Callable[[], HttpResponseBase], *, changes: bool = True) -> int:
        with transaction.atomic():
            response = ask()
            text = text_of(response)
            if changes and self.twin.fingerprint() != self.before:
                self.found.append(f"{what}: changed a row")
            # What was refused is caught by the rows themselves; new rows come with an answer that accepts.
            if changes and response.status_code < 400 and (found := self.twin.pointed_at_by()) != self.pointers:
                self.found.append(f"{what}: now points at {found}")
            transaction.set_rollback(True)
        if self.twin.word.lower() in text.lower():
            self.found.append(f"{what}: told ({response.status_code})")
        self.answers[response.status_code] = self.answers.get(response.status_code, 0) + 1
        return response.status_code


@pytest.fixture
def lead(twins: Twins, signed_in: Callable[[User], Client]) -> Client:
    client = signed_in(twins.own.lead)
    client.raise_request_exception = False
    return client


@pytest.fixture
def program(twins: Twins, api: Callable[[User | None], APIClient]) -> APIClient:
    client = api(twins.own.lead)
    client.raise_request_exception = False
    return client


def test_the_twins_have_a_row_in_every_table_of_an_account(twins: Twins) -> None:
    assert set(inside_an_account()) <= set(twins.own.rows)
    assert twins.own.fingerprint().keys() == twins.twin.fingerprint().keys()
    beside = {
        model._meta.label
        for model in our_models()
        if model not in twins.own.rows
        and any(field.name == "account_id" and not isinstance(field, models.ForeignKey) for field in model._meta.fields)
    }
    assert beside == set()


def test_a_changed_row_and_a_pointer_are_noticed(twins: Twins) -> None:
    """Control: the watch sees what it is there to see."""
    watch = Watch(twins)
    watch("quiet", lambda: Client().get("/healthz"))
    assert watch.found == []

    def meddle() -> HttpResponseBase:
        Account.objects.filter(pk=TWIN).update(region="Elsewhere")
        Account.objects.filter(pk=OWN).update(parent_id=TWIN)
        return Client().get("/healthz")

    watch("loud", meddle)
    assert [line.split(" ")[1] for line in watch.found] == ["changed", "now"]


def test_no_page_shows_a_row_of_the_twin(twins: Twins, lead: Client) -> None:
    watch = Watch(twins)
    wrong = []
    for address in pages():
        if address.post_only:
            continue
        for other in crossings(named_row(address)):
            path = page_path(address, OWN, twins.shared, **other)
            status = watch(f"GET {path}", lambda path=path: lead.get(path), changes=False)
            if status not in (403, 404):
                wrong.append(f"GET {path}: {status}")
        if not named_row(address):
            path = page_path(address, OWN, twins.shared)
            watch(f"GET {path}", lambda path=path: lead.get(path))
    assert (watch.found, wrong) == ([], [])


def test_the_same_pages_show_the_own_rows(twins: Twins, lead: Client) -> None:
    """Control: where the twin is hidden, the own rows are there."""
    shown = crawl(lead, twins).showing
    assert len(shown) > 40, shown
    assert {"accounts:contact-detail", "planning:plan-detail", "reviews:review-detail"} <= shown


def test_no_question_finds_the_twin(twins: Twins, lead: Client) -> None:
    """Lists, searches and exports, asked with every parameter that their pages know."""
    watch = Watch(twins)
    for path, names in crawl(lead, twins).questions.items():
        if names:
            question = {
                name: twins.twin.word[:6] if name in ("q", "name", "text") else str(TWIN) for name in sorted(names)
            }
            watch(
                f"GET {path} {question}", lambda path=path, question=question: lead.get(path, question), changes=False
            )
    assert watch.found == []
    assert watch.answers[200] > 10


def test_no_form_changes_a_row_of_the_twin(twins: Twins, lead: Client) -> None:
    bodies = crawl(lead, twins).bodies
    watch = Watch(twins)
    for address in pages():
        if address.name not in bodies and not address.post_only:
            continue
        body = bodies.get(address.name, {})
        for other in crossings(named_row(address)):
            path = page_path(address, OWN, twins.shared, **other)
            watch(f"POST {path}", lambda path=path, body=body: lead.post(path, body))
        path = page_path(address, OWN, twins.shared)
        if (foreign := crossed(body)) != body:
            watch(f"POST {path} with foreign ids", lambda path=path, body=foreign: lead.post(path, body))
    assert watch.found == []
    assert sum(watch.answers.values()) > 100
    assert not [status for status in watch.answers if status >= 500], watch.answers


def test_an_account_named_in_a_form_must_be_seen(twins: Twins, lead: Client) -> None:
    """Fields that take an account's name instead of its id."""
    watch = Watch(twins)
    named = {name: [twins.twin.account.name] for name in ("parent", "into")}
    for name in ("accounts:account-edit", "accounts:account-merge"):
        path, body = reverse(name, args=[OWN]), crawl(lead, twins).bodies[name] | named
        watch(f"POST {path}", lambda path=path, body=body: lead.post(path, body))
    assert [line for line in watch.found if "told" not in line] == []
    assert watch.answers == {422: 2}


def send(program: APIClient, route: Route, path: str, body: Any) -> HttpResponseBase:
    headers = {} if route.method == "get" else {"If-Match": '"1"'}
    return getattr(program, route.method)(path, body or None, headers=headers)  # type: ignore[no-any-return]


def test_no_api_route_shows_or_changes_a_row_of_the_twin(twins: Twins, program: APIClient) -> None:
    watch = Watch(twins)
    wrong = []
    for route in routes():
        for other in crossings(route.arguments):
            path, body = route.path(OWN, **other), body_for(route, OWN)
            status = watch(
                f"{route.method} {path}", lambda path=path, body=body, route=route: send(program, route, path, body)
            )
            if status != 404 and not (status == 403 and route.view.__name__ == "ImportViews"):
                wrong.append(f"{route.method} {path}: {status}")
    assert (watch.found, wrong) == ([], [])


def test_no_id_in_an_api_body_reaches_the_twin(twins: Twins, program: APIClient) -> None:
    watch = Watch(twins)
    accepted = []
    for route in routes():
        own, body = body_for(route, OWN), body_for(route, TWIN)
        if own == body:
            continue
        path = route.path(OWN)
        for name in [name for name in body if body[name] != own[name]]:
            if names_a_colleague(name):
                continue
            mixed = {**own, name: body[name]}
            status = watch(
                f"{route.method} {path} {name}",
                lambda path=path, mixed=mixed, route=route: send(program, route, path, mixed),
            )
            if status < 300:
                accepted.append(f"{route.method} {path} {name}")
    assert (watch.found, accepted) == ([], [])


def names_a_colleague(name: str) -> bool:
    return name in {"owner", "our_owner", "user", "sponsor", "people", "covered_by"}


def test_the_same_bodies_with_own_ids_are_accepted(twins: Twins, program: APIClient) -> None:
    """Control: it is the foreign id that is refused, not the rest of the body."""
    done = set()
    for route in routes():
        if route.method in ("post", "patch"):
            with transaction.atomic():
                response = send(program, route, route.path(OWN), body_for(route, OWN))
                transaction.set_rollback(True)
            done |= {route.key} if response.status_code < 300 else set()
    assert {"ContactViews.create", "ActionViews.create", "TouchpointViews.create", "ReviewViews.create"} <= done, done


def test_api_lists_and_filters_keep_the_twin_out(twins: Twins, program: APIClient) -> None:
    watch = Watch(twins)
    for route in routes():
        if route.method != "get" or route.arguments:
            continue
        path = route.path(OWN)
        questions = [{}, *({name: TWIN} for name in getattr(route.view, "filters", {}))]
        for question in questions:
            watch(
                f"GET {path} {question}",
                lambda path=path, question=question: program.get(path, question),
                changes=False,
            )
    assert watch.found == []
    assert watch.answers[200] > 20


def test_every_foreign_key_of_an_account_is_watched(twins: Twins) -> None:
    """Nobody can add a model inside accounts that the twins do not have."""
    missing = [model._meta.label for model in inside_an_account() if model not in twins.twin.rows]
    assert missing == []
    assert all(list(parents(model)) for model in inside_an_account() if model is not Account)
