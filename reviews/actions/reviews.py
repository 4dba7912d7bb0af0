"""Reviews: schedule, prepare, invite, hold, call off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import Account, Contact
from planning.actions.actions import add_action
from planning.models import PlanAction
from reviews.actions.agenda_templates import agenda_for
from reviews.delivery.reviews import post_cancellation, post_invitation
from reviews.domain.pages import OPTIONAL
from reviews.models import AMONG_OURSELVES, Pack, Review, ReviewContact, ReviewDecision, ReviewKind, ReviewPerson
from reviews.models.agenda_template import read_agenda
from reviews.queries.survey_page import lead_of
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from sam.portal.actions import refuse_without_notices
from sam.portal.models import Publication
from sam.values.texts import TextError, clean_text

MOST_DECISIONS_ASKED = 3
MOST_DECISIONS_MADE = 20
MOST_ITEMS = 20
MOST_ATTENDEES = 40
FARTHEST = timedelta(days=730)
LENGTHS = {"place": 160, "topic": 200}
NOTE_LENGTH = 4000
# What attendees have in their calendars: a change of these is worth a mail.
IN_THE_CALENDAR = ("date", "starts_at", "minutes", "place")


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of a review. It becomes an action when somebody sees to it until a date."""

    text: str
    our_owner: User | None = None
    their_owner: Contact | None = None
    due: date | None = None


@action("scheduled a review")
def schedule_review(
    *,
    account: Account,
    kind: str,
    on: date,
    by: User | None,
    starts_at: time | None = None,
    minutes: int | None = None,
    place: str = "",
    topic: str = "",
    organiser: User | None = None,
    people: Iterable[User] = (),
    contacts: Iterable[Contact] = (),
    decisions_asked: Sequence[str] = (),
    today: date | None = None,
    invite: bool = True,
) -> Review:
    """A planned review with the agenda in use for its kind; our attendees get it into their calendars.

    `organiser` is the account's lead where nobody is named, and always takes part. Raises FieldErrors with every
    reason at once. `today` and `invite` are for loading a story.
    """
    day = today or timezone.localdate()
    if kind not in ReviewKind.values:
        raise FieldErrors({"kind": "Choose one of the kinds."})
    template = agenda_for(kind, by=by)
    lead = organiser or lead_of(account) or by
    if lead is None:
        raise ActionRefused("Nobody leads this account yet. Put a lead on its team first.", code="no_lead")
    checked = _Checked(account, kind)
    length = template.minutes if minutes is None else minutes
    fields = checked.fields(
        {"date": on, "minutes": length, "place": place, "topic": topic, "decisions_asked": list(decisions_asked)}, day
    )
    ours, theirs = checked.people([lead, *people]), checked.contacts(contacts)
    checked.stop()
    review = Review.objects.create(
        account=account,
        kind=kind,
        template=template,
        agenda=template.items,
        organiser=lead,
        starts_at=starts_at,
        created_by=by,
        **fields,
    )
    ReviewPerson.objects.bulk_create([ReviewPerson(review=review, user=user) for user in ours])
    ReviewContact.objects.bulk_create([ReviewContact(review=review, contact=contact) for contact in theirs])
    if invite:
        for user in ours:
            post_invitation(review=review, to=user)
    return review


