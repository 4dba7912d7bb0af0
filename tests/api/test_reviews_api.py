"""Reviews and packs over the API."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, Contact
from reviews.models import Pack, PackShare, Review
from sam.core import jobs
from sam.core.models import Organisation, User
from tests.reviews.conftest import TODAY, days_from_now

pytestmark = pytest.mark.django_db
REVIEWS = "/api/v1/reviews/"


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr("sam.core.tasks.run_job.delay", lambda job_id: None)
    monkeypatch.setattr("sam.core.tasks.send_mail.delay", lambda mail_id: None)


@pytest.fixture
def anna(account: Account, make_contact: Callable[..., Contact]) -> Contact:
    return make_contact(account, "Anna Berg", email="anna@client.example")


@pytest.fixture
def lead(api: Callable[[User | None], APIClient], alice: User) -> APIClient:
    return api(alice)


@pytest.fixture
def review(lead: APIClient, account: Account, anna: Contact, bob: User) -> Review:
    body = {
        "account": account.pk,
        "date": days_from_now(17).isoformat(),
        "starts_at": "10:00",
        "place": "Rheinau",
        "people": [bob.pk],
        "contacts": [anna.pk],
        "decisions_asked": ["Pulse at site two"],
    }
    answer = lead.post(REVIEWS, body, format="json")
    assert answer.status_code == 201, answer.json()
    return Review.objects.get(pk=answer.json()["id"])


def pack_at(review: Review, pack: int, more: str = "") -> str:
    return f"{REVIEWS}{review.pk}/packs/{pack}/{more}"


def status_of(client: APIClient, url: str) -> int:
    """The status; a download is read to its end, which closes its file."""
    answer = client.get(url)
    b"".join(answer.streaming_content if answer.streaming else ())
    return int(answer.status_code)


def render(client: APIClient, review: Review, edition: str) -> dict[str, Any]:
    answer = client.post(f"{REVIEWS}{review.pk}/packs/", {"edition": edition}, format="json")
    assert answer.status_code == 202, answer.json()
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["progress"], body["url"], body["sha256"], body["pages"]) == (
        "queued",
        0,
        None,
        None,
        None,
    )
    job = Pack.objects.get(pk=body["id"]).job_id
    assert job is not None
    jobs.run(job)
    done: dict[str, Any] = client.get(pack_at(review, body["id"])).json()
    return done


def test_review_has_the_agenda_of_its_kind(review: Review, lead: APIClient) -> None:
    answer = lead.get(f"{REVIEWS}{review.pk}/")
    body = answer.json()
    assert answer["ETag"] == '"1"'
    assert sum(item["minutes"] for item in body["agenda"]) == body["minutes"] == 60
    assert body["kind"] == "quarterly"
    assert body["decisions_asked"] == ["Pulse at site two"]


def test_pack_is_rendered_watched_and_fetched(review: Review, lead: APIClient) -> None:
    body = render(lead, review, "client")
    assert (body["status"], body["progress"], body["current"]) == ("done", 100, True)
    answer = lead.get(body["url"].replace("http://testserver", ""))
    content = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "application/pdf"
    assert hashlib.sha256(content).hexdigest() == body["sha256"]
    assert body["pages"] >= 3


def test_file_has_the_same_authorisation_as_its_pack(
    review: Review, lead: APIClient, api: Callable[[User | None], APIClient], bob: User, charlie: User
) -> None:
    internal = render(lead, review, "internal")
    client = render(lead, review, "client")
    for more in ("", "file/"):
        assert api(bob).get(pack_at(review, internal["id"], more)).status_code == 403
        assert status_of(api(bob), pack_at(review, client["id"], more)) == 200
        assert api(charlie).get(pack_at(review, client["id"], more)).status_code == 404
        assert api(None).get(pack_at(review, client["id"], more)).status_code == 401


def test_who_may_not_render_is_refused(
    review: Review, api: Callable[[User | None], APIClient], bob: User, charlie: User
) -> None:
    for person, status in ((bob, 403), (charlie, 404), (None, 401)):
        answer = api(person).post(f"{REVIEWS}{review.pk}/packs/", {"edition": "client"}, format="json")
        assert answer.status_code == status
    assert Pack.objects.count() == 0


def test_internal_edition_cannot_be_shared(
    organisation_ready: Organisation, review: Review, lead: APIClient, anna: Contact
) -> None:
    internal = render(lead, review, "internal")
    answer = lead.post(pack_at(review, internal["id"], "share/"), {"contacts": [anna.pk]}, format="json")
    assert answer.status_code == 409
    assert answer.json()["code"] == "internal_edition"
    client = render(lead, review, "client")
    answer = lead.post(pack_at(review, client["id"], "share/"), {"contacts": [anna.pk]}, format="json")
    assert answer.json() == {"shared_with": [anna.pk]}
    assert PackShare.objects.count() == 1


@pytest.fixture
def organisation_ready(db: None) -> Organisation:
    return Organisation.objects.update_or_create(
        pk=1, defaults={"imprint_url": "https://s.example/i", "privacy_url": "https://s.example/p"}
    )[0]


def test_unknown_edition_is_a_bad_request(review: Review, lead: APIClient) -> None:
    assert lead.post(f"{REVIEWS}{review.pk}/packs/", {"edition": "both"}, format="json").status_code == 400


def test_pack_of_another_review_is_not_found(review: Review, lead: APIClient, account: Account) -> None:
    done = render(lead, review, "client")
    other = lead.post(
        REVIEWS, {"account": account.pk, "kind": "annual", "date": days_from_now(40).isoformat()}, format="json"
    ).json()
    assert lead.get(f"{REVIEWS}{other['id']}/packs/{done['id']}/").status_code == 404


def test_change_needs_the_revision_that_was_seen(review: Review, lead: APIClient) -> None:
    url = f"{REVIEWS}{review.pk}/"
    assert lead.patch(url, {"place": "Gent"}, format="json").status_code == 428
    answer = lead.patch(url, {"place": "Gent"}, format="json", headers={"If-Match": '"1"'})
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    stale = lead.patch(url, {"place": "Lodz"}, format="json", headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["current"]["place"] == "Gent"


def test_review_is_held_with_decisions(lead: APIClient, account: Account, alice: User) -> None:
    made = lead.post(REVIEWS, {"account": account.pk, "date": TODAY.isoformat()}, format="json").json()
    body = {
        "going_well": "Deliveries",
        "decisions": [{"text": "Audit", "our_owner": alice.pk, "due": days_from_now(9).isoformat()}],
    }
    answer = lead.post(f"{REVIEWS}{made['id']}/hold/", body, format="json", headers={"If-Match": '"1"'})
    assert answer.json()["status"] == "held"
    assert account.actions.get().title == "Audit"
    again = lead.post(f"{REVIEWS}{made['id']}/cancel/", headers={"If-Match": '"2"'})
    assert again.status_code == 409


def test_ids_of_a_twin_account_are_refused(
    lead: APIClient, account: Account, make_account: Callable[..., Account], make_contact: Callable[..., Contact]
) -> None:
    twin = make_account("Twin")
    stranger = make_contact(twin)
    day = days_from_now(9).isoformat()
    for body in ({"account": twin.pk}, {"account": account.pk, "contacts": [stranger.pk]}):
        assert lead.post(REVIEWS, {"date": day, **body}, format="json").status_code == 400
    assert Review.objects.count() == 0


def test_meeting_among_ourselves_is_hidden_from_a_viewer(
    review: Review, lead: APIClient, account: Account, api: Callable[[User | None], APIClient],
    make_person: Callable[..., User],
) -> None:  # fmt: skip
    inside = lead.post(
        REVIEWS, {"account": account.pk, "kind": "internal", "date": days_from_now(3).isoformat()}, format="json"
    ).json()
    viewer = api(make_person("viewer"))
    assert [row["id"] for row in viewer.get(REVIEWS).json()["results"]] == [review.pk]
    assert viewer.get(f"{REVIEWS}{inside['id']}/").status_code == 404
