"""What a colleague held on accounts goes over to another: owners, seats, sponsor terms, covered contacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from accounts.actions.owners import seat_owner
from accounts.models import Account, Contact, SponsorTerm, TeamSeat
from accounts.models.team import access_day
from sam.core.audit import action
from sam.core.errors import FieldErrors
from sam.core.models import User

STRENGTH = ("observer", "member", "finance_lead", "sponsor", "lead")


@dataclass(frozen=True, slots=True)
class Reassigned:
    """How many of each went over."""

    accounts: int
    seats: int
    sponsor_terms: int
    contacts: int


@action("handed over what somebody held")
def reassign(*, from_user: User, to_user: User, by: User | None) -> Reassigned:
    """Everything `from_user` holds today is `to_user`'s from today on; history stays. Set-based.

    Raises FieldErrors when `to_user` is the same person or no longer here.
    """
    return Reassigned(
        seats=reassign_seats(from_user=from_user, to_user=to_user, by=by),
        accounts=reassign_accounts(from_user=from_user, to_user=to_user, by=by),
        sponsor_terms=reassign_sponsor_terms(from_user=from_user, to_user=to_user, by=by),
        contacts=reassign_contacts(from_user=from_user, to_user=to_user, by=by),
    )


@action("handed over accounts")
def reassign_accounts(*, from_user: User, to_user: User, by: User | None) -> int:
    _check(from_user, to_user)
    owned = list(Account.objects.filter(owner=from_user).values_list("pk", flat=True))
    changed = Account.objects.filter(pk__in=owned).update(owner=to_user, revision=F("revision") + 1)
    seat_owner(owned, to_user)
    return changed


@action("handed over covered contacts")
def reassign_contacts(*, from_user: User, to_user: User, by: User | None) -> int:
    _check(from_user, to_user)
    return Contact.objects.filter(covered_by=from_user).update(covered_by=to_user, revision=F("revision") + 1)


@action("handed over seats")
def reassign_seats(*, from_user: User, to_user: User, by: User | None) -> int:
    """Where `to_user` sits already, the seat with the wider access stays in force, in the role of that access."""
    _check(from_user, to_user)
    today = access_day()
    seats = list(TeamSeat.objects.filter(_still_open(today), user=from_user))
    held = {
        seat.account_id: seat
        for seat in TeamSeat.objects.filter(user=to_user, ends_on=None, account__in=[s.account_id for s in seats])
    }
    fresh = [
        TeamSeat(
            account_id=seat.account_id,
            user=to_user,
            role=seat.role,
            access=seat.access,
            core=seat.core,
            allocation=seat.allocation,
            starts_on=max(today, seat.starts_on),
        )
        for seat in seats
        if seat.account_id not in held
    ]
    raised = [
        _raised(held[seat.account_id], seat)
        for seat in seats
        if seat.account_id in held and STRENGTH.index(seat.access) > STRENGTH.index(held[seat.account_id].access)
    ]
    _end(TeamSeat.objects.filter(pk__in=[seat.pk for seat in seats]), today)
    TeamSeat.objects.bulk_create(fresh)
    TeamSeat.objects.bulk_update(raised, ["role", "access", "core", "allocation", "revision"])
    return len(seats)


@action("handed over sponsor terms")
def reassign_sponsor_terms(*, from_user: User, to_user: User, by: User | None) -> int:
    _check(from_user, to_user)
    today = access_day()
    terms = list(SponsorTerm.objects.filter(_still_open(today), sponsor=from_user))
    accounts = [term.account_id for term in terms]
    held = set(
        SponsorTerm.objects.filter(sponsor=to_user, ends_on=None, account__in=accounts).values_list(
            "account_id", flat=True
        )
    )
    _end(SponsorTerm.objects.filter(pk__in=[term.pk for term in terms]), today)
    SponsorTerm.objects.bulk_create(
        [
            SponsorTerm(
                account_id=term.account_id,
                sponsor=to_user,
                peer_id=term.peer_id,
                cadence_days=term.cadence_days,
                starts_on=max(today, term.starts_on),
            )
            for term in terms
            if term.account_id not in held
        ]
    )
    return len(terms)


def held_by(user: User) -> dict[str, list[str]]:
    """Names of what somebody holds today, by kind; for the page that hands it over."""
    today = access_day()
    seats = TeamSeat.objects.filter(_still_open(today), user=user).select_related("account")
    terms = SponsorTerm.objects.filter(_still_open(today), sponsor=user).select_related("account")
    return {
        "accounts": [account.name for account in Account.objects.filter(owner=user)],
        "seats": [f"{seat.account}, {seat.get_role_display()}" for seat in seats],
        "sponsor_terms": [term.account.name for term in terms],
        "contacts": [
            f"{contact}, {contact.account}"
            for contact in Contact.objects.filter(covered_by=user).select_related("account")
        ],
    }


def _still_open(today: date) -> Q:
    return Q(ends_on=None) | Q(ends_on__gt=today)


def _end(rows, today: date) -> None:  # type: ignore[no-untyped-def]
    rows.filter(starts_on__gt=today).update(ends_on=F("starts_on"), revision=F("revision") + 1)
    rows.filter(starts_on__lte=today).update(ends_on=today, revision=F("revision") + 1)


def _raised(held: TeamSeat, seat: TeamSeat) -> TeamSeat:
    held.role, held.access, held.core = seat.role, seat.access, seat.core
    held.allocation = max(held.allocation, seat.allocation)
    held.revision += 1
    return held


def _check(from_user: User, to_user: User) -> None:
    if from_user.pk == to_user.pk:
        raise FieldErrors({"to_user": "Choose somebody else: this is the same person."})
    if not to_user.is_active:
        raise FieldErrors({"to_user": f"{to_user} no longer works here. Choose somebody else."})
