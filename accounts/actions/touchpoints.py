"""Touchpoints: who met whom, what was said, what was promised."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Day

from django.utils import timezone

from accounts.actions.checks import Problems
from accounts.actions.revisions import write
from accounts.models import Account, Contact, Touchpoint, TouchpointContact, TouchpointPerson
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import Stale
from sam.core.models import User

LONGEST_TEXT = 4000
DAY_MINUTES = 24 * 60


@action("logged a touchpoint")
def log_touchpoint(
    *,
    account: Account,
    contacts: Iterable[Contact],
    by: User,
    people: Iterable[User] = (),
    kind: str = Touchpoint.Kind.CALL,
    date: Day | None = None,
    summary: str = "",
    promised: str = "",
    minutes: int | None = None,
) -> Touchpoint:
    """`people` are those of us who took part: `by` when nobody is named. Raises FieldErrors."""
    theirs, ours = list(contacts), list(people) or [by]
    day = date or timezone.localdate()
    texts = _checked(account, kind, day, theirs, ours, summary, promised, minutes)
    touchpoint = Touchpoint.objects.create(account=account, kind=kind, date=day, minutes=minutes, logged_by=by, **texts)
    _link(touchpoint, theirs, ours)
    return touchpoint


@action("changed a touchpoint")
def change_touchpoint(
    *,
    account: Account,
    touchpoint: Touchpoint,
    revision: int,
    contacts: Iterable[Contact],
    people: Iterable[User],
    kind: str,
    date: Day,
    by: User | None,
    summary: str = "",
    promised: str = "",
    minutes: int | None = None,
) -> Touchpoint:
    """Raises FieldErrors and Stale."""
    theirs, ours = list(contacts), list(people)
    texts = _checked(account, kind, date, theirs, ours, summary, promised, minutes)
    written = write(touchpoint, seen=revision, kind=kind, date=date, minutes=minutes, **texts)
    written.contact_links.exclude(contact__in=theirs).delete()
    written.person_links.exclude(user__in=ours).delete()
    _link(written, theirs, ours)
    return written


@action("deleted a touchpoint")
def delete_touchpoint(
    *, account: Account, touchpoint: Touchpoint, by: User | None, revision: int | None = None
) -> None:
    """The trail keeps what it said. Raises Stale when `revision` is given and no longer the stored one."""
    stored = Touchpoint.objects.select_for_update().get(pk=touchpoint.pk)
    if revision is not None and stored.revision != revision:
        raise Stale(stored)
    stored.delete()


def may_change(user: User, account: Account, touchpoint: Touchpoint) -> bool:
    """Whoever logged it, and whoever may edit the account."""
    return touchpoint.logged_by_id == user.pk or can(user, Permission.ACCOUNT_EDIT, on=account)


def _link(touchpoint: Touchpoint, contacts: list[Contact], people: list[User]) -> None:
    TouchpointContact.objects.bulk_create(
        [TouchpointContact(touchpoint=touchpoint, contact=contact) for contact in dict.fromkeys(contacts)],
        ignore_conflicts=True,
    )
    TouchpointPerson.objects.bulk_create(
        [TouchpointPerson(touchpoint=touchpoint, user=person) for person in dict.fromkeys(people)],
        ignore_conflicts=True,
    )


def _checked(
    account: Account,
    kind: str,
    day: Day,
    contacts: list[Contact],
    people: list[User],
    summary: str,
    promised: str,
    minutes: int | None,
) -> dict[str, str]:
    problems = Problems()
    if kind not in Touchpoint.Kind.values:
        problems.add("kind", "Choose how you were in contact.")
    if day > timezone.localdate():
        problems.add("date", "The day lies in the future. Log it when it has happened.")
    if not contacts:
        problems.add("contacts", "Choose whom you were in contact with.")
    if any(contact.account_id != account.pk for contact in contacts):
        problems.add("contacts", "Choose contacts of this account.")
    if not people:
        problems.add("people", "Choose who of us took part.")
    if minutes is not None and not 0 <= minutes <= DAY_MINUTES:
        problems.add("minutes", "Give the minutes of one day at most: 0 to 1440.")
    texts = {
        "summary": problems.text("summary", summary, LONGEST_TEXT),
        "promised": problems.text("promised", promised, LONGEST_TEXT),
    }
    problems.stop()
    return texts
