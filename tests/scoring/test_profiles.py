"""The ideal profile: versions, everybody's fit, side by side, the proposal, who may what."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import Account
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from scoring.actions.profiles import create_profile_draft, discard_profile, edit_profile, publish_profile
from scoring.domain.profile import Wanted
from scoring.models import IdealProfile
from scoring.queries.profiles import fit_table

Api = Callable[[User | None], APIClient]
WANTED = (
    Wanted("industry", ("Pharma", "Food"), weight=Decimal(20)),
    Wanted("margin", low=Decimal("0.24"), weight=Decimal(30)),
    Wanted("growth", low=Decimal("0.05"), weight=Decimal(20)),
)


@pytest.fixture
def live_profile(ingrid: User) -> IdealProfile:
    draft = create_profile_draft(source="empty", by=ingrid)
    edit_profile(profile=draft, revision=1, wanted=WANTED, by=ingrid)
    return publish_profile(profile=draft, revision=2, note="To begin with", by=ingrid)


def test_a_published_version_stays_and_the_next_one_retires_it(live_profile: IdealProfile, ingrid: User) -> None:
    with pytest.raises(ActionRefused, match="does not change"):
        edit_profile(profile=live_profile, revision=live_profile.revision, wanted=WANTED, by=ingrid)
    draft = create_profile_draft(source="live", by=ingrid)
    assert [row.key for row in draft.attributes.all()] == ["industry", "margin", "growth"]
    with pytest.raises(ActionRefused, match="draft already"):
        create_profile_draft(source="empty", by=ingrid)
    with pytest.raises(FieldErrors):
        publish_profile(profile=draft, revision=1, note=" ", by=ingrid)
    publish_profile(profile=draft, revision=1, note="Again", by=ingrid)
    live_profile.refresh_from_db()
    assert (live_profile.state, draft.state, draft.number) == ("retired", "live", 2)


def test_a_draft_names_its_revision_and_can_be_discarded(ingrid: User) -> None:
    draft = create_profile_draft(source="empty", by=ingrid)
    edit_profile(profile=draft, revision=1, wanted=WANTED, by=ingrid)
    with pytest.raises(Stale):
        edit_profile(profile=draft, revision=1, wanted=WANTED, by=ingrid)
    with pytest.raises(FieldErrors) as problem:
        edit_profile(profile=draft, revision=2, wanted=[Wanted("industry")], by=ingrid)
    assert set(problem.value.errors) == {"industry"}
    discard_profile(profile=draft, revision=2, by=ingrid)
    assert not IdealProfile.objects.exists()


def test_an_empty_draft_and_a_proposal_without_scores_are_refused(ingrid: User) -> None:
    with pytest.raises(ActionRefused, match="none leads"):
        create_profile_draft(source="leading", by=ingrid)
    draft = create_profile_draft(source="empty", by=ingrid)
    with pytest.raises(ActionRefused, match="Nothing is asked"):
        publish_profile(profile=draft, revision=1, note="Why", by=ingrid)


@pytest.fixture
def scored(rated_story: dict[str, Account], rescore: Callable[[], None]) -> dict[str, Account]:
    for name, industry in (("Lindqvara", "Pharma"), ("Montevarra", "food"), ("Dunmarsh", "Water")):
        Account.objects.filter(pk=rated_story[name].pk).update(industry=industry)
    rescore()
    return rated_story


def test_fit_ranks_accounts_and_says_what_is_off(
    scored: dict[str, Account], live_profile: IdealProfile, ingrid: User
) -> None:
    table = fit_table(live_profile, ingrid)
    fits = {fit.account.name: fit for fit in table.fits}
    assert table.ranked == len(scored)
    assert fits["Lindqvara"].value == 1
    assert fits["Montevarra"].value == 1  # words fit whatever their case
    assert fits["Dunmarsh"].value is not None
    assert fits["Dunmarsh"].value < 0.7
    assert "industry is Water" in fits["Dunmarsh"].words
    # Oremund says no industry, the thirty others have no year before to grow from: both drop out and are named.
    assert fits["Oremund"].missing == ["Industry"]
    assert "Growth of revenue over one year" in fits["Brastholm"].missing
    assert fits["Oremund"].value is not None
    values = [fit.value for fit in table.fits if fit.value is not None]
    assert values == sorted(values, reverse=True)


def test_the_leading_accounts_make_the_first_proposal(scored: dict[str, Account], ingrid: User) -> None:
    draft = create_profile_draft(source="leading", by=ingrid)
    rows = {row.key: row for row in draft.attributes.all()}
    assert rows["industry"].wanted == ["Pharma", "food"]
    assert rows["margin"].low == Decimal("0.2200")  # Oremund's 22.4 % is the least of the five
    assert rows["margin"].high is None


def test_the_pages_show_fit_and_five_side_by_side(
    scored: dict[str, Account], live_profile: IdealProfile, ingrid: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(ingrid)
    text = client.get("/portfolio/profile/").content.decode()
    assert "Who looks like our best customer?" in text
    assert "Off the profile: industry is Water" in text
    ids = [scored[name].pk for name in ("Dunmarsh", "Lindqvara", "Oremund", "Skoggrim", "Havelgrund", "Merrowick")]
    answer = client.get(f"/portfolio/profile/compare/?accounts={','.join(map(str, ids))}")
    assert [fit.account.name for fit in answer.context["fits"]] == [
        "Dunmarsh", "Lindqvara", "Oremund", "Skoggrim", "Havelgrund",
    ]  # fmt: skip
    assert "Shown are the first 5" in answer.content.decode()
    chosen = client.get("/portfolio/profile/compare/", {"accounts": ids[:2]}).context["fits"]
    assert len(chosen) == 2
    assert client.get("/portfolio/profile/compare/?accounts=x,999999").status_code == 200


def test_a_draft_is_written_and_published_in_the_browser(ingrid: User, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(ingrid)
    assert client.post("/portfolio/profile/new/", {"source": "empty"}).status_code == 303
    draft = IdealProfile.objects.get()
    address = f"/portfolio/profile/{draft.pk}/draft/"
    given = {
        "revision": 1,
        "industry-wanted": "Food, Pharma",
        "industry-weight": "20",
        "margin-low": "24",
        "margin-weight": "5",
    }
    assert client.post(address, {"revision": 1, "margin-weight": "5"}).status_code == 422
    assert client.post(address, given).status_code == 303
    rows = {row.key: row for row in draft.attributes.all()}
    assert (rows["industry"].wanted, rows["margin"].low) == (["Food", "Pharma"], Decimal("0.24"))
    assert 'value="24"' in client.get(address).content.decode()
    stale = client.post(address, given)
    assert stale.status_code == 409
    assert "Somebody else saved first" in stale.content.decode()
    publish = f"/portfolio/profile/{draft.pk}/publish/"
    assert client.post(publish, {"revision": 2, "note": ""}).status_code == 422
    assert client.post(publish, {"revision": 2, "note": "First one"}).status_code == 303
    assert client.get(address).status_code == 404


def test_a_lead_sees_the_fit_of_own_accounts_only(
    scored: dict[str, Account], live_profile: IdealProfile, make_person: Callable[..., User], api: Api,
    signed_in: Callable[[User], Client],
) -> None:  # fmt: skip
    lead = make_person("account_manager", on=scored["Lindqvara"], access="lead")
    rows = api(lead).get("/api/v1/portfolio/fit/").json()
    assert [(row["name"], row["fit"]) for row in rows] == [("Lindqvara", 1.0)]
    other = scored["Dunmarsh"].pk
    assert api(lead).get("/api/v1/portfolio/fit/", {"accounts": other}).json() == []
    assert signed_in(lead).get(f"/portfolio/profile/compare/?accounts={other}").context["fits"] == []
    member = make_person("team_member", on=scored["Lindqvara"], access="member")
    assert api(member).get("/api/v1/portfolio/fit/").status_code == 403
    assert signed_in(member).get("/portfolio/profile/").status_code == 403
    assert signed_in(member).get("/portfolio/profile/compare/").status_code == 403


def test_a_version_goes_from_draft_to_live_by_api(ingrid: User, api: Api) -> None:
    client = api(ingrid)
    assert client.get("/api/v1/portfolio/fit/").status_code == 404
    made = client.post("/api/v1/ideal-profiles/", {"begin_with": "empty"}, format="json")
    address = f"/api/v1/ideal-profiles/{made.json()['id']}/"
    body = {"attributes": [{"key": "industry", "wanted": ["Food"], "weight": "10"}]}
    assert client.put(address, body, format="json").status_code == 428
    assert client.put(address, {"attributes": []}, format="json", headers={"if-match": '"1"'}).status_code == 400
    changed = client.put(address, body, format="json", headers={"if-match": '"1"'})
    assert changed.json()["attributes"][0]["wanted"] == ["Food"]
    assert client.put(address, body, format="json", headers={"if-match": '"1"'}).status_code == 412
    live = client.post(f"{address}publish/", {"note": "By program"}, format="json", headers={"if-match": '"2"'})
    assert live.json()["state"] == "live"
    assert client.delete(address, headers={"if-match": '"3"'}).status_code == 409
    assert client.get("/api/v1/portfolio/fit/").json() == []


def test_ten_times_the_accounts_cost_no_more_queries(
    live_profile: IdealProfile, ingrid: User, make_account: Callable[..., Account], signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(ingrid)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/portfolio/profile/").status_code == 200
        return len(queries)

    for _ in range(4):
        make_account(industry="Food")
    asked()
    before = asked()
    for _ in range(40):
        make_account(industry="Food")
    assert asked() == before
