"""The rules of a selection cycle: what each step asks for, what stops it, and what closing freezes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Account
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import Job, Notification, User
from scoring.actions import cycle as actions
from scoring.actions.cycle_list import run_list
from scoring.actions.cycle_reminders import remind
from scoring.actions.scorecards import create_draft, set_gate_checks, switch_on_global
from scoring.actions.screening import screen
from scoring.documents import list_html
from scoring.domain.cycle import Calendar, opening_day, proposed_calendar
from scoring.models import (
    AccountScore,
    Candidate,
    CandidateDecision,
    CycleDocument,
    KeptScore,
    ScorecardVersion,
    ScreeningValue,
    SelectionCycle,
    TierDecision,
)
from scoring.queries.cycle import duties, open_obstacles, undecided_obstacles

TODAY = timezone.localdate()
SOON = TODAY + timedelta(days=200)


def opened(ingrid: User, year: int = 2027) -> SelectionCycle:
    return actions.open_cycle(year=year, calendar=proposed_calendar(year), by=ingrid)


def with_candidates(ingrid: User, *accounts: Account, year: int = 2027) -> SelectionCycle:
    """In the step of decisions, everybody nominated by hand."""
    cycle = opened(ingrid, year)
    SelectionCycle.objects.filter(pk=cycle.pk).update(state="nomination")
    cycle.refresh_from_db()
    for account in accounts:
        actions.nominate(cycle=cycle, account=account, reason="Grows with us", by=ingrid)
    actions.start_rating(cycle=cycle, revision=cycle.revision, ask_raters=False, by=ingrid)
    actions.start_decision(cycle=cycle, revision=cycle.revision, by=ingrid)
    return cycle


def decide(cycle: SelectionCycle, account: Account, ingrid: User, outcome: str = "in", **values: Any) -> Any:
    given = {"tier": "key", "reason": "It plans with us"} | values
    candidate = cycle.candidates.get(account=account)
    return actions.decide_candidate(cycle=cycle, candidate=candidate, outcome=outcome, by=ingrid, **given)


PLAN = {"served_by": "Regional sales", "client_hears": "One contact, standard terms", "moves_by": SOON}


@pytest.fixture
def helene(make_person: Callable[..., User]) -> User:
    return make_person("executive_sponsor", display_name="Helene Sponsor")


def approved(cycle: SelectionCycle, ingrid: User, *people: User) -> SelectionCycle:
    actions.ask_approval(cycle=cycle, revision=cycle.revision, people=people, by=ingrid)
    for person in people:
        actions.give_verdict(cycle=cycle, verdict="approved", by=person)
    cycle.refresh_from_db()
    return cycle


def test_one_cycle_is_open_at_a_time_and_a_year_has_one(ingrid: User) -> None:
    cycle = opened(ingrid)
    with pytest.raises(ActionRefused, match="Cycle 2027 is open"):
        opened(ingrid, 2028)
    SelectionCycle.objects.filter(pk=cycle.pk).update(state="closed", closed_on=TODAY)
    with pytest.raises(FieldErrors):
        opened(ingrid)


def test_days_that_do_not_follow_each_other_are_refused(ingrid: User) -> None:
    days = [TODAY, TODAY, TODAY - timedelta(days=1), TODAY, TODAY, TODAY, TODAY]
    with pytest.raises(FieldErrors):
        actions.open_cycle(year=2027, calendar=Calendar(*days), by=ingrid)


def test_screening_ranks_everybody_by_the_computed_half_and_writes_no_score(
    rated_story: dict[str, Account], rescore: Callable[[], None], ingrid: User
) -> None:
    rescore()
    before = dict(AccountScore.objects.values_list("account_id", "overall"))
    cycle = opened(ingrid)
    count = screen(cycle=cycle, by=ingrid)
    values = {row.account_id: row for row in ScreeningValue.objects.filter(cycle=cycle)}
    assert count == len(values) > len(Account.objects.exclude(tier="")) - 1
    best = min(values.values(), key=lambda row: row.rank)
    assert best.account_id == rated_story["Montevarra"].pk
    assert best.points == 100
    # 25 x 100 + 20 x 75 + 20 x 100 over 65: the rated criteria of the half count nothing here.
    assert values[rated_story["Oremund"].pk].points == Decimal("92.307692308")
    assert dict(AccountScore.objects.values_list("account_id", "overall")) == before


def test_the_rule_nominates_last_years_list_the_best_and_the_marked(
    rated_story: dict[str, Account], rescore: Callable[[], None], ingrid: User
) -> None:
    Account.objects.filter(pk=rated_story["Dunmarsh"].pk).update(tier="key")
    rescore()
    cycle = opened(ingrid)
    screen(cycle=cycle, by=ingrid)
    actions.start_nomination(cycle=cycle, revision=cycle.revision, by=ingrid)
    actions.nominate_by_rule(cycle=cycle, top=2, by=ingrid)
    found = {row.account.name: row.origin for row in cycle.candidates.select_related("account")}
    assert found["Dunmarsh"] == "list"
    assert {name for name, origin in found.items() if origin == "screening"} == {"Montevarra", "Oremund"}
    assert found["Lindqvara"] == "mark"
    again = actions.nominate_by_rule(cycle=cycle, top=2, by=ingrid)
    assert again == []


def test_nomination_waits_for_screening(
    rated_story: dict[str, Account], rescore: Callable[[], None], ingrid: User
) -> None:
    rescore()
    cycle = opened(ingrid)
    with pytest.raises(ActionRefused, match="Screening has not finished"):
        actions.start_nomination(cycle=cycle, revision=cycle.revision, by=ingrid)


def test_asking_the_raters_opens_a_round_and_decisions_close_it(
    live: Any, account: Account, alice: User, ingrid: User
) -> None:
    cycle = opened(ingrid)
    SelectionCycle.objects.filter(pk=cycle.pk).update(state="nomination")
    cycle.refresh_from_db()
    actions.nominate(cycle=cycle, account=account, reason="Grows", by=ingrid)
    actions.start_rating(cycle=cycle, revision=cycle.revision, by=ingrid)
    assert cycle.round is not None
    assert cycle.round.is_open
    assert [entry.account for entry in cycle.round.accounts.all()] == [account]
    actions.start_decision(cycle=cycle, revision=cycle.revision, by=ingrid)
    cycle.round.refresh_from_db()
    assert not cycle.round.is_open


def test_a_step_that_is_not_next_is_refused_and_a_late_click_is_stale(account: Account, ingrid: User) -> None:
    cycle = opened(ingrid)
    with pytest.raises(ActionRefused, match="belongs to the step"):
        actions.take_back(cycle=cycle, revision=cycle.revision, by=ingrid)
    with pytest.raises(Stale):
        actions.set_dates(cycle=cycle, revision=99, calendar=cycle.calendar, by=ingrid)


def test_in_needs_a_tier_and_every_decision_a_reason(account: Account, ingrid: User) -> None:
    cycle = with_candidates(ingrid, account)
    with pytest.raises(FieldErrors) as problem:
        decide(cycle, account, ingrid, tier="", reason=" ")
    assert set(problem.value.errors) == {"tier", "reason"}


def test_a_decision_names_the_one_it_saw(account: Account, ingrid: User) -> None:
    cycle = with_candidates(ingrid, account)
    first = decide(cycle, account, ingrid)
    with pytest.raises(Stale):
        decide(cycle, account, ingrid)
    changed = decide(cycle, account, ingrid, outcome="watch", tier="", revision=first.revision)
    assert (changed.outcome, changed.tier, changed.revision) == ("watch", "", 2)


def test_against_the_rules_needs_a_day_until_which_it_holds(
    rated_story: dict[str, Account], rescore: Callable[[], None], ingrid: User
) -> None:
    rescore()
    merrowick = rated_story["Merrowick"]
    cycle = with_candidates(ingrid, merrowick)
    with pytest.raises(FieldErrors) as problem:
        decide(cycle, merrowick, ingrid)
    assert set(problem.value.errors) == {"ends_on"}
    decision = decide(cycle, merrowick, ingrid, ends_on=SOON)
    assert decision.against_rules
    assert (decision.suggested_outcome, decision.suggested_tier) == ("out", "")


def test_an_out_without_transition_plan_and_an_undecided_one_stop_the_list(
    make_account: Callable[..., Account], ingrid: User, helene: User
) -> None:
    first, second = make_account("Aldering"), make_account("Bexholm")
    cycle = with_candidates(ingrid, first, second)
    decide(cycle, first, ingrid, outcome="out")
    words = [obstacle.words for obstacle in undecided_obstacles(cycle)]
    assert words == ["Aldering goes out without a transition plan.", "Bexholm has no decision."]
    with pytest.raises(ActionRefused, match="Aldering goes out without a transition plan"):
        actions.ask_approval(cycle=cycle, revision=cycle.revision, people=[helene], by=ingrid)
    decide(cycle, first, ingrid, outcome="out", revision=1, **PLAN)
    decide(cycle, second, ingrid)
    assert undecided_obstacles(cycle) == []


def test_only_the_sponsor_group_approves_and_an_objection_says_why(
    account: Account, ingrid: User, helene: User
) -> None:
    cycle = with_candidates(ingrid, account)
    decide(cycle, account, ingrid)
    with pytest.raises(FieldErrors):
        actions.ask_approval(cycle=cycle, revision=cycle.revision, people=[ingrid], by=ingrid)
    actions.ask_approval(cycle=cycle, revision=cycle.revision, people=[helene], by=ingrid)
    assert Notification.objects.filter(user=helene, title__contains="waits for your word").exists()
    with pytest.raises(FieldErrors):
        actions.give_verdict(cycle=cycle, verdict="objected", by=helene)
    with pytest.raises(ActionRefused, match="not asked"):
        actions.give_verdict(cycle=cycle, verdict="approved", by=ingrid)


def test_closing_waits_for_everybody_and_an_objection_stops_it(
    account: Account, ingrid: User, helene: User, make_person: Callable[..., User]
) -> None:
    other = make_person("executive_sponsor", display_name="Joris Sponsor")
    cycle = with_candidates(ingrid, account)
    decide(cycle, account, ingrid)
    actions.ask_approval(cycle=cycle, revision=cycle.revision, people=[helene, other], by=ingrid)
    actions.give_verdict(cycle=cycle, verdict="objected", word="Too many", by=helene)
    words = [obstacle.words for obstacle in open_obstacles(cycle)]
    assert words == ["Helene Sponsor objects: “Too many”.", "Joris Sponsor has not approved yet."]
    with pytest.raises(ActionRefused, match="has not approved yet"):
        actions.close_cycle(cycle=cycle, revision=cycle.revision, by=ingrid)


def test_taken_back_the_list_is_asked_about_again(account: Account, ingrid: User, helene: User) -> None:
    cycle = with_candidates(ingrid, account)
    decide(cycle, account, ingrid)
    approved(cycle, ingrid, helene)
    actions.take_back(cycle=cycle, revision=cycle.revision, by=ingrid)
    assert cycle.state == "decision"
    assert not cycle.approvals.exists()


@pytest.fixture
def closed(rated_story: dict[str, Account], rescore: Callable[[], None], ingrid: User, helene: User) -> SelectionCycle:
    """Montevarra comes in, Ketterau goes out, Merrowick stays against the rules."""
    Account.objects.filter(pk=rated_story["Ketterau"].pk).update(tier="key")
    rescore()
    for account in rated_story.values():
        account.refresh_from_db()
    names = ("Lindqvara", "Ketterau", "Merrowick")
    cycle = with_candidates(ingrid, *(rated_story[name] for name in names))
    proposed = AccountScore.objects.get(account=rated_story["Lindqvara"]).proposed_tier
    decide(cycle, rated_story["Lindqvara"], ingrid, tier="strategic", ends_on=None if proposed == "strategic" else SOON)
    decide(cycle, rated_story["Ketterau"], ingrid, outcome="out", **PLAN)
    decide(cycle, rated_story["Merrowick"], ingrid, ends_on=SOON, reason="One more year")
    approved(cycle, ingrid, helene)
    return actions.close_cycle(cycle=cycle, revision=cycle.revision, by=ingrid)


def test_closing_writes_the_decided_tiers_through_decisions(
    closed: SelectionCycle, rated_story: dict[str, Account]
) -> None:
    tiers = dict(Account.objects.filter(candidacies__cycle=closed).values_list("name", "tier"))
    assert {name.split()[0]: tier for name, tier in tiers.items()} == {
        "Lindqvara": "strategic", "Ketterau": "", "Merrowick": "key",
    }  # fmt: skip
    written = TierDecision.objects.get(account=rated_story["Merrowick"])
    assert (written.reason, written.ends_on, written.tier) == ("One more year", SOON, "key")


def test_closing_keeps_the_candidates_scores_with_inputs_and_marks(
    closed: SelectionCycle, rated_story: dict[str, Account]
) -> None:
    kept = KeptScore.objects.filter(occasion="Cycle 2027")
    assert kept.count() == 3
    candidate = closed.candidates.get(account=rated_story["Lindqvara"])
    assert candidate.kept is not None
    assert candidate.kept.overall_points == Decimal("81.25")
    assert candidate.kept.rank == 2
    assert "C1" in candidate.kept.inputs["values"]
    assert "unexpected" in {mark["key"] for mark in candidate.marks}


def test_the_database_keeps_a_closed_list_as_it_is(closed: SelectionCycle, rated_story: dict[str, Account]) -> None:
    candidate = closed.candidates.get(account=rated_story["Merrowick"])
    writes: list[Callable[[], Any]] = [
        lambda: SelectionCycle.objects.filter(pk=closed.pk).update(state="decision", closed_on=None),
        lambda: SelectionCycle.objects.filter(pk=closed.pk).delete(),
        lambda: Candidate.objects.filter(pk=candidate.pk).update(reason="Another"),
        lambda: Candidate.objects.filter(pk=candidate.pk)._raw_delete("default"),  # type: ignore[attr-defined]
        lambda: CandidateDecision.objects.filter(candidate=candidate).update(outcome="out", tier=""),
        lambda: CandidateDecision.objects.filter(candidate=candidate).delete(),
        lambda: closed.approvals.update(verdict="objected", word="No"),
        lambda: Candidate.objects.create(
            cycle=closed, account=rated_story["Oremund"], origin="hand", reason="Late", nominated_on=TODAY
        ),
    ]
    for write in writes:
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_actions_refuse_a_closed_cycle_in_words(closed: SelectionCycle, ingrid: User, account: Account) -> None:
    for act in (
        lambda: actions.nominate(cycle=closed, account=account, reason="Late", by=ingrid),
        lambda: actions.set_dates(cycle=closed, revision=closed.revision, calendar=closed.calendar, by=ingrid),
        lambda: screen(cycle=closed, by=ingrid),
    ):
        with pytest.raises(ActionRefused, match="closed"):
            act()


def test_a_worker_makes_the_list_once_and_every_page_says_internal(
    closed: SelectionCycle, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    document = CycleDocument.objects.get(cycle=closed)
    assert document.job is not None
    result = run_list(document.job, lambda percent, step: None)
    document.refresh_from_db()
    assert result["pages"] == document.pages >= 2
    assert document.file_name == "selection-2027-INTERNAL.pdf"
    stored = document.stored
    run_list(Job.objects.get(pk=document.job.pk), lambda percent, step: None)
    document.refresh_from_db()
    assert document.stored == stored


def test_the_list_on_paper_gives_reasons_plans_and_overrides(closed: SelectionCycle) -> None:
    html = list_html(closed)
    told = ("INTERNAL – not for clients", "One more year", "against the rules", "Regional sales", "Helene Sponsor")
    assert [words for words in told if words not in html] == []


def test_the_next_cycle_shows_what_was_decided_last_year(
    closed: SelectionCycle, rated_story: dict[str, Account], ingrid: User
) -> None:
    later = opened(ingrid, 2028)
    screen(cycle=later, by=ingrid)
    actions.start_nomination(cycle=later, revision=later.revision, by=ingrid)
    actions.nominate_by_rule(cycle=later, top=0, marked=False, by=ingrid)
    found = {row.account.name: (row.last_outcome, row.last_tier) for row in later.candidates.select_related("account")}
    assert found == {"Lindqvara": ("in", "strategic"), "Merrowick": ("in", "key")}


def test_an_account_of_the_list_is_not_withdrawn_but_decided(
    make_account: Callable[..., Account], ingrid: User
) -> None:
    new, listed = make_account("New"), make_account("Listed", tier="key")
    cycle = with_candidates(ingrid, new, listed)
    actions.withdraw_nomination(cycle=cycle, candidate=cycle.candidates.get(account=new), by=ingrid)
    with pytest.raises(ActionRefused, match="on the list today"):
        actions.withdraw_nomination(cycle=cycle, candidate=cycle.candidates.get(account=listed), by=ingrid)


def test_the_clock_reminds_once_when_the_yearly_review_is_due(ingrid: User, helene: User) -> None:
    SelectionCycle.objects.create(
        year=2026, state="closed", closed_on=date(2026, 1, 30), **dates_of(proposed_calendar(2026))
    )
    due = opening_day(2027)
    assert remind(today=due - timedelta(days=1), by=None) == 0
    assert remind(today=due, by=None) == 1
    assert remind(today=due + timedelta(days=30), by=None) == 0
    line = Notification.objects.get(user=ingrid)
    assert "Open the selection cycle 2027" in line.title


def dates_of(calendar: Calendar) -> dict[str, date]:
    return {name: getattr(calendar, name) for name in calendar.__slots__}


def test_my_day_asks_whoever_decides_and_whoever_approves(account: Account, ingrid: User, helene: User) -> None:
    cycle = with_candidates(ingrid, account)
    assert [duty.title for duty in duties(ingrid, TODAY)] == ["0 open list decisions for 2027"]
    assert duties(helene, TODAY) == []
    decide(cycle, account, ingrid)
    actions.ask_approval(cycle=cycle, revision=cycle.revision, people=[helene], by=ingrid)
    assert [duty.title for duty in duties(helene, TODAY)] == ["Approve the list of 2027"]


def test_the_global_tier_is_switched_on_in_a_draft_with_gates_that_records_answer(
    live: ScorecardVersion, ingrid: User
) -> None:
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    switch_on_global(version=draft, revision=draft.revision, by=ingrid)
    rule = draft.tier_rules.get(tier="global")
    assert (rule.gates, rule.takes) == (["G1", "G2", "G3", "G4", "G5", "G6", "G7"], 6)
    assert dict(draft.criteria.filter(kind="gate").values_list("key", "checked_by")) == {
        "G1": "mutuality", "G2": "", "G3": "", "G4": "regions", "G5": "purchase_lead", "G6": "full_people",
        "G7": "board_sponsor",
    }  # fmt: skip
    with pytest.raises(ActionRefused, match="has the tier global already"):
        switch_on_global(version=draft, revision=draft.revision, by=ingrid)
    set_gate_checks(version=draft, revision=draft.revision, checks={"G5": ""}, by=ingrid)
    assert draft.criteria.get(key="G5").checked_by == ""
    with pytest.raises(FieldErrors):
        set_gate_checks(version=draft, revision=draft.revision, checks={"G5": "stars"}, by=ingrid)
