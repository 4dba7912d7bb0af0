"""What-ifs on the whole portfolio: what publishing would give, nothing stored, only for those who may."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from scoring.actions.scorecards import create_draft, draft_from_what_if, publish
from scoring.actions.tiers import decide_tier
from scoring.domain.nearest import Change
from scoring.domain.what_if import Changes
from scoring.models import AccountScore, ScorecardVersion
from scoring.queries.held import forget, held
from scoring.queries.scorecard import account_scorecard
from scoring.queries.what_if import what_if
from scoring.queries.why import change_words

CHANGES = Changes({"C1": Decimal(60), "P2": Decimal(0)}, Decimal("0.7"), {"key": {"enter": Decimal(50)}})


@pytest.fixture(autouse=True)
def _fresh_memory():
    forget()
    yield
    forget()


@pytest.fixture
def scored(rated_story, rescore, live):
    rescore()
    live.refresh_from_db()
    return rated_story


def test_unchanged_numbers_move_nobody(scored, live, ingrid):
    found = what_if(live, ingrid, Changes(), top=10)
    assert (found.moved, found.movers, found.comes_in, found.falls_out) == (0, (), (), ())
    assert [place.climbs for place in found.ranking] == [0] * len(found.ranking)
    assert found.accounts == len(scored)


def test_what_if_foretells_exactly_what_publishing_does(scored, live, rescore, ingrid):
    found = what_if(live, ingrid, CHANGES, top=20)
    draft = draft_from_what_if(scorecard=live.scorecard, changes=CHANGES, by=ingrid)
    assert not draft.criteria.filter(key="P2").exists()
    publish(version=draft, revision=draft.revision, note="As in the what-if", by=ingrid)
    rescore()
    stored = {score.account_id: score for score in AccountScore.objects.all()}
    assert len(found.ranking) == 8
    for place in found.ranking:
        assert (place.overall, place.tier) == (
            stored[place.account_id].overall_points,
            stored[place.account_id].proposed_tier,
        )
    ranked = AccountScore.objects.filter(ranking__isnull=False).order_by("-ranking", "account_id")
    assert [place.account_id for place in found.ranking] == [score.account_id for score in ranked[: len(found.ranking)]]


def test_change_of_a_decision_is_seen_within_seconds(scored, live, ingrid, monkeypatch):
    monkeypatch.setattr("scoring.queries.held.LOOK_AGAIN", 0.0)
    before = {place.account_id: place.decided for place in what_if(live, ingrid, Changes(), top=30).ranking}
    account = scored["Montevarra"]
    account.refresh_from_db()
    decide_tier(
        account=account,
        tier="strategic",
        reason="Until mutuality is shown",
        ends_on=date(2199, 1, 1),
        revision=account.revision,
        by=ingrid,
    )
    after = {place.account_id: place.decided for place in what_if(live, ingrid, Changes(), top=30).ranking}
    assert (before[account.pk], after[account.pk]) == ("", "strategic")


def test_portfolio_is_read_once_while_nothing_changes(scored, live, ingrid, django_assert_num_queries):
    what_if(live, ingrid, Changes(), top=10)
    with django_assert_num_queries(1):
        what_if(live, ingrid, CHANGES, top=10)
    assert held(live) is held(live)


def test_page_answers_with_and_without_htmx_and_keeps_what_was_typed(scored, live, ingrid, signed_in):
    client = signed_in(ingrid)
    url = reverse("scoring:what-if", args=[live.scorecard_id])
    whole = client.get(url).content.decode()
    assert "nobody moves" in whole
    assert 'type="range"' in whole
    part = client.get(f"{url}?weight-C1=60&alpha=70", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="what-if-result"')
    assert 'name="weight-C1" value="60"' in part


def test_numbers_that_make_no_sense_are_told_and_nothing_is_saved(scored, live, ingrid, signed_in):
    client = signed_in(ingrid)
    zeros = "&".join(f"weight-C{place}=0" for place in range(1, 6))
    url = reverse("scoring:what-if", args=[live.scorecard_id])
    answer = client.get(f"{url}?{zeros}")
    assert answer.status_code == 422
    assert "Leave at least one criterion in the current half" in answer.content.decode()
    refused = client.post(f"{url}draft/", {f"weight-C{place}": "0" for place in range(1, 6)})
    assert refused.status_code == 422
    assert not ScorecardVersion.objects.filter(state="draft").exists()


def test_draft_that_exists_is_not_overwritten(scored, live, ingrid, signed_in):
    create_draft(scorecard=live.scorecard, by=ingrid)
    answer = signed_in(ingrid).post(f"{reverse('scoring:what-if', args=[live.scorecard_id])}draft/", {"weight-C1": 60})
    assert answer.status_code == 422
    assert "There is a draft already" in answer.content.decode()


def test_saved_draft_has_the_numbers(scored, live, ingrid, signed_in):
    url = f"{reverse('scoring:what-if', args=[live.scorecard_id])}draft/"
    answer = signed_in(ingrid).post(url, {"weight-C1": "60", "weight-P2": "0", "alpha": "70", "enter-key": "50"})
    draft = ScorecardVersion.objects.get(state="draft")
    assert answer.status_code == 303
    assert (draft.alpha, draft.criteria.get(key="C1").weight) == (Decimal("0.7"), Decimal(60))
    assert (draft.tier_rules.get(tier="key").enter, draft.tier_rules.get(tier="strategic").gates) == (
        Decimal(50), ["G1", "G2", "G3"],
    )  # fmt: skip


def test_api_answers_by_the_contract(scored, live, ingrid, api):
    body = api(ingrid).post(
        f"/api/v1/scorecards/{live.scorecard_id}/what-if/",
        {"weights": {"C1": "60"}, "alpha": "0.7", "thresholds": {"key": 50, "strategic": {"enter": 70}}, "top": 5},
        format="json",
    )
    assert body.status_code == 200
    found = body.json()
    assert (found["weights"]["C1"], found["alpha"], found["thresholds"]["key"]["enter"]) == ("60", "0.7", "50")
    assert found["thresholds"]["key"]["stay"] == "35"
    assert sum(count["after"] for count in found["tiers"].values()) == found["scored"]
    assert [place["rank"] for place in found["ranking"]] == list(range(1, 9))


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"weights": {"X9": "1"}}, "weights.X9"),
        ({"weights": {"C1": "-1"}}, "weights.C1"),
        ({"alpha": "1.5"}, "alpha"),
        ({"thresholds": {"gold": 5}}, "thresholds.gold"),
        ({"thresholds": {"key": {"enter": 30, "stay": 40}}}, "thresholds.key.stay"),
        ({"thresholds": {"key": {"enter": "much"}}}, "thresholds.key.enter"),
        ({"thresholds": {"key": "NaN"}}, "thresholds.key.enter"),
        ({"top": 0}, "top"),
        ({"weight": {}}, "weight"),
    ],
)
def test_api_names_the_number_that_makes_no_sense(given, place, scored, live, ingrid, api):
    answer = api(ingrid).post(f"/api/v1/scorecards/{live.scorecard_id}/what-if/", given, format="json")
    assert answer.status_code == 400
    assert place in str(answer.json())


def test_only_who_configures_scorecards_may_ask(scored, live, alice, make_person, api, signed_in):
    for person in (alice, make_person("finance_partner"), make_person("admin"), make_person("viewer")):
        assert api(person).post(f"/api/v1/scorecards/{live.scorecard_id}/what-if/", {}).status_code == 403
        assert signed_in(person).get(reverse("scoring:what-if", args=[live.scorecard_id])).status_code == 403


def test_score_page_says_first_whether_the_tier_is_firm(scored, ingrid, signed_in):
    page = signed_in(ingrid).get(reverse("scoring:account-score", args=[scored["Oremund"].pk])).content.decode()
    assert page.index("Firm") < page.index("How sure, in numbers")
    assert "1,000 plausible weightings" in page


def test_api_score_tells_stability_and_the_nearest_change(scored, ingrid, api):
    body = api(ingrid).get(f"/api/v1/accounts/{scored['Havelgrund'].pk}/score/").json()
    assert body["stability"]["draws"] == 1000
    assert 0 < body["stability"]["share"] <= 1
    assert sum(body["stability"]["tiers"].values()) == 1000
    assert body["nearest"]["up"]["words"]


def test_nearest_change_names_no_cut_points_to_those_without_figures(scored, make_person, ingrid):
    account = scored["Lindqvara"]
    change = Change("key", "C1", before=Decimal(50), after=Decimal(75))
    shown = change_words(account_scorecard(account, ingrid), change, "lift it to")
    assert "€" in shown
    member = make_person("team_member", on=account, access="observer")
    hidden = change_words(account_scorecard(account, member), change, "lift it to")
    assert "€" not in hidden
    assert "50 → 75 of 100 points" in hidden
