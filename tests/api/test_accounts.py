"""Accounts, contacts, touchpoints, seats and sponsor terms by API."""

import pytest
from django.utils import timezone

from accounts.actions.contacts import record_opinion
from accounts.models import Account, Contact, Figure, Touchpoint
from sam.values.periods import last_closed_quarter

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


def tag(revision):
    return {"If-Match": f'"{revision}"'}


def test_account_is_made_changed_by_revision_and_archived(ingrid, api):
    client = api(ingrid)
    made = client.post(f"{BASE}/accounts/", {"name": "Thalmar", "country": "DE", "source": "sap", "key": "7"})
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    assert made.json()["keys"] == [{"source": "sap", "key": "7", "valid_from": None, "valid_to": None}]
    address = f"{BASE}/accounts/{made.json()['id']}/"
    assert client.patch(address, {"industry": "Paper"}).status_code == 428
    changed = client.patch(address, {"industry": "Paper"}, headers=tag(1))
    assert (changed.status_code, changed.json()["industry"], changed["ETag"]) == (200, "Paper", '"2"')
    stale = client.patch(address, {"industry": "Steel"}, headers=tag(1))
    assert (stale.status_code, stale.json()["current"]["industry"]) == (412, "Paper")
    assert client.post(f"{address}archive/", headers=tag(2)).json()["status"] == "archived"
    assert client.post(f"{address}archive/", headers=tag(2)).status_code == 412
    assert client.post(f"{address}restore/", headers=tag(3)).json()["status"] == "active"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "A\x00"},
        {"currency": "xx"},
        {"website": "ftp://x"},
        {"tier": "key"},
        {"status": "merged"},
    ],
)
def test_wrong_values_are_400_and_the_tier_is_not_written_here(ingrid, api, wrong):
    assert api(ingrid).post(f"{BASE}/accounts/", {"name": "A", **wrong}).status_code == 400
    assert not Account.objects.exists()


def test_who_may_what(account, api, alice, bob, charlie, make_person):
    address = f"{BASE}/accounts/{account.pk}/"
    assert api(None).get(address).status_code == 401
    assert api(charlie).get(address).status_code == 404
    assert api(charlie).get(f"{BASE}/accounts/").json()["results"] == []
    assert api(bob).get(address).status_code == 200
    assert api(bob).patch(address, {"name": "B"}, headers=tag(1)).status_code == 403
    assert api(bob).post(f"{BASE}/accounts/", {"name": "B"}).status_code == 403
    assert api(alice).patch(address, {"name": "B"}, headers=tag(1)).status_code == 200
    viewer = api(make_person("viewer")).get(address).json()
    assert (viewer["name"], viewer["owner"], viewer["keys"]) == ("B", None, None)


def test_hidden_parent_is_not_told(account, make_account, api, alice, ingrid):
    Account.objects.filter(pk=account.pk).update(parent=make_account("Hidden"))
    assert api(alice).get(f"{BASE}/accounts/{account.pk}/").json()["parent"] is None
    assert api(ingrid).get(f"{BASE}/accounts/{account.pk}/").json()["parent"] is not None


def test_list_filters_and_refuses_unknown_parameters(make_account, api, ingrid):
    make_account("Ålborg Steel", country="DK", tier="key")
    make_account("Berg Foods", country="NO")
    names = lambda query: [row["name"] for row in api(ingrid).get(f"{BASE}/accounts/?{query}").json()["results"]]  # noqa: E731
    assert names("q=alb") == ["Ålborg Steel"]
    assert names("tier=key") == ["Ålborg Steel"]
    assert names("country=NO") == ["Berg Foods"]
    assert api(ingrid).get(f"{BASE}/accounts/?colour=red").status_code == 400


def test_merge_says_what_moved_and_refuses_with_409(account, make_account, make_contact, api, ingrid):
    into = make_account("Into")
    make_contact(account)
    done = api(ingrid).post(f"{BASE}/accounts/{account.pk}/merge/", {"into": into.pk})
    assert (done.status_code, done.json()["moved"]["contacts"]) == (200, 1)
    again = api(ingrid).post(f"{BASE}/accounts/{account.pk}/merge/", {"into": into.pk})
    assert (again.status_code, again.json()["code"]) == (409, "merged")


def test_twelve_months_are_strings_or_null_with_a_reason(account, api, alice, bob):
    last = last_closed_quarter(timezone.localdate())
    for back in range(4):
        Figure.objects.create(
            account=account, period_start=last.shift(-back).start, currency="EUR", revenue="10.5", cost_of_goods=4
        )
    address = f"{BASE}/accounts/{account.pk}/twelve-months/"
    told = api(alice).get(address).json()
    assert (told["until"], told["revenue"], told["contribution"]) == (str(last), "42.0000", None)
    assert told["missing"]["contribution"] == "cost to serve is unknown"
    assert api(bob).get(address).status_code == 403


