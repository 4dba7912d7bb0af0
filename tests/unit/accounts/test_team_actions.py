"""Seats, sponsors, touchpoints, and handing over what somebody held."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actions.people import held_by, reassign
from accounts.actions.saved_views import MOST_VIEWS, save_view
from accounts.actions.seats import change_seat, end_seat, give_seat
from accounts.actions.sponsors import change_term, end_term, start_term
from accounts.actions.touchpoints import change_touchpoint, delete_touchpoint, log_touchpoint
from accounts.domain.team import missing_roles
from accounts.models import Account, SavedView, SponsorTerm, TeamSeat, Touchpoint
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import FieldErrors, Stale
from sam.core.models import User


def fresh(user):
    """Without what the person's object remembers of a request."""
    return User.objects.get(pk=user.pk)


def test_seat_follows_its_role(make_account, charlie, ingrid):
    account = make_account(tier="strategic")
    seat = give_seat(account=account, user=charlie, role="finance_lead", by=ingrid)
    assert (seat.access, seat.allocation, seat.core) == ("finance_lead", 5, True)
    assert can(fresh(charlie), Permission.FIGURES_EDIT, on=account)


def test_second_open_seat_is_refused_with_the_first_named(account, bob, ingrid):
    with pytest.raises(FieldErrors) as refused:
        give_seat(account=account, user=bob, role="deputy", by=ingrid)
    assert "Technical expert" in str(refused.value)


def test_seat_ends_with_its_last_day_and_can_be_given_again(account, bob, ingrid):
    seat = account.seats.get(user=bob)
    TeamSeat.objects.filter(pk=seat.pk).update(starts_on=timezone.localdate() - timedelta(days=9))
    seat.refresh_from_db()
    end_seat(account=account, seat=seat, ends_on=timezone.localdate() - timedelta(days=1), by=ingrid)
    assert not can(fresh(bob), Permission.PROFILE_VIEW, on=account)
    give_seat(account=account, user=bob, role="deputy", by=ingrid)
    assert account.seats.filter(user=bob).count() == 2


def test_seat_is_changed_against_its_revision(account, bob, ingrid):
    seat = account.seats.get(user=bob)
    values = {"role": "deputy", "access": "observer", "core": False, "allocation": 5}
    change_seat(account=account, seat=seat, revision=1, by=ingrid, **values)
    with pytest.raises(Stale):
        change_seat(account=account, seat=seat, revision=1, by=ingrid, **{**values, "allocation": 6})
    with pytest.raises(FieldErrors):
        change_seat(account=account, seat=seat, revision=2, by=ingrid, **{**values, "allocation": 101})


def test_missing_roles_follow_the_tier():
    filled = ["account_lead", "technical_expert"]
    assert [rule.role for rule in missing_roles("key", filled)] == ["service_lead"]
    assert [rule.role for rule in missing_roles("strategic", filled)] == [
        "deputy", "sponsor", "finance_lead", "service_lead", "contracts",
    ]  # fmt: skip
    assert missing_roles("", []) == []


def test_sponsor_gets_a_seat_with_the_term_and_loses_it_with_it(make_account, make_contact, make_person, ingrid):
    account = make_account(tier="strategic")
    helene = make_person("executive_sponsor")
    term = start_term(account=account, sponsor=helene, peer=make_contact(account), by=ingrid)
    assert term.cadence_days == 60
    assert can(fresh(helene), Permission.OPINION_VIEW, on=account)
    end_term(account=account, term=term, by=ingrid)
    assert account.seats.get(user=helene).ends_on == timezone.localdate()


def test_sponsor_twice_a_foreign_peer_or_a_strange_rhythm_is_refused(
    account, make_account, make_contact, make_person, ingrid
):
    helene = make_person("executive_sponsor")
    start_term(account=account, sponsor=helene, by=ingrid)
    for values in (
        {"sponsor": helene},
        {"sponsor": ingrid, "peer": make_contact(make_account())},
        {"sponsor": ingrid, "peer": make_contact(account, status="left")},
        {"sponsor": ingrid, "cadence_days": 3},
    ):
        with pytest.raises(FieldErrors):
            start_term(account=account, by=ingrid, **values)
    assert SponsorTerm.objects.count() == 1


def test_term_changes_its_peer_against_its_revision(account, make_contact, make_person, ingrid):
    term = start_term(account=account, sponsor=make_person("executive_sponsor"), by=ingrid)
    peer = make_contact(account)
    assert change_term(account=account, term=term, revision=1, peer=peer, cadence_days=30, by=ingrid).peer == peer
    with pytest.raises(Stale):
        change_term(account=account, term=term, revision=1, peer=None, cadence_days=45, by=ingrid)


