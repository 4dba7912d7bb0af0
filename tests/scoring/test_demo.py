"""The demo's list comes out as the story tells it, on any start day."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from accounts.demo import build as build_accounts
from accounts.models import Account
from sam.core.models import User
from scoring.demo import build
from scoring.models import (
    AccountScore,
    CandidateDecision,
    IdealProfile,
    KeptScore,
    OutcomeWorth,
    Rating,
    RatingRound,
    RoundAccount,
    RoundRater,
    ScorecardVersion,
    SelectionCycle,
    TierDecision,
)
from scoring.queries.cycle import Row, candidates_for, capacity, rows_of
from scoring.queries.disagreements import disagreements, revealed_accounts
from scoring.queries.investment import investment
from scoring.queries.mutuality import mutualities
from scoring.queries.profiles import fit_table
from scoring.queries.rules import rules_of
from scoring.queries.surprises import surprises
from tests.scoring.conftest import SCORES, TODAY
from tests.scoring.test_portfolio import shown

pytestmark = pytest.mark.xdist_group("demo of the scores")
LAST_YEAR = {
    "Oremund": "83", "Skoggrim": "61", "Montevarra": "80", "Dunmarsh": "33", "Havelgrund": "72", "Merrowick": "52",
    "Quillaraya": "66", "Lindqvara": "74",
}  # fmt: skip


def account(short: str) -> Account:
    return Account.objects.get(name__startswith=f"{short} ")


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """Built once for this file and rolled back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        build_accounts(TODAY)
        build(TODAY)
        yield
        transaction.set_rollback(True)


def test_the_portfolio_pages_have_their_story(demo):
    ingrid = User.objects.get(display_name="Ingrid Vossberg")
    found = {row.name.split()[0]: (row.revenue_rank, row.score_rank, row.label) for row in surprises(ingrid).all}
    assert found["Lindqvara"] == (9, 2, "unexpected")
    assert found["Dunmarsh"] == (2, 8, "large but transactional")
    profile = IdealProfile.objects.live()
    fits = [fit.account.name.split()[0] for fit in fit_table(profile, ingrid).fits]
    assert fits[:3] == ["Lindqvara", "Montevarra", "Oremund"]
    assert set(OutcomeWorth.objects.values_list("account", flat=True)) == {account(short).pk for short in SCORES}
    assert all(line.contribution is not None and line.worth for line in investment(ingrid).lines)


def test_the_demo_scores_as_the_story_says(demo):
    found = {
        short: tuple(map(shown, (score.current_points, score.potential_points, score.overall_points)))
        for short in SCORES
        for score in [AccountScore.objects.get(account=account(short))]
    }
    assert found == SCORES


def test_last_year_is_kept_with_its_inputs(demo):
    kept = {short: KeptScore.objects.get(account=account(short), occasion="Cycle 2026") for short in LAST_YEAR}
    assert {short: str(round(row.overall_points)) for short, row in kept.items()} == LAST_YEAR
    assert kept["Oremund"].inputs["quarter"] == "2025-Q4"


def test_the_rules_propose_what_the_story_says(demo):
    proposed = {short: AccountScore.objects.get(account=account(short)).proposed_tier for short in SCORES}
    assert proposed == {
        "Oremund": "strategic", "Skoggrim": "key", "Montevarra": "strategic", "Dunmarsh": "", "Havelgrund": "key",
        "Merrowick": "", "Quillaraya": "key", "Lindqvara": "strategic",
    }  # fmt: skip


def test_decided_tiers_have_reasons_and_history(demo):
    assert {short: account(short).tier for short in ("Oremund", "Skoggrim", "Merrowick", "Lindqvara", "Ketterau")} == {
        "Oremund": "strategic", "Skoggrim": "strategic", "Merrowick": "key", "Lindqvara": "key", "Ketterau": "",
    }  # fmt: skip
    moves = TierDecision.objects.filter(account=account("Montevarra")).order_by("decided_on")
    assert [move.tier for move in moves] == ["key", "strategic"]
    assert [move.previous for move in moves] == ["", "key"]
    override = TierDecision.objects.filter(account=account("Skoggrim")).first()
    assert override.against_proposal
    assert (override.ends_on - TODAY).days == 219


def test_one_nominated_by_hand_has_no_overall_and_no_proposal(demo):
    score = AccountScore.objects.get(account=account("Solmarina"))
    assert score.basis == "current"
    assert (score.overall, score.proposed_tier) == (None, None)


def test_the_round_of_this_year_leaves_one_disagreement_to_settle(demo):
    done = RatingRound.objects.get(name="Cycle 2027")
    assert (done.state, done.accounts.count()) == ("closed", 8)
    capacities = set(RoundRater.objects.filter(entry__round=done).values_list("capacity", "user__display_name"))
    assert {("finance", "Petra Lohse"), ("outside", "Ingrid Vossberg")} <= capacities
    rules = rules_of(ScorecardVersion.objects.select_related("scorecard").in_use())
    found = disagreements(revealed_accounts(done), rules, TODAY)
    assert [(one.account.name.split()[0], one.criterion.key, one.consensus.spread) for one in found] == [
        ("Dunmarsh", "P2", 3),
        ("Havelgrund", "P3", 2),
    ]
    assert [one.settled is not None for one in found] == [False, True]


def test_late_nominations_are_still_rated_blind(demo):
    entry = RoundAccount.objects.blind().get()
    assert entry.account == account("Solmarina")
    assert Rating.objects.filter(sealed=True, account=entry.account).count() == 2


def test_every_decision_against_the_rules_has_an_end(demo):
    against = [one for one in TierDecision.objects.all() if one.against_proposal]
    assert against
    assert all(one.ends_on for one in against)


# --- three selection cycles, as section 5 of the story has them side by side -----------------------------------------


