"""Evidence of mutuality: written, computed from touchpoints, and what it does to the gate and the tier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.actions.merging import merge_accounts
from accounts.models import Account, Contact, SponsorTerm, TeamSeat, Touchpoint
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import Notification, User
from scoring.actions.cycle_reminders import remind
from scoring.actions.mutuality import add_evidence, edit_evidence, remove_evidence
from scoring.actions.ratings import answer_gate
from scoring.domain.mutuality import Telling
from scoring.models import AccountScore, Criterion, MutualityEvidence, ScorecardVersion, TierDecision
from scoring.queries.gates import checked_gates
from scoring.queries.mutuality import meeting_days, mutualities, mutuality_view, to_tell
from scoring.queries.rules import Rules, rules_of
from tests.scoring.test_cycle import with_candidates

TODAY = timezone.localdate()


@pytest.fixture
def rules(live: ScorecardVersion) -> Rules:
    return rules_of(live)


def add(account: Account, kind: str, days: int, by: User, **values: Any) -> MutualityEvidence:
    given = {"what": "They said so", "theirs": "The buyer", "document": "Paper of May"} | values
    return add_evidence(account=account, kind=kind, on=TODAY - timedelta(days=days), ours=by, by=by, **given)


def met(account: Account, sponsor: User, executive: Contact, days: int, kind: str = "visit") -> None:
    touchpoint = Touchpoint.objects.create(account=account, date=TODAY - timedelta(days=days), kind=kind)
    touchpoint.contacts.add(executive)
    touchpoint.people.add(sponsor)


def strategic(account: Account, since: date, by: User) -> None:
    Account.objects.filter(pk=account.pk).update(tier="strategic")
    account.refresh_from_db()
    TierDecision.objects.create(account=account, tier="strategic", reason="Decided", decided_by=by, decided_on=since)


def test_evidence_says_who_what_and_by_which_paper(account: Account, alice: User) -> None:
    with pytest.raises(FieldErrors) as problem:
        add(account, "m1", -1, alice, what=" ", theirs="", document="")
    assert set(problem.value.errors) == {"on", "what", "theirs", "document"}
    with pytest.raises(FieldErrors, match="touchpoints"):
        add(account, "m3", 1, alice)


def test_a_person_of_another_client_is_refused(
    account: Account, alice: User, make_account: Callable[..., Account], make_contact: Callable[..., Contact]
) -> None:
    with pytest.raises(FieldErrors) as problem:
        add(account, "m2", 1, alice, contact=make_contact(make_account()))
    assert set(problem.value.errors) == {"contact"}


def test_changing_and_removing_name_the_revision_that_was_seen(account: Account, alice: User) -> None:
    row = add(account, "m2", 5, alice)
    values = {"kind": "m2", "on": TODAY, "ours": alice, "what": "Plan of the year", "theirs": "Their VP"}
    edit_evidence(account=account, evidence=row, revision=1, by=alice, **values)
    with pytest.raises(Stale):
        edit_evidence(account=account, evidence=row, revision=1, by=alice, **values)
    with pytest.raises(Stale):
        remove_evidence(account=account, evidence=row, revision=1, by=alice)
    remove_evidence(account=account, evidence=row, revision=2, by=alice)
    assert not account.mutuality.exists()


def test_meetings_of_executive_and_sponsor_are_read_from_touchpoints(
    account: Account, alice: User, make_person: Callable[..., User], make_contact: Callable[..., Contact], rules: Rules
) -> None:
    sponsor = make_person("executive_sponsor")
    SponsorTerm.objects.create(account=account, sponsor=sponsor, starts_on=TODAY - timedelta(days=250))
    ceo, buyer = make_contact(account, level="board"), make_contact(account, level="user")
    met(account, sponsor, ceo, 300)  # before the sponsor's term
    met(account, sponsor, buyer, 40)  # no executive
    met(account, alice, ceo, 30)  # not the sponsor
    met(account, sponsor, ceo, 20, kind="mail")  # no meeting
    met(account, sponsor, ceo, 200)
    assert len(meeting_days(TODAY)[account.pk]) == 1
    assert mutualities(rules, TODAY, [account.pk])[account.pk].fresh == ()
    met(account, sponsor, ceo, 10, kind="video")
    assert [sign.kind.value for sign in mutualities(rules, TODAY, [account.pk])[account.pk].fresh] == ["m3"]


def test_the_gate_is_computed_and_nobody_ticks_it(account: Account, alice: User, rules: Rules) -> None:
    with pytest.raises(ActionRefused, match="Our own records answer this gate"):
        answer_gate(account=account, gate_key="G1", passed=True, evidence="Sure", by=alice)
    assert not checked_gates(rules, TODAY, [account.pk])[account.pk]["G1"].passed
    add(account, "m1", 20, alice)
    add(account, "m2", 20, alice)
    found = checked_gates(rules, TODAY, [account.pk])[account.pk]["G1"]
    assert found.passed
    assert found.words.startswith("mutual by M1 M2, not told yet; due within 60 days")


def test_evidence_changes_the_proposal_at_once_and_for_all_accounts_alike(
    rated_story: dict[str, Account], rescore: Callable[[], None], alice: User, raters: list[User]
) -> None:
    rescore()
    lindqvara = rated_story["Lindqvara"]
    for gate in ("G2", "G3"):
        answer_gate(account=lindqvara, gate_key=gate, passed=True, evidence="Checked", by=raters[0])
    assert AccountScore.objects.get(account=lindqvara).proposed_tier == "key"
    for kind in ("m1", "m4"):
        add(lindqvara, kind, 20, raters[0])
    assert AccountScore.objects.get(account=lindqvara).proposed_tier == "strategic"
    rescore()
    assert AccountScore.objects.get(account=lindqvara).proposed_tier == "strategic"


def test_a_client_that_was_not_told_in_time_is_a_finding_for_its_lead(
    account: Account, alice: User, ingrid: User, rules: Rules
) -> None:
    Account.objects.filter(pk=account.pk).update(owner=alice)
    strategic(account, TODAY - timedelta(days=61), ingrid)
    add(account, "m1", 20, alice)
    add(account, "m2", 20, alice)
    state = mutualities(rules, TODAY, [account.pk])[account.pk]
    assert (state.telling, state.passed) == (Telling.OVERDUE, False)
    assert [(one.account, one.overdue) for one in to_tell(alice, rules, TODAY)] == [(account, True)]
    assert remind(today=TODAY, by=None) == 1
    assert remind(today=TODAY, by=None) == 0
    assert Notification.objects.get(user=alice).title == f"{account} has not been told what it is to us"
    add(account, "told", 1, alice)
    assert to_tell(alice, rules, TODAY) == []
    assert mutualities(rules, TODAY, [account.pk])[account.pk].passed


def test_the_page_names_what_expired_and_what_would_be_next(account: Account, alice: User, rules: Rules) -> None:
    add(account, "m2", 600, alice)
    add(account, "m5", 30, alice)
    view = mutuality_view(account, rules, TODAY)
    assert view.verdict == "M5 alone, 1 of 2 signs that count"
    assert view.next_words.startswith("M2 joint plan acknowledged")
    plan = next(sign for sign in view.signs if sign.short == "M2")
    assert (plan.counts, plan.words.startswith("expired on")) == (False, True)


def test_gates_of_the_global_tier_are_answered_by_records(
    account: Account,
    make_account: Callable[..., Account],
    make_contact: Callable[..., Contact],
    make_person: Callable[..., User],
    live: ScorecardVersion,
) -> None:
    gates = [
        Criterion(version=live, key=f"X{check}"[:8], name=check, kind="gate", checked_by=check)
        for check in ("regions", "purchase_lead", "full_people", "board_sponsor")
    ]
    own = rules_of(live)
    rules = Rules(own.version, own.criteria, tuple(gates), own.scorecard, own.tiers)
    found = checked_gates(rules, TODAY, [account.pk])[account.pk]
    assert not any(one.passed for one in found.values())
    for region in ("DACH", "Nordics"):
        make_account(parent=account, region=region)
    Account.objects.filter(pk=account.pk).update(region="South")
    make_contact(account, "Silke Marquard", function="procurement", level="vp")
    for _ in range(2):
        TeamSeat.objects.create(account=account, user=make_person(), role="deputy", allocation=100)
    SponsorTerm.objects.create(account=account, sponsor=make_person("executive_sponsor", display_name="Amara"))
    found = checked_gates(rules, TODAY, [account.pk])[account.pk]
    assert all(one.passed for one in found.values())
    assert [one.words for one in found.values()] == [
        "3 of 3 regions: DACH, Nordics, South",
        "procurement: Silke Marquard",
        "open seats add up to 200 % of 200 %",
        "sponsored by Amara",
    ]


def test_the_gate_costs_as_many_queries_for_ten_accounts_as_for_one(
    make_account: Callable[..., Account], alice: User, rules: Rules, django_assert_max_num_queries: Any
) -> None:
    accounts = [make_account() for _ in range(10)]
    for one in accounts:
        add(one, "m2", 5, alice)
    with django_assert_max_num_queries(4):
        checked_gates(rules, TODAY, [one.pk for one in accounts])


# --- pages and API ----------------------------------------------------------------------------------------------------


def test_the_lead_adds_evidence_in_the_browser(
    account: Account, alice: User, live: ScorecardVersion, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(alice)
    address = f"/accounts/{account.pk}/mutuality/"
    refused = client.post(f"{address}new/", {"kind": "m1", "on": TODAY, "ours": alice.pk, "what": "Class A"})
    assert refused.status_code == 422
    assert "Name the document" in refused.content.decode()
    values = {"kind": "m2", "on": TODAY, "ours": alice.pk, "what": "Plan agreed", "theirs": "Their VP"}
    assert client.post(f"{address}new/", values).status_code == 303
    shown = client.get(address).content.decode()
    assert "Plan agreed" in shown
    assert "M2 alone, 1 of 2" in shown
    row = account.mutuality.get()
    stale = client.post(f"{address}{row.pk}/", values | {"what": "Another", "revision": 9})
    assert stale.status_code == 409
    assert client.post(f"{address}{row.pk}/remove/", {"revision": 1}).status_code == 303
    assert not account.mutuality.exists()


def test_who_only_reads_sees_evidence_without_buttons(
    account: Account, alice: User, bob: User, live: ScorecardVersion, signed_in: Callable[[User], Client]
) -> None:
    add(account, "m2", 5, alice)
    shown = signed_in(bob).get(f"/accounts/{account.pk}/mutuality/").content.decode()
    assert "They said so" in shown
    assert "evidence" not in shown.split("<main")[1].replace("Next evidence", "")
    assert signed_in(bob).get(f"/accounts/{account.pk}/mutuality/new/").status_code == 403


def test_the_api_writes_the_same_evidence_with_the_same_rules(
    account: Account, alice: User, charlie: User, live: ScorecardVersion, api: Callable[[User | None], APIClient]
) -> None:
    body = {"account": account.pk, "kind": "m2", "on": str(TODAY), "what": "Plan", "theirs": "Their VP"}
    assert api(charlie).post("/api/v1/mutuality/", body, format="json").status_code in (400, 403)
    made = api(alice).post("/api/v1/mutuality/", body, format="json")
    assert made.status_code == 201
    address = f"/api/v1/mutuality/{made.data['id']}/"
    assert api(alice).patch(address, {"what": "Plan 2027"}, format="json").status_code == 428
    changed = api(alice).patch(address, {"what": "Plan 2027"}, format="json", headers={"if-match": made["ETag"]})
    assert (changed.status_code, changed.data["what"]) == (200, "Plan 2027")
    stale = api(alice).delete(address, headers={"if-match": made["ETag"]})
    assert stale.status_code == 412
    assert api(charlie).get(address).status_code in (403, 404)


def test_merged_accounts_keep_their_evidence_and_their_candidacy(
    account: Account, make_account: Callable[..., Account], ingrid: User
) -> None:
    into = make_account("Stays")
    cycle = with_candidates(ingrid, account)
    add(account, "m2", 5, ingrid)
    merge_accounts(account=account, into=into, by=ingrid)
    assert [row.kind for row in into.mutuality.all()] == ["m2"]
    assert [candidate.account for candidate in cycle.candidates.all()] == [into]
