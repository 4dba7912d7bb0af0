"""Pages of the selection cycle, as the people see them who run it, approve it, or sit on one of its accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account
from sam.core.models import User
from scoring.actions import cycle as actions
from scoring.actions.scorecards import create_draft
from scoring.domain.cycle import proposed_calendar
from scoring.models import ScorecardVersion, SelectionCycle
from tests.scoring.test_cycle import PLAN, decide, with_candidates

TODAY = timezone.localdate()
READING = ("", "candidates/", "screening/", "years/", "approval/")


@pytest.fixture
def helene(make_person: Callable[..., User]) -> User:
    return make_person("executive_sponsor", display_name="Helene Sponsor")


@pytest.fixture
def other(make_account: Callable[..., Account]) -> Account:
    return make_account("Zelkova Shipping")


@pytest.fixture
def cycle(account: Account, other: Account, ingrid: User) -> SelectionCycle:
    return with_candidates(ingrid, account, other)


def body(client: Client, address: str, **options: Any) -> str:
    answer = client.get(address, **options)
    assert answer.status_code == 200, (address, answer.status_code)
    return str(answer.content.decode())


def test_everybody_on_a_seat_sees_own_candidates_only(
    cycle: SelectionCycle, account: Account, other: Account, alice: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(alice)
    for page in READING:
        assert other.name not in body(client, f"/cycles/2027/{page}"), page
    assert account.name in body(client, "/cycles/2027/candidates/")
    assert client.get("/cycles/2027/list.pdf").status_code == 403


def test_a_sponsor_without_a_seat_reads_the_whole_list(
    cycle: SelectionCycle, account: Account, other: Account, helene: User, signed_in: Callable[[User], Client]
) -> None:
    shown = body(signed_in(helene), "/cycles/2027/approval/")
    assert account.name in shown
    assert other.name in shown


@pytest.mark.parametrize("role", ["viewer", "admin", "team_member"])
def test_who_sees_no_scores_sees_no_cycle(
    role: str, cycle: SelectionCycle, make_person: Callable[..., User], signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(make_person(role))
    for page in ("/cycles/", *(f"/cycles/2027/{page}" for page in READING), "/cycles/2027/list.pdf"):
        assert client.get(page).status_code == 403, page


def test_the_table_is_a_partial_for_htmx_and_narrows_to_what_is_open(
    cycle: SelectionCycle, account: Account, other: Account, ingrid: User, signed_in: Callable[[User], Client]
) -> None:
    decide(cycle, account, ingrid, outcome="out")
    client = signed_in(ingrid)
    part = body(client, "/cycles/2027/candidates/?show=open", headers={"hx-request": "true"})
    assert part.lstrip().startswith('<div id="cycle-table"')
    assert account.name in part
    assert "transition plan missing" in part
    assert other.name not in part
    assert other.name in body(client, "/cycles/2027/candidates/?show=waiting")
    assert other.name in body(client, "/cycles/2027/candidates/?show=nonsense")


def test_a_cycle_is_opened_with_the_usual_dates(ingrid: User, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(ingrid)
    form = body(client, "/cycles/new/")
    assert "2" in form
    dates = {name: getattr(proposed_calendar(2031), name) for name in proposed_calendar(2031).__slots__}
    wrong = client.post("/cycles/new/", {"year": 2031, **dates, "rating_until": "2020-01-01"})
    assert wrong.status_code == 422
    answer = client.post("/cycles/new/", {"year": 2031, **dates})
    assert (answer.status_code, answer["Location"]) == (303, "/cycles/2031/")


def test_a_decision_without_a_reason_comes_back_with_what_was_typed(
    cycle: SelectionCycle, account: Account, ingrid: User, signed_in: Callable[[User], Client]
) -> None:
    candidate = cycle.candidates.get(account=account)
    client = signed_in(ingrid)
    address = f"/cycles/2027/candidates/{candidate.pk}/"
    refused = client.post(address, {"outcome": "out", "tier": "none", "reason": "", "served_by": "Regional sales"})
    assert refused.status_code == 422
    assert "Regional sales" in refused.content.decode()
    done = client.post(address, {"outcome": "in", "tier": "key", "reason": "Plans with us"})
    assert done.status_code == 303
    assert "Plans with us" in body(client, "/cycles/2027/candidates/")
    late = client.post(address, {"outcome": "watch", "tier": "none", "reason": "Later", "revision": 7})
    assert late.status_code == 409
    assert "Plans with us" in late.content.decode()


def test_what_keeps_the_list_from_going_on_has_a_link_each(
    cycle: SelectionCycle, account: Account, ingrid: User, signed_in: Callable[[User], Client]
) -> None:
    decide(cycle, account, ingrid, outcome="out")
    shown = body(signed_in(ingrid), "/cycles/2027/")
    for candidate in cycle.candidates.all():
        assert f"/cycles/2027/candidates/{candidate.pk}/" in shown
    assert "goes out without a transition plan" in shown
    assert "has no decision" in shown


def test_from_decision_to_the_closed_list_in_the_browser(
    cycle: SelectionCycle,
    account: Account,
    other: Account,
    ingrid: User,
    helene: User,
    signed_in: Callable[[User], Client],
) -> None:
    decide(cycle, account, ingrid)
    decide(cycle, other, ingrid, outcome="out", **PLAN)
    runs, approves = signed_in(ingrid), signed_in(helene)
    asked = runs.post("/cycles/2027/approval/ask/", {"people": [helene.pk], "revision": cycle.revision})
    assert asked.status_code == 303
    cycle.refresh_from_db()
    early = runs.post("/cycles/2027/step/", {"step": "close", "revision": cycle.revision}, follow=True)
    assert "Helene Sponsor has not approved yet." in early.content.decode()
    assert runs.post("/cycles/2027/approval/verdict/", {"verdict": "approved"}).status_code == 403
    objection = approves.post("/cycles/2027/approval/verdict/", {"verdict": "objected"})
    assert objection.status_code == 422
    assert approves.post("/cycles/2027/approval/verdict/", {"verdict": "approved"}).status_code == 303
    cycle.refresh_from_db()
    closed = runs.post("/cycles/2027/step/", {"step": "close", "revision": cycle.revision}, follow=True)
    assert "The cycle is closed" in closed.content.decode()
    account.refresh_from_db()
    assert account.tier == "key"
    for page in READING:
        assert "Save the decision" not in body(runs, f"/cycles/2027/{page}")
    assert runs.get("/cycles/2027/list.pdf").status_code == 404


def test_years_stand_side_by_side(
    cycle: SelectionCycle, account: Account, other: Account, ingrid: User, helene: User,
    signed_in: Callable[[User], Client],
) -> None:  # fmt: skip
    decide(cycle, account, ingrid, reason="Came in")
    decide(cycle, other, ingrid, outcome="watch", tier="")
    actions.ask_approval(cycle=cycle, revision=cycle.revision, people=[helene], by=ingrid)
    actions.give_verdict(cycle=cycle, verdict="approved", by=helene)
    cycle.refresh_from_db()
    actions.close_cycle(cycle=cycle, revision=cycle.revision, by=ingrid)
    account.refresh_from_db()
    with_candidates(ingrid, account, year=2028)
    shown = body(signed_in(ingrid), "/cycles/2028/years/")
    assert "Came in" in shown
    assert shown.index("2027") < shown.index(">2028<")
    assert "Watch" in shown


def test_pages_cost_as_many_queries_for_thirty_candidates_as_for_three(
    make_account: Callable[..., Account],
    ingrid: User,
    signed_in: Callable[[User], Client],
    live: Any,
) -> None:
    client = signed_in(ingrid)

    def counted(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return len(queries)

    cycle = with_candidates(ingrid, *(make_account(owner=ingrid) for _ in range(3)))
    before = {page: counted(f"/cycles/2027/{page}") for page in READING}
    for _ in range(27):
        actions.nominate(cycle=cycle, account=make_account(owner=ingrid), reason="Grows", by=ingrid)
    assert {page: counted(f"/cycles/2027/{page}") for page in READING} == before


def test_the_history_says_when_the_yearly_review_is_due(ingrid: User, signed_in: Callable[[User], Client]) -> None:
    shown = body(signed_in(ingrid), "/cycles/")
    assert "The yearly review is due" in shown
    assert "Open the first cycle" in shown


def test_dates_are_changed_by_whoever_runs_the_cycle(
    cycle: SelectionCycle, alice: User, ingrid: User, signed_in: Callable[[User], Client]
) -> None:
    dates = {name: getattr(cycle.calendar, name) for name in cycle.calendar.__slots__}
    dates["approval_until"] = cycle.approval_until + timedelta(days=3)
    assert signed_in(alice).post("/cycles/2027/dates/", dates).status_code == 403
    answer = signed_in(ingrid).post("/cycles/2027/dates/", {**dates, "revision": cycle.revision})
    assert answer.status_code == 303


def test_global_and_the_gates_answers_are_set_in_the_draft(
    live: ScorecardVersion, ingrid: User, signed_in: Callable[[User], Client]
) -> None:
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    client, address = signed_in(ingrid), f"/scorecards/{live.scorecard_id}/{draft.number}/"
    assert "Switch the tier global on" in body(client, address)
    assert client.post(f"{address}global/", {"revision": draft.revision}).status_code == 303
    shown = body(client, address)
    assert "Switch the tier global on" not in shown
    assert "What answers the gates" in shown
    draft.refresh_from_db()
    given = {"revision": draft.revision, "check-G2": "", "check-G7": ""}
    assert client.post(f"{address}gates/", given).status_code == 303
    assert draft.criteria.get(key="G7").checked_by == ""
