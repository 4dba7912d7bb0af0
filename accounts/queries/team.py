"""The account's team, its sponsors, and the roles its tier needs and nobody fills."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Max, Q

from accounts.domain.cadence import Cadence, cadence
from accounts.domain.team import RoleRule, missing_roles
from accounts.models import Account, SponsorTerm, TeamSeat
from accounts.models.team import access_day
from sam.core.models import User
from sam.core.statements import ask


@dataclass(frozen=True, slots=True)
class Team:
    """Open seats, core team first, and what is missing."""

    seats: tuple[TeamSeat, ...]
    missing: tuple[Gap, ...]

    @property
    def sponsors(self) -> list[User]:
        return [seat.user for seat in self.seats if seat.role == TeamSeat.Role.SPONSOR]

    @property
    def people(self) -> list[User]:
        return [seat.user for seat in self.seats]


@dataclass(frozen=True, slots=True)
class Gap:
    """A required role that nobody fills."""

    role: str
    label: str
    answers_for: str


@dataclass(frozen=True, slots=True)
class Sponsorship:
    """A sponsor's open term and where its rhythm stands today."""

    term: SponsorTerm
    last_contact: date | None
    beat: Cadence


def team_of(account: Account) -> Team:
    """One query."""
    roles = TeamSeat.Role.values
    seats = tuple(sorted(_open_seats(account), key=lambda seat: (not seat.core, roles.index(seat.role))))
    gaps = missing_roles(account.tier, (seat.role for seat in seats))
    return Team(seats, tuple(_gap(rule) for rule in gaps))


SEAT_FIELDS = [field.attname for field in TeamSeat._meta.concrete_fields]
USER_FIELDS = ["id", "email", "display_name"]
# `TeamSeat.objects.open()` with its people, as every page of an account asks for it.
OPEN_SEATS = f"""
    SELECT {", ".join(f"s.{name}" for name in SEAT_FIELDS)}, {", ".join(f"u.{name}" for name in USER_FIELDS)}
    FROM accounts_teamseat s JOIN core_user u ON u.id = s.user_id
    WHERE s.account_id = %(account)s AND s.starts_on <= %(today)s AND (s.ends_on IS NULL OR s.ends_on > %(today)s)
    ORDER BY s.core DESC, s.starts_on, s.id
"""  # noqa: S608 - names of our own columns


def _open_seats(account: Account) -> Iterator[TeamSeat]:
    for row in ask(OPEN_SEATS, {"account": account.pk, "today": access_day()}):
        seat = TeamSeat.from_db("default", SEAT_FIELDS, row[: len(SEAT_FIELDS)])
        seat.user = User.from_db("default", USER_FIELDS, row[len(SEAT_FIELDS) :])
        yield seat


def _gap(rule: RoleRule) -> Gap:
    return Gap(rule.role, TeamSeat.Role(rule.role).label, rule.answers_for)


def sponsorships(terms: list[SponsorTerm], today: date) -> list[Sponsorship]:
    """Rhythm of each term, from the touchpoints of sponsor and peer together; one query for all terms."""
    met = _last_contacts([term.pk for term in terms], today)
    return [
        Sponsorship(term, met.get(term.pk), cadence(met.get(term.pk), term.starts_on, term.cadence_days, today))
        for term in terms
    ]


def _last_contacts(term_ids: list[int], today: date) -> dict[int, date]:
    if not term_ids:
        return {}
    rows = (
        SponsorTerm.objects.filter(pk__in=term_ids)
        .order_by()
        .annotate(
            met=Max(
                "peer__touchpoints__date",
                filter=Q(peer__touchpoints__person_links__user_id=F("sponsor_id"), peer__touchpoints__date__lte=today),
            )
        )
        .values_list("pk", "met")
    )
    return {pk: met for pk, met in rows if met}


def ended_seats(account: Account) -> list[TeamSeat]:
    """Seats that are over, the latest first."""
    return list(account.seats.ended().select_related("user").order_by("-ends_on")[:50])
