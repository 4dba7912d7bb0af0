"""A draft's effect on real accounts: who moves and why, for all accounts at once, and no score touched."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from sam.core.models import User
from scoring.actions.preview import preview_draft, run_preview, start_preview
from scoring.actions.scorecards import create_draft, edit_draft, publish, set_tier_rules, set_weights
from scoring.actions.scores import recompute_account
from scoring.models import AccountScore, Preview, ScorecardVersion, ScoreRun
from scoring.queries.preview import DraftPreview, draft_preview, spread_warnings
from tests.scoring.conftest import SCORES, TODAY


@pytest.fixture
def draft(rated_story, rescore, live, ingrid) -> ScorecardVersion:
    rescore()
    return create_draft(scorecard=live.scorecard, by=ingrid)


def preview(draft: ScorecardVersion, person: User) -> DraftPreview:
    preview_draft(version=draft, by=person, today=TODAY)
    found = draft_preview(draft, person)
    assert found is not None
    return found


def rules_with(draft: ScorecardVersion, **changed: Decimal) -> list[dict[str, object]]:
    names = ("tier", "enter", "stay", "enter_half", "stay_half", "gates")
    rows = [{name: getattr(rule, name) for name in names} for rule in draft.tier_rules.all()]
    return [row | changed if row["tier"] == "key" else row for row in rows]


def without_gates(draft: ScorecardVersion, person: User) -> None:
    rows = [row | {"gates": []} for row in rules_with(draft)]
    set_tier_rules(version=draft, revision=draft.revision, rules=rows, by=person)


def test_an_unchanged_draft_moves_nobody(draft, ingrid):
    found = preview(draft, ingrid)
    assert (found.accounts, found.moved, found.lines, found.ranks) == (37, 0, (), ())
    assert all(count.before == count.after for count in found.counts)
    assert sum(count.after for count in found.counts) == 37


def test_both_sides_are_the_scores_of_a_recompute(draft, ingrid):
    found = preview(draft, ingrid)
    for line in found.preview.lines.all():
        stored = AccountScore.objects.get(account=line.account)
        assert (line.current_before, line.potential_before, line.overall_before, line.tier_before) == (
            stored.current, stored.potential, stored.overall, stored.proposed_tier,
        )  # fmt: skip
        assert line.overall_after == line.overall_before


def rows() -> list[str]:
    """Stored scores as text: what is not a number equals itself there."""
    return [repr(row) for row in AccountScore.objects.order_by("account_id").values()]


def test_no_score_is_touched(draft, ingrid):
    before = rows()
    run = ScoreRun.objects.get()
    set_weights(version=draft, revision=draft.revision, weights={"C1": Decimal(90)}, by=ingrid)
    preview(draft, ingrid)
    assert rows() == before
    assert ScoreRun.objects.get() == run


def test_a_gate_that_is_dropped_is_named(draft, ingrid):
    """Nobody answered the story's gates here, so every tier is closed until the draft drops them."""
    without_gates(draft, ingrid)
    found = preview(draft, ingrid)
    moved = {move.account.name: (move.tier_before, move.tier_after, move.why) for move in found.lines}
    assert moved["Montevarra"][:2] == ("", "strategic")
    assert "no longer asks for gate G1" in moved["Montevarra"][2]
    assert moved["Skoggrim"][:2] == ("", "key")
    counts = {count.tier: (count.before, count.after) for count in found.counts}
    assert counts["strategic"] == (0, 5)


def live_without_gates(draft: ScorecardVersion, person: User) -> ScorecardVersion:
    """Publish the draft without gates, so that only scores and thresholds matter, and draft the next one."""
    without_gates(draft, person)
    publish(version=draft, revision=draft.revision, note="Gates come later", by=person)
    return create_draft(scorecard=draft.scorecard, by=person)


