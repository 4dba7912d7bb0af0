"""What is taken away is gone with the next request: pages, fragments, tokens, downloads, exports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.seats import change_seat, end_seat
from accounts.models import TeamSeat
from reviews.models import Pack
from sam.core import jobs
from sam.core.actions.people import change_person, deactivate
from sam.core.actions.tokens import create_token, revoke_token
from sam.core.files import store_bytes
from sam.core.models import Job, User
from tests.security.addresses import text_of
from tests.security.conftest import OWN
from tests.security.population import Population

ACCOUNT = f"/accounts/{OWN}/"
PACK = f"{ACCOUNT}reviews/{OWN}/packs/{OWN}/file/"
WAYS = {
    "page": (f"{ACCOUNT}people/{OWN}/", {}),
    "fragment": (f"{ACCOUNT}people/", {"HX-Request": "true"}),
    "download": (PACK, {}),
    "calendar": (f"{ACCOUNT}reviews/{OWN}/review.ics", {}),
    "API": (f"/api/v1/contacts/{OWN}/", {}),
    "download by API": (f"/api/v1/reviews/{OWN}/packs/{OWN}/file/", {}),
}


class Person:
    """Somebody with a session and a token, both opened before anything is taken away."""

    def __init__(self, user: User, browser: Client) -> None:
        self.user, self.browser = user, browser
        self.token, key = create_token(user=user, name="nightly", by=user)
        self.program = Client(headers={"Authorization": f"Token {key}"})

    def statuses(self) -> dict[str, int]:
        found = {}
        for way, (path, headers) in WAYS.items():
            client = self.program if "API" in way else self.browser
            response = client.get(path, headers=headers or None)
            text_of(response)
            found[way] = response.status_code
        return found

    def exported(self) -> str:
        return text_of(self.browser.get("/accounts/export.csv")) + text_of(self.program.get("/api/v1/accounts/"))


@pytest.fixture
def rendered(own: Population) -> Pack:
    """The account's pack, with a file."""
    stored = store_bytes(b"%PDF-1.7 " + own.word.encode(), folder="packs", suffix=".pdf")
    fields = {"stored": stored.name, "sha256": stored.sha256, "size": stored.size, "pages": 1, "file_name": "pack.pdf"}
    Pack.objects.filter(pk=OWN).update(rendered_at=timezone.now(), current=True, **fields)
    return Pack.objects.get(pk=OWN)


@pytest.fixture
def colleague(
    own: Population, rendered: Pack, make_person: Callable[..., User], signed_in: Callable[[User], Client]
) -> Person:
    """Leads the account beside its lead."""
    user = make_person("account_manager", on=own.account, access="lead")
    return Person(user, signed_in(user))


def test_before_everything_is_open(colleague: Person, own: Population) -> None:
    """Control: the ways work as long as nothing is taken away."""
    assert set(colleague.statuses().values()) == {200}
    assert own.word in colleague.exported()


def test_an_ended_seat_closes_every_way(colleague: Person, own: Population) -> None:
    assert set(colleague.statuses().values()) == {200}
    seat = TeamSeat.objects.get(account=own.account, user=colleague.user)
    end_seat(account=own.account, seat=seat, by=own.lead)
    assert set(colleague.statuses().values()) == {404}
    assert own.word not in colleague.exported()


def test_a_smaller_access_closes_what_it_no_longer_opens(
    own: Population, rendered: Pack, make_person: Callable[..., User], signed_in: Callable[[User], Client]
) -> None:
    user = make_person("team_member", on=own.account, access="lead")
    colleague = Person(user, signed_in(user))
    assert set(colleague.statuses().values()) == {200}
    seat = TeamSeat.objects.get(account=own.account, user=user)
    change_seat(
        account=own.account, seat=seat, role=seat.role, access="observer", core=False, allocation=0,
        revision=seat.revision, by=own.lead,
    )  # fmt: skip
    found = colleague.statuses()
    assert (found["page"], found["API"], found["download"], found["download by API"]) == (200, 200, 403, 403)


def test_another_role_closes_what_it_no_longer_opens(
    own: Population, rendered: Pack, ingrid: User, make_person: Callable[..., User], signed_in: Callable[[User], Client]
) -> None:
    person = Person(ingrid, signed_in(ingrid))
    assert set(person.statuses().values()) == {200}
    change_person(
        user=ingrid, display_name=ingrid.display_name, job_title="", role_key="team_member", line_manager=None,
        revision=ingrid.revision, by=make_person("admin"),
    )  # fmt: skip
    assert set(person.statuses().values()) == {404}
    assert person.browser.get("/accounts/export.csv").status_code == 403
    assert own.word not in text_of(person.program.get("/api/v1/accounts/"))


def test_somebody_deactivated_is_out(colleague: Person, make_person: Callable[..., User]) -> None:
    assert set(colleague.statuses().values()) == {200}
    deactivate(user=colleague.user, by=make_person("admin"))
    found = colleague.statuses()
    assert {found[way] for way in WAYS if "API" in way} == {401}
    assert {found[way] for way in WAYS if "API" not in way} == {302}


def test_a_revoked_token_opens_nothing(colleague: Person) -> None:
    revoke_token(token=colleague.token, by=colleague.user)
    found = colleague.statuses()
    assert {found[way] for way in WAYS if "API" in way} == {401}
    assert {found[way] for way in WAYS if "API" not in way} == {200}


def test_work_in_progress_asks_again(colleague: Person, own: Population) -> None:
    """A pack that was asked for before the seat ended is not rendered after it."""
    answer: Any = colleague.browser.post(f"{ACCOUNT}reviews/{OWN}/packs/", {"edition": "internal"})
    assert answer.status_code == 303
    job = Job.objects.filter(kind="pack").exclude(pk=OWN).get()
    end_seat(account=own.account, seat=TeamSeat.objects.get(account=own.account, user=colleague.user), by=own.lead)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, Pack.objects.get(job=job).rendered_at) == ("failed", None)
    assert colleague.browser.get(f"/jobs/{job.pk}/").status_code in (403, 404)
