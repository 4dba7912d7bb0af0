"""The demo's list comes out as the story tells it, on any start day."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.demo import build as build_accounts
from accounts.models import Account
from scoring.demo import build
from scoring.models import (
    AccountScore,
    KeptScore,
    Rating,
    RatingRound,
    RoundAccount,
    RoundRater,
    ScorecardVersion,
    TierDecision,
)
from scoring.queries.disagreements import disagreements, revealed_accounts
from scoring.queries.rules import rules_of
from tests.scoring.conftest import SCORES, TODAY
from tests.scoring.test_portfolio import shown

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