def test_a_threshold_is_named_when_the_score_stays(draft, ingrid):
    following = live_without_gates(draft, ingrid)
    rules = rules_with(following, enter=Decimal(45), stay=Decimal(45))
    set_tier_rules(version=following, revision=following.revision, rules=rules, by=ingrid)
    found = preview(following, ingrid)
    assert [(move.account.name, move.tier_before, move.tier_after) for move in found.lines] == [("Skoggrim", "key", "")]
    assert found.lines[0].why == "Overall stays 43.8; Key needs 45 instead of 40."
    assert not found.lines[0].is_up


def test_the_criterion_that_made_the_difference_is_named(draft, ingrid):
    """More weight on the share of wallet, where Skoggrim is strong, lifts it; potential counts less."""
    following = live_without_gates(draft, ingrid)
    edit_draft(
        version=following, revision=following.revision, alpha=Decimal("0.1"), minimum_coverage=Decimal("0.8"), by=ingrid
    )
    found = preview(following, ingrid)
    skoggrim = next(move for move in found.lines if move.account.name == "Skoggrim")
    assert (skoggrim.tier_before, skoggrim.tier_after) == ("key", "")
    assert skoggrim.why.startswith("Overall goes from 43.8 to 36.8; Key needs 40. Most of it comes from C")
    assert "points." in skoggrim.why


def test_less_coverage_asked_for_brings_accounts_into_scoring(draft, ingrid):
    edit_draft(version=draft, revision=draft.revision, alpha=Decimal(1), minimum_coverage=Decimal(0), by=ingrid)
    following = draft_preview(draft, ingrid)
    assert following is None
    edit_draft(version=draft, revision=draft.revision, alpha=Decimal("0.5"), minimum_coverage=Decimal("0.9"), by=ingrid)
    found = preview(draft, ingrid)
    moved = {move.account.name: move for move in found.lines}
    assert set(moved) == {"Dunmarsh", "Havelgrund", "Merrowick"}
    assert moved["Havelgrund"].tier_after is None
    assert "too little of a half" in moved["Havelgrund"].why


def test_rank_moves_are_the_largest_first(draft, ingrid):
    set_weights(version=draft, revision=draft.revision, weights={"C1": Decimal(500), "P1": Decimal(1)}, by=ingrid)
    found = preview(draft, ingrid)
    places = [abs(move.rank_change) for move in found.ranks]
    assert places == sorted(places, reverse=True)
    assert places[0] > 0


def test_a_criterion_that_is_the_same_everywhere_is_told(draft, ingrid):
    found = preview(draft, ingrid)
    assert found.preview.spread["C1"][0] == 37
    found.preview.spread = {"C1": [37, 34], "C2": [37, 20], "P1": [8, 8]}
    assert spread_warnings(found.preview, ["C1", "C2", "P1"]) == [("C1", 34, 37)]


def test_a_preview_says_when_it_is_out_of_date(draft, ingrid, rescore):
    assert preview(draft, ingrid).out_of_date == ""
    set_weights(version=draft, revision=draft.revision, weights={"C1": Decimal(30)}, by=ingrid)
    assert "draft was changed" in draft_preview(draft, ingrid).out_of_date
    assert preview(draft, ingrid).out_of_date == ""
    recompute_account(account=Account.objects.get(name="Oremund"), by=None, today=TODAY)
    assert "computed again" in draft_preview(draft, ingrid).out_of_date
    assert preview(draft, ingrid).out_of_date == ""
    rescore()
    assert "computed again" in draft_preview(draft, ingrid).out_of_date


def test_only_accounts_a_person_may_see_are_counted(draft, ingrid, rated_story, make_person):
    without_gates(draft, ingrid)
    preview_draft(version=draft, by=ingrid, today=TODAY)
    member = make_person("team_member", on=rated_story["Montevarra"], access="member")
    found = draft_preview(draft, member)
    assert (found.accounts, found.moved, found.everywhere) == (1, 1, False)
    assert [move.account.name for move in found.lines] == ["Montevarra"]


