"""The plan's pages: writing with and without JavaScript, conflicts, history, who may do what."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from planning.actions.actions import add_action
from planning.actions.objectives import add_objective
from planning.actions.plans import open_plan
from planning.actions.sections import save_section
from planning.models import AccountPlan, Objective, PlanAction
from planning.queries.plan_page import plan_page
from sam.core.holdings import holdings

TEXT = "Reduce stock before June. Fewer stops at Elster."
AUTOSAVE = {"HTTP_HX_REQUEST": "true", "HTTP_ACCEPT": "application/json, text/html"}


@pytest.fixture
def plan(account, alice):
    return open_plan(account=account, year=timezone.localdate().year, by=alice)


@pytest.fixture
def goals(account, plan, alice):
    section = plan.sections.get(key="goals")
    return save_section(account=account, section=section, text=TEXT, base_revision=1, by=alice).section


@pytest.fixture
def entry(account, plan, bob, alice):
    yesterday = timezone.localdate() - timedelta(days=1)
    return add_action(account=account, plan=plan, title="Pilot at site two", our_owner=bob, due=yesterday, by=alice)


def url(name, account, *args):
    return reverse(f"planning:{name}", args=[account.pk, *args])


def test_without_a_plan_the_page_offers_to_open_one(signed_in, account, alice):
    page = signed_in(alice).get(url("plan-detail", account))
    assert "No plan yet" in page.content.decode()
    answer = signed_in(alice).post(url("plan-open", account), {"year": 2026})
    assert answer.status_code == 303
    plan = AccountPlan.objects.get()
    assert (plan.year, plan.sections.count()) == (2026, 5)
    again = signed_in(alice).post(url("plan-open", account), {"year": 2026}, follow=True)
    assert "has a plan for 2026 already" in again.content.decode()


def test_the_page_shows_the_year_asked_for_or_the_newest_that_has_begun(signed_in, account, plan, alice):
    open_plan(account=account, year=plan.year + 1, by=alice)
    client = signed_in(alice)
    assert client.get(url("plan-detail", account)).context["plan"] == plan
    assert client.get(url("plan-detail", account), {"year": plan.year + 1}).context["plan"].year == plan.year + 1
    assert client.get(url("plan-detail", account), {"year": 1999}).status_code == 404
    assert client.get(url("plan-detail", account), {"year": "x"}).status_code == 404


def test_writing_works_without_javascript(signed_in, account, goals, alice):
    client = signed_in(alice)
    page = client.get(url("plan-detail", account)).content.decode()
    assert TEXT in page
    answer = client.post(
        url("section-save", account, goals.pk), {"text": TEXT + " More.", "base_revision": 2}, follow=True
    )
    assert answer.redirect_chain[-1][1] == 303
    assert "Their goals is saved." in answer.content.decode()
    goals.refresh_from_db()
    assert goals.text == TEXT + " More."


def test_a_text_over_its_limit_is_saved_whole_with_a_warning(signed_in, account, goals, alice):
    text = "word " * 130
    answer = signed_in(alice).post(
        url("section-save", account, goals.pk), {"text": text, "base_revision": 2}, follow=True
    )
    assert "10 words over its limit of 120" in answer.content.decode()
    assert "130 of 120 words" in answer.content.decode()
    goals.refresh_from_db()
    assert goals.text == text.strip()


def test_autosave_tells_the_revision_and_nothing_more_when_nobody_else_wrote(signed_in, account, goals, alice):
    answer = signed_in(alice).post(
        url("section-save", account, goals.pk), {"text": TEXT + " More. ", "base_revision": 2}, **AUTOSAVE
    )
    assert answer.json() == {"revision": 3}


def test_autosave_brings_the_merged_text_and_says_who_changed_it(signed_in, account, goals, alice, bob):
    save_section(account=account, section=goals, text="New start. " + TEXT, base_revision=2, by=bob)
    answer = signed_in(alice).post(
        url("section-save", account, goals.pk), {"text": TEXT + " More.", "base_revision": 2}, **AUTOSAVE
    )
    assert answer.json() == {
        "revision": 4,
        "text": f"New start. {TEXT} More.",
        "note": "Bob Member changed other sentences; both are kept",
    }


def test_a_field_that_fell_behind_gets_the_stored_text_even_when_it_changed_nothing(
    signed_in, account, goals, alice, bob
):
    """Otherwise its next save would overwrite what the other person wrote."""
    save_section(account=account, section=goals, text="All new.", base_revision=2, by=bob)
    answer = signed_in(alice).post(
        url("section-save", account, goals.pk), {"text": TEXT, "base_revision": 2}, **AUTOSAVE
    )
    assert (answer.json()["revision"], answer.json()["text"]) == (3, "All new.")


@pytest.fixture
def clash(account, goals, bob):
    """Bob wrote 15 %; Alice is about to send 12 % on the older text."""
    text = TEXT.replace("before June", "by 15 % before June")
    save_section(account=account, section=goals, text=text, base_revision=2, by=bob)
    return {"text": TEXT.replace("before June", "by 12 % before June"), "base_revision": 2}


def test_autosave_gets_the_conflict_with_both_texts(signed_in, account, goals, clash, alice):
    answer = signed_in(alice).post(url("section-save", account, goals.pk), clash, **AUTOSAVE)
    content = answer.content.decode()
    assert answer.status_code == 409
    assert content.startswith('<form class="conflict"') or 'class="conflict"' in content
    assert "<html" not in content
    assert "Bob Member changed the same sentence" in content
    assert "<mark>12</mark>" in content
    assert "<mark>15</mark>" in content
    assert f'data-resolve="section-text-{goals.pk}"' in content
    assert 'data-revision="3"' in content


def test_the_conflict_page_without_javascript_keeps_what_was_typed_and_settles_it(
    signed_in, account, goals, clash, alice
):
    client = signed_in(alice)
    answer = client.post(url("section-save", account, goals.pk), clash)
    content = answer.content.decode()
    assert answer.status_code == 409
    assert "<html" in content
    assert "by 12 % before June" in content
    settled = client.post(
        url("section-resolve", account, goals.pk), {**clash, "seen_revision": 3, "choice-0": "both"}, follow=True
    )
    assert settled.redirect_chain[-1][1] == 303
    goals.refresh_from_db()
    assert "12 %" in goals.text
    assert "15 %" in goals.text
    assert goals.text.endswith("Fewer stops at Elster.")


def test_a_missing_choice_shows_the_conflict_again(signed_in, account, goals, clash, alice):
    answer = signed_in(alice).post(url("section-resolve", account, goals.pk), {**clash, "seen_revision": 3})
    assert answer.status_code == 409
    assert "which one stays" in answer.content.decode()


def test_several_conflicts_are_put_together_before_they_are_saved(signed_in, account, goals, alice, bob):
    theirs = "Reduce stock by 15 %. Fewer stops at Gent."
    save_section(account=account, section=goals, text=theirs, base_revision=2, by=bob)
    sent = {"text": "Reduce stock by 12 %. Fewer stops at Lodz.", "base_revision": 2}
    client = signed_in(alice)
    answer = client.post(url("section-save", account, goals.pk), sent, **AUTOSAVE)
    assert answer.status_code == 409
    choices = {f"choice-{number}": "mine" for number in range(answer.content.decode().count('class="conflict-pair"'))}
    put = client.post(url("section-resolve", account, goals.pk), {**sent, "seen_revision": 3, **choices}, **AUTOSAVE)
    assert "Reduce stock by 12 %. Fewer stops at Lodz." in put.content.decode()
    goals.refresh_from_db()
    assert goals.text == theirs


def test_a_damaged_request_never_empties_a_text(signed_in, account, goals, alice):
    client = signed_in(alice)
    assert client.post(url("section-save", account, goals.pk), {"base_revision": 2}).status_code == 422
    answer = client.post(url("section-save", account, goals.pk), {"text": "x\x00y", "base_revision": 2}, **AUTOSAVE)
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("Not saved: ")
    page = client.post(url("section-save", account, goals.pk), {"text": "kept\x00words", "base_revision": 2})
    assert page.status_code == 422
    assert "keptwords" in page.content.decode()
    goals.refresh_from_db()
    assert goals.text == TEXT


def test_history_shows_the_difference_and_brings_a_version_back(signed_in, account, goals, alice, bob):
    save_section(account=account, section=goals, text="Rewritten <b>all</b>.", base_revision=2, by=bob)
    client = signed_in(alice)
    content = client.get(url("section-history", account, goals.pk)).content.decode()
    assert "Bob Member" in content
    assert "<del>" in content
    assert "&lt;b&gt;all&lt;/b&gt;" in content
    answer = client.post(url("section-restore", account, goals.pk), {"revision": 2, "seen_revision": 3}, follow=True)
    assert "is back as it was" in answer.content.decode()
    goals.refresh_from_db()
    assert goals.text == TEXT
    stale = client.post(url("section-restore", account, goals.pk), {"revision": 1, "seen_revision": 3}, follow=True)
    assert "Somebody else changed this first" in stale.content.decode()


def test_strategy_and_confirmation_are_one_button_each(signed_in, account, plan, alice):
    client = signed_in(alice)
    client.post(url("plan-strategy", account, plan.pk), {"strategy": "defend", "revision": 1})
    client.post(url("plan-confirm", account, plan.pk), {"revision": 2})
    plan.refresh_from_db()
    assert (plan.strategy, plan.confirmed_on) == ("defend", timezone.localdate())
    answer = client.post(url("plan-strategy", account, plan.pk), {"strategy": "grow", "revision": 1}, follow=True)
    assert "Somebody else changed this first" in answer.content.decode()


def test_a_stale_objective_shows_both_and_loses_nothing_typed(signed_in, account, plan, alice):
    objective = add_objective(account=account, plan=plan, title="Fewer stops", by=alice)
    Objective.objects.filter(pk=objective.pk).update(title="Fewer stops at Elster", revision=2)
    form = {"title": "Fewer stops at Gent", "revision": 1}
    answer = signed_in(alice).post(url("objective-edit", account, objective.pk), form)
    content = answer.content.decode()
    assert answer.status_code == 409
    assert "Fewer stops at Elster" in content
    assert "Fewer stops at Gent" in content


def test_objectives_are_added_changed_and_removed(signed_in, account, plan, alice):
    client = signed_in(alice)
    form = {"title": "Fewer stops", "measure": "Stops", "unit": "h", "baseline": "34", "target": "20", "current": "26"}
    assert client.post(url("objective-new", account, plan.pk), form).status_code == 303
    objective = Objective.objects.get()
    page = client.get(url("plan-detail", account)).content.decode()
    assert "57\N{NO-BREAK SPACE}%" in page
    assert client.post(url("objective-new", account, plan.pk), {"title": ""}).status_code == 422
    client.post(url("objective-remove", account, objective.pk), {"revision": 1})
    assert not Objective.objects.exists()


def test_actions_are_added_from_a_section_and_shown_there(signed_in, account, plan, goals, alice, make_contact):
    theirs = make_contact(account, "Uwe Klose")
    query = f"?plan={plan.pk}&section={goals.pk}"
    client = signed_in(alice)
    page = client.get(url("action-new", account) + query)
    assert page.context["form"].initial["section"] == str(goals.pk)
    form = {"title": "Joint list", "their_owner": theirs.pk, "due": "2026-12-05", "section": goals.pk}
    assert client.post(url("action-new", account) + query, form).status_code == 303
    entry = PlanAction.objects.get()
    assert (entry.plan, entry.section, entry.our_owner) == (plan, goals, None)
    content = client.get(url("plan-detail", account)).content.decode()
    assert content.count("Joint list") >= 2
    assert "Uwe Klose" in content
    nobody = client.post(url("action-new", account), {"title": "x", "due": "2026-12-05"})
    assert nobody.status_code == 422
    assert "Choose somebody of us" in nobody.content.decode()


def test_done_is_one_click_inline_and_one_form_without_javascript(signed_in, account, entry, bob):
    client = signed_in(bob)
    row = client.post(
        url("action-done", account, entry.pk),
        {"revision": 1, "next": "/actions/", "show_account": "1"},
        HTTP_HX_REQUEST="true",
    )
    assert row.status_code == 200
    content = row.content.decode()
    assert f'id="action-row-{entry.pk}"' in content
    assert "Done" in content
    assert "Northgate Mills" in content
    assert "<html" not in content
    answer = client.post(url("action-reopen", account, entry.pk), {"revision": 2, "next": "/actions/"})
    assert (answer.status_code, answer["Location"]) == (303, "/actions/")
    elsewhere = client.post(
        url("action-done", account, entry.pk), {"revision": 3, "next": "https://elsewhere.example/"}
    )
    assert elsewhere["Location"].startswith("/accounts/")


def test_a_click_on_a_row_that_changed_meanwhile_shows_the_row_as_it_is(signed_in, account, entry, bob):
    PlanAction.objects.filter(pk=entry.pk).update(title="Pilot at site three", revision=2)
    row = signed_in(bob).post(url("action-done", account, entry.pk), {"revision": 1}, HTTP_HX_REQUEST="true")
    assert row.status_code == 409
    assert "Pilot at site three" in row.content.decode()
    assert "Somebody else changed this first" in row.content.decode()


def test_an_action_is_put_off_and_dropped(signed_in, account, entry, bob):
    client = signed_in(bob)
    client.post(url("action-move", account, entry.pk), {"revision": 1, "due": "2030-01-01"})
    entry.refresh_from_db()
    assert (entry.due, entry.moved) == (date(2030, 1, 1), 1)
    assert client.post(
        url("action-move", account, entry.pk), {"revision": 2, "due": "never"}, HTTP_HX_REQUEST="true"
    ).status_code == 422  # fmt: skip
    client.post(url("action-drop", account, entry.pk), {"revision": 2})
    entry.refresh_from_db()
    assert entry.status == "dropped"


def test_the_list_has_own_actions_first_and_only_accounts_one_may_read(
    signed_in, account, entry, alice, bob, make_account, ingrid
):
    today = timezone.localdate()
    add_action(account=account, title="Mine, later", our_owner=alice, due=today + timedelta(days=5), by=alice)
    hidden = make_account("Hidden Ltd")
    add_action(account=hidden, title="Not for Alice", our_owner=ingrid, due=today, by=ingrid)
    client = signed_in(alice)
    page = client.get("/actions/")
    assert [row.action.title for row in page.context["rows"]] == ["Mine, later", "Pilot at site two"]
    assert "Not for Alice" not in page.content.decode()
    assert "Hidden Ltd" not in page.content.decode()
    shown = [row.action.title for row in client.get("/actions/", {"show": "mine"}).context["rows"]]
    assert shown == ["Mine, later"]
    assert [row.label for row in client.get("/actions/", {"show": "late"}).context["rows"]] == ["Late"]
    assert not client.get("/actions/", {"account": hidden.pk}).context["rows"]
    assert client.get("/actions/", {"account": "x", "show": "y", "page": "z"}).status_code == 200


def test_the_list_asks_the_database_as_often_for_forty_actions_as_for_two(
    signed_in, account, alice, django_assert_max_num_queries, make_account
):
    today = timezone.localdate()
    accounts = [account, *(make_account() for _ in range(3))]
    PlanAction.objects.bulk_create(
        PlanAction(account=accounts[number % 4], title=f"A {number}", our_owner=alice, due=today)
        for number in range(40)
    )
    client = signed_in(alice)
    client.get("/actions/")
    with django_assert_max_num_queries(12):
        assert len(client.get("/actions/").context["rows"]) == 10


def test_a_full_plan_takes_as_many_queries_as_an_empty_one(account, plan, goals, alice, bob, django_assert_num_queries):
    today = timezone.localdate()
    for number in range(3):
        add_objective(account=account, plan=plan, title=f"O {number}", owner=alice, by=alice)
    PlanAction.objects.bulk_create(
        PlanAction(account=account, plan=plan, section=goals, title=f"A {number}", our_owner=bob, due=today)
        for number in range(30)
    )
    account.accesses_of(alice)
    with django_assert_num_queries(4):
        page = plan_page(account, plan, alice, today)
    assert (len(page.open_actions), len(page.objectives)) == (30, 3)


@pytest.mark.parametrize(("access", "expected"), [("observer", 403), ("member", 303)])
def test_observers_read_and_members_write(signed_in, account, plan, goals, make_person, access, expected):
    person = make_person("team_member" if access == "member" else "viewer", on=account, access=access)
    client = signed_in(person)
    assert client.get(url("plan-detail", account)).status_code == 200
    assert client.get(url("section-history", account, goals.pk)).status_code == 200
    form = {"text": TEXT + " More.", "base_revision": 2}
    assert client.post(url("section-save", account, goals.pk), form).status_code == expected


def test_a_stranger_finds_nothing_here(signed_in, account, plan, goals, entry, charlie):
    client = signed_in(charlie)
    for name, args in (("plan-detail", []), ("section-history", [goals.pk]), ("action-edit", [entry.pk])):
        assert client.get(url(name, account, *args)).status_code == 404
    for name, args in (
        ("plan-open", []),
        ("section-save", [goals.pk]),
        ("section-restore", [goals.pk]),
        ("plan-confirm", [plan.pk]),
        ("action-done", [entry.pk]),
        ("action-delete", [entry.pk]),
    ):
        assert client.post(url(name, account, *args), {"revision": 1}).status_code == 404


def test_a_sponsor_finishes_own_actions_only(signed_in, account, plan, entry, make_person, alice):
    sponsor = make_person("executive_sponsor", on=account, access="sponsor")
    own = add_action(account=account, plan=plan, title="Call", our_owner=sponsor, due=date(2026, 1, 1), by=alice)
    client = signed_in(sponsor)
    assert client.post(url("action-done", account, entry.pk), {"revision": 1}).status_code == 403
    assert client.post(url("action-done", account, own.pk), {"revision": 1}).status_code == 303
    assert client.get(url("action-edit", account, own.pk)).status_code == 403
    own.refresh_from_db()
    assert own.status == "done"


def test_rows_of_another_account_are_not_reached_through_ones_own(
    signed_in, account, alice, goals, entry, make_account, make_person
):
    other = make_account()
    manager = make_person("account_manager", on=other, access="lead")
    client = signed_in(manager)
    form = {"text": "x", "base_revision": 2, "revision": 1, "seen_revision": 2}
    for name, row in (("section-save", goals), ("section-resolve", goals), ("action-done", entry)):
        assert client.post(url(name, other, row.pk), form).status_code == 404
    goals.refresh_from_db()
    assert goals.text == TEXT


def test_the_account_page_shows_next_actions_progress_and_the_tab(signed_in, account, entry, alice):
    content = signed_in(alice).get(reverse("accounts:account-detail", args=[account.pk])).content.decode()
    assert "Pilot at site two" in content
    assert "1 of 1 actions late" in content
    assert f'href="{url("plan-detail", account)}"' in content


def test_the_portfolio_shows_how_far_each_plan_is(signed_in, account, entry, alice):
    content = signed_in(alice).get(reverse("accounts:account-list")).content.decode()
    assert "1 of 1 late" in content


def test_my_day_has_own_late_actions_and_for_leads_those_nobody_of_ours_has(
    signed_in, account, entry, alice, bob, make_contact
):
    theirs = make_contact(account, "Pavel Novotny")
    add_action(account=account, title="IT meeting", their_owner=theirs, due=date(2030, 1, 1), by=alice)
    assert "Pilot at site two" in signed_in(bob).get("/").content.decode()
    content = signed_in(alice).get("/").content.decode()
    assert "Nobody of ours on: IT meeting" in content
    assert "action of Bob Member, late" in content


def test_the_lead_is_asked_when_a_plan_was_not_confirmed_for_long(signed_in, account, plan, alice, bob):
    question = "Does the plan of Northgate Mills still hold?"
    assert question not in signed_in(alice).get("/").content.decode()
    AccountPlan.objects.filter(pk=plan.pk).update(confirmed_on=timezone.localdate() - timedelta(days=91))
    assert question in signed_in(alice).get("/").content.decode()
    assert question not in signed_in(bob).get("/").content.decode()


def test_what_somebody_holds_lists_open_actions(account, entry, bob, alice):
    kinds = {holding.key: holding for holding in holdings()}
    assert list(kinds["actions"].held_by(bob)) == ["Pilot at site two, Northgate Mills"]
    assert kinds["actions"].reassign(from_user=bob, to_user=alice, by=alice) == 1
