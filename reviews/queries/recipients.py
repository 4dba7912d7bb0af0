"""Who may be asked in a survey, and why somebody may not, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max
from django.db.models.functions import Lower
from django.utils.formats import date_format

from accounts.models import Account, Contact
from reviews.models import Invitation

# One person is asked at most once in this many days, over all surveys and accounts.
THROTTLE_DAYS = 150


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact, and what stands against asking; an empty reason means nothing does."""

    contact: Contact
    reason: str = ""

    @property
    def may_be_asked(self) -> bool:
        return not self.reason


def candidates(account: Account, today: date) -> list[Candidate]:
    """Everybody known at the client, with the reason beside those who cannot be asked. Two queries."""
    return judged(account.contacts.all(), today)


def judged(contacts: Iterable[Contact], today: date) -> list[Candidate]:
    """The same question for some contacts; the same address twice is asked once."""
    people = list(contacts)
    last = _last_asked([contact.email.lower() for contact in people if contact.email], today)
    seen: set[str] = set()
    found = []
    for contact in people:
        address = contact.email.lower()
        reason = _reason(contact, last.get(address), today)
        if not reason and address in seen:
            reason = "Somebody else on this list has the same e-mail address."
        if not reason:
            seen.add(address)
        found.append(Candidate(contact, reason))
    return found


def _last_asked(addresses: list[str], today: date) -> dict[str, date]:
    since = today - timedelta(days=THROTTLE_DAYS)
    rows = (
        Invitation.objects.sent()
        .annotate(address=Lower("contact__email"))
        .filter(address__in=addresses, survey__opened_on__gt=since)
        .values_list("address")
        .annotate(last=Max("survey__opened_on"))
    )
    return dict(rows)


def _reason(contact: Contact, last: date | None, today: date) -> str:
    if contact.status == Contact.Status.LEFT:
        return "Has left the company."
    if contact.status == Contact.Status.UNKNOWN:
        return "We do not know yet who this is."
    if contact.no_surveys:
        return "Asked us not to send surveys."
    if not contact.email:
        return "Has no e-mail address."
    if last is not None:
        again = last + timedelta(days=THROTTLE_DAYS)
        return (
            f"Was asked on {date_format(last, 'j M Y')}; one person is asked at most every {THROTTLE_DAYS} days, "
            f"so again from {date_format(again, 'j M Y')}."
        )
    return ""
