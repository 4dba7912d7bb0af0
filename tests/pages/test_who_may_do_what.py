"""Role × URL, observed by walking every address as every sort of person; tests/pages/declared.py says what is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import TeamSeat
from sam.core.models import User
from tests.pages.declared import DECIDE_THEMSELVES, DECLARED
from tests.pages.matrix import EVERYBODY, Address, Somebody, addresses
from tests.pages.samples import Samples

ADDRESSES = sorted(addresses(), key=lambda address: (address.name, address.arguments))


def test_every_address_is_declared_with_the_permission_it_asks_for() -> None:
    assert {address.name: address.requires for address in ADDRESSES} == DECLARED


def test_what_decides_for_itself_is_a_real_address() -> None:
    assert set(DECIDE_THEMSELVES) <= {address.name for address in ADDRESSES}


@pytest.fixture
def samples(account: Any, alice: User) -> Samples:
    return Samples(account, alice)


@pytest.fixture
def person_of(make_person: Callable[..., User], account: Any) -> Callable[[Somebody], User]:
    def make(somebody: Somebody) -> User:
        user = make_person(somebody.role)
        if somebody.access:
            TeamSeat.objects.create(account=account, user=user, role="technical_expert", access=somebody.access)
        return user

    return make


def observed(answer: HttpResponseBase) -> str:
    if answer.status_code in (403, 404):
        return "forbidden" if answer.status_code == 403 else "hidden"
    # 409 and 422: let in, and told what is wrong with what was sent.
    return "in" if answer.status_code < 400 or answer.status_code in (409, 422) else str(answer.status_code)


def visit(client: Client, address: Address, path: str) -> str:
    """Ask for the page, or send the form empty; whatever that changes is rolled back."""
    with transaction.atomic():
        answer = client.post(path, {"revision": 1}) if address.post_only else client.get(path)
        # Not answer.close(): that would tell Django the request is over, and it would close our connection.
        for close_file in answer._resource_closers:
            close_file()
        transaction.set_rollback(True)
    return observed(answer)


@pytest.mark.parametrize("somebody", EVERYBODY, ids=str)
def test_everybody_gets_in_exactly_where_the_table_says(
    somebody: Somebody, samples: Samples, person_of: Callable[[Somebody], User]
) -> None:
    person = person_of(somebody)
    client = Client(raise_request_exception=False)
    client.force_login(person, backend="sam.core.authentication.PersonBackend")
    wrong = []
    for address in ADDRESSES:
        if address.name in DECIDE_THEMSELVES:
            continue
        path = reverse(address.name, kwargs=samples.arguments(address, person))
        found, expected = visit(client, address, path), somebody.expected(address)
        if found != expected:
            wrong.append(f"{address.name}: expected {expected}, found {found}")
    assert wrong == [], wrong


def test_nobody_gets_in_without_signing_in(samples: Samples, alice: User, client: Client) -> None:
    for address in ADDRESSES:
        path = reverse(address.name, kwargs=samples.arguments(address, alice))
        answer = client.post(path, {}) if address.post_only else client.get(path)
        assert answer.status_code == 302, address.name
        assert answer["Location"].startswith("/auth/login/"), address.name