def test_archived_accounts_are_not_shown(draft, ingrid, rated_story):
    without_gates(draft, ingrid)
    preview_draft(version=draft, by=ingrid, today=TODAY)
    Account.objects.filter(pk=rated_story["Montevarra"].pk).update(status="archived")
    assert "Montevarra" not in {move.account.name for move in draft_preview(draft, ingrid).lines}


def test_directions_part_the_moves(draft, ingrid):
    without_gates(draft, ingrid)
    preview_draft(version=draft, by=ingrid, today=TODAY)
    up, down = (draft_preview(draft, ingrid, direction=direction) for direction in ("up", "down"))
    assert {move.account.name for move in up.lines} <= set(SCORES)
    assert up.lines
    assert down.lines == ()


def test_the_queries_do_not_grow_with_the_portfolio(draft, ingrid):
    without_gates(draft, ingrid)
    preview(draft, ingrid)
    with CaptureQueriesContext(connection) as few:
        draft_preview(draft, ingrid)
    Account.objects.bulk_create(Account(name=f"More {number}") for number in range(300))
    preview(draft, ingrid)
    with CaptureQueriesContext(connection) as many:
        draft_preview(draft, ingrid)
    assert len(many) == len(few)


def test_the_job_computes_and_a_second_click_uses_it(draft, ingrid):
    job = start_preview(version=draft, by=ingrid)
    assert start_preview(version=draft, by=ingrid).pk == job.pk
    steps: list[int] = []
    assert run_preview(job, lambda percent, step: steps.append(percent))["accounts"] == 37
    assert steps == sorted(steps)
    assert Preview.objects.get().version == draft


def test_the_page_leads_from_nothing_to_the_moves(draft, ingrid, client):
    url = f"/scorecards/{draft.scorecard_id}/{draft.number}/preview/"
    client.force_login(ingrid)
    page = client.get(url).content.decode()
    assert "Compute the effect" in page
    started = client.post(f"{url}start/")
    assert started["Location"].startswith("/jobs/")
    without_gates(draft, ingrid)
    preview_draft(version=draft, by=ingrid, today=TODAY)
    page = client.get(url).content.decode()
    assert "no longer asks for gate G1" in page
    assert "Montevarra" in page
    assert client.get(url, {"direction": "sideways", "page": "nonsense"}).status_code == 200


def test_a_published_version_has_no_preview(draft, ingrid, client, api):
    preview_draft(version=draft, by=ingrid, today=TODAY)
    publish(version=draft, revision=draft.revision, note="Live now", by=ingrid)
    client.force_login(ingrid)
    url = f"/scorecards/{draft.scorecard_id}/{draft.number}/preview/"
    assert client.get(url).status_code == 303
    assert not Preview.objects.exists()
    answer = api(ingrid).get(f"/api/v1/scorecard-versions/{draft.pk}/preview/")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_preview")


def test_the_api_tells_the_same(draft, ingrid, api):
    url = f"/api/v1/scorecard-versions/{draft.pk}/preview/"
    client = api(ingrid)
    assert client.get(url).json()["code"] == "no_preview"
    started = client.post(url)
    assert started.status_code == 202
    without_gates(draft, ingrid)
    preview_draft(version=draft, by=ingrid, today=TODAY)
    body = client.get(url).json()
    assert (body["accounts"], body["version"], body["out_of_date"]) == (37, draft.pk, "")
    assert {"tier": "strategic", "before": 0, "after": 5} in body["tiers"]
    move = next(move for move in body["moves"] if move["name"] == "Montevarra")
    assert (move["tier_before"], move["tier_after"], move["overall_after"]) == ("none", "strategic", "89.375")
    assert "gate G1" in move["why"]
    assert client.get(url, {"direction": "sideways"}).status_code == 400


def test_ratings_of_tomorrow_do_not_count(draft, ingrid, rated_story):
    from scoring.models import Rating

    Rating.objects.filter(account=rated_story["Oremund"]).update(rated_on=TODAY + timedelta(days=1))
    line = preview(draft, ingrid).preview.lines.get(account=rated_story["Oremund"])
    assert (line.overall_before, line.overall_after) == (None, None)
