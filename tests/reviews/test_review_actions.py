"""Scheduling, changing, inviting, holding and calling off a review."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

import pytest
from icalendar import Calendar

from accounts.models import Account, Contact
from planning.models import PlanAction
from reviews.actions.agenda_templates import DEFAULTS, agenda_for, ensure_default_agendas, publish_agenda
from reviews.actions.reviews import (
    Decided,
    cancel_review,
    change_review,
    hold_review,
    invite_contacts,
    move_reviews,
    reassign_reviews,
    schedule_review,
)
from reviews.domain.agenda import total_minutes
from reviews.models import AgendaTemplate, Review
from sam.core.delivery import message_of
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import Organisation, OutgoingMail, User

from .conftest import TODAY, days_from_now

pytestmark = pytest.mark.django_db


def entry_of(mail: OutgoingMail) -> Calendar:
    return Calendar.from_ical(mail.attachments[0]["text"])


def test_default_agendas_fill_their_meetings_exactly() -> None:
    for template in ensure_default_agendas(by=None):
        assert total_minutes(template.agenda) == template.minutes
    assert {kind: minutes for kind, (minutes, _) in DEFAULTS.items()} == {
        "quarterly": 60,
        "annual": 120,
        "internal": 45,
        "sponsor": 15,
    }
    assert [template.version for template in ensure_default_agendas(by=None)] == [1, 1, 1, 1]


def test_new_agenda_is_the_next_version_and_planned_reviews_keep_theirs(review: Review, alice: User) -> None:
    before = review.agenda
    publish_agenda(kind="quarterly", minutes=30, items=[{"title": "Only this", "minutes": 30}], by=alice)
    review.refresh_from_db()
    assert review.agenda == before
    assert agenda_for("quarterly", by=None).version == 2
    assert AgendaTemplate.objects.get(kind="quarterly", version=1).state == "retired"


def test_agenda_longer_than_its_meeting_is_refused() -> None:
    with pytest.raises(FieldErrors, match="31 of 30"):
        publish_agenda(kind="quarterly", minutes=30, items=[{"title": "Long", "minutes": 31}], by=None)


def test_review_takes_agenda_and_length_from_the_template(review: Review, account: Account, alice: User) -> None:
    assert review.minutes == total_minutes(review.items) == 60
    assert review.template.version == 1
    assert review.organiser == alice
    assert review.begins is not None
    assert review.begins.utcoffset() is not None


def test_our_attendees_get_a_calendar_entry_and_clients_do_not(review: Review, alice: User, bob: User) -> None:
    mails = OutgoingMail.objects.filter(key__startswith=f"review-{review.pk}-")
    assert {mail.to for mail in mails} == {alice.email, bob.email}
    entry = entry_of(mails[0])
    event = entry.walk("VEVENT")[0]
    assert entry["METHOD"] == "REQUEST"
    assert event["LOCATION"] == "Rheinau, works canteen"
    assert event.decoded("DTSTART") == review.begins
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(minutes=60)
    sent = message_of(mails[0]).message().as_string()
    assert "text/calendar; method=REQUEST" in sent.replace('"', "").replace("\n", "")


def test_review_without_an_hour_is_an_entry_for_the_day(account: Account, alice: User) -> None:
    schedule_review(account=account, kind="quarterly", on=days_from_now(9), by=alice)
    event = entry_of(OutgoingMail.objects.get(to=alice.email)).walk("VEVENT")[0]
    assert event.decoded("DTSTART") == days_from_now(9)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("date", {"on": TODAY - timedelta(days=1)}),
        ("date", {"on": TODAY + timedelta(days=800)}),
        ("minutes", {"minutes": 4}),
        ("place", {"place": "x" * 161}),
        ("decisions_asked", {"decisions_asked": ["a", "b", "c", "d"]}),
        ("topic", {"topic": "nul\x00"}),
    ],
)
def test_what_makes_no_sense_is_refused_under_its_field(
    account: Account, alice: User, field: str, values: dict[str, object]
) -> None:
    given = {"on": days_from_now(3), **values}
    with pytest.raises(FieldErrors) as problem:
        schedule_review(account=account, kind="quarterly", by=alice, **given)  # type: ignore[arg-type]
    assert field in problem.value.errors


def test_people_of_another_account_are_refused(
    account: Account, alice: User, make_account: Callable[..., Account], make_contact: Callable[..., Contact]
) -> None:
    stranger = make_contact(make_account("Twin"))
    with pytest.raises(FieldErrors, match="this account"):
        schedule_review(account=account, kind="quarterly", on=days_from_now(3), contacts=[stranger], by=alice)


def test_meeting_among_ourselves_has_no_guests(account: Account, alice: User, anna: Contact) -> None:
    with pytest.raises(FieldErrors, match="no guests"):
        schedule_review(account=account, kind="internal", on=days_from_now(3), contacts=[anna], by=alice)


def test_moved_review_reaches_calendars_again_with_a_higher_sequence(
    review: Review, account: Account, alice: User
) -> None:
    moved = change_review(review=review, account=account, seen=1, date=days_from_now(20), by=alice)
    mail = OutgoingMail.objects.get(key=f"review-{review.pk}-request-2-user-{alice.pk}")
    event = entry_of(mail).walk("VEVENT")[0]
    assert moved.revision == event["SEQUENCE"] == 2
    assert event["UID"] == entry_of(OutgoingMail.objects.order_by("pk")[0]).walk("VEVENT")[0]["UID"]


def test_writing_decisions_mails_nobody(review: Review, account: Account, alice: User) -> None:
    before = OutgoingMail.objects.count()
    change_review(review=review, account=account, seen=1, decisions_asked=["Only one"], by=alice)
    assert OutgoingMail.objects.count() == before


def test_change_that_changes_nothing_keeps_the_revision(review: Review, account: Account, alice: User) -> None:
    assert change_review(review=review, account=account, seen=1, place=review.place, by=alice).revision == 1


def test_second_of_two_writers_gets_the_stored_review(review: Review, account: Account, alice: User) -> None:
    change_review(review=review, account=account, seen=1, place="Elster", by=alice)
    with pytest.raises(Stale) as lost:
        change_review(review=review, account=account, seen=1, place="Gent", by=alice)
    assert lost.value.current.place == "Elster"


def test_who_is_taken_off_is_told_and_who_comes_is_invited(
    review: Review, account: Account, alice: User, bob: User, charlie: User
) -> None:
    change_review(review=review, account=account, seen=1, people=[charlie], by=alice)
    kinds = {mail.to: mail.key.split("-")[2] for mail in OutgoingMail.objects.order_by("pk")}
    assert kinds[bob.email] == "cancel"
    assert kinds[charlie.email] == "request"
    assert set(review.people.all()) == {alice, charlie}


def test_clients_are_invited_on_demand_and_again_after_a_change(
    organisation: Organisation, review: Review, account: Account, alice: User, anna: Contact, karl: Contact
) -> None:
    assert invite_contacts(review=review, account=account, by=alice) == [anna, karl]
    assert invite_contacts(review=review, account=account, by=alice) == []
    change_review(review=review, account=account, seen=1, starts_at=time(11, 0), by=alice)
    assert invite_contacts(review=review, account=account, by=alice) == [anna, karl]


def test_client_is_not_written_to_without_imprint_and_privacy_notice(
    review: Review, account: Account, alice: User
) -> None:
    with pytest.raises(ActionRefused, match="imprint"):
        invite_contacts(review=review, account=account, by=alice)


def test_calling_off_tells_everybody_who_was_invited(
    organisation: Organisation, review: Review, account: Account, alice: User, bob: User, anna: Contact, karl: Contact
) -> None:
    invite_contacts(review=review, account=account, by=alice)
    cancel_review(review=review, account=account, seen=1, by=alice)
    told = OutgoingMail.objects.filter(key__startswith=f"review-{review.pk}-cancel")
    assert {mail.to for mail in told} == {alice.email, bob.email, anna.email, karl.email}
    assert entry_of(told[0]).walk("VEVENT")[0]["STATUS"] == "CANCELLED"
    with pytest.raises(ActionRefused):
        change_review(review=review, account=account, seen=2, place="Gent", by=alice)


def test_decision_with_owner_and_date_becomes_an_action(account: Account, alice: User, anna: Contact) -> None:
    made = schedule_review(account=account, kind="quarterly", on=TODAY, by=alice)
    hold_review(
        review=made,
        account=account,
        seen=1,
        going_well="Deliveries",
        decisions=[
            Decided("Audit the seals", alice, anna, days_from_now(30)),
            Decided("Keep the rhythm"),
        ],
        by=alice,
    )
    action = PlanAction.objects.get(account=account)
    assert (action.title, action.our_owner, action.their_owner, action.shared) == ("Audit the seals", alice, anna, True)
    assert [one.action for one in made.decisions.all()] == [action, None]
    made.refresh_from_db()
    assert made.is_held
    assert made.going_well == "Deliveries"


def test_review_in_the_future_has_no_minutes_yet(review: Review, account: Account, alice: User) -> None:
    with pytest.raises(ActionRefused, match="Write its minutes then"):
        hold_review(review=review, account=account, seen=1, by=alice)


def test_client_is_written_to_in_the_own_language(
    organisation: Organisation, review: Review, account: Account, alice: User, karl: Contact
) -> None:
    Contact.objects.filter(pk=karl.pk).update(language="de")
    invite_contacts(review=review, account=account, by=alice)
    text = OutgoingMail.objects.get(to=karl.email).text
    assert "Tagesordnung" in text
    assert organisation.privacy_url in text


def test_who_takes_over_organises_the_planned_reviews(
    review: Review, past_review: Review, alice: User, charlie: User
) -> None:
    assert reassign_reviews(from_user=alice, to_user=charlie, by=None) == 1
    review.refresh_from_db()
    past_review.refresh_from_db()
    assert (review.organiser, past_review.organiser) == (charlie, alice)
    assert charlie in review.people.all()
    assert alice not in review.people.all()


def test_reviews_move_when_accounts_become_one(
    review: Review, account: Account, make_account: Callable[..., Account]
) -> None:
    into = make_account("The larger one")
    assert move_reviews(account, into) == ("reviews", 1)
    review.refresh_from_db()
    assert review.account == into
