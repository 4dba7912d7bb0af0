"""Scores, ratings, tiers and scorecards by API: contents, rights, revisions, wrong states."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from sam.core.authorization.permissions import Permission
from sam.core.authorization.roles import ROLES, roles_with
from sam.core.models import Job
from scoring.actions.scorecards import create_draft
from scoring.api.scorecards import CriterionOut
from scoring.models import Rating, ScorecardVersion


def test_scores_list_ranks_and_says_what_is_covered(rated_story, rescore, ingrid, api):
    rescore()
    rows = {row["name"]: row for row in api(ingrid).get("/api/v1/scores/").json()["results"]}
    assert len(rows) == 37
    best = rows["Montevarra"]
    assert (best["rank"], best["overall"], best["proposed_tier"], best["decided_tier"]) == (1, "89.375", "none", "none")
    assert rows["Havelgrund"]["current_coverage"] == {"known": "80.00", "of": "100.00", "fraction": "0.8"}
    none = rows["Brastholm"]
    assert (none["rank"], none["overall"], none["proposed_tier"], none["basis"]) == (None, None, None, "")
    top = api(ingrid).get("/api/v1/scores/", {"top": 2}).json()["results"]
    assert {row["name"] for row in top} == {"Montevarra", "Lindqvara"}
    assert api(ingrid).get("/api/v1/scores/", {"colour": "red"}).status_code == 400


def test_scores_pages_follow_the_cursor(rated_story, rescore, ingrid, api):
    rescore()
    client = api(ingrid)
    page = client.get("/api/v1/scores/", {"page_size": 20}).json()
    rest = client.get(page["next"]).json()
    names = [row["name"] for row in page["results"] + rest["results"]]
    assert len(names) == len(set(names)) == 37


def test_the_account_s_score_explains_itself(rated_story, rescore, ingrid, api):
    rescore()
    body = api(ingrid).get(f"/api/v1/accounts/{rated_story['Havelgrund'].pk}/score/").json()
    assert (body["overall"], body["version"]["number"], body["quarter"]) == ("73.125", 1, "2026-Q3")
    assert body["missing"] == [{"criterion": "C5", "reason": "nobody has rated it yet"}]
    assert body["halves"]["current"]["coverage"]["fraction"] == "0.8"
    added = sum(Decimal(part["in_overall"]) for part in body["contributions"])
    assert added == pytest.approx(Decimal("73.125"))
    first = body["contributions"][0]
    assert (first["criterion"], first["points"], first["weight"]) == ("C1", "75", "25")
    assert first["value"] == pytest.approx(3_530_000, rel=0.001)


def test_amounts_are_hidden_from_those_without_figures(rated_story, rescore, make_person, api):
    rescore()
    account = rated_story["Havelgrund"]
    member = make_person("team_member", on=account, access="member")
    body = api(member).get(f"/api/v1/accounts/{account.pk}/score/").json()
    assert [part["value"] for part in body["contributions"] if part["kind"] == "computed"] == [None, None, None]


def test_cut_points_are_shown_only_to_those_who_see_the_portfolio_s_figures(live, bob, ingrid):
    criterion = live.criteria.get(key="C1")
    assert CriterionOut(criterion, context={"request": SimpleNamespace(user=bob)}).data["cut_points"] is None
    assert CriterionOut(criterion, context={"request": SimpleNamespace(user=ingrid)}).data["cut_points"]


def test_hidden_is_404_forbidden_403_and_no_token_401(live, account, bob, charlie, api, client):
    score = f"/api/v1/accounts/{account.pk}/score/"
    tier = f"/api/v1/accounts/{account.pk}/tier/"
    assert client.get(score).status_code == 401
    assert api(charlie).get(score).status_code == 404
    assert api(bob).get(score).status_code == 200
    assert api(bob).post(tier, {"tier": "key", "reason": "x"}).status_code == 403
    assert api(charlie).post(
        "/api/v1/ratings/", {"account": account.pk, "criterion": "P1", "value": 3}
    ).status_code in (
        400,
        403,
    )
    assert api(bob).post("/api/v1/ratings/", {"account": account.pk, "criterion": "P1", "value": 3}).status_code == 403


def test_without_a_live_scorecard_a_score_is_409(account, ingrid, api):
    answer = api(ingrid).get(f"/api/v1/accounts/{account.pk}/score/")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_live_scorecard")


def test_a_rating_is_made_changed_by_revision_and_withdrawn(live, account, alice, ingrid, api):
    client = api(alice)
    body = {"account": account.pk, "criterion": "P1", "value": 5}
    assert client.post("/api/v1/ratings/", body).json()["errors"][0]["field"] == "evidence"
    made = client.post("/api/v1/ratings/", body | {"evidence": "Two projects"})
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    again = client.post("/api/v1/ratings/", body | {"evidence": "Two projects"})
    assert (again.status_code, again.json()["code"]) == (409, "already_rated")
    address = f"/api/v1/ratings/{made.json()['id']}/"
    assert client.patch(address, {"value": 4}).status_code == 428
    changed = client.patch(address, {"value": 4}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["value"], changed["ETag"]) == (200, 4, '"2"')
    stale = client.patch(address, {"value": 3}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["value"]) == (412, 4)
    assert api(ingrid).patch(address, {"value": 1}, headers={"If-Match": '"2"'}).status_code == 403
    assert client.delete(address, headers={"If-Match": '"2"'}).status_code == 204
    assert not Rating.objects.exists()


def test_a_gate_is_answered_once_and_changed_by_revision(live, account, alice, api):
    client = api(alice)
    body = {"account": account.pk, "gate": "G2", "passed": True, "evidence": "Paid"}
    made = client.post("/api/v1/gate-answers/", body)
    assert made.status_code == 201
    assert client.post("/api/v1/gate-answers/", body).status_code == 409
    address = f"/api/v1/gate-answers/{made.json()['id']}/"
    changed = client.patch(address, {"passed": False}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["passed"]) == (200, False)


def test_a_tier_is_decided_against_the_account_s_revision(live, account, ingrid, api):
    client = api(ingrid)
    address = f"/api/v1/accounts/{account.pk}/tier/"
    body = {"tier": "key", "reason": "Board of December"}
    assert client.post(address, body).status_code == 428
    tag = client.get(f"/api/v1/accounts/{account.pk}/score/")["ETag"]
    decided = client.post(address, body, headers={"If-Match": tag})
    assert (decided.status_code, decided.json()["tier"]) == (201, "key")
    assert "no proposal" in decided.json()["warning"]
    stale = client.post(address, body | {"tier": "none"}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["current"]["tier"]) == (412, "key")
    assert [row["reason"] for row in client.get(address).json()] == ["Board of December"]


def test_a_live_version_is_409_and_a_draft_is_changed_and_published(live, ingrid, api):
    client = api(ingrid)
    locked = client.patch(
        f"/api/v1/scorecard-versions/{live.pk}/", {"alpha": "0.6"}, headers={"If-Match": f'"{live.revision}"'}
    )
    assert (locked.status_code, locked.json()["code"]) == (409, "not_a_draft")
    made = client.post(f"/api/v1/scorecards/{live.scorecard_id}/draft/")
    assert made.status_code == 201
    assert client.post(f"/api/v1/scorecards/{live.scorecard_id}/draft/").status_code == 409
    address = f"/api/v1/scorecard-versions/{made.json()['id']}/"
    tag = client.get(address)["ETag"]
    changed = client.patch(address, {"alpha": "0.6", "weights": {"C1": "30", "C2": "15"}}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["alpha"]) == (200, "0.6000")
    stale = client.patch(address, {"alpha": "0.7"}, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["current"]["alpha"]) == (412, "0.6000")
    assert client.patch(address, {"weights": {"ZZ": "3"}}, headers={"If-Match": changed["ETag"]}).status_code == 400
    published = client.post(f"{address}publish/", {"note": "By API"}, headers={"If-Match": changed["ETag"]})
    assert (published.status_code, published.json()["state"]) == (200, "live")
    again = client.post(f"{address}publish/", {"note": "x"}, headers={"If-Match": published["ETag"]})
    assert again.status_code == 409


def test_scorecards_show_their_versions(live, ingrid, bob, make_person, api):
    create_draft(scorecard=live.scorecard, by=ingrid)
    rows = api(ingrid).get("/api/v1/scorecards/").json()["results"]
    assert [version["number"] for version in rows[0]["versions"]] == [2, 1]
    draft = ScorecardVersion.objects.get(number=2)
    assert api(bob).delete(f"/api/v1/scorecard-versions/{draft.pk}/", headers={"If-Match": '"1"'}).status_code == 403


@pytest.mark.parametrize("role", ROLES)
def test_scorecards_open_by_api_to_exactly_those_whom_the_pages_let_in(
    role, live, account, make_person, api, signed_in
):
    person = make_person(role, on=account, access="lead")
    opened = {
        f"/scorecards/{live.scorecard_id}/{live.number}/": signed_in(person),
        "/api/v1/scorecards/": api(person),
        f"/api/v1/scorecards/{live.scorecard_id}/": api(person),
        "/api/v1/scorecard-versions/": api(person),
        f"/api/v1/scorecard-versions/{live.pk}/": api(person),
    }
    found = {path: client.get(path).status_code for path, client in opened.items()}
    assert set(found.values()) == {200 if role in roles_with(Permission.SCORE_VIEW) else 403}, found


def test_a_recompute_is_started_as_a_job(live, ingrid, bob, api):
    Job.objects.all().delete()
    assert api(bob).post("/api/v1/scores/recompute/").status_code == 403
    started = api(ingrid).post("/api/v1/scores/recompute/", {"quarter": "2026-Q2"})
    assert started.status_code == 202
    assert Job.objects.get(pk=started.json()["id"]).arguments["quarter"] == "2026-Q2"
    assert api(ingrid).post("/api/v1/scores/recompute/", {"quarter": "soon"}).status_code == 400