@action("changed a review")
def change_review(
    *,
    review: Review,
    account: Account,
    seen: int,
    by: User | None,
    people: Iterable[User] | None = None,
    contacts: Iterable[Contact] | None = None,
    today: date | None = None,
    **changes: Any,
) -> Review:
    """Change a planned review that still has the revision `seen`.

    `changes`: date, starts_at, minutes, place, topic, agenda, decisions_asked, pages_left_out. Who of ours comes, or
    when and where, reaches our attendees by mail. Raises FieldErrors, Stale, and ActionRefused once it was held.
    """
    stored = _stored(review, seen)
    checked = _Checked(account, stored.kind)
    fields = checked.fields(changes, today or timezone.localdate(), stored)
    if "starts_at" in changes:
        fields["starts_at"] = changes["starts_at"]
    ours = None if people is None else checked.people([stored.organiser, *people])
    theirs = None if contacts is None else checked.contacts(contacts)
    checked.stop()
    fields = {name: value for name, value in fields.items() if getattr(stored, name) != value}
    came = set() if ours is None else {user.pk for user in ours} - set(_people_ids(stored))
    left = [] if ours is None else [user for user in stored.people.all() if user not in ours]
    if not (fields or _differ(stored, ours, theirs)):
        return stored
    _update(stored, seen, fields)
    _set_attendees(stored, ours, theirs)
    changed = Review.objects.select_related("account", "organiser", "template").get(pk=stored.pk)
    moved = any(name in fields for name in IN_THE_CALENDAR)
    for user in changed.people.all():
        if moved or user.pk in came:
            post_invitation(review=changed, to=user)
    for user in left:
        post_cancellation(review=changed, to=user)
    return changed


@action("called a review off")
def cancel_review(*, review: Review, account: Account, seen: int, by: User | None) -> Review:
    """It will not take place. Everybody who was invited is told, on both sides."""
    stored = _stored(review, seen)
    _update(stored, seen, {"status": Review.Status.CANCELLED})
    cancelled = Review.objects.select_related("account", "organiser").get(pk=stored.pk)
    for user in cancelled.people.all():
        post_cancellation(review=cancelled, to=user)
    for link in cancelled.contact_links.filter(invited_revision__isnull=False).select_related("contact"):
        post_cancellation(review=cancelled, to=link.contact)
    return cancelled


@action("briefed the sponsor for a review")
def note_briefing(*, review: Review, account: Account, by: User | None, on: date | None = None) -> None:
    """The sponsor knows what is asked and what to say."""
    Review.objects.planned().filter(pk=review.pk, sponsor_briefed_on=None).update(
        sponsor_briefed_on=on or timezone.localdate(), revision=F("revision") + 1
    )


@action("invited the client's people to a review")
def invite_contacts(*, review: Review, account: Account, by: User | None) -> list[Contact]:
    """Mail the calendar entry to the client's attendees who do not have its present state; who got it.

    Raises ActionRefused for a meeting among ourselves, once it is over, or while imprint or privacy notice are missing.
    """
    refuse_without_notices()
    stored = Review.objects.select_related("account", "organiser").get(pk=review.pk)
    if stored.is_internal:
        raise ActionRefused("A meeting among ourselves has no guests.", code="internal_review")
    if not stored.is_planned:
        raise ActionRefused("Only a planned review can be sent out.", code="not_planned")
    told = []
    for link in stored.contact_links.select_related("contact"):
        if link.contact.email and link.invited_revision != stored.revision:
            post_invitation(review=stored, to=link.contact)
            told.append(link.contact)
    stored.contact_links.filter(contact__in=told).update(invited_revision=stored.revision)
    return told


@action("held a review")
def hold_review(
    *,
    review: Review,
    account: Account,
    seen: int,
    by: User | None,
    going_well: str = "",
    to_improve: str = "",
    to_change: str = "",
    decisions: Sequence[Decided] = (),
    today: date | None = None,
) -> Review:
    """It took place: minutes and decisions.

    Raises FieldErrors, Stale, and ActionRefused when it lies in the future or was held or called off before.
    """
    stored = _stored(review, seen)
    day = today or timezone.localdate()
    if stored.date > day:
        raise ActionRefused(f"This review is on {stored.date:%d %b %Y}. Write its minutes then.", code="not_yet")
    checked = _Checked(account, stored.kind)
    notes = {
        name: checked.text(name, text, NOTE_LENGTH)
        for name, text in (("going_well", going_well), ("to_improve", to_improve), ("to_change", to_change))
    }
    decided = checked.decided(decisions)
    checked.stop()
    _update(stored, seen, {**notes, "status": Review.Status.HELD})
    ReviewDecision.objects.bulk_create(
        ReviewDecision(
            review=stored,
            position=position,
            text=one.text,
            our_owner=one.our_owner,
            their_owner=one.their_owner,
            due=one.due,
            action=_action(stored, account, one, by),
        )
        for position, one in enumerate(decided, 1)
    )
    stored.refresh_from_db()
    return stored


