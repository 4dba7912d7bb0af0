"""People and accounts for tests. Alice leads, Bob sits on the team, Charlie is a stranger."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account, Contact, TeamSeat
from sam.core.models import User
from tests.migrating import skip_rendering_after_triggers

skip_rendering_after_triggers()
# Playwright keeps an event loop in the worker that runs the browser tests; the ORM of later tests there is not async.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
_number = itertools.count(1)
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # Workers share one Redis: each empties its own part of the cache.
    settings.CACHES["default"]["KEY_PREFIX"] += f"-{worker}"
PASSWORD = "correct horse battery"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a database may use the second connection that jobs report their progress through."""
    for item in items:
        if "db" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("django_db"):
            item.add_marker(pytest.mark.django_db(databases=["default", "progress"]))


@pytest.fixture(autouse=True)
def _close_the_other_connections() -> Iterator[None]:
    """The test database can only be dropped when nobody is connected to it."""
    yield
    for alias in ("progress", "portal"):
        if connections[alias].connection is not None:
            connections[alias].close()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _progress_inside_the_tests_transaction(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second connection cannot see what a test has not committed; tests that commit use the real one."""
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" not in request.fixturenames and not (marker and marker.kwargs.get("transaction")):
        monkeypatch.setattr("sam.core.jobs.OUTSIDE", "default")


@pytest.fixture
def make_person(db: None) -> Callable[..., User]:
    """make_person("finance_partner", on=account, access="lead") → a person with a role and maybe a seat."""

    def make(role: str = "team_member", *, on: Account | None = None, access: str = "member", **fields: Any) -> User:
        number = next(_number)
        user = User.objects.create_user(
            fields.pop("email", f"person{number}@example.com"),
            PASSWORD,
            display_name=fields.pop("display_name", f"Person {number}"),
            role_key=role,
            **fields,
        )
        if on is not None:
            TeamSeat.objects.create(account=on, user=user, role=TeamSeat.Role.TECHNICAL, access=access)
        return user

    return make


@pytest.fixture
def make_account(db: None) -> Callable[..., Account]:
    def make(name: str = "", **fields: Any) -> Account:
        return Account.objects.create(name=name or f"Account {next(_number)}", **fields)

    return make


@pytest.fixture
def make_contact(db: None) -> Callable[..., Contact]:
    def make(account: Account, full_name: str = "", **fields: Any) -> Contact:
        name = full_name or f"Contact {next(_number)}"
        fields.setdefault("email", f"contact{next(_number)}@client.example")
        return Contact.objects.create(account=account, full_name=name, **fields)

    return make


@pytest.fixture
def account(make_account: Callable[..., Account]) -> Account:
    return make_account("Northgate Mills")


@pytest.fixture
def alice(make_person: Callable[..., User], account: Account) -> User:
    """Leads the account."""
    return make_person("account_manager", on=account, access="lead", display_name="Alice Lead")


@pytest.fixture
def bob(make_person: Callable[..., User], account: Account) -> User:
    """On the team."""
    return make_person("team_member", on=account, access="member", display_name="Bob Member")


@pytest.fixture
def charlie(make_person: Callable[..., User]) -> User:
    """A stranger to the account."""
    return make_person("team_member", display_name="Charlie Stranger")


@pytest.fixture
def ingrid(make_person: Callable[..., User]) -> User:
    """Runs the programme."""
    return make_person("programme_lead", display_name="Ingrid Programme")


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="sam.core.authentication.PersonBackend")
        return client

    return sign_in


@pytest.fixture
def api() -> Callable[[User | None], APIClient]:
    def for_person(user: User | None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.force_authenticate(user)
        return client

    return for_person
