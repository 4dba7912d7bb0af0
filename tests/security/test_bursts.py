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

from sam.core import authentication, limits
from sam.core.actions.people import deactivate
from sam.core.actions.tokens import create_token, revoke_token
from sam.core.models import ApiToken, User
from sam.core.steady_cache import SteadyCache
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


ATTACKER = "198.51.100.8"


def call_with(key: str, address: str = ATTACKER) -> Any:
    client = Client(REMOTE_ADDR=address, headers={"Authorization": f"Token {key}"})
    return client.get("/api/v1/accounts/")


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every token that was really looked for."""
    made: list[str] = []
    real = authentication.find_token

    def noted(mark: str) -> ApiToken | None:
        made.append(mark)
        return real(mark)

    monkeypatch.setattr(authentication, "find_token", noted)
    return made


@pytest.mark.django_db(transaction=True, databases=["default", "progress"])
def test_a_burst_of_wrong_api_tokens_gets_no_more_looked_up_than_the_limit(
    make_person: Callable[..., User], looked_up: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authentication, "WRONG_TOKENS", 7)
    person = make_person("reader")
    _, key = create_token(user=person, name="nightly", by=person)
    answers = [answer.status_code for answer in at_once(lambda number: call_with(f"wrong-{number}"))]
    assert (len(looked_up), answers.count(401), answers.count(429)) == (7, 7, BURST - 7)
    refused = call_with("wrong again")
    assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (429, "throttled", "60")
    assert refused["Content-Type"] == "application/problem+json"
    # The right token goes on working from the very same address, and wrong ones are told so elsewhere.
    assert {call_with(key).status_code for _ in range(3)} == {200}
    assert call_with("wrong", "198.51.100.9").status_code == 401


@pytest.mark.django_db(transaction=True, databases=["default", "progress"])
def test_a_right_api_token_never_counts_however_many_calls_at_once(
    make_person: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authentication, "WRONG_TOKENS", 2)
    person = make_person("reader")
    _, key = create_token(user=person, name="nightly", by=person)
    assert {answer.status_code for answer in at_once(lambda number: call_with(key))} == {200}
    # Redis was emptied: the token is known again after one call, which gives its count back.
    cache.clear()
    assert {call_with(key).status_code for _ in range(5)} == {200}
    assert [call_with("wrong").status_code for _ in range(3)] == [401, 401, 429]


def test_a_token_that_was_right_once_is_still_looked_up(ingrid: User, make_person: Callable[..., User]) -> None:
    person = make_person("reader")
    token, key = create_token(user=person, name="nightly", by=person)
    _, other = create_token(user=person, name="other", by=person)
    assert (call_with(key).status_code, call_with(other).status_code) == (200, 200)
    revoke_token(token=token, by=person)
    deactivate(user=person, by=ingrid)
    assert (call_with(key).status_code, call_with(other).status_code) == (401, 401)


def test_emptying_the_cache_leaves_the_queues_alone(settings: Any) -> None:
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.set("somebody-elses", 1, ex=30)
        cache.set("ours", 1, timeout=30)
        cache.clear()
        assert (redis.exists("somebody-elses"), cache.get("ours")) == (1, None)


def test_without_redis_limits_still_count(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Per process then, but not open."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1"}}
    monkeypatch.setattr(SteadyCache, "away_until", 0.0)
    assert cache.add("spare", 1, timeout=30)
    assert not cache.add("spare", 2, timeout=30)
    assert cache.get("spare") == 1
    cache.delete("spare")