def _action(review: Review, account: Account, one: Decided, by: User | None) -> PlanAction | None:
    """A decision with an owner and a date becomes an action; what was decided with the client both may see."""
    if one.due is None or (one.our_owner is None and one.their_owner is None):
        return None
    return add_action(
        account=account,
        title=one.text,
        our_owner=one.our_owner,
        their_owner=one.their_owner,
        due=one.due,
        shared=not review.is_internal,
        by=by,
    )


@action("handed over planned reviews")
def reassign_reviews(*, from_user: User, to_user: User, by: User | None) -> int:
    """Whoever takes over organises the planned reviews and takes part in them; how many."""
    planned = list(Review.objects.planned().filter(organiser=from_user).values_list("pk", flat=True))
    ReviewPerson.objects.filter(review__in=planned, user=from_user).delete()
    ReviewPerson.objects.bulk_create(
        [ReviewPerson(review_id=pk, user=to_user) for pk in planned], ignore_conflicts=True
    )
    return Review.objects.filter(pk__in=planned).update(organiser=to_user, revision=F("revision") + 1)


def move_reviews(account: Account, into: Account) -> tuple[str, int]:
    """What happens to reviews, with their packs, when two accounts become one."""
    published = Pack.objects.filter(review__account=account, publication__isnull=False).values("publication_id")
    Publication.objects.filter(pk__in=published).update(account_id=into.pk)
    rows = Review.objects.filter(account=account)
    return "reviews", rows.update(account=into, revision=F("revision") + 1)


def _stored(review: Review, seen: int) -> Review:
    """The planned row as it is now, locked. Raises Stale when it is not the one that was seen."""
    stored = Review.objects.select_for_update(of=["self"]).select_related("account", "organiser", "template").get(
        pk=review.pk
    )  # fmt: skip
    if not stored.is_planned:
        said = stored.get_status_display().lower()
        raise ActionRefused(f"This review is {said}: it does not change any more.", code="not_planned")
    if stored.revision != seen:
        raise Stale(stored)
    return stored


def _update(stored: Review, seen: int, fields: Mapping[str, Any]) -> None:
    if not Review.objects.filter(pk=stored.pk, revision=seen).update(**fields, revision=F("revision") + 1):
        raise Stale(Review.objects.get(pk=stored.pk))


def _people_ids(review: Review) -> Iterable[int]:
    return review.person_links.values_list("user_id", flat=True)


def _differ(review: Review, ours: list[User] | None, theirs: list[Contact] | None) -> bool:
    people = None if ours is None else {user.pk for user in ours}
    contacts = None if theirs is None else {contact.pk for contact in theirs}
    return (people is not None and people != set(_people_ids(review))) or (
        contacts is not None and contacts != set(review.contact_links.values_list("contact_id", flat=True))
    )


def _set_attendees(review: Review, ours: list[User] | None, theirs: list[Contact] | None) -> None:
    if ours is not None:
        review.person_links.exclude(user__in=ours).delete()
        ReviewPerson.objects.bulk_create(
            [ReviewPerson(review=review, user=user) for user in ours], ignore_conflicts=True
        )
    if theirs is not None:
        review.contact_links.exclude(contact__in=theirs).delete()
        ReviewContact.objects.bulk_create(
            [ReviewContact(review=review, contact=contact) for contact in theirs], ignore_conflicts=True
        )