def test_touchpoint_names_both_sides(account, make_contact, alice, bob):
    ann = make_contact(account)
    touchpoint = log_touchpoint(
        account=account,
        contacts=[ann, ann],
        people=[alice, bob],
        kind="visit",
        summary=" Saw the mill ",
        minutes=90,
        by=alice,
    )
    assert touchpoint.summary == "Saw the mill"
    assert list(touchpoint.contacts.all()) == [ann]
    assert set(touchpoint.people.all()) == {alice, bob}
    assert list(log_touchpoint(account=account, contacts=[ann], by=bob).people.all()) == [bob]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"date": timezone.localdate() + timedelta(days=1)}, "date"),
        ({"contacts": []}, "contacts"),
        ({"kind": "telepathy"}, "kind"),
        ({"minutes": 1441}, "minutes"),
        ({"summary": "x" * 4001}, "summary"),
    ],
)
def test_touchpoint_that_cannot_be_is_refused(account, make_contact, alice, values, field):
    with pytest.raises(FieldErrors) as refused:
        log_touchpoint(**{"account": account, "contacts": [make_contact(account)], "by": alice, **values})
    assert set(refused.value.errors) == {field}
    assert not Touchpoint.objects.exists()


def test_touchpoint_with_a_foreign_contact_is_refused(account, make_account, make_contact, alice):
    with pytest.raises(FieldErrors):
        log_touchpoint(account=account, contacts=[make_contact(make_account())], by=alice)


def test_touchpoint_changes_and_goes(account, make_contact, alice, bob):
    ann, ben = make_contact(account), make_contact(account)
    touchpoint = log_touchpoint(account=account, contacts=[ann], by=alice)
    change_touchpoint(
        account=account, touchpoint=touchpoint, revision=1, contacts=[ben], people=[bob], kind="call",
        date=touchpoint.date, summary="Called", by=alice,
    )  # fmt: skip
    touchpoint.refresh_from_db()
    assert (touchpoint.summary, list(touchpoint.contacts.all()), list(touchpoint.people.all())) == (
        "Called",
        [ben],
        [bob],
    )
    delete_touchpoint(account=account, touchpoint=touchpoint, by=alice)
    assert not Touchpoint.objects.exists()


def test_everything_somebody_held_goes_over_and_history_stays(
    account, make_account, make_contact, make_person, alice, bob, ingrid, django_assert_max_num_queries
):
    elsewhere = make_account("Elsewhere", owner=alice)
    TeamSeat.objects.create(account=elsewhere, user=alice, role="account_lead", access="lead")
    contact = make_contact(account, covered_by=alice)
    start_term(account=elsewhere, sponsor=alice, cadence_days=45, by=ingrid)
    with django_assert_max_num_queries(40):
        done = reassign(from_user=alice, to_user=bob, by=ingrid)
    assert (done.accounts, done.seats, done.sponsor_terms, done.contacts) == (1, 2, 1, 1)
    assert Account.objects.get(pk=elsewhere.pk).owner == bob
    contact.refresh_from_db()
    assert contact.covered_by == bob
    # Bob sat on the first account already: his seat takes over the lead's access.
    assert account.seats.get(user=bob).access == "lead"
    assert elsewhere.seats.get(user=bob, ends_on=None).access == "lead"
    assert elsewhere.sponsor_terms.get(sponsor=bob).cadence_days == 45
    assert {seat.ends_on for seat in TeamSeat.objects.filter(user=alice)} == {timezone.localdate()}
    assert held_by(alice) == {"accounts": [], "seats": [], "sponsor_terms": [], "contacts": []}


def test_nothing_is_handed_to_somebody_who_left(alice, make_person, ingrid):
    for to_user in (alice, make_person(is_active=False)):
        with pytest.raises(FieldErrors):
            reassign(from_user=alice, to_user=to_user, by=ingrid)


def test_view_of_the_same_name_is_replaced_and_their_number_is_limited(alice):
    save_view(name="Mine", query="?owner=me", by=alice)
    save_view(name="Mine", query="owner=me&tier=key", by=alice)
    assert SavedView.objects.get().query == "owner=me&tier=key"
    for number in range(MOST_VIEWS - 1):
        save_view(name=f"View {number}", query="", by=alice)
    with pytest.raises(FieldErrors):
        save_view(name="One more", query="", by=alice)
