"""Weights by comparing in pairs, and the builder around it: kept with the version, taken over, evened out."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from sam.core.errors import ActionRefused, FieldErrors, Stale
from scoring.actions.objectives import add_objective
from scoring.actions.scorecards import (
    compare_criteria,
    create_draft,
    edit_criterion,
    even_out_weights,
    publish,
    set_weights,
)
from scoring.models import Comparison, Objective, ScorecardVersion
from scoring.queries.advice import objective_page
from scoring.queries.builder import version_parts
from scoring.queries.comparing import comparing

KEYS = ("C1", "C2", "C3", "C4", "C5")
STEPS = {"C1": 4, "C2": 2, "C3": 1, "C4": 1, "C5": 2}


@pytest.fixture
def draft(live, ingrid) -> ScorecardVersion:
    return create_draft(scorecard=live.scorecard, by=ingrid)


def favour(first: str, second: str) -> int:
    """Comparisons that fit together: ratios of STEPS."""
    one, other = STEPS[first], STEPS[second]
    return one // other if one >= other else -(other // one)


def all_pairs() -> dict[tuple[str, str], int | None]:
    return {pair: favour(*pair) for pair in itertools.combinations(KEYS, 2)}


def weights(version: ScorecardVersion, half: str = "current") -> dict[str, Decimal]:
    return dict(version.criteria.filter(half=half).values_list("key", "weight"))


def test_comparisons_of_all_pairs_give_the_half_its_weights(draft, ingrid):
    before = weights(draft, "potential")
    compare_criteria(version=draft, revision=draft.revision, favours=all_pairs(), use=True, by=ingrid)
    assert weights(draft) == {"C1": 40, "C2": 20, "C3": 10, "C4": 10, "C5": 20}
    assert weights(draft, "potential") == before
    found = comparing(draft, "current")
    assert (found.missing, found.result.consistent, found.odd) == (0, True, "")


def test_some_pairs_are_kept_and_give_no_weights_yet(draft, ingrid):
    some = {("C1", "C2"): 3, ("C1", "C3"): -9}
    compare_criteria(version=draft, revision=draft.revision, favours=some, by=ingrid)
    found = comparing(draft, "current")
    assert (found.missing, found.result) == (8, None)
    with pytest.raises(FieldErrors) as refused:
        compare_criteria(version=draft, revision=draft.revision, favours={("C1", "C2"): 4}, use=True, by=ingrid)
    assert refused.value.errors[""] == ("Compare the remaining 8 pairs first: weights come from all of them.",)
    draft.refresh_from_db()
    compare_criteria(version=draft, revision=draft.revision, favours={("C1", "C2"): None}, by=ingrid)
    assert comparing(draft, "current").missing == 9


def test_a_comparison_said_the_other_way_round_is_the_same(draft, ingrid):
    compare_criteria(version=draft, revision=draft.revision, favours={("C2", "C1"): -5}, by=ingrid)
    pair = comparing(draft, "current").pairs[0]
    assert (pair.first.key, pair.second.key, pair.favour) == ("C1", "C2", 5)
    compare_criteria(version=draft, revision=draft.revision, favours={("C1", "C2"): 2}, by=ingrid)
    assert Comparison.objects.get().favour == 2


@pytest.mark.parametrize(
    ("pair", "value"),
    [(("C1", "C1"), 2), (("C1", "P1"), 2), (("C1", "X9"), 2), (("C1", "G1"), 2), (("C1", "C2"), 10), (("C1", "C2"), 0)],
)
def test_what_is_no_comparison_is_refused(draft, ingrid, pair, value):
    with pytest.raises(FieldErrors):
        compare_criteria(version=draft, revision=draft.revision, favours={pair: value}, by=ingrid)
    assert not Comparison.objects.exists()


def test_comparisons_stay_with_their_version(draft, ingrid):
    seen = draft.revision
    compare_criteria(version=draft, revision=seen, favours=all_pairs(), use=True, by=ingrid)
    with pytest.raises(Stale):
        compare_criteria(version=draft, revision=seen, favours=all_pairs(), by=ingrid)
    publish(version=draft, revision=draft.revision, note="Weighed in pairs", by=ingrid)
    with pytest.raises(ActionRefused):
        compare_criteria(version=draft, revision=draft.revision, favours=all_pairs(), by=ingrid)
    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        Comparison.objects.filter(version=draft).update(favour=1)
    following = create_draft(scorecard=draft.scorecard, by=ingrid)
    assert comparing(following, "current").missing == 0


def test_comparisons_that_contradict_each_other_are_told_and_may_still_be_used(draft, ingrid):
    turned = all_pairs() | {("C1", "C5"): -9}
    compare_criteria(version=draft, revision=draft.revision, favours=turned, use=True, by=ingrid)
    found = comparing(draft, "current")
    assert not found.result.consistent
    assert found.odd.startswith("C1 against C5: you said 1/9, all others together say ")
    assert sum(weights(draft).values()) == 100


def test_weights_are_evened_out_to_100_in_each_half(draft, ingrid):
    set_weights(version=draft, revision=draft.revision, weights={"C1": Decimal(125)}, by=ingrid)
    even_out_weights(version=draft, revision=draft.revision, by=ingrid)
    assert sum(weights(draft).values()) == sum(weights(draft, "potential").values()) == 100
    assert weights(draft)["C1"] == Decimal("62.50")
    assert weights(draft, "potential") == {"P1": 25, "P2": 25, "P3": 20, "P4": 15, "P5": 15}


def test_the_builder_shows_each_criterion_s_share_of_its_half_and_of_the_whole(draft, ingrid):
    half = version_parts(draft, "EUR").halves[0]
    assert [part.in_half for part in half.rows] == [Decimal(n) / 100 for n in (25, 20, 20, 15, 20)]
    assert half.rows[0].in_overall == Decimal("0.125")


def test_the_compare_page_leads_from_selects_to_weights(draft, ingrid, client):
    client.force_login(ingrid)
    url = f"/scorecards/{draft.scorecard_id}/{draft.number}/compare/current/"
    page = client.get(url).content.decode()
    assert page.count("<select") >= 10
    assert "0 of 10 compared" in page
    some = {"revision": draft.revision, "pair-C1-C2": "4", "pair-C1-C3": "nonsense"}
    refused = client.post(url, some | {"use": "yes"})
    assert refused.status_code == 422
    assert 'value="4" selected' in refused.content.decode()
    assert client.post(url, some).status_code == 303
    draft.refresh_from_db()
    everything = {f"pair-{a}-{b}": str(favour(a, b)) for a, b in itertools.combinations(KEYS, 2)}
    assert client.post(url, everything | {"revision": draft.revision}).status_code == 303
    page = client.get(url).content.decode()
    assert "They fit" in page
    assert "Saaty 1980" in page
    draft.refresh_from_db()
    assert client.post(url, everything | {"revision": draft.revision, "use": "yes"})["Location"].endswith("/2/")
    assert weights(draft)["C1"] == 40
    assert client.get(url.replace("current", "sideways")).status_code == 404


def test_a_compare_page_that_is_too_late_says_so_and_keeps_what_was_chosen(draft, ingrid, client):
    client.force_login(ingrid)
    set_weights(version=draft, revision=draft.revision, weights={"C1": Decimal(30)}, by=ingrid)
    url = f"/scorecards/{draft.scorecard_id}/{draft.number}/compare/current/"
    answer = client.post(url, {"revision": 1, "pair-C1-C2": "-7"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Somebody else changed this first" in page
    assert 'value="-7" selected' in page


def test_the_builder_leads_to_each_point_of_its_advice(draft, ingrid, client):
    edit_criterion(
        version=draft, criterion=draft.criteria.get(key="P5"), revision=draft.revision, by=ingrid, objective=None
    )
    client.force_login(ingrid)
    page = client.get(f"/scorecards/{draft.scorecard_id}/{draft.number}/").content.decode()
    assert "P5 What we learn and may show serves no objective." in page
    assert "criteria/P5/" in page
    assert "No criterion serves O5" in page
    assert "compare/current/" in page
    assert "12.5" in page


def test_the_even_out_button_works(draft, ingrid, client):
    set_weights(version=draft, revision=draft.revision, weights={"C1": Decimal(125)}, by=ingrid)
    client.force_login(ingrid)
    url = f"/scorecards/{draft.scorecard_id}/{draft.number}/weights/even/"
    assert client.post(url, {"revision": draft.revision}).status_code == 303
    assert sum(weights(draft).values()) == 100


def test_objectives_without_a_criterion_are_shown(live, ingrid, client):
    found = objective_page()
    assert [one.code for one in found.uncovered] == ["O5"]
    assert {line.objective.code: line.served_by for line in found.lines}["O3"] == ("C4",)
    client.force_login(ingrid)
    page = client.get("/objectives/").content.decode()
    assert "serves <b>O5</b>" in page
    Objective.objects.filter(code="O5").update(dropped=True)
    assert objective_page().uncovered == ()
    add_objective(year=Objective.objects.first().year + 1, code="N1", text="Next year's aim", by=ingrid)
    assert [one.code for one in objective_page().uncovered] == ["N1"]


def test_comparisons_are_readable_by_api(draft, ingrid, api):
    compare_criteria(version=draft, revision=draft.revision, favours={("C1", "C2"): 3}, by=ingrid)
    body = api(ingrid).get(f"/api/v1/scorecard-versions/{draft.pk}/").json()
    assert body["comparisons"] == [{"first": "C1", "second": "C2", "favour": 3}]


def test_comparisons_are_written_by_api_at_the_revision_that_was_seen(draft, ingrid, api):
    url = f"/api/v1/scorecard-versions/{draft.pk}/comparisons/"
    everything = [{"first": a, "second": b, "favour": favour(a, b)} for a, b in itertools.combinations(KEYS, 2)]
    body = {"comparisons": everything, "use": True}
    client = api(ingrid)
    assert client.post(url, body).status_code == 428
    answer = client.post(url, body, headers={"If-Match": f'"{draft.revision}"'})
    assert answer.status_code == 200
    assert {row["key"]: row["weight"] for row in answer.json()["criteria"] if row["half"] == "current"} == {
        "C1": "40.00", "C2": "20.00", "C3": "10.00", "C4": "10.00", "C5": "20.00",
    }  # fmt: skip
    assert client.post(url, body, headers={"If-Match": f'"{draft.revision}"'}).status_code == 412
    wrong = {"comparisons": [{"first": "C1", "second": "P1", "favour": 2}]}
    assert client.post(url, wrong, headers={"If-Match": answer["ETag"]}).status_code == 400
