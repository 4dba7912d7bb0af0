"""The portfolio: what it lists for whom, filters in the address, views, several at once, files."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.sponsors import start_term
from accounts.actions.touchpoints import log_touchpoint
from accounts.models import Account, Figure, SavedView, TeamSeat
from accounts.registry import contact_items, find_accounts, find_contacts, sponsor_items
from sam.core import panels
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from sam.core.spreadsheets import read_table
from sam.values.periods import last_closed_quarter

pytestmark = pytest.mark.django_db
LIST = "/accounts/"


def figures(account, amount=1_000_000, quarters=8, currency="EUR", cost=600_000):
    last = last_closed_quarter(timezone.localdate())
    Figure.objects.bulk_create(
        Figure(
            account=account, period_start=last.shift(-back).start, currency=currency, revenue=amount,
            cost_of_goods=cost, cost_to_serve=0,
        )
        for back in range(quarters)
    )  # fmt: skip


def names(client, query=""):
    rows = client.get(f"{LIST}?{query}").context["rows"]
    return [row.account.name for row in rows]


def test_everybody_sees_their_accounts_only(account, make_account, signed_in, bob, ingrid, charlie):
    make_account("Elsewhere")
    assert names(signed_in(bob)) == ["Northgate Mills"]
    assert names(signed_in(ingrid)) == ["Elsewhere", "Northgate Mills"]
    assert "No account yet" in signed_in(charlie).get(LIST).content.decode()


def test_figures_stand_only_in_rows_where_the_person_sees_them(
    account, make_account, make_person, signed_in, bob, ingrid
):
    figures(account)
    text = signed_in(bob).get(LIST).content.decode()
    assert "Revenue" not in text
    text = signed_in(ingrid).get(LIST).content.decode()
    assert "Revenue, M€" in text
    assert "40.0\N{NO-BREAK SPACE}%" in text


def test_amount_without_a_rate_and_a_gap_are_said_in_the_row(make_account, signed_in, ingrid):
    figures(make_account("Huf"), currency="HUF")
    figures(make_account("Gap"), quarters=3)
    text = signed_in(ingrid).get(LIST).content.decode()
    assert "no rate for HUF" in text
    assert "3 of 4 quarters" in text


def test_filters_live_in_the_address_and_are_removed_one_by_one(make_account, signed_in, ingrid, alice):
    make_account("Ålborg Steel", tier="key", country="Denmark", owner=ingrid)
    make_account("Berg Foods", country="Norway", industry="Food")
    make_account("Old", status="archived")
    client = signed_in(ingrid)
    for query, found in (
        ("q=alb", ["Ålborg Steel"]),
        ("tier=key", ["Ålborg Steel"]),
        ("tier=none&country=Norway", ["Berg Foods"]),
        ("owner=me", ["Ålborg Steel"]),
        (f"owner={ingrid.pk}", ["Ålborg Steel"]),
        ("owner=none&industry=Food", ["Berg Foods"]),
        ("status=archived", ["Old"]),
        ("tier=unknown&owner=x&status=y&sort=z&to=later&page=99", ["Ålborg Steel", "Berg Foods"]),
    ):
        assert [name for name in names(client, query) if name != "Northgate Mills"] == found, query
    text = client.get(f"{LIST}?tier=key&country=Denmark").content.decode()
    assert 'href="?country=Denmark"' in text
    assert 'href="?tier=key"' in text


def test_orders(make_account, signed_in, ingrid):
    small, large, _ = make_account("A small"), make_account("B large", tier="strategic"), make_account("C none")
    figures(small, 1_000_000, cost=100_000)
    figures(large, 5_000_000, cost=4_000_000)
    client = signed_in(ingrid)
    assert names(client) == ["B large", "A small", "C none"]
    assert names(client, "sort=name") == ["A small", "B large", "C none"]
    assert names(client, "sort=-name") == ["C none", "B large", "A small"]
    assert names(client, "sort=-revenue") == ["B large", "A small", "C none"]
    assert names(client, "sort=revenue") == ["A small", "B large", "C none"]
    assert names(client, "sort=-margin") == ["A small", "B large", "C none"]


def test_list_answers_a_fragment_to_htmx_and_a_page_to_others(account, signed_in, ingrid):
    fragment = signed_in(ingrid).get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert 'id="account-table"' in fragment
    assert "<html" in signed_in(ingrid).get(LIST, headers={"HX-Request": "true", "HX-Boosted": "true"}).content.decode()


def test_registered_column_is_asked_once_for_all_rows_the_person_may_see(make_account, signed_in, ingrid, monkeypatch):
    asked = []

    def values(ids, user):
        asked.append(list(ids))
        return {ids[0]: {"note": "reached"}}

    column = panels.AccountColumn("test", "Test column", Permission.PLAN_VIEW, 1, "ui/brandmark.html", values)
    monkeypatch.setattr(panels, "_columns", {"test": column})
    make_account("A"), make_account("B")
    text = signed_in(ingrid).get(LIST).content.decode()
    assert len(asked) == 1
    assert len(asked[0]) == 2
    assert "Test column" in text
    assert "reached" in text


def test_number_of_queries_stays_when_accounts_grow_tenfold(make_account, make_person, signed_in, ingrid, monkeypatch):
    def grow(number):
        for _ in range(number):
            figures(make_account(owner=make_person()))

    def queries(query):
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"{LIST}?{query}").status_code == 200
        return len(seen)

    client = signed_in(ingrid)
    grow(3)
    few = {query: queries(query) for query in ("", "sort=-revenue", "q=account")}
    grow(30)
    assert {query: queries(query) for query in few} == few
    monkeypatch.setattr(panels, "_columns", {})
    assert max(queries(query) for query in few) <= 10


# --- views, several at once -----------------------------------------------------------------------------


def test_view_is_saved_shown_and_removed(account, signed_in, alice, bob):
    client = signed_in(alice)
    answer = client.post(reverse("accounts:view-save"), {"name": "Only key", "query": "tier=key&page=3&csrf=x"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/?tier=key")
    assert "Only key" in client.get(LIST).content.decode()
    assert "Only key" not in signed_in(bob).get(LIST).content.decode()
    view = SavedView.objects.get()
    assert signed_in(bob).post(reverse("accounts:view-remove", args=[view.pk])).status_code == 404
    client.post(reverse("accounts:view-remove", args=[view.pk]))
    assert not SavedView.objects.exists()
    assert client.post(reverse("accounts:view-save"), {"name": "", "query": ""}).status_code == 422


def test_filters_offer_what_the_person_s_accounts_have(account, make_account, signed_in, alice):
    Account.objects.filter(pk=account.pk).update(country="Wales")
    make_account(country="Atlantis")
    text = signed_in(alice).get(reverse("accounts:account-filters")).content.decode()
    assert "Wales" in text
    assert "Atlantis" not in text


def test_owner_of_several_is_chosen_then_named(account, make_account, signed_in, alice, bob):
    other = make_account("Elsewhere")
    client = signed_in(alice)
    asked = client.post(reverse("accounts:account-bulk-owner"), {"account": [account.pk, other.pk]})
    text = asked.content.decode()
    assert asked.status_code == 200
    assert "Northgate Mills" in text
    assert "Elsewhere" not in text
    client.post(reverse("accounts:account-bulk-owner"), {"account": [account.pk, other.pk], "owner": bob.pk})
    assert Account.objects.get(pk=account.pk).owner == bob
    assert Account.objects.get(pk=other.pk).owner is None


# --- files ----------------------------------------------------------------------------------------------


def rows_of(answer):
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_csv_is_this_view_with_formulas_harmless(make_account, signed_in, ingrid):
    figures(make_account("=1+1", tier="key", country="DK"))
    make_account("Other")
    rows = rows_of(signed_in(ingrid).get("/accounts/export.csv?tier=key"))
    assert len(rows) == 2
    assert rows[1][:2] == ["'=1+1", "key"]
    assert [float(cell) for cell in rows[1][10:14]] == [4_000_000, 0, 1_600_000, 0.4]


def test_xlsx_holds_the_same(make_account, signed_in, ingrid, tmp_path):
    figures(make_account("Ålborg"))
    answer = signed_in(ingrid).get("/accounts/export.xlsx")
    file = tmp_path / "accounts.xlsx"
    file.write_bytes(b"".join(answer.streaming_content))
    table = read_table(file, "accounts.xlsx")
    assert table.rows[0][0] == "Ålborg"
    assert float(table.rows[0][10]) == 4_000_000


def test_ticked_accounts_only(make_account, signed_in, ingrid):
    one = make_account("One")
    make_account("Two")
    rows = rows_of(signed_in(ingrid).post("/accounts/export.csv", {"account": [one.pk]}))
    assert [row[0] for row in rows[1:]] == ["One"]


def test_columns_and_rows_follow_the_permission(account, make_account, make_person, signed_in, bob, alice):
    figures(account)
    assert signed_in(bob).get("/accounts/export.csv").status_code == 403
    hidden = make_account("Hidden")
    figures(hidden)
    rows = rows_of(signed_in(alice).get("/accounts/export.csv"))
    assert [row[0] for row in rows[1:]] == ["Northgate Mills"]
    assert float(rows[1][10]) == 4e6
    observer = make_person("account_manager", email="o@example.com")
    plain = rows_of(signed_in(observer).get("/accounts/export.csv"))
    assert "Growth" not in plain[0]


def test_rows_without_figures_to_see_say_so(account, make_account, signed_in, alice):
    """Alice leads one account and only observes the other."""
    other = make_account("Zed")
    figures(account)
    figures(other)
    TeamSeat.objects.create(account=other, user=alice, role="collaborator", access="observer")
    User.objects.filter(pk=alice.pk).update(role_key="team_member")
    page = signed_in(alice)
    assert page.get("/accounts/export.csv").status_code == 403
    text = page.get(LIST).content.decode()
    assert "not shown to you" in text
    assert text.count("40.0\N{NO-BREAK SPACE}%") == 1


# --- what the kernel's pages get -------------------------------------------------------------------------


def test_search_finds_accounts_and_people_one_may_see(account, make_account, make_contact, bob, charlie, make_person):
    make_contact(account, "Åsa Northman")
    make_account("Northern Secret")
    assert [hit.label for hit in find_accounts(bob, "north", 5)] == ["Northgate Mills"]
    assert [hit.label for hit in find_contacts(bob, "asa", 5)] == ["Åsa Northman"]
    assert list(find_contacts(charlie, "asa", 5)) == []
    assert list(find_contacts(make_person("viewer"), "asa", 5)) == []
    assert list(find_contacts(bob, "!!", 5)) == []


def test_my_day_asks_a_sponsor_to_call_and_names_a_broken_pair(account, make_contact, make_person, ingrid):
    today = timezone.localdate()
    helene = make_person("executive_sponsor")
    peer = make_contact(account, "Ann Lee", level="board")
    term = start_term(account=account, sponsor=helene, peer=peer, cadence_days=30, by=ingrid)
    type(term).objects.update(starts_on=today - timedelta(days=40))
    (item,) = sponsor_items(User.objects.get(pk=helene.pk), today)
    assert (item.title, item.tone) == ("Call Ann Lee, Northgate Mills", "bad")
    assert item.note == "No contact since you became a pair; you agreed on 30."
    log_touchpoint(account=account, contacts=[peer], people=[helene], by=ingrid)
    assert list(sponsor_items(User.objects.get(pk=helene.pk), today)) == []
    type(peer).objects.update(status="left")
    (item,) = sponsor_items(User.objects.get(pk=helene.pk), today)
    assert "Ann Lee has left" in item.note


def test_my_day_names_key_people_past_the_rhythm(account, make_contact, alice, ingrid):
    today = timezone.localdate()
    Account.objects.update(tier="strategic", created_at=timezone.now() - timedelta(days=400))
    ann = make_contact(account, "Ann Lee", level="board", covered_by=alice)
    make_contact(account, "Ben Orr", level="user", covered_by=alice)
    log_touchpoint(account=account, contacts=[ann], by=ingrid, date=today - timedelta(days=70))
    (item,) = contact_items(User.objects.get(pk=alice.pk), today)
    assert item.note == "70 days since anybody spoke to them; the rhythm here is 60 days."
