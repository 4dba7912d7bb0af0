"""Plans over the API: the pages' rules, revisions, sentence merge on request."""

from datetime import date

import pytest
from django.utils import timezone

from planning.actions.actions import add_action
from planning.actions.objectives import add_objective
from planning.actions.plans import open_plan
from planning.actions.sections import save_section
from planning.models import AccountPlan, Objective, PlanAction

TEXT = "Reduce stock before June. Fewer stops at Elster."


@pytest.fixture
def plan(account, alice):
    return open_plan(account=account, year=2026, by=alice)


@pytest.fixture
def goals(account, plan, alice):
    section = plan.sections.get(key="goals")
    return save_section(account=account, section=section, text=TEXT, base_revision=1, by=alice).section


@pytest.fixture
def entry(account, plan, bob, alice):
    return add_action(account=account, plan=plan, title="Pilot", our_owner=bob, due=date(2026, 1, 5), by=alice)


def match(revision):
    return {"HTTP_IF_MATCH": f'"{revision}"'}


def test_a_plan_is_opened_once_per_year(api, account, alice):
    client = api(alice)
    made = client.post("/api/v1/plans/", {"account": account.pk, "year": 2027}, format="json")
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    assert made.json()["strategy"] == ""
    again = client.post("/api/v1/plans/", {"account": account.pk, "year": 2027}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    listed = client.get("/api/v1/plans/", {"account": account.pk}).json()["results"]
    assert [plan["year"] for plan in listed] == [2027]


def test_strategy_needs_the_version_it_changes(api, plan, alice):
    client = api(alice)
    address = f"/api/v1/plans/{plan.pk}/"
    assert client.patch(address, {"strategy": "grow"}, format="json").status_code == 428
    done = client.patch(address, {"strategy": "grow"}, format="json", **match(1))
    assert (done.status_code, done["ETag"], done.json()["strategy"]) == (200, '"2"', "grow")
    stale = client.patch(address, {"strategy": "defend"}, format="json", **match(1))
    assert (stale.status_code, stale.json()["current"]["strategy"]) == (412, "grow")
    wrong = client.patch(address, {"strategy": "pray"}, format="json", **match(2))
    assert wrong.status_code == 400
    confirmed = client.post(f"{address}confirm/", {}, format="json", **match(2))
    assert confirmed.json()["confirmed_on"] == timezone.localdate().isoformat()


def test_a_text_is_written_on_top_of_its_version(api, goals, alice):
    client = api(alice)
    address = f"/api/v1/plan-sections/{goals.pk}/"
    read = client.get(address)
    assert (read["ETag"], read.json()["words"], read.json()["word_limit"]) == ('"2"', 8, 120)
    done = client.patch(address, {"text": TEXT + " More."}, format="json", **match(2))
    assert (done.status_code, done.json()["revision"]) == (200, 3)
    assert client.patch(address, {"text": "x"}, format="json").status_code == 428


def test_a_stale_text_gets_the_current_one_and_a_merge_only_on_request(api, account, goals, alice, bob):
    save_section(account=account, section=goals, text="New start. " + TEXT, base_revision=2, by=bob)
    client = api(alice)
    address = f"/api/v1/plan-sections/{goals.pk}/"
    mine = {"text": TEXT + " More."}
    stale = client.patch(address, mine, format="json", **match(2))
    assert (stale.status_code, stale["ETag"]) == (412, '"3"')
    assert stale.json()["current"]["text"] == "New start. " + TEXT
    merged = client.patch(f"{address}?merge=true", mine, format="json", **match(2))
    assert (merged.status_code, merged.json()["text"]) == (200, f"New start. {TEXT} More.")


def test_a_merge_of_one_sentence_is_left_to_people(api, account, goals, alice, bob):
    save_section(account=account, section=goals, text=TEXT.replace("June", "July"), base_revision=2, by=bob)
    answer = api(alice).patch(
        f"/api/v1/plan-sections/{goals.pk}/?merge=true",
        {"text": TEXT.replace("June", "May")},
        format="json",
        **match(2),
    )
    assert answer.status_code == 412
    assert "same sentence" in answer.json()["detail"]
    assert "July" in answer.json()["current"]["text"]
    goals.refresh_from_db()
    assert "July" in goals.text


def test_objectives_carry_their_progress_unrounded(api, plan, alice):
    client = api(alice)
    body = {"plan": plan.pk, "title": "Fewer stops", "baseline": "34", "target": "19", "current": "29"}
    made = client.post("/api/v1/objectives/", body, format="json")
    assert made.status_code == 201
    assert made.json()["progress"].startswith("0.33333333")
    address = f"/api/v1/objectives/{made.json()['id']}/"
    assert client.patch(address, {"target": "18"}, format="json", **match(1)).json()["revision"] == 2
    stale = client.patch(address, {"target": "17"}, format="json", **match(1))
    assert (stale.status_code, stale.json()["current"]["target"]) == (412, "18.0000")
    assert client.delete(address, **match(1)).status_code == 412
    assert client.delete(address, **match(2)).status_code == 204
    unmeasured = client.post("/api/v1/objectives/", {"plan": plan.pk, "title": "Open"}, format="json")
    assert unmeasured.json()["progress"] is None


def test_actions_are_listed_by_state_and_owner(api, account, entry, bob, alice):
    client = api(alice)
    later = {"account": account.pk, "title": "Later", "our_owner": alice.pk, "due": "2040-01-01"}
    assert client.post("/api/v1/actions/", later, format="json").status_code == 201
    for query, titles in (
        ({"late": "true"}, ["Pilot"]),
        ({"late": "false"}, ["Later"]),
        ({"our_owner": bob.pk}, ["Pilot"]),
        ({"due_from": "2030-01-01"}, ["Later"]),
        ({"status": "done"}, []),
    ):
        found = client.get("/api/v1/actions/", query).json()["results"]
        assert [one["title"] for one in found] == titles
    assert client.get("/api/v1/actions/", {"titel": "x"}).status_code == 400


def test_an_action_without_an_owner_is_refused(api, account, alice):
    body = {"account": account.pk, "title": "Nobody", "due": "2026-12-01"}
    answer = api(alice).post("/api/v1/actions/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "our_owner"


def test_an_action_goes_through_its_states(api, entry, bob):
    client = api(bob)
    address = f"/api/v1/actions/{entry.pk}/"
    assert client.post(f"{address}start/", {}, format="json", **match(1)).json()["status"] == "in_progress"
    moved = client.post(f"{address}move/", {"due": "2040-01-01"}, format="json", **match(2)).json()
    assert (moved["moved"], moved["late"]) == (1, False)
    done = client.post(f"{address}done/", {"done_on": "2026-01-02"}, format="json", **match(3)).json()
    assert (done["status"], done["done_on"]) == ("done", "2026-01-02")
    closed = client.post(f"{address}move/", {"due": "2041-01-01"}, format="json", **match(4))
    assert (closed.status_code, closed.json()["code"]) == (409, "closed")
    assert client.post(f"{address}reopen/", {}, format="json", **match(4)).json()["done_on"] is None
    assert client.post(f"{address}drop/", {}, format="json", **match(5)).json()["status"] == "dropped"
    assert client.delete(address, **match(6)).status_code == 204
    assert not PlanAction.objects.exists()


@pytest.mark.parametrize("name", ["plans", "plan-sections", "objectives", "actions"])
def test_strangers_find_nothing_and_nobody_without_a_token(api, account, goals, entry, charlie, alice, name):
    objective = add_objective(account=account, plan=goals.plan, title="G", by=alice)
    row = {"plans": goals.plan, "plan-sections": goals, "objectives": objective, "actions": entry}[name]
    address = f"/api/v1/{name}/{row.pk}/"
    assert api(None).get(address).status_code == 401
    assert api(alice).get(address).status_code == 200
    assert api(charlie).get(address).status_code == 404
    assert api(charlie).patch(address, {"title": "x"}, format="json", **match(1)).status_code == 404
    # Somebody without any seat may not even ask for the list.
    assert api(charlie).get(f"/api/v1/{name}/").json().get("results", []) == []


def test_readers_read_and_write_nothing(api, account, goals, entry, make_person):
    client = api(make_person("reader"))
    section = f"/api/v1/plan-sections/{goals.pk}/"
    assert client.get(section).status_code == 200
    assert client.patch(section, {"text": "x"}, format="json", **match(2)).status_code == 403
    assert client.post(f"/api/v1/actions/{entry.pk}/done/", {}, format="json", **match(1)).status_code == 403
    assert client.post("/api/v1/plans/", {"account": account.pk, "year": 2030}, format="json").status_code == 403
    assert AccountPlan.objects.count() == 1


def test_a_sponsor_works_on_own_actions_only(api, account, plan, entry, alice, make_person):
    sponsor = make_person("executive_sponsor", on=account, access="sponsor")
    own = add_action(account=account, plan=plan, title="Call", our_owner=sponsor, due=date(2026, 1, 1), by=alice)
    client = api(sponsor)
    assert client.post(f"/api/v1/actions/{entry.pk}/done/", {}, format="json", **match(1)).status_code == 403
    assert client.post(f"/api/v1/actions/{own.pk}/done/", {}, format="json", **match(1)).status_code == 200


def test_ids_of_other_accounts_are_not_found_in_a_body(api, account, plan, alice, make_account, make_contact):
    other = make_account()
    hidden = open_plan(account=other, year=2026, by=None)
    contact = make_contact(other)
    client = api(alice)
    new_objective = client.post("/api/v1/objectives/", {"plan": hidden.pk, "title": "x"}, format="json")
    assert new_objective.status_code == 400
    body = {"account": account.pk, "title": "x", "due": "2026-12-01", "their_owner": contact.pk}
    assert client.post("/api/v1/actions/", body, format="json").status_code == 400
    body = {"account": account.pk, "title": "x", "due": "2026-12-01", "our_owner": alice.pk, "plan": hidden.pk}
    assert client.post("/api/v1/actions/", body, format="json").status_code == 400
    assert not Objective.objects.exists()
    assert not PlanAction.objects.exists()
