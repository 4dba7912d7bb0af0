"""Executive sponsors: an executive of ours paired with one of theirs, and the rhythm they agreed."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from accounts.actions.checks import Problems
from accounts.actions.revisions import write
from accounts.actions.seats import end_seat, give_seat
from accounts.domain.team import sponsor_beat
from accounts.models import Account, Contact, SponsorTerm, TeamSeat
from accounts.models.team import access_day
from sam.core.audit import action
from sam.core.errors import FieldErrors
from sam.core.models import User


@action("named a sponsor")
def start_term(
    *,
    account: Account,
    sponsor: User,
    by: User | None,
    peer: Contact | None = None,
    cadence_days: int | None = None,
    starts_on: date | None = None,
) -> SponsorTerm:
    """A sponsor gets a sponsor's seat with the term where there is none. `cadence_days` 7 to 366, by tier if not given.

    Raises FieldErrors.
    """
    problems = Problems()
    problems.active("sponsor", sponsor)
    days = sponsor_beat(account.tier) if cadence_days is None else cadence_days
    _check(problems, account, peer, days)
    if account.sponsor_terms.filter(sponsor=sponsor, ends_on=None).exists():
        problems.add("sponsor", f"{sponsor} is a sponsor here already. Change that term instead.")
    problems.stop()
    first_day = starts_on or access_day()
    try:
        with transaction.atomic():
            term = SponsorTerm.objects.create(
                account=account, sponsor=sponsor, peer=peer, cadence_days=days, starts_on=first_day
            )
    except IntegrityError:
        raise FieldErrors({"sponsor": f"{sponsor} is a sponsor here already."}) from None
    if not account.seats.filter(user=sponsor, ends_on=None).exists():
        give_seat(account=account, user=sponsor, role=TeamSeat.Role.SPONSOR, starts_on=first_day, by=by)
    return term


@action("changed a sponsor's term")
def change_term(
    *, account: Account, term: SponsorTerm, revision: int, peer: Contact | None, cadence_days: int, by: User | None
) -> SponsorTerm:
    """Another peer or another rhythm. Raises FieldErrors and Stale."""
    problems = Problems()
    _check(problems, account, peer, cadence_days)
    problems.stop()
    return write(term, seen=revision, peer=peer, cadence_days=cadence_days)


@action("ended a sponsor's term")
def end_term(
    *, account: Account, term: SponsorTerm, by: User | None, revision: int | None = None, ends_on: date | None = None
) -> SponsorTerm:
    """It ends when `ends_on` begins, and the sponsor's seat that came with it too. Raises FieldErrors and Stale."""
    last_day = ends_on or max(access_day(), term.starts_on)
    if last_day < term.starts_on:
        raise FieldErrors({"ends_on": "The end lies before the beginning."})
    ended = write(term, seen=term.revision if revision is None else revision, ends_on=last_day)
    seat = account.seats.filter(user=term.sponsor, role=TeamSeat.Role.SPONSOR, ends_on=None).first()
    if seat:
        end_seat(account=account, seat=seat, ends_on=max(last_day, seat.starts_on), by=by)
    return ended


def _check(problems: Problems, account: Account, peer: Contact | None, days: int) -> None:
    if peer is not None and peer.account_id != account.pk:
        problems.add("peer", "Choose a contact of this account.")
    elif peer is not None and peer.status == Contact.Status.LEFT:
        problems.add("peer", f"{peer} has left. Choose somebody who is there.")
    if not 7 <= days <= 366:
        problems.add("cadence_days", "Give a number of days from 7 to 366.")