def test_contact_is_added_changed_and_its_opinions_stay_with_those_who_may(account, api, alice, bob, make_person):
    body = {"account": account.pk, "full_name": "Ann Lee", "function": "finance", "level": "board"}
    made = api(bob).post(f"{BASE}/contacts/", body)
    assert (made.status_code, made.json()["opinions"]) == (201, None)
    address = f"{BASE}/contacts/{made.json()['id']}/"
    assert api(bob).post(f"{address}opinions/", {"kind": "stance", "value": 1}).status_code == 403
    assert api(alice).post(f"{address}opinions/", {"kind": "stance", "value": 1}).status_code == 201
    assert api(alice).post(f"{address}opinions/", {"kind": "stance", "value": 5}).status_code == 400
    assert [one["value"] for one in api(alice).get(address).json()["opinions"]] == [1]
    for person in (bob, make_person("reader")):
        assert api(person).get(address).json()["opinions"] is None
        assert "stance" not in str(api(person).get(f"{BASE}/contacts/").json())
    changed = api(bob).patch(address, {"job_title": "CFO"}, headers=tag(1))
    assert (changed.status_code, changed.json()["job_title"]) == (200, "CFO")
    assert api(make_person("admin")).get(address).status_code == 404


def test_contact_cannot_be_added_to_a_hidden_account_or_under_a_foreign_boss(
    account, make_account, make_contact, api, bob, ingrid
):
    hidden = make_account()
    assert api(bob).post(f"{BASE}/contacts/", {"account": hidden.pk, "full_name": "A"}).status_code == 400
    boss = make_contact(hidden)
    body = {"account": account.pk, "full_name": "A", "reports_to": boss.pk}
    assert api(ingrid).post(f"{BASE}/contacts/", body).status_code == 400
    assert Contact.objects.count() == 1


def test_touchpoint_belongs_to_who_logged_it(account, make_contact, api, alice, bob, make_person):
    ann = make_contact(account)
    body = {"account": account.pk, "kind": "call", "contacts": [ann.pk], "summary": "Said hello"}
    made = api(bob).post(f"{BASE}/touchpoints/", body)
    assert (made.status_code, made.json()["people"], made.json()["date"]) == (
        201, [bob.pk], timezone.localdate().isoformat(),
    )  # fmt: skip
    address = f"{BASE}/touchpoints/{made.json()['id']}/"
    colleague = make_person("team_member", on=account)
    assert api(colleague).patch(address, {"summary": "No"}, headers=tag(1)).status_code == 403
    assert api(alice).patch(address, {"summary": "Yes"}, headers=tag(1)).json()["summary"] == "Yes"
    assert api(bob).delete(address, headers=tag(1)).status_code == 412
    assert api(bob).delete(address, headers=tag(2)).status_code == 204
    assert not Touchpoint.objects.exists()
    assert api(bob).post(f"{BASE}/touchpoints/", {**body, "date": "2999-01-01"}).status_code == 400
    assert api(bob).post(f"{BASE}/touchpoints/", {**body, "contacts": []}).status_code == 400


def test_seat_is_given_changed_and_ended(account, api, alice, bob, charlie):
    assert api(bob).post(f"{BASE}/seats/", {"account": account.pk, "user": bob.pk, "role": "deputy"}).status_code == 403
    body = {"account": account.pk, "user": charlie.pk, "role": "finance_lead"}
    made = api(alice).post(f"{BASE}/seats/", body)
    assert (made.status_code, made.json()["access"]) == (201, "finance_lead")
    twice = api(alice).post(f"{BASE}/seats/", body)
    assert (twice.status_code, twice.json()["errors"][0]["field"]) == (400, "user")
    address = f"{BASE}/seats/{made.json()['id']}/"
    changed = api(alice).patch(address, {"allocation": 30}, headers=tag(1)).json()
    assert (changed["allocation"], changed["role"], changed["core"]) == (30, "finance_lead", made.json()["core"])
    assert api(alice).post(f"{address}end/", {}, headers=tag(2)).json()["ends_on"] == timezone.localdate().isoformat()
    assert len(api(alice).get(f"{BASE}/seats/?account={account.pk}&open=true").json()["results"]) == 2


def test_sponsor_term_with_a_pair_and_a_rhythm(account, make_contact, make_person, api, alice):
    helene, peer = make_person("executive_sponsor"), make_contact(account)
    body = {"account": account.pk, "sponsor": helene.pk, "peer": peer.pk, "cadence_days": 45}
    made = api(alice).post(f"{BASE}/sponsor-terms/", body)
    assert (made.status_code, made.json()["cadence_days"]) == (201, 45)
    address = f"{BASE}/sponsor-terms/{made.json()['id']}/"
    assert api(alice).patch(address, {"cadence_days": 60}, headers=tag(1)).json()["peer"] == peer.pk
    assert api(alice).patch(address, {"cadence_days": 3}, headers=tag(2)).status_code == 400
    assert api(alice).post(f"{address}end/", {}, headers=tag(2)).status_code == 200


@pytest.mark.parametrize("what", ["accounts", "contacts", "touchpoints", "seats", "sponsor-terms"])
def test_lists_keep_their_number_of_queries(what, make_account, make_contact, make_person, api):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.actions.sponsors import start_term
    from accounts.actions.touchpoints import log_touchpoint

    ingrid = make_person("programme_lead")

    def grow(number):
        for _ in range(number):
            account = make_account(owner=ingrid)
            contact = make_contact(account)
            record_opinion(account=account, contact=contact, kind="stance", value=1, by=ingrid)
            log_touchpoint(account=account, contacts=[contact], by=ingrid)
            start_term(account=account, sponsor=make_person("executive_sponsor"), peer=contact, by=ingrid)

    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert api(ingrid).get(f"{BASE}/{what}/").status_code == 200
        return len(seen)

    grow(1)
    few = queries()
    grow(9)
    assert queries() == few
