"""Contacts: people at the client, whom they report to, what we think of their part in our work."""

from __future__ import annotations

from datetime import date
from typing import TypedDict, Unpack

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from accounts.actions.checks import Problems
from accounts.actions.revisions import write
from accounts.domain.hierarchy import would_circle
from accounts.domain.opinions import expires_on
from accounts.models import Account, Contact, Opinion
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User

LENGTHS = {"full_name": 160, "email": 254, "phone": 60, "job_title": 120, "language": 8}
CHOICES = {
    "function": {"", *Contact.Function.values},
    "level": {"", *Contact.Level.values},
    "status": set(Contact.Status.values),
}
SCALES = {Opinion.Kind.INFLUENCE: (1, 5), Opinion.Kind.STANCE: (-2, 2)}


class ContactValues(TypedDict, total=False):
    """What a person may set on a contact."""

    full_name: str
    email: str
    phone: str
    job_title: str
    function: str
    level: str
    reports_to: Contact | None
    covered_by: User | None
    status: str
    language: str
    no_surveys: bool


@action("added a contact")
def add_contact(*, account: Account, by: User | None, **values: Unpack[ContactValues]) -> Contact:
    """Raises FieldErrors."""
    values.setdefault("full_name", "")
    return Contact.objects.create(account=account, **_checked(values, account, None))


@action("changed a contact")
def change_contact(
    *, account: Account, contact: Contact, revision: int, by: User | None, **values: Unpack[ContactValues]
) -> Contact:
    """Raises FieldErrors and Stale."""
    return write(contact, seen=revision, **_checked(values, account, contact))


@action("changed a contact's status")
def set_contact_status(*, account: Account, contact: Contact, status: str, revision: int, by: User | None) -> Contact:
    """Somebody is leaving, has left, or is known now."""
    return write(contact, seen=revision, **_checked({"status": status}, account, contact))


@action("changed whom a contact reports to")
def set_reports_to(
    *, account: Account, contact: Contact, reports_to: Contact | None, revision: int, by: User | None
) -> Contact:
    return write(contact, seen=revision, **_checked({"reports_to": reports_to}, account, contact))


@action("recorded an opinion")
def record_opinion(
    *,
    account: Account,
    contact: Contact,
    kind: str,
    value: int,
    by: User,
    confirmed: bool = False,
    source: str = Opinion.Source.TALK,
    recorded_on: date | None = None,
) -> Opinion:
    """What `by` thinks, valid for twelve months; the newest of a kind counts. Only for those who may write opinions.

    Influence 1 to 5, stance −2 to +2. Raises PermissionDenied and FieldErrors.
    """
    if not can(by, Permission.OPINION_EDIT, on=account):
        raise PermissionDenied
    today = timezone.localdate()
    day = recorded_on or today
    problems = Problems()
    lowest, highest = SCALES.get(Opinion.Kind(kind), (0, 0)) if kind in Opinion.Kind.values else (0, 0)
    if lowest == highest:
        problems.add("kind", "Choose influence or stance.")
    elif not lowest <= value <= highest:
        problems.add("value", f"Choose a value from {lowest} to {highest}.")
    if source not in Opinion.Source.values:
        problems.add("source", "Choose where this comes from.")
    if day > today:
        problems.add("recorded_on", "The day lies in the future.")
    elif expires_on(day) <= today:
        problems.add("recorded_on", "An opinion older than twelve months no longer counts. Ask again.")
    if contact.account_id != account.pk:
        problems.add("contact", "Choose a contact of this account.")
    problems.stop()
    return Opinion.objects.create(
        contact=contact,
        kind=kind,
        value=value,
        confirmed=confirmed,
        source=source,
        author=by,
        recorded_on=day,
        expires_on=expires_on(day),
    )


def _checked(values: ContactValues, account: Account, contact: Contact | None) -> ContactValues:
    problems = Problems()
    checked: ContactValues = {**values, **problems.texts(values, LENGTHS)}  # type: ignore[typeddict-item]
    if "full_name" in checked and not checked["full_name"]:
        problems.add("full_name", "Write the name, or the place to be filled, such as “CFO, unknown yet”.")
    if checked.get("email"):
        _check_email(checked["email"], problems)
    for field, allowed in CHOICES.items():
        if field in checked and checked[field] not in allowed:  # type: ignore[literal-required]
            problems.add(field, "Choose one of the list.")
    problems.active("covered_by", checked.get("covered_by"))
    _check_reports_to(checked.get("reports_to"), account, contact, problems)
    problems.stop()
    return checked


def _check_email(address: str, problems: Problems) -> None:
    try:
        validate_email(address)
    except ValidationError:
        problems.add("email", "Write an e-mail address such as first.last@example.com.")


def _check_reports_to(boss: Contact | None, account: Account, contact: Contact | None, problems: Problems) -> None:
    if boss is None:
        return
    if boss.account_id != account.pk:
        problems.add("reports_to", "Choose a contact of this account.")
        return
    if contact is None:
        return
    # Locked, so that two people cannot close a circle from both sides.
    rows = account.contacts.select_for_update().order_by("pk").values_list("pk", "reports_to_id")
    links = {str(pk): str(above) if above else None for pk, above in rows}
    if would_circle(links, str(contact.pk), str(boss.pk)):
        problems.add("reports_to", f"{boss} reports to {contact} already, directly or over others.")
