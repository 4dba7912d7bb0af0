"""Pages of an account: who sees what, what is typed is never lost, queries stay constant."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.contacts import record_opinion
from accounts.actions.sponsors import start_term
from accounts.actions.touchpoints import log_touchpoint
from accounts.models import Account, AccountKey, Contact, Figure, Opinion, SponsorTerm, TeamSeat, Touchpoint
from sam.core import panels
from sam.core.authorization.permissions import Permission
from sam.values.periods import last_closed_quarter

pytestmark = pytest.mark.django_db
TABS = ("account-detail", "figure-list", "contact-list", "activity-list", "touchpoint-list", "key-list")


def url(name, account, *rest):
    return reverse(f"accounts:{name}", args=[account.pk, *rest])


def figures(account, quarters=8, currency="EUR"):
    last = last_closed_quarter(timezone.localdate())
    for back in range(quarters):
        Figure.objects.create(
            account=account, period_start=last.shift(-back).start, currency=currency, revenue=2_500_000,
            cost_of_goods=1_500_000, cost_to_serve=100_000, client_spend=10_000_000,
        )  # fmt: skip
        Figure.objects.create(
            account=account, period_start=last.shift(-back).start, currency=currency, revenue=2_600_000, kind="planned"
        )


def queries(client, address):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


# --- who sees what --------------------------------------------------------------------------------------


def test_strangers_get_404_on_every_page_of_an_account(account, signed_in, charlie):
    for name in TABS:
        assert signed_in(charlie).get(url(name, account)).status_code == 404


def test_member_sees_people_but_no_figures_and_no_opinions(account, make_contact, signed_in, alice, bob):
    figures(account)
    contact = make_contact(account, "Ann Lee", function="finance", level="board")
    record_opinion(account=account, contact=contact, kind="stance", value=-2, by=alice)
    client = signed_in(bob)
    assert client.get(url("figure-list", account)).status_code == 403
    overview = client.get(url("account-detail", account)).content.decode()
    assert "Who we touched" in overview
    assert "Revenue" not in overview
    for page in (url("contact-list", account), url("contact-detail", account, contact.pk)):
        assert "prefers another" not in client.get(page).content.decode()
        assert "prefers another" in signed_in(alice).get(page).content.decode()
    assert client.get(url("opinion-record", account, contact.pk)).status_code == 403


def test_viewer_sees_the_name_but_not_the_team(account, signed_in, make_person, alice):
    client = signed_in(make_person("viewer"))
    text = client.get(url("account-detail", account)).content.decode()
    assert account.name in text
    assert "Alice Lead" not in text
    for name in TABS[1:]:
        assert client.get(url(name, account)).status_code == 403


def test_writing_pages_refuse_those_who_may_not(account, make_contact, signed_in, bob, make_person):
    contact = make_contact(account)
    seat = account.seats.get(user=bob)
    reader = signed_in(make_person("reader"))
    for name, rest in (
        ("account-edit", ()), ("account-merge", ()), ("contact-new", ()), ("contact-edit", (contact.pk,)),
        ("seat-new", ()), ("seat-edit", (seat.pk,)), ("seat-end", (seat.pk,)), ("term-new", ()),
        ("touchpoint-new", ()),
    ):  # fmt: skip
        assert reader.post(url(name, account, *rest), {}).status_code == 403, name
    member = signed_in(bob)
    assert member.post(url("account-archive", account), {"revision": 1}).status_code == 403
    assert member.get(url("contact-new", account)).status_code == 200


def test_rows_of_another_account_are_not_reached_through_this_one(
    account, make_account, make_contact, signed_in, alice
):
    foreign = make_contact(make_account())
    assert signed_in(alice).get(url("contact-detail", account, foreign.pk)).status_code == 404
    assert signed_in(alice).get(url("contact-edit", account, foreign.pk)).status_code == 404
    page = signed_in(alice).get(url("touchpoint-new", account) + f"?contact={foreign.pk}").content.decode()
    assert foreign.full_name not in page


# --- overview, numbers ----------------------------------------------------------------------------------


def test_overview_shows_figures_chart_team_and_gaps(account, signed_in, ingrid, alice):
    Account.objects.filter(pk=account.pk).update(tier="key")
    figures(account)
    text = signed_in(ingrid).get(url("account-detail", account)).content.decode()
    for words in (
        "10.0\N{NO-BREAK SPACE}M€",
        "−3.8",
        "36.0",
        "Revenue against plan",
        "Alice Lead",
        "Account lead missing",
    ):
        assert words in text, words


def test_account_without_figures_says_so(account, signed_in, alice):
    text = signed_in(alice).get(url("account-detail", account)).content.decode()
    assert "no figures yet" in text


def test_group_counts_only_units_whose_figures_the_person_sees(account, make_account, signed_in, alice, ingrid):
    figures(account)
    figures(make_account("Unit One", parent=account))
    figures(make_account("Unit Two", parent=account))
    for_all = signed_in(ingrid).get(url("account-detail", account)).content.decode()
    assert "Unit One" in for_all
    assert "30.0\N{NO-BREAK SPACE}M€" in for_all
    for_alice = signed_in(alice).get(url("account-detail", account)).content.decode()
    assert "Unit One" not in for_alice
    assert "30.0\N{NO-BREAK SPACE}M€" not in for_alice
    assert "2\N{NO-BREAK SPACE}units you may not see" in for_alice


def test_numbers_name_the_missing_quarter_and_never_split_a_year(account, signed_in, alice):
    figures(account)
    last = last_closed_quarter(timezone.localdate())
    gap = last.shift(-2)
    Figure.objects.filter(kind="actual", period_start=gap.start).delete()
    Figure.objects.create(account=account, period_start="2019-01-01", months=12, currency="EUR", revenue=7_000_000)
    text = signed_in(alice).get(url("figure-list", account)).content.decode()
    assert "2019-01…2019-12" in text
    assert "nobody reported this quarter" in text
    assert gap.label in text


# --- forms ----------------------------------------------------------------------------------------------


def test_edit_that_lost_the_race_shows_both_texts(account, signed_in, alice):
    client = signed_in(alice)
    form = {"name": "Northgate", "status": "active", "currency": "EUR", "industry": "Paper", "revision": 1}
    assert client.post(url("account-edit", account), form).status_code == 303
    answer = client.post(url("account-edit", account), {**form, "industry": "Steel"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Paper" in text
    assert 'value="Steel"' in text
    assert client.post(url("account-edit", account), {**form, "industry": "Steel", "revision": 2}).status_code == 303
    account.refresh_from_db()
    assert account.industry == "Steel"


def test_rejected_form_keeps_what_was_typed(account, signed_in, alice):
    answer = signed_in(alice).post(
        url("account-edit", account),
        {"name": "", "status": "active", "currency": "euro", "industry": "Paper", "revision": 1},
    )
    assert answer.status_code == 422
    assert 'value="Paper"' in answer.content.decode()


def test_new_account_with_a_key_and_a_parent(make_account, signed_in, ingrid):
    parent = make_account("Group")
    answer = signed_in(ingrid).post(
        reverse("accounts:account-new"),
        {"name": "New", "status": "active", "parent": f"Group (#{parent.pk})", "source": "sap", "key": "9"},
    )
    made = Account.objects.get(name="New")
    assert (answer.status_code, made.parent, made.keys.get().key) == (303, parent, "9")


def test_parent_of_an_ambiguous_or_hidden_name_is_refused(account, make_account, signed_in, ingrid, alice):
    make_account("Twin"), make_account("Twin")
    form = {"name": "N", "status": "active", "parent": "Twin"}
    assert "Several accounts" in signed_in(ingrid).post(reverse("accounts:account-new"), form).content.decode()
    edit = {"name": "N", "status": "active", "currency": "EUR", "parent": "Twin", "revision": 1}
    assert "no account of this name" in signed_in(alice).post(url("account-edit", account), edit).content.decode()


def test_names_are_suggested_among_what_the_person_sees(account, make_account, signed_in, alice):
    make_account("Northern Secret")
    text = signed_in(alice).get(reverse("accounts:account-names"), {"parent": "nor"}).content.decode()
    assert "Northgate Mills" in text
    assert "Secret" not in text


def test_merge_page_moves_and_leads_to_the_other_account(account, make_account, signed_in, ingrid):
    into = make_account("Target")
    client = signed_in(ingrid)
    answer = client.post(url("account-merge", account), {"into": "Target"}, follow=True)
    assert answer.redirect_chain[-1][0] == url("account-detail", into)
    assert "Merged into Target; nothing to move" in answer.content.decode()


def test_archive_and_bring_back(account, signed_in, alice):
    client = signed_in(alice)
    client.post(url("account-archive", account), {"revision": 1})
    account.refresh_from_db()
    assert account.status == "archived"
    assert (
        "Somebody else changed"
        in client.post(url("account-archive", account), {"revision": 1}, follow=True).content.decode()
    )
    client.post(url("account-archive", account), {"revision": 2})
    account.refresh_from_db()
    assert account.status == "active"


def test_keys_are_added_and_removed(account, signed_in, alice):
    client = signed_in(alice)
    assert client.post(url("key-add", account), {"source": "sap", "key": "1"}).status_code == 303
    assert client.post(url("key-add", account), {"source": "sap", "key": "1"}).status_code == 422
    assert client.post(url("key-add", account), {"source": "sap", "key": ""}).status_code == 422
    client.post(url("key-remove", account, account.keys.get().pk))
    assert not AccountKey.objects.exists()


def test_contact_is_added_changed_and_marked_as_left(account, signed_in, bob):
    client = signed_in(bob)
    form = {"full_name": "Ann Lee", "status": "active", "language": "en", "function": "finance", "level": "board"}
    assert client.post(url("contact-new", account), form).status_code == 303
    contact = Contact.objects.get()
    edit = url("contact-edit", account, contact.pk)
    assert client.post(edit, {**form, "job_title": "CFO", "revision": 1}).status_code == 303
    assert client.post(edit, {**form, "job_title": "CEO", "revision": 1}).status_code == 409
    client.post(url("contact-status", account, contact.pk), {"status": "left", "revision": 2})
    assert not Contact.objects.here().exists()
    assert "Ann Lee" not in client.get(url("contact-list", account)).content.decode()
    assert "Ann Lee" in client.get(url("contact-list", account) + "?left=1").content.decode()


def test_people_are_filtered_by_function_level_and_cover(account, make_contact, signed_in, alice):
    make_contact(account, "Ann Lee", function="finance", level="board", covered_by=alice)
    make_contact(account, "Ben Orr", function="it", level="user")
    client = signed_in(alice)
    for query, shown, hidden in (
        ("function=finance", "Ann Lee", "Ben Orr"),
        ("level=user", "Ben Orr", "Ann Lee"),
        ("covered=nobody", "Ben Orr", "Ann Lee"),
        ("q=orr", "Ben Orr", "Ann Lee"),
    ):
        text = client.get(url("contact-list", account) + f"?{query}").content.decode()
        assert (shown in text, hidden in text) == (True, False), query


def test_opinion_is_recorded_by_the_lead(account, make_contact, signed_in, alice):
    contact = make_contact(account)
    address = url("opinion-record", account, contact.pk)
    assert signed_in(alice).post(address, {"source": "talk"}).status_code == 422
    answer = signed_in(alice).post(address, {"influence": "4", "stance": "-1", "source": "talk", "confirmed": "on"})
    assert answer.status_code == 303
    assert {(one.kind, one.value) for one in Opinion.objects.all()} == {("influence", 4), ("stance", -1)}


def test_overdue_contact_says_by_how_many_days(account, make_contact, signed_in, alice):
    Account.objects.filter(pk=account.pk).update(tier="strategic")
    contact = make_contact(account, "Ann Lee", level="board")
    log_touchpoint(account=account, contacts=[contact], by=alice, date=timezone.localdate() - timedelta(days=65))
    assert "overdue by 5\N{NO-BREAK SPACE}days" in signed_in(alice).get(url("contact-list", account)).content.decode()


def test_seat_and_sponsor_are_given_changed_and_ended(account, make_contact, make_person, signed_in, alice, charlie):
    client = signed_in(alice)
    assert (
        client.post(url("seat-new", account), {"user": charlie.pk, "role": "deputy", "core": "on"}).status_code == 303
    )
    seat = account.seats.get(user=charlie)
    assert client.post(url("seat-new", account), {"user": charlie.pk, "role": "deputy"}).status_code == 422
    form = {"role": "innovator", "access": "observer", "allocation": 5, "revision": 1}
    assert client.post(url("seat-edit", account, seat.pk), form).status_code == 303
    today = timezone.localdate().isoformat()
    assert client.post(url("seat-end", account, seat.pk), {"ends_on": today, "revision": 2}).status_code == 303
    assert TeamSeat.objects.get(pk=seat.pk).ends_on == timezone.localdate()
    helene, peer = make_person("executive_sponsor"), make_contact(account)
    assert client.post(url("term-new", account), {"sponsor": helene.pk, "peer": peer.pk}).status_code == 303
    term = SponsorTerm.objects.get()
    assert client.post(url("term-edit", account, term.pk), {"cadence_days": 30, "revision": 1}).status_code == 303
    assert client.post(url("term-end", account, term.pk), {"ends_on": today, "revision": 2}).status_code == 303
    assert client.get(url("term-edit", account, term.pk)).status_code == 404


def test_touchpoint_is_logged_in_the_dialog_and_on_its_page(account, make_contact, signed_in, alice, bob):
    ann = make_contact(account)
    client = signed_in(bob)
    dialog = client.get(url("touchpoint-new", account), headers={"HX-Request": "true"}).content.decode()
    assert dialog.lstrip().startswith("<form")
    assert "checked" in dialog
    form = {"kind": "call", "date": timezone.localdate().isoformat(), "contacts": [ann.pk], "people": [bob.pk]}
    wrong = client.post(url("touchpoint-new", account), {**form, "contacts": []}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    saved = client.post(url("touchpoint-new", account), {**form, "summary": "Hello"}, headers={"HX-Request": "true"})
    assert (saved.status_code, saved["HX-Refresh"]) == (204, "true")
    assert client.post(url("touchpoint-new", account), form).status_code == 303
    touchpoint = Touchpoint.objects.get(summary="Hello")
    edit = url("touchpoint-edit", account, touchpoint.pk)
    assert client.post(edit, {**form, "summary": "Hello again", "revision": 1}).status_code == 303
    assert client.post(edit, {**form, "summary": "Lost", "revision": 1}).status_code == 409
    client.post(url("touchpoint-delete", account, touchpoint.pk))
    assert not Touchpoint.objects.filter(pk=touchpoint.pk).exists()


def test_touchpoint_of_a_colleague_is_not_changed(account, make_contact, make_person, signed_in, alice):
    touchpoint = log_touchpoint(account=account, contacts=[make_contact(account)], by=alice)
    colleague = signed_in(make_person("team_member", on=account))
    assert colleague.get(url("touchpoint-edit", account, touchpoint.pk)).status_code == 403
    assert colleague.post(url("touchpoint-delete", account, touchpoint.pk)).status_code == 403


# --- activity -------------------------------------------------------------------------------------------


def test_activity_says_who_changed_what_from_and_to(account, signed_in, alice, bob):
    signed_in(alice).post(
        url("account-edit", account),
        {"name": account.name, "status": "active", "currency": "EUR", "industry": "Paper", "revision": 1},
    )
    text = signed_in(bob).get(url("activity-list", account)).content.decode()
    for words in ("Alice Lead", "changed the account", "Paper"):
        assert words in text


def test_activity_keeps_opinions_and_figures_with_those_who_may_see_them(account, make_contact, signed_in, alice, bob):
    from sam.core.audit import in_the_name_of

    contact = make_contact(account)
    record_opinion(account=account, contact=contact, kind="stance", value=-2, by=alice)
    with in_the_name_of(alice, "typed figures", account=account):
        Figure.objects.create(account=account, period_start="2026-01-01", currency="EUR", revenue=424242)
    lead = signed_in(alice).get(url("activity-list", account)).content.decode()
    member = signed_in(bob).get(url("activity-list", account)).content.decode()
    for words in ("424242", "Stance on working"):
        assert words in lead
        assert words not in member
    assert "recorded an opinion" in member


def test_activity_of_a_bulk_change_shows_on_the_account(account, signed_in, ingrid, bob):
    signed_in(ingrid).post(reverse("accounts:account-bulk-owner"), {"account": [account.pk], "owner": bob.pk})
    text = signed_in(bob).get(url("activity-list", account)).content.decode()
    assert "named the owner of several accounts" in text
    assert "Bob Member" in text


# --- constant work --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABS)
def test_pages_keep_their_number_of_queries_when_rows_grow_tenfold(
    name, account, make_account, make_contact, make_person, signed_in, alice
):
    Account.objects.filter(pk=account.pk).update(tier="strategic")
    ingrid = make_person("programme_lead")

    def grow(number):
        for _ in range(number):
            contact = make_contact(account, function="finance", level="board", covered_by=alice)
            record_opinion(account=account, contact=contact, kind="stance", value=1, by=ingrid)
            log_touchpoint(account=account, contacts=[contact], by=ingrid)
            start_term(account=account, sponsor=make_person("executive_sponsor"), peer=contact, by=ingrid)
            unit = make_account(parent=account)
            Figure.objects.create(account=unit, period_start="2026-01-01", currency="EUR", revenue=1)
            AccountKey.objects.create(account=account, key=str(unit.pk))

    figures(account)
    grow(1)
    client = signed_in(ingrid)
    client.get(url(name, account))
    few = queries(client, url(name, account))
    grow(9)
    assert queries(client, url(name, account)) == few


def test_panel_that_loads_itself_asks_for_the_same_permission(
    account, make_person, signed_in, bob, charlie, monkeypatch
):
    panel = panels.Panel(
        "slow", "Slow panel", Permission.FIGURES_VIEW, 1, "ui/brandmark.html", lambda account, user: {"note": "told"},
        later="accounts:figure-list",
    )  # fmt: skip
    monkeypatch.setattr(panels, "_panels", {"slow": panel})
    finance = make_person("finance_partner")
    here, asked = url("account-detail", account), {"headers": {"HX-Request": "true"}}
    page = signed_in(finance).get(here).content.decode()
    assert f'hx-get="{here}?panel=slow" hx-trigger="load"' in page
    assert f'<a class="link" href="{url("figure-list", account)}">Slow panel</a>' in page
    assert "told" not in page
    assert "told" in signed_in(finance).get(f"{here}?panel=slow", **asked).content.decode()
    assert "Slow panel" not in signed_in(bob).get(here).content.decode()
    assert signed_in(bob).get(f"{here}?panel=slow", **asked).status_code == 403
    assert signed_in(charlie).get(f"{here}?panel=slow", **asked).status_code == 404
    assert signed_in(finance).get(f"{here}?panel=other", **asked).status_code == 404


def test_overview_by_itself_takes_ten_queries(account, make_contact, signed_in, ingrid, monkeypatch):
    """Without what higher apps add to it."""
    for registry in ("_panels", "_figures", "_tabs"):
        monkeypatch.setattr(panels, registry, {})
    figures(account)
    make_contact(account, function="finance", level="board")
    assert queries(signed_in(ingrid), url("account-detail", account)) <= 10
