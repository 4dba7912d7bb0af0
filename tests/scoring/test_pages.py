"""Pages of scoring: who gets in, page or partial, nothing typed is lost, queries stay flat."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account
from sam.core.models import Job
from scoring.actions.scorecards import create_draft
from scoring.models import AccountScore, GateAnswer, Objective, Rating, Scorecard, ScorecardVersion, TierDecision

HTMX = {"HTTP_HX_REQUEST": "true"}


def test_the_scorecard_says_result_reasons_and_what_is_missing(rated_story, rescore, ingrid, signed_in):
    rescore()
    page = signed_in(ingrid).get(reverse("scoring:account-score", args=[rated_story["Havelgrund"].pk]))
    page = page.content.decode().replace("\N{NO-BREAK SPACE}", " ")
    for words in ("73.1", "81.3", "80 % of the weight known", "Missing: nobody has rated it yet", "3 ratings"):
        assert words in page


def test_a_half_below_its_minimum_is_not_scored_and_says_why(rated_story, rescore, ingrid, signed_in):
    rescore()
    page = signed_in(ingrid).get(reverse("scoring:account-score", args=[rated_story["Brastholm"].pk])).content.decode()
    assert "Not scored: worth today is known to 45 % of its weight (C3, C4, C5 missing), 80% are needed" in page
    assert "client spend is unknown" in page


def test_without_figures_right_the_amounts_stay_hidden(rated_story, rescore, make_person, signed_in):
    rescore()
    account = rated_story["Oremund"]
    member = make_person("team_member", on=account, access="member")
    page = signed_in(member).get(reverse("scoring:account-score", args=[account.pk])).content.decode()
    assert "78.8" in page
    for amount in ("9.36", "22.4", "62.7", "6.00", "M€"):
        assert amount not in page


def test_without_a_live_scorecard_the_tab_says_so(account, alice, signed_in):
    page = signed_in(alice).get(reverse("scoring:account-score", args=[account.pk]))
    assert "No scorecard is live" in page.content.decode()


def test_strangers_find_nothing_and_members_may_not_decide(live, account, alice, bob, charlie, signed_in):
    score = reverse("scoring:account-score", args=[account.pk])
    tier = reverse("scoring:tier-decide", args=[account.pk])
    rate = reverse("scoring:rating-edit", args=[account.pk, "P1"])
    assert signed_in(charlie).get(score).status_code == 404
    assert signed_in(bob).get(score).status_code == 200
    assert signed_in(bob).get(rate).status_code == 403
    assert signed_in(alice).get(rate).status_code == 200
    assert signed_in(alice).get(tier).status_code == 403


def test_rating_by_plain_form(live, account, alice, signed_in):
    url = reverse("scoring:rating-edit", args=[account.pk, "P1"])
    answer = signed_in(alice).post(url, {"value": "3", "evidence": "", "revision": "0"})
    assert answer.status_code == 303
    assert Rating.objects.get().value == 3


def test_a_rating_without_evidence_comes_back_with_what_was_typed(live, account, alice, signed_in):
    url = reverse("scoring:rating-edit", args=[account.pk, "P1"])
    answer = signed_in(alice).post(url, {"value": "5", "evidence": "", "revision": "0"}, **HTMX)
    assert answer.status_code == 422
    assert answer["HX-Retarget"] == "#rating-form-P1"
    page = answer.content.decode()
    assert 'value="5" checked' in page
    assert "needs evidence" in page
    assert not Rating.objects.exists()


def test_rating_by_htmx_answers_the_whole_scorecard(live, account, alice, signed_in):
    url = reverse("scoring:rating-edit", args=[account.pk, "P1"])
    partial = signed_in(alice).get(url, **HTMX).content.decode()
    assert partial.lstrip().startswith("<form") or "<html" not in partial
    answer = signed_in(alice).post(url, {"value": "3", "evidence": "Seen", "revision": "0"}, **HTMX)
    assert answer.status_code == 200
    assert 'id="account-score-body"' in answer.content.decode()


def test_a_computed_criterion_and_an_unknown_one_cannot_be_rated(live, account, alice, signed_in):
    for key in ("C1", "ZZ", "G1"):
        assert signed_in(alice).get(reverse("scoring:rating-edit", args=[account.pk, key])).status_code == 404


def test_a_gate_is_answered_by_form(live, account, alice, signed_in):
    url = reverse("scoring:gate-edit", args=[account.pk, "G2"])
    assert signed_in(alice).post(url, {"passed": "yes", "evidence": "", "revision": "0"}).status_code == 422
    assert signed_in(alice).post(url, {"passed": "yes", "evidence": "Paid", "revision": "0"}).status_code == 303
    assert GateAnswer.objects.get().passed


def test_deciding_a_tier_by_form(live, account, ingrid, signed_in):
    url = reverse("scoring:tier-decide", args=[account.pk])
    client = signed_in(ingrid)
    typed = {"tier": "key", "reason": "", "ends_on": "", "revision": account.revision}
    assert client.post(url, typed).status_code == 422
    assert client.post(url, typed | {"reason": "Board"}, follow=True).status_code == 200
    assert TierDecision.objects.get().tier == "key"
    stale = client.post(url, typed | {"reason": "Again", "tier": "none"})
    assert stale.status_code == 422
    assert "Again" in stale.content.decode()


def test_withdrawing_by_button(live, account, alice, signed_in):
    client = signed_in(alice)
    client.post(reverse("scoring:rating-edit", args=[account.pk, "P1"]), {"value": "3", "revision": "0"})
    answer = client.post(reverse("scoring:rating-withdraw", args=[account.pk, "P1"]), {"revision": "1"})
    assert answer.status_code == 303
    assert not Rating.objects.exists()


def test_the_ranking_shows_rank_difference_and_what_is_not_scored(rated_story, rescore, ingrid, signed_in):
    Account.objects.filter(pk=rated_story["Dunmarsh"].pk).update(tier="key")
    rescore()
    page = signed_in(ingrid).get(reverse("scoring:score-list"))
    places = page.context["places"]
    assert [place.account.name for place in places[:3]] == ["Montevarra", "Lindqvara", "Oremund"]
    assert [place.rank for place in places[:3]] == [1, 2, 3]
    assert "differs" in page.content.decode()
    only = signed_in(ingrid).get(reverse("scoring:score-list"), {"state": "differs"})
    assert "Dunmarsh" in {place.account.name for place in only.context["places"]}
    found = signed_in(ingrid).get(reverse("scoring:score-list"), {"q": "dunm"})
    assert [(place.account.name, place.rank) for place in found.context["places"]] == [("Dunmarsh", 8)]


def test_the_ranking_shows_own_accounts_only(rated_story, rescore, make_person, signed_in):
    rescore()
    manager = make_person("account_manager", on=rated_story["Lindqvara"], access="lead")
    page = signed_in(manager).get(reverse("scoring:score-list"))
    assert [(place.account.name, place.rank) for place in page.context["places"]] == [("Lindqvara", 2)]
    assert "Recompute all" not in page.content.decode()


def test_the_ranking_needs_at_most_ten_queries_for_any_number_of_accounts(rated_story, rescore, ingrid, signed_in):
    client = signed_in(ingrid)

    def queries() -> int:
        rescore()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("scoring:score-list")).status_code == 200
        return len(captured)

    queries()
    few = queries()
    Account.objects.bulk_create(Account(name=f"More {number}") for number in range(300))
    assert queries() == few
    assert few <= 10, few


def test_the_scorecard_tab_needs_the_same_queries_for_any_number_of_accounts(rated_story, rescore, ingrid, signed_in):
    client = signed_in(ingrid)
    url = reverse("scoring:account-score", args=[rated_story["Oremund"].pk])

    def queries() -> int:
        rescore()
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    queries()
    few = queries()
    Account.objects.bulk_create(Account(name=f"More {number}") for number in range(100))
    assert queries() == few


def test_recompute_by_button_starts_a_job(live, account, ingrid, bob, signed_in):
    Job.objects.all().delete()
    url = reverse("scoring:score-recompute")
    assert signed_in(bob).post(url).status_code == 403
    answer = signed_in(ingrid).post(url, {"quarter": ""})
    assert answer["Location"] == reverse("core:job-detail", args=[Job.objects.get().pk])


def test_the_sheet_saves_what_changed_and_keeps_what_is_wrong(live, account, alice, signed_in):
    client = signed_in(alice)
    url = reverse("scoring:rating-sheet")
    assert account.name in client.get(url).content.decode()
    cell = f"{account.pk}-P1"
    typed = {"account": account.pk, f"value-{cell}": "4", f"evidence-{cell}": "", f"revision-{cell}": "0"}
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert f'name="value-{cell}" value="4"' in refused.content.decode()
    assert client.post(url, typed | {f"evidence-{cell}": "Two projects"}).status_code == 303
    assert Rating.objects.get().evidence == "Two projects"


def test_the_sheet_ignores_accounts_one_may_not_rate(live, account, bob, signed_in):
    page = signed_in(bob).get(reverse("scoring:rating-sheet"), {"account": account.pk})
    assert account.name not in page.content.decode()


def test_building_a_version_from_draft_to_live(live, ingrid, signed_in):
    client = signed_in(ingrid)
    card = live.scorecard_id

    def address(name: str, *more: object) -> str:
        return reverse(f"scoring:{name}", args=[card, 2, *more])

    def revision() -> int:
        return ScorecardVersion.objects.get(number=2).revision

    assert client.post(reverse("scoring:draft-create", args=[card])).status_code == 303
    assert "Publish" in client.get(address("version-detail")).content.decode()
    weights = {f"weight-{row.key}": str(row.weight) for row in live.criteria.exclude(kind="gate")}
    wrong = client.post(address("draft-weights"), weights | {"weight-C1": "many", "revision": revision()})
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.content.decode()
    client.post(address("draft-weights"), weights | {"weight-C1": "30", "weight-C2": "15", "revision": revision()})
    client.post(address("draft-settings"), {"alpha": "60", "minimum_coverage": "75", "revision": revision()})
    client.post(address("library-add"), {"ready": ["L1", "G4"], "revision": revision()})
    client.post(address("criterion-remove", "L1"), {"revision": revision()})
    client.post(
        address("tiers-set"),
        {"revision": revision(), "strategic-used": "on", "strategic-enter": "70", "strategic-gates": ["G1", "G4"]},
    )
    assert client.post(address("draft-publish"), {"note": "", "revision": revision()}).status_code == 422
    assert client.post(address("draft-publish"), {"note": "Autumn", "revision": revision()}).status_code == 303
    version = ScorecardVersion.objects.get(number=2)
    assert (version.state, str(version.alpha), str(version.minimum_coverage)) == ("live", "0.6000", "0.7500")
    assert version.criteria.get(key="C1").weight == 30
    rule = version.tier_rules.get()
    assert (rule.tier, rule.stay, rule.gates) == ("strategic", 70, ["G1", "G4"])
    assert "Autumn" in client.get(address("version-detail")).content.decode()


def test_a_criterion_is_changed_in_percent_and_refused_with_what_was_typed(live, ingrid, signed_in):
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    client = signed_in(ingrid)
    url = reverse("scoring:criterion-edit", args=[draft.scorecard_id, draft.number, "C3"])
    form = client.get(url).context["form"]
    assert form.initial["cut_1"] == "10"
    typed = {name: value for name in form.fields if (value := form[name].value()) not in (None, "")}
    typed |= {"cut_1": "15", "objective": typed["objective"], "low_is_good": ""}
    assert client.post(url, typed | {"cut_1": "90"}).status_code == 422
    assert client.post(url, typed).status_code == 303
    assert str(draft.criteria.get(key="C3").cut_points[0]) == "0.150000"


def test_cut_points_are_proposed_from_our_own_accounts(rated_story, ingrid, live, signed_in):
    draft = create_draft(scorecard=live.scorecard, by=ingrid)
    url = reverse("scoring:criterion-edit", args=[draft.scorecard_id, draft.number, "C1"])
    form = signed_in(ingrid).get(url, {"propose": "cuts"}).context["form"]
    cuts = [float(form.initial[name]) for name in ("cut_1", "cut_2", "cut_3", "cut_4")]
    assert cuts == sorted(cuts)
    assert draft.criteria.get(key="C1").cut_points[0] == 300000


def test_a_published_version_is_read_only_on_its_page(live, ingrid, signed_in):
    client = signed_in(ingrid)
    page = client.get(reverse("scoring:version-detail", args=[live.scorecard_id, 1])).content.decode()
    assert "Save weights" not in page
    answer = client.get(reverse("scoring:criterion-edit", args=[live.scorecard_id, 1, "C1"]), follow=True)
    assert "does not change" in answer.content.decode()
    late = client.post(
        reverse("scoring:draft-settings", args=[live.scorecard_id, 1]),
        {"alpha": "10", "minimum_coverage": "10", "revision": live.revision},
        follow=True,
    )
    assert "does not change" in late.content.decode()


def test_a_new_scorecard_and_taking_it_into_use(live, ingrid, signed_in):
    client = signed_in(ingrid)
    assert client.post(reverse("scoring:scorecard-add"), {"name": live.scorecard.name}).status_code == 422
    assert client.post(reverse("scoring:scorecard-add"), {"name": "Other"}).status_code == 303
    other = Scorecard.objects.get(name="Other")
    refused = client.post(reverse("scoring:scorecard-use", args=[other.pk]), {"revision": 1}, follow=True)
    assert "Publish a version" in refused.content.decode()
    discard = reverse("scoring:draft-discard", args=[other.pk, 1])
    assert client.post(discard, {"revision": 1}).status_code == 303
    assert not Scorecard.objects.filter(name="Other").exists()


def test_objectives_are_added_changed_and_kept_while_named(live, ingrid, signed_in):
    client = signed_in(ingrid)
    assert client.get(reverse("scoring:objective-list")).status_code == 200
    new = {"year": 2027, "code": "O1", "text": "Half of the growth with five accounts"}
    assert client.post(reverse("scoring:objective-new"), new).status_code == 303
    twice = client.post(reverse("scoring:objective-new"), new)
    assert twice.status_code == 422
    assert "short name already" in twice.content.decode()
    objective = Objective.objects.get(year=2027)
    url = reverse("scoring:objective-edit", args=[objective.pk])
    assert client.post(url, new | {"text": "Two thirds", "revision": 1}).status_code == 303
    stale = client.post(url, new | {"text": "Three quarters", "revision": 1})
    assert stale.status_code == 422
    assert "Two thirds" in stale.content.decode()
    assert "Three quarters" in stale.content.decode()
    named = Objective.objects.exclude(year=2027).first()
    assert (
        "no longer pursued"
        in client.post(reverse("scoring:objective-remove", args=[named.pk]), follow=True).content.decode()
    )
    client.post(reverse("scoring:objective-remove", args=[objective.pk]))
    assert not Objective.objects.filter(year=2027).exists()


def test_readers_read_scorecards_but_do_not_change_them(live, make_person, signed_in):
    client = signed_in(make_person("reader"))
    assert client.get(reverse("scoring:scorecard-list")).status_code == 200
    assert client.get(reverse("scoring:version-detail", args=[live.scorecard_id, 1])).status_code == 200
    assert client.post(reverse("scoring:draft-create", args=[live.scorecard_id])).status_code == 403
    assert signed_in(make_person("viewer")).get(reverse("scoring:scorecard-list")).status_code == 403


def test_the_account_page_shows_the_score_s_panel_and_the_list_its_column(rated_story, rescore, ingrid, signed_in):
    rescore()
    client = signed_in(ingrid)
    account = rated_story["Oremund"]
    page = client.get(reverse("accounts:account-detail", args=[account.pk])).content.decode()
    assert reverse("scoring:score-panel", args=[account.pk]) in page
    panel = client.get(reverse("scoring:score-panel", args=[account.pk]), **HTMX).content.decode()
    assert "78.8" in panel
    assert "<svg" in panel
    assert client.get(reverse("scoring:score-panel", args=[account.pk])).status_code == 303
    cell = f'id="score-cell-{account.pk}">79<'
    assert cell in client.get(reverse("accounts:account-list"), {"q": "Oremund"}).content.decode()


def test_my_day_names_accounts_that_wait_for_my_rating(live, account, alice, signed_in):
    Account.objects.filter(pk=account.pk).update(tier="key")
    page = signed_in(alice).get(reverse("core:my-day")).content.decode()
    assert f"Rate {account.name}" in page
    assert "0 of 7 criteria rated by you" in page


def test_a_waiting_score_of_a_gone_account_is_never_shown(rated_story, rescore, ingrid, signed_in):
    rescore()
    gone = AccountScore.objects.get(account=rated_story["Brezna"])
    AccountScore.objects.filter(pk=gone.pk).update(account_id=999_999_999)
    page = signed_in(ingrid).get(reverse("scoring:score-list"))
    assert page.status_code == 200
    assert 999_999_999 not in {place.score.account_id for place in page.context["places"]}


@pytest.mark.parametrize("name", ["scoring:score-list", "scoring:rating-sheet"])
def test_pages_work_for_people_without_any_account(live, charlie, signed_in, name):
    assert signed_in(charlie).get(reverse(name)).status_code == 200