def listed(year: int) -> dict[str, tuple[str, str]]:
    """Outcome and tier of every decided candidate of a cycle, by the story's name."""
    decisions = CandidateDecision.objects.filter(candidate__cycle__year=year).select_related("candidate__account")
    return {row.candidate.account.name.split()[0]: (row.outcome, row.tier) for row in decisions}


def rows(year: int) -> dict[str, Row]:
    cycle = SelectionCycle.objects.get(year=year)
    ingrid = User.objects.get(display_name="Ingrid Vossberg")
    return {row.account.name.split()[0]: row for row in rows_of(cycle, candidates_for(cycle, ingrid), ingrid)}


def test_two_lists_are_closed_as_the_story_tells_them(demo):
    assert listed(2025) == {
        "Oremund": ("in", "strategic"), "Skoggrim": ("in", "strategic"), "Merrowick": ("in", "strategic"),
        "Montevarra": ("in", "key"), "Lindqvara": ("watch", ""), "Havelgrund": ("in", "key"), "Dunmarsh": ("in", "key"),
        "Ketterau": ("in", "key"),
    }  # fmt: skip
    assert listed(2026) == {
        "Oremund": ("in", "strategic"), "Skoggrim": ("in", "strategic"), "Merrowick": ("in", "key"),
        "Montevarra": ("in", "strategic"), "Lindqvara": ("in", "key"), "Quillaraya": ("in", "key"),
        "Havelgrund": ("in", "key"), "Dunmarsh": ("in", "key"), "Ketterau": ("out", ""),
    }  # fmt: skip
    closed = SelectionCycle.objects.filter(state="closed")
    assert [(cycle.year, (TODAY - cycle.closed_on).days) for cycle in closed.order_by("year")] == [
        (2025, 680),
        (2026, 297),
    ]
    assert CandidateDecision.objects.get(candidate__account=account("Ketterau"), outcome="out").has_transition_plan


def test_this_years_cycle_is_in_decision_with_four_open(demo):
    cycle = SelectionCycle.objects.get(year=2027)
    assert (cycle.state, (TODAY - cycle.opens_on).days, (cycle.approval_until - TODAY).days) == ("decision", 49, 18)
    found = rows(2027)
    assert {name for name, row in found.items() if row.is_open} == {"Merrowick", "Lindqvara", "Quillaraya", "Dunmarsh"}
    assert listed(2027) == {
        "Oremund": ("in", "strategic"), "Skoggrim": ("in", "strategic"), "Montevarra": ("in", "strategic"),
        "Havelgrund": ("in", "key"), "Merrowick": ("out", ""),
    }  # fmt: skip
    assert found["Merrowick"].plan_missing
    assert found["Skoggrim"].differs
    assert (found["Skoggrim"].decision.ends_on - TODAY).days == 219
    assert found["Skoggrim"].decision.decided_by.display_name == "Helene Straub"


def test_the_rules_suggest_what_the_story_proposes(demo):
    found = {name: row.suggestion for name, row in rows(2027).items()}
    assert {name: (one.outcome.value, one.tier) for name, one in found.items() if one} == {
        "Oremund": ("in", "strategic"), "Skoggrim": ("in", "key"), "Montevarra": ("in", "strategic"),
        "Merrowick": ("out", ""), "Lindqvara": ("in", "strategic"), "Quillaraya": ("watch", "key"),
        "Havelgrund": ("in", "key"), "Dunmarsh": ("out", ""),
    }  # fmt: skip


def test_solmarina_is_nominated_by_hand_and_has_no_proposal(demo):
    row = rows(2027)["Solmarina"]
    assert (row.candidate.origin, row.suggestion, row.waits_for_ratings) == ("hand", None, True)


def test_marks_are_those_of_the_story(demo):
    found = {name: {mark.key for mark in row.marks} for name, row in rows(2027).items()}
    assert "transactional" in found["Dunmarsh"]
    assert {"unexpected", "emerging"} <= found["Lindqvara"]
    assert "emerging" in found["Quillaraya"]
    assert {"Skoggrim", "Merrowick"} <= {name for name, keys in found.items() if "threat" in keys}


def test_mutuality_is_shown_by_the_evidence_of_the_story(demo):
    rules = rules_of(ScorecardVersion.objects.select_related("scorecard").in_use())
    names = ("Oremund", "Montevarra", "Lindqvara", "Quillaraya", "Havelgrund")
    ids = {account(name).pk: name for name in names}
    found = {ids[pk]: state for pk, state in mutualities(rules, TODAY, ids).items()}
    shown = {name: {sign.kind.value for sign in state.fresh} for name, state in found.items()}
    assert shown["Oremund"] == {"m1", "m2", "m3"}
    assert shown["Montevarra"] == {"m2", "m3"}
    assert shown["Lindqvara"] == {"m1", "m4", "m5"}
    assert shown["Quillaraya"] == {"m3"}
    assert {name: state.passed for name, state in found.items()} == {
        "Oremund": True, "Montevarra": True, "Lindqvara": True, "Quillaraya": False, "Havelgrund": False,
    }  # fmt: skip
    assert found["Oremund"].told_on == date(2025, 1, 14)
    assert found["Montevarra"].told_on == date(2026, 2, 12)
    assert found["Lindqvara"].told_on is None


def test_the_leads_carry_what_the_story_says(demo):
    cycle = SelectionCycle.objects.get(year=2027)
    ingrid = User.objects.get(display_name="Ingrid Vossberg")
    found = capacity(rows_of(cycle, candidates_for(cycle, ingrid), ingrid), None)
    assert {load.lead.display_name.split()[0]: (load.before, load.after) for load in found} == {
        "Marek": (6, 4), "Nadia": (4, 4), "Chiara": (4, 6),
    }  # fmt: skip