class _Checked:
    """Checks what was given and collects what is wrong by field; `stop()` raises FieldErrors when there is anything."""

    def __init__(self, account: Account, kind: str) -> None:
        self.account = account
        self.kind = kind
        self.wrong: dict[str, str] = {}

    def stop(self) -> None:
        if self.wrong:
            raise FieldErrors(dict(self.wrong))

    def text(self, field: str, value: object, longest: int) -> str:
        try:
            return clean_text(str(value or ""), longest)
        except TextError as problem:
            self.wrong.setdefault(field, str(problem))
            return ""

    def fields(self, given: Mapping[str, Any], today: date, stored: Review | None = None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if "date" in given:
            found["date"] = self._date(given["date"], today, stored)
        if "minutes" in given:
            found["minutes"] = self._minutes(given["minutes"])
        for field, longest in LENGTHS.items():
            if field in given:
                found[field] = self.text(field, given[field], longest)
        if "agenda" in given:
            found["agenda"] = self._agenda(given["agenda"])
        if "decisions_asked" in given:
            found["decisions_asked"] = self._decisions_asked(given["decisions_asked"])
        if "pages_left_out" in given:
            known = [page.key for page in OPTIONAL]
            found["pages_left_out"] = [key for key in known if key in given["pages_left_out"]]
        return found

    def _date(self, on: date, today: date, stored: Review | None) -> date:
        kept = stored is not None and stored.date == on
        if not kept and not today <= on <= today + FARTHEST:
            self.wrong.setdefault("date", "Choose a day from today on, within two years.")
        return on

    def _minutes(self, minutes: int) -> int:
        if not 5 <= minutes <= 480:
            self.wrong.setdefault("minutes", "A review takes 5 to 480 minutes.")
        return minutes

    def _agenda(self, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        if len(items) > MOST_ITEMS:
            self.wrong.setdefault("agenda", f"An agenda has at most {MOST_ITEMS} items.")
            return []
        listed = [
            {
                "title": self.text("agenda", item.get("title"), 160),
                "minutes": item.get("minutes"),
                "who": self.text("agenda", item.get("who"), 80),
            }
            for item in items
        ]
        try:
            read_agenda(listed)
        except (ValueError, KeyError, TypeError):
            self.wrong.setdefault("agenda", "Each item takes 1 to 480 minutes.")
        if any(not item["title"] for item in listed):
            self.wrong.setdefault("agenda", "Each item needs a title.")
        return listed

    def _decisions_asked(self, texts: Sequence[str]) -> list[str]:
        written = [text for text in (self.text("decisions_asked", text, 240) for text in texts) if text]
        if len(written) > MOST_DECISIONS_ASKED:
            self.wrong.setdefault("decisions_asked", f"Ask for at most {MOST_DECISIONS_ASKED} decisions.")
        return written

    def people(self, people: Iterable[User]) -> list[User]:
        listed = list(dict.fromkeys(people))
        gone = [user for user in listed if not user.is_active]
        if gone:
            self.wrong.setdefault("people", f"{gone[0]} no longer works here. Choose somebody else.")
        self._few("people", listed)
        return listed

    def contacts(self, contacts: Iterable[Contact]) -> list[Contact]:
        listed = list(dict.fromkeys(contacts))
        if listed and self.kind in AMONG_OURSELVES:
            self.wrong.setdefault("contacts", "A meeting among ourselves has no guests.")
        if any(contact.account_id != self.account.pk for contact in listed):
            self.wrong.setdefault("contacts", "Choose people of this account.")
        self._few("contacts", listed)
        return listed

    def _few(self, field: str, listed: Sequence[object]) -> None:
        if len(listed) > MOST_ATTENDEES:
            self.wrong.setdefault(field, f"At most {MOST_ATTENDEES} people.")

    def decided(self, decisions: Sequence[Decided]) -> list[Decided]:
        listed = []
        for one in decisions:
            text = self.text("decisions", one.text, 200)
            theirs = one.their_owner
            if theirs is not None and theirs.account_id != self.account.pk:
                self.wrong.setdefault("decisions", "Choose people of this account.")
            if (one.our_owner or theirs or one.due) and not text:
                self.wrong.setdefault("decisions", "Write what was decided.")
            if text:
                listed.append(Decided(text, one.our_owner, theirs, one.due))
        if len(listed) > MOST_DECISIONS_MADE:
            self.wrong.setdefault("decisions", f"At most {MOST_DECISIONS_MADE} decisions.")
        return listed
