"""Rules of scorecards, ratings, gates and tiers, in the action and in the database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Account
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import Job, Notification
from scoring.actions.defaults import load_defaults
from scoring.actions.ratings import Rated, answer_gate, rate_account, rate_many, withdraw_rating
from scoring.actions.scorecards import (
    NOT_A_DRAFT,
    add_criterion,
    add_from_library,
    add_scorecard,
    create_draft,
    discard_draft,
    edit_criterion,
    edit_draft,
    problems,
    publish,
    put_in_use,
    remove_criterion,
    set_tier_rules,
    set_weights,
)
from scoring.actions.scores import RECOMPUTE, recompute_all
from scoring.actions.tiers import decide_tier, warning_about
from scoring.domain.library import FIRST_SCORECARD, LIBRARY
from scoring.models import AccountScore, Criterion, Objective, Rating, ScorecardVersion, TierDecision
from scoring.queries.builder import version_parts


def refused_by_database(write) -> bool:
    try:
        with transaction.atomic():
            write()
    except DatabaseError:
        return True
    return False


def test_the_first_scorecard_is_loaded_once_and_is_live(live):
    assert (live.state, live.number, live.scorecard.in_use) == ("live", 1, True)
    assert live.criteria.exclude(kind="gate").count() == 10
    assert Objective.objects.count() == 5
    assert load_defaults(by=None) is None
    assert [advice.text for advice in version_parts(live, "EUR").warnings] == [
        "No criterion serves O5 Paid as agreed: days sales outstanding at most terms plus five.",
    ]


def test_a_draft_is_a_copy_of_the_live_version_and_there_is_only_one(live, ingrid):
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    assert (draft.number, draft.state) == (2, "draft")
    assert list(draft.criteria.values_list("key", "weight")) == list(live.criteria.values_list("key", "weight"))
    assert draft.tier_rules.count() == live.tier_rules.count() == 2
    with pytest.raises(ActionRefused, match="draft already"):
        create_draft(scorecard=live.scorecard, by=ingrid)


def test_a_published_version_refuses_every_change(live, ingrid):
    criterion = live.criteria.get(key="C1")
    with pytest.raises(ActionRefused, match="does not change") as refused:
        edit_draft(version=live, revision=live.revision, alpha=Decimal("0.6"), minimum_coverage=Decimal(1), by=ingrid)
    assert (refused.value.message, refused.value.status) == (NOT_A_DRAFT, 409)
    with pytest.raises(ActionRefused):
        edit_criterion(version=live, criterion=criterion, revision=live.revision, by=ingrid, name="Other")
    with pytest.raises(ActionRefused):
        discard_draft(version=live, revision=live.revision, by=ingrid)


def test_the_database_keeps_published_versions_as_they_are(live):
    criterion = live.criteria.get(key="C1")
    rule = live.tier_rules.first()
    versions = ScorecardVersion.objects.filter(pk=live.pk)
    assert refused_by_database(lambda: Criterion.objects.filter(pk=criterion.pk).update(weight=99))
    assert refused_by_database(criterion.delete)
    assert refused_by_database(lambda: Criterion.objects.create(version=live, key="X", name="X", kind="gate"))
    assert refused_by_database(lambda: type(rule).objects.filter(pk=rule.pk).update(enter=99))
    assert refused_by_database(lambda: versions.update(alpha=Decimal("0.9")))
    assert refused_by_database(lambda: versions.update(state="draft"))
    assert refused_by_database(versions.delete)


def test_only_one_version_of_a_scorecard_is_live(live, ingrid):
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    published = ScorecardVersion.objects.filter(pk=draft.pk)
    assert refused_by_database(lambda: published.update(state="live", note="x", published_at=timezone.now()))


def test_publishing_retires_the_one_before_and_starts_a_recompute(live, ingrid):
    Job.objects.all().delete()
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    set_weights(version=draft, revision=draft.revision, weights={"C1": Decimal(30), "C2": Decimal(15)}, by=ingrid)
    with pytest.raises(FieldErrors, match="why this version"):
        publish(version=draft, revision=draft.revision, note=" ", by=ingrid)
    published = publish(version=draft, revision=draft.revision, note="More weight on contribution", by=ingrid)
    live.refresh_from_db()
    assert (published.state, live.state, published.published_by) == ("live", "retired", ingrid)
    job = Job.objects.get(kind=RECOMPUTE)
    assert job.arguments["keep"] == "Published Strategic accounts, version 2"
    assert live.criteria.get(key="C1").weight == 25


def test_a_second_writer_of_a_draft_is_told_so(live, ingrid):
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    seen = draft.revision
    set_weights(version=draft, revision=seen, weights={"C1": Decimal(30)}, by=ingrid)
    with pytest.raises(Stale):
        set_weights(version=draft, revision=seen, weights={"C1": Decimal(20)}, by=ingrid)


def test_warnings_name_count_balance_and_weights_but_do_not_block(live, ingrid):
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    add_from_library(version=draft, revision=draft.revision, ready=[LIBRARY[0]], by=ingrid)
    edit_draft(version=draft, revision=draft.revision, alpha=Decimal("0.7"), minimum_coverage=Decimal("0.8"), by=ingrid)
    warnings = " ".join(map(str, version_parts(draft, "EUR").warnings))
    assert "11 criteria" in warnings
    assert "add up to 110" in warnings
    assert "do not count the same" in warnings
    assert problems(draft) == []
    assert publish(version=draft, revision=draft.revision, note="On purpose", by=ingrid).state == "live"


def test_an_empty_half_blocks_publishing(live, ingrid):
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    for criterion in draft.criteria.filter(half="potential"):
        remove_criterion(version=draft, criterion=criterion, revision=draft.revision, by=ingrid)
    with pytest.raises(ActionRefused, match="Potential and fit"):
        publish(version=draft, revision=draft.revision, note="Half of it", by=ingrid)


def test_a_tier_asks_only_for_gates_the_version_has(live, ingrid):
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    rule = {"tier": "key", "enter": Decimal(40), "stay": Decimal(35), "gates": ["G9"]}
    with pytest.raises(FieldErrors, match="no gate G9"):
        set_tier_rules(version=draft, revision=draft.revision, rules=[rule], by=ingrid)
    with pytest.raises(FieldErrors, match="not above"):
        set_tier_rules(
            version=draft, revision=draft.revision, rules=[rule | {"stay": Decimal(50), "gates": []}], by=ingrid
        )


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"kind": "rated", "half": "current", "weight": 10}, "anchors"),
        ({"kind": "rated", "weight": 10, "anchors": ["a"] * 5}, "half"),
        ({"kind": "computed", "half": "current", "weight": 10, "measure": "revenue"}, "method"),
        (
            {"kind": "computed", "half": "current", "weight": 10, "measure": "revenue", "method": "banded",
             "cut_points": [Decimal(3), Decimal(2), Decimal(4), Decimal(5)]},
            "cut_points",
        ),
        ({"kind": "rated", "half": "current", "weight": 0, "anchors": ["a"] * 5}, "weight"),
        ({"kind": "gate", "key": "C1"}, "key"),
    ],
)  # fmt: skip
def test_criteria_that_make_no_sense_are_refused_in_words(live, ingrid, fields, where):
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    with pytest.raises(FieldErrors) as refused:
        add_criterion(version=draft, revision=draft.revision, by=ingrid, **({"key": "X1", "name": "New"} | fields))
    assert where in refused.value.errors


def test_every_ready_made_criterion_can_be_added_and_published(db, ingrid):
    version = add_scorecard(name="Everything", by=ingrid)
    made = add_from_library(version=version, revision=version.revision, ready=(*FIRST_SCORECARD, *LIBRARY), by=ingrid)
    assert len([one for one in made if one.kind != "gate"]) == 27
    assert problems(version) == []
    assert publish(version=version, revision=version.revision, note="All", by=ingrid).scorecard.in_use


def test_another_scorecard_takes_over_when_chosen(live, ingrid):
    version = add_scorecard(name="Other", by=ingrid)
    with pytest.raises(ActionRefused, match="Publish"):
        put_in_use(scorecard=version.scorecard, revision=1, by=ingrid)
    add_from_library(version=version, revision=version.revision, ready=FIRST_SCORECARD, by=ingrid)
    publish(version=version, revision=version.revision, note="Second", by=ingrid)
    version.scorecard.refresh_from_db()
    assert not version.scorecard.in_use
    put_in_use(scorecard=version.scorecard, revision=version.scorecard.revision, by=ingrid)
    assert ScorecardVersion.objects.in_use() == version


def test_rating_scores_the_account_at_once(live, account, alice):
    rate_account(account=account, criterion_key="P1", value=3, by=alice)
    score = AccountScore.objects.get(account=account)
    assert (score.potential_covered, score.potential_whole) == (2500, 10000)


@pytest.mark.parametrize("rating", [{"value": 4}, {"value": 2, "confirmed": True}])
def test_a_high_or_confirmed_rating_needs_evidence(live, account, alice, rating):
    with pytest.raises(FieldErrors, match="evidence"):
        rate_account(account=account, criterion_key="P1", by=alice, **rating)
    assert refused_by_database(
        lambda: Rating.objects.create(
            account=account, scorecard=live.scorecard, criterion_key="P1", rater=alice, rated_on=timezone.localdate(),
            **rating,
        )
    )  # fmt: skip


@pytest.mark.parametrize(("key", "value"), [("C1", 3), ("G1", 3), ("ZZ", 3), ("P1", 0), ("P1", 6)])
def test_only_rated_criteria_take_ratings_from_1_to_5(live, account, alice, key, value):
    with pytest.raises(FieldErrors):
        rate_account(account=account, criterion_key=key, value=value, evidence="x", by=alice)


def test_one_rating_per_person_the_last_is_in_the_trail(live, account, alice):
    first = rate_account(account=account, criterion_key="P1", value=2, by=alice)
    with pytest.raises(Stale):
        rate_account(account=account, criterion_key="P1", value=3, by=alice)
    rate_account(account=account, criterion_key="P1", value=3, revision=first.revision, by=alice)
    assert list(first.events.order_by("pgh_id").values_list("value", flat=True)) == [2, 3]


def test_nobody_withdraws_a_rating_of_somebody_else(live, account, alice, ingrid):
    rating = rate_account(account=account, criterion_key="P1", value=2, by=alice)
    with pytest.raises(ActionRefused):
        withdraw_rating(account=account, rating=rating, revision=1, by=ingrid)
    withdraw_rating(account=account, rating=rating, revision=1, by=alice)
    assert AccountScore.objects.get(account=account).potential_covered == 0


def test_a_sheet_is_saved_whole_or_not_at_all(live, account, alice):
    cells = [Rated(account, "P1", 3), Rated(account, "P2", 5)]
    with pytest.raises(FieldErrors) as refused:
        rate_many(cells=cells, by=alice)
    assert list(refused.value.errors) == [f"{account.pk}-P2"]
    assert not Rating.objects.exists()


def test_a_passed_gate_needs_evidence_and_a_live_gate(live, account, alice):
    with pytest.raises(FieldErrors, match="gate is passed"):
        answer_gate(account=account, gate_key="G2", passed=True, by=alice)
    with pytest.raises(FieldErrors, match="no gate"):
        answer_gate(account=account, gate_key="G8", passed=False, by=alice)
    answer = answer_gate(account=account, gate_key="G2", passed=False, by=alice)
    with pytest.raises(Stale):
        answer_gate(account=account, gate_key="G2", passed=False, revision=answer.revision + 1, by=alice)


def test_deciding_writes_the_tier_with_reason_and_tells_the_owner(live, account, alice, ingrid):
    Account.objects.filter(pk=account.pk).update(owner=alice)
    account.refresh_from_db()
    decision = decide_tier(
        account=account, tier="key", reason="Board of 11 December", revision=account.revision, by=ingrid
    )
    account.refresh_from_db()
    assert (account.tier, decision.previous, decision.proposed) == ("key", "", None)
    assert Notification.objects.get(user=alice).text == "Board of 11 December"
    with pytest.raises(Stale):
        decide_tier(account=account, tier="", reason="Too late", revision=account.revision - 1, by=ingrid)


def test_a_decision_needs_a_reason_a_known_tier_and_a_later_end(live, account, ingrid):
    for wrong in ({"reason": " "}, {"tier": "gold"}, {"ends_on": timezone.localdate()}):
        with pytest.raises(FieldErrors):
            decide_tier(**({"account": account, "tier": "key", "reason": "x", "revision": 1, "by": ingrid} | wrong))
    assert not TierDecision.objects.exists()


def test_a_decision_never_changes_afterwards(live, account, ingrid):
    decision = decide_tier(account=account, tier="key", reason="x", revision=account.revision, by=ingrid)
    assert refused_by_database(lambda: TierDecision.objects.filter(pk=decision.pk).update(reason="y"))


def test_deciding_against_the_rules_is_warned_about_and_remembered(rated_story, rescore, ingrid):
    rescore()
    account = rated_story["Dunmarsh"]
    assert "propose “Not in the programme”" in warning_about(account, "strategic")
    decision = decide_tier(
        account=account, tier="strategic", reason="Tender", revision=account.revision, by=ingrid,
        ends_on=timezone.localdate() + timedelta(days=90),
    )  # fmt: skip
    assert decision.against_proposal
    assert "not scored" in warning_about(rated_story["Brastholm"], "key")


def test_an_archived_account_gets_no_tier(live, account, ingrid):
    Account.objects.filter(pk=account.pk).update(status="archived")
    with pytest.raises(ActionRefused):
        decide_tier(account=account, tier="key", reason="x", revision=account.revision, by=ingrid)


def test_a_recompute_without_a_scorecard_says_what_to_do(db):
    with pytest.raises(ActionRefused, match="Publish one first"):
        recompute_all(by=None)


def test_scores_leave_no_trail(live, account, alice):
    rate_account(account=account, criterion_key="P1", value=3, by=alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM information_schema.tables WHERE table_name = 'scoring_accountscoreevent'")
        assert cursor.fetchone()[0] == 0


def test_the_clock_recomputes_when_something_changed_and_only_then(rated_story, rescore):
    from scoring.schedules import recompute_when_out_of_date

    Job.objects.all().delete()
    recompute_all(by=None)
    assert not recompute_when_out_of_date()
    rated_story["Oremund"].figures.update(revenue=1)
    assert recompute_when_out_of_date()
    assert not recompute_when_out_of_date()
