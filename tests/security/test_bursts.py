"""Limits hold against a parallel burst: real threads, the real Redis."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.db import connections
from django.test import Client
from redis import Redis

from sam.core.models import User
from sam.core.steady_cache import SteadyCache
from sam.portal import limits
from tests.conftest import PASSWORD

BURST, THREADS = 60, 20
PER_PERSON, PER_ADDRESS = 5, 10


def at_once(ask: Callable[[int], Any]) -> list[Any]:
    """The answers to BURST calls, made by threads that start together."""
    together = Barrier(THREADS)

    def one(number: int) -> Any:
        if number < THREADS:
            together.wait(timeout=20)
        try:
            return ask(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(BURST)))


@pytest.fixture
def guesses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every password that was really compared."""
    made: list[str] = []
    real = User.check_password

    def noted(self: User, raw_password: str) -> bool:
        made.append(raw_password)
        return real(self, raw_password)

    monkeypatch.setattr(User, "check_password", noted)
    return made


def test_rate_limits_are_counted_in_our_redis(settings: Any) -> None:
    assert ratelimit.cache is cache
    cache.set("counted-here", 1, timeout=30)
    with Redis.from_url(settings.REDIS_URL) as redis:
        assert redis.exists(f"{settings.CACHES['default']['KEY_PREFIX']}:1:counted-here")


@pytest.mark.django_db(transaction=True, databases=["default", "progress"])
def test_a_burst_against_one_person_gets_no_more_guesses_than_the_limit(
    make_person: Callable[..., User], guesses: list[str]
) -> None:
    person = make_person("reader")

    def guess(number: int) -> int:
        data = {"login": person.email, "password": f"wrong guess {number}"}
        return Client(REMOTE_ADDR=f"198.51.100.{number + 1}").post("/auth/login/", data).status_code

    answers = at_once(guess)
    assert 1 <= len(guesses) <= PER_PERSON
    assert set(answers) <= {200, 429}
    # Even the right password has to wait now.
    Client().post("/auth/login/", {"login": person.email, "password": PASSWORD})
    assert PASSWORD not in guesses


@pytest.mark.django_db(transaction=True, databases=["default", "progress"])
def test_a_burst_from_one_address_gets_no_more_guesses_than_the_limit(
    make_person: Callable[..., User], guesses: list[str]
) -> None:
    people = [make_person("reader").email for _ in range(BURST // 4)]

    def guess(number: int) -> int:
        data = {"login": people[number % len(people)], "password": f"wrong guess {number}"}
        forged = {"X-Forwarded-For": f"203.0.113.{number}"}
        return Client(REMOTE_ADDR="198.51.100.7", headers=forged).post("/auth/login/", data).status_code

    at_once(guess)
    assert 1 <= len(guesses) <= PER_ADDRESS


@pytest.mark.parametrize("limit", [1, 7, 30])
def test_a_burst_on_client_pages_passes_exactly_the_limit(limit: int) -> None:
    what = f"burst-{uuid4()}"
    passed = at_once(lambda number: limits.within(what, "192.0.2.77", limit))
    assert sum(passed) == limit


def test_a_wrong_api_token_opens_nothing_however_often(db: None) -> None:
    client = Client(headers={"Authorization": "Token wrong"})
    assert {client.get("/api/v1/accounts/").status_code for _ in range(10)} == {401}


def test_without_redis_limits_still_count(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Per process then, but not open."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1"}}
    monkeypatch.setattr(SteadyCache, "away_until", 0.0)
    assert cache.add("spare", 1, timeout=30)
    assert not cache.add("spare", 2, timeout=30)
    assert cache.get("spare") == 1
    cache.delete("spare")
