"""Links: what they open, what they tell, how often they may be tried."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.test import Client, override_settings
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisAway

from accounts.models import Account, Contact
from reviews.actions import surveys as survey_actions
from reviews.models import Answer, Survey
from sam.core import limits
from sam.core.errors import ActionRefused
from sam.core.models import Organisation, User
from sam.portal import actions, schedules, tokens
from sam.portal.models import Link, Publication, Submission

from .conftest import SentSurvey, form, post, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("same_connection")]

WALL_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def link_of(who: str, purpose: str = "survey") -> Any:
    return Link.objects.filter(recipient_email=f"{who}@client.example", purpose=purpose)


def test_only_a_keyed_hash_of_the_token_is_stored(sent: SentSurvey) -> None:
    token = sent.links["anna"].split("/")[2]
    assert len(token) >= 43, "256 bits"
    link = link_of("anna").get()
    assert link.digest == tokens.digest(token)
    assert token not in str(list(Link.objects.values()))
    assert token not in str(list(Publication.objects.values()))


def test_first_visit_moves_on_to_a_clean_address(sent: SentSurvey) -> None:
    browser = Client()
    response = browser.get(sent.links["anna"])
    public_id = link_of("anna").get().public_id
    assert response.status_code == 302
    assert response["Location"] == f"/s/p/{public_id}/"
    cookie = response.cookies[f"sam-link-{public_id}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Lax", "/", "")
    assert response.content == b""


def test_cookie_is_host_bound_over_https(sent: SentSurvey) -> None:
    with override_settings(SECURE=True):
        response = Client().get(sent.links["anna"], secure=True)
    (name,) = response.cookies
    assert name == f"__Host-link-{link_of('anna').get().public_id}"
    cookie = response.cookies[name]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_two_open_links_do_not_overwrite_each_other(sent: SentSurvey) -> None:
    browser, first = sent.open("anna")
    _, second = sent.open("carla", browser)
    assert first != second
    assert browser.get(first).status_code == browser.get(second).status_code == 200


def comparable(response: Any) -> tuple[Any, ...]:
    headers = {name: value for name, value in response.headers.items() if name != "X-Request-Id"}
    return response.status_code, response.content, headers, dict(response.cookies)


def test_unknown_expired_revoked_and_withdrawn_give_one_answer(sent: SentSurvey, alice: User) -> None:
    anna, anna_page = sent.open("anna")
    karl, karl_page = sent.open("karl")
    unknown = Client().get(f"/s/{tokens.new_token()}/")
    assert unknown.status_code == 404
    link_of("anna").update(issued_at=timezone.now() - timedelta(days=9), expires_at=timezone.now() - timedelta(days=1))
    actions.revoke_link(link=link_of("karl").get(), by=alice)
    answers = [
        Client().get(sent.links["anna"]),
        Client().get(sent.links["karl"]),
        anna.get(anna_page),
        karl.get(karl_page),
        post(karl, karl_page, form(9)),
        karl.get(karl_page + "thanks/"),
        karl.get(karl_page + "files/a.pdf"),
        Client().get(anna_page),
        Client().get("/s/p/nothing/"),
        Client().get("/s/"),
        Client().get("/s/x/y/z/"),
        Client().get("/s/short"),
    ]
    _, carla_page = sent.open("carla")
    actions.withdraw(publication=sent.survey.publication, by=alice)
    answers.append(Client().get(sent.links["carla"]))
    assert [comparable(answer) for answer in answers] == [comparable(unknown)] * len(answers)
    assert Submission.objects.count() == 0


def test_a_cookie_opens_its_own_page_only(sent: SentSurvey) -> None:
    browser, page = sent.open("anna")
    other = link_of("carla").get().public_id
    token = sent.links["anna"].split("/")[2]
    browser.cookies[f"sam-link-{other}"] = token
    assert browser.get(f"/s/p/{other}/").status_code == 404
    assert browser.get(page).status_code == 200


def test_every_client_page_carries_the_walls_headers(sent: SentSurvey) -> None:
    browser, page = sent.open("anna")
    for response in (
        Client().get(sent.links["anna"]),
        browser.get(page),
        post(browser, page, {"change": ""}),
        browser.get(page + "thanks/"),
        browser.put(page),
        Client().get("/s/unknown/"),
    ):
        for name, value in WALL_HEADERS.items():
            assert response[name] == value, (name, response.status_code)
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert "sam_session" not in response.cookies
        assert "sam_csrf" not in response.cookies


def test_wrong_host_is_refused(sent: SentSurvey) -> None:
    response = Client().get(sent.links["anna"], headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "Location" not in response


def test_other_methods_are_refused(sent: SentSurvey) -> None:
    browser, page = sent.open("anna")
    assert browser.put(page).status_code == browser.delete(page).status_code == 405
    assert browser.post(sent.links["anna"]).status_code == 405
    assert browser.get(page + "seen/").status_code == 405


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Origin": "http://testserver"}, 303),
        ({}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://evil.example"}, 403),
    ],
)
def test_forms_of_other_sites_are_refused(sent: SentSurvey, headers: dict[str, str], status: int) -> None:
    browser, page = sent.open("anna")
    assert post(browser, page, form(9), **headers).status_code == status
    assert Submission.objects.count() == (status == 303)


def test_forms_that_nothing_can_store_are_refused_with_words(sent: SentSurvey) -> None:
    browser, page = sent.open("anna")
    assert post(browser, page, form(9, change="a\0b")).status_code == 400
    assert browser.post(page, form(9)).status_code == 400, "multipart"
    assert (
        browser.post(
            page, "nps=9" + "&x=" + "y" * 300_000, content_type="application/x-www-form-urlencoded"
        ).status_code
        == 413
    )
    assert (
        browser.post(
            page, "&".join("a=1" for _ in range(2000)), content_type="application/x-www-form-urlencoded"
        ).status_code
        == 400
    )
    assert browser.post(
        page, b"nps=9&change=%ed%a0%80", content_type="application/x-www-form-urlencoded"
    ).status_code in {303, 400}


def test_links_need_imprint_and_privacy_notice(draft: Survey, organisation: Organisation, alice: User) -> None:
    for missing in ({"imprint_url": ""}, {"privacy_url": ""}):
        Organisation.objects.filter(pk=1).update(
            **{"imprint_url": "https://a.example", "privacy_url": "https://b.example", **missing}
        )
        with pytest.raises(ActionRefused, match="Settings, Organisation") as refused:
            survey_actions.send_survey(survey=draft, account=draft.account, by=alice)
        assert refused.value.code == "imprint_or_privacy_missing"
    assert Link.objects.count() == 0


def test_same_form_sent_twice_is_one_submission(sent: SentSurvey) -> None:
    browser, page = sent.open("anna")
    key = re.search(r'name="key" value="([^"]+)"', browser.get(page).content.decode())
    assert key
    for _ in range(3):
        assert post(browser, page, form(9, key=key[1])).status_code == 303
    assert Submission.objects.count() == 1
    post(browser, page, form(3, key="another-key-1"))
    assert Submission.objects.count() == 2


def test_one_persons_key_does_not_block_another(sent: SentSurvey) -> None:
    for who in ("anna", "carla"):
        browser, page = sent.open(who)
        post(browser, page, form(9, key="the-same-key"))
    assert Submission.objects.count() == 2


def test_failed_take_over_stays_waiting_for_the_clock(sent: SentSurvey, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, page = sent.open("anna")
    post(browser, page, form(9))
    with monkeypatch.context() as broken:
        broken.setattr("reviews.models.Answer.save", lambda *args, **kwargs: 1 / 0)
        assert schedules.take_over_submissions() == 0
    submission = Submission.objects.get()
    assert (submission.taken_at, submission.attempts) == (None, 1)
    assert schedules.take_over_submissions() == 1
    assert Answer.objects.get().values == {"nps": 9}
    assert schedules.take_over_submissions() == 0


def test_view_log_is_forgotten_after_six_months(sent: SentSurvey) -> None:
    link = link_of("anna").get()
    now = timezone.now()
    link.view_log.create(seen_at=now - timedelta(days=184))
    link.view_log.create(seen_at=now - timedelta(days=182))
    assert schedules.forget_link_views() == 1
    assert link.view_log.count() == 1


def test_token_leaves_the_mail_log_once_the_mail_is_sent(sent: SentSurvey) -> None:
    from sam.core.models import OutgoingMail

    token = sent.links["anna"].split("/")[2]
    mail = OutgoingMail.objects.get(to="anna@client.example")
    assert schedules.blank_sent_links() == 0, "the mail still needs it"
    OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now())
    assert schedules.blank_sent_links() == 1
    mail.refresh_from_db()
    assert token not in mail.text
    assert "/s/…/" in mail.text
    assert schedules.blank_sent_links() == 0


# --- limits -----------------------------------------------------------------------------------------------------


def burst(count: int, call: Callable[[], Any]) -> list[Any]:
    def one(_: int) -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=20) as pool:
        return list(pool.map(one, range(count)))


def test_a_parallel_burst_passes_no_more_than_the_limit() -> None:
    passed = burst(200, lambda: limits.within("burst", "203.0.113.7", 10))
    assert sum(passed) == 10


def test_addresses_are_counted_apart_and_a_network_together() -> None:
    assert limits.within("a", "203.0.113.7", 1)
    assert not limits.within("a", "203.0.113.7", 1)
    assert limits.within("a", "203.0.113.8", 1)
    assert limits.within("b", "203.0.113.7", 1)
    network = [limits.within("a", f"2001:db8::{number:x}", 1) for number in range(1, 8)]
    assert sum(network) == 4, "each address is new, the /64 is not"
    assert limits.within("a", "2001:db8:0:1::1", 1)


def test_too_many_requests_are_told_to_wait(sent: SentSurvey) -> None:
    with override_settings(PORTAL_READS_PER_MINUTE=3, PORTAL_SENDS_PER_MINUTE=2):
        assert [Client().get("/s/unknown/").status_code for _ in range(5)] == [404, 404, 404, 429, 429]
        answers = [Client().post("/s/p/x/", {}).status_code for _ in range(4)]
        assert answers == [404, 404, 429, 429]
        assert Client().get("/s/unknown/")["Retry-After"] == "60"


def test_forwarded_addresses_count_only_behind_trusted_proxies(rf: Any) -> None:
    request = rf.get("/s/x/", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    assert limits.address_of(request) == "127.0.0.1"
    with override_settings(TRUSTED_PROXY_COUNT=1):
        assert limits.address_of(request) == "203.0.113.9"
    with override_settings(TRUSTED_PROXY_COUNT=2):
        assert limits.address_of(request) == "198.51.100.1"
    with override_settings(TRUSTED_PROXY_COUNT=3):
        assert limits.address_of(request) == "127.0.0.1"


def test_without_redis_links_work(sent: SentSurvey, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> int:
        raise RedisAway("no Redis")

    monkeypatch.setattr(limits, "_count", away)
    with override_settings(PORTAL_READS_PER_MINUTE=1):
        browser, page = sent.open("anna")
        assert post(browser, page, form(9)).status_code == 303
    assert Submission.objects.count() == 1


def test_portal_only_process_answers_nothing_else(sent: SentSurvey) -> None:
    with override_settings(PORTAL_ONLY=True):
        browser, page = sent.open("anna")
        assert browser.get(page).status_code == 200
        assert browser.get("/").status_code == browser.get("/api/v1/surveys/").status_code == 404
        assert browser.get("/healthz").status_code == 200


# --- parallel ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True, databases=["default", "portal", "progress"])
def test_parallel_answers_end_as_one_row_per_person(
    organisation: Organisation,
    template: Any,
    account: Account,
    make_contact: Callable[..., Contact],
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sam.portal.gate.PORTAL", "portal")
    people = [make_contact(account, f"Person {number}", email=f"p{number}@client.example") for number in range(5)]
    survey = survey_actions.create_survey(
        account=account,
        template=template,
        contacts=people,
        closes_on=timezone.localdate() + timedelta(days=9),
        by=alice,
    )
    sent = send(survey, alice)
    opened = [sent.open(who) for who in sent.links]
    jobs = [(browser, page, number) for browser, page in opened for number in range(10)]

    def answer(job: tuple[Client, str, int]) -> int:
        browser, page, number = job
        fresh = Client()
        fresh.cookies = browser.cookies
        try:
            status: int = post(fresh, page, form(number, key=f"parallel-{number}")).status_code
            schedules.take_over_submissions()
            return status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=10) as pool:
        statuses = list(pool.map(answer, jobs))
    schedules.take_over_submissions()
    assert set(statuses) == {303}
    assert Submission.objects.count() == 50
    assert Submission.objects.filter(taken_at=None).count() == 0
    assert Answer.objects.count() == 5
    for answered in Answer.objects.select_related("invitation"):
        newest = Submission.objects.filter(link__recipient_id=answered.invitation.contact_id).order_by("-pk").first()
        assert newest
        assert answered.submission_id == newest.pk
        assert answered.values == newest.payload["answers"]


def test_database_away_is_a_503_and_a_bug_says_nothing(
    sent: SentSurvey, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    browser, page = sent.open("anna")
    browser.raise_request_exception = False

    def away(*args: Any) -> None:
        raise OperationalError("connection refused at db.internal:5432")

    monkeypatch.setattr("sam.portal.gate._call", away)
    response = browser.get(page)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert b"db.internal" not in response.content
    monkeypatch.setattr("sam.portal.gate._call", lambda *args: 1 / 0)
    response = browser.get(page)
    assert response.status_code == 500
    assert b"division" not in response.content
    assert response["Cache-Control"] == "no-store"
    token = sent.links["anna"].split("/")[2]
    assert token not in caplog.text
