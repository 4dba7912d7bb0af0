"""Reviews that were held and those that are planned, as the story tells them; days are counted from today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from accounts.demo.people import address
from accounts.models import Account, Contact
from reviews.actions import reviews as actions
from reviews.actions.agenda_templates import ensure_default_agendas
from reviews.actions.packs import request_pack
from reviews.models import Pack
from reviews.queries.survey_page import lead_of
from sam.core.models import User


@dataclass(frozen=True, slots=True)
class Held:
    """A review in the past: `days` ago, with what was noted."""

    account: str
    days: int
    place: str
    kind: str = "quarterly"
    going_well: str = ""
    to_improve: str = ""
    to_change: str = ""
    decided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A review `days` ahead."""

    account: str
    days: int
    place: str
    at: time
    kind: str = "quarterly"
    topic: str = ""
    ours: tuple[str, ...] = ()
    theirs: int = 0
    decisions: tuple[str, ...] = ()
    briefed: bool = False
    packs: bool = False


HELD = (
    Held(
        "Oremund",
        221,
        "Rheinau, works canteen",
        going_well="Deliveries during the flood. The seal standard moves.",
        to_improve="Express orders cost both of us; plan them a week earlier.",
        to_change="One list of actions for both companies instead of three.",
        decided=(
            "Seal standard becomes a project with an owner on each side",
            "Small orders are bundled from June on",
            "Pulse is tried at one site before the second",
        ),
    ),
    Held("Oremund", 125, "Video call", going_well="Handover told openly.", to_improve="Name one person to call."),
    Held(
        "Oremund",
        48,
        "Rheinau, works canteen",
        going_well="Warm introductions are done; nine of ten know whom to call.",
        to_improve="The savings list moved twice.",
        to_change="The controllers of both sides meet once a month.",
        decided=("The savings list is signed by both controllers",),
    ),
    Held("Skoggrim", 330, "Oslo", going_well="Service in winter."),
    Held("Skoggrim", 240, "Nordvik mill", to_improve="Answers take too long."),
    Held("Skoggrim", 150, "Video call", to_improve="They ask for a price, we talk about service."),
    Held("Montevarra", 345, "Parma", "annual", going_well="First joint year: all five goals met or near."),
    Held("Montevarra", 255, "Parma", going_well="Night shift is trained."),
    Held("Montevarra", 164, "Parma", going_well="A repair on a Sunday kept the line going."),
    Held(
        "Montevarra",
        73,
        "Modena",
        going_well="Nobody waits for spares.",
        to_improve="More than one of us at the table.",
    ),
    Held("Havelgrund", 300, "Havelgrund, head office"),
    Held("Havelgrund", 125, "Video call"),
    Held(
        "Merrowick",
        112,
        "Tarrow yard",
        to_improve="Price before everything else.",
        to_change="One list of who does what.",
    ),
    Held("Quillaraya", 85, "Video call", going_well="Sensor data pays for itself."),
    Held("Lindqvara", 210, "Lindqvara, validation hall", going_well="Every protocol was right the first time."),
    Held("Lindqvara", 40, "Lindqvara, validation hall", going_well="They ask us first."),
)
PLANNED = (
    Planned("Skoggrim", 9, "Oslo", time(13, 0), topic="The frame from April on", theirs=3),
    Planned(
        "Oremund",
        17,
        "Rheinau, works canteen",
        time(10, 0),
        topic="Seal standard: what the last types cost both of us",
        ours=("Petra Lohse", "Ravi Menon", "Birgit Aalto"),
        theirs=5,
        decisions=(
            "Pulse at the second site in Elster, start in February.",
            "One seal standard for all five sites by June.",
            "The joint savings list, signed by both controllers.",
        ),
        packs=True,
    ),
    Planned(
        "Montevarra",
        23,
        "Parma",
        time(9, 30),
        kind="annual",
        topic="The plan for the next year",
        ours=("Amara Kern", "Petra Lohse"),
        theirs=4,
        decisions=("Goals and measures of the next year.",),
        briefed=True,
    ),
)


def build_reviews(today: date) -> None:
    """Build everything once: an account that has reviews already stays as it is."""
    ensure_default_agendas(by=None)
    fresh = {account.pk for account in Account.objects.filter(reviews=None)}
    for past in HELD:
        account = account_named(past.account)
        if account is not None and account.pk in fresh:
            hold(account, past, today)
    for ahead in PLANNED:
        account = account_named(ahead.account)
        if account is not None and account.pk in fresh:
            plan(account, ahead, today)


def account_named(short: str) -> Account | None:
    return Account.objects.live().filter(name__startswith=short).first()


def workday(day: date) -> date:
    """Nobody meets a client on a weekend: Saturday and Sunday become Monday."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() > 4 else day


def hold(account: Account, past: Held, today: date) -> None:
    on = workday(today - timedelta(days=past.days))
    by = lead_of(account)
    review = actions.schedule_review(
        account=account,
        kind=past.kind,
        on=on,
        place=past.place,
        people=team_of(account)[:3],
        contacts=clients_of(account)[:3],
        today=on,
        invite=False,
        by=by,
    )
    actions.hold_review(
        review=review,
        account=account,
        seen=review.revision,
        going_well=past.going_well,
        to_improve=past.to_improve,
        to_change=past.to_change,
        decisions=[actions.Decided(text) for text in past.decided],
        today=on,
        by=by,
    )


def plan(account: Account, ahead: Planned, today: date) -> None:
    by = lead_of(account)
    named = User.objects.active().filter(email__in=[address(name) for name in ahead.ours])
    review = actions.schedule_review(
        account=account,
        kind=ahead.kind,
        on=workday(today + timedelta(days=ahead.days)),
        starts_at=ahead.at,
        place=ahead.place,
        topic=ahead.topic,
        people=named,
        contacts=clients_of(account)[: ahead.theirs],
        decisions_asked=ahead.decisions,
        today=today,
        invite=False,
        by=by,
    )
    if ahead.briefed:
        actions.note_briefing(review=review, account=account, on=today, by=by)
    if ahead.packs and by is not None:
        for edition in Pack.Edition.values:
            request_pack(review=review, account=account, edition=edition, by=by)


def team_of(account: Account) -> list[User]:
    seats = account.seats.open().filter(core=True).select_related("user")
    return [seat.user for seat in seats if seat.user.is_active]


def clients_of(account: Account) -> list[Contact]:
    """Those who would come: known people, the higher levels first."""
    order = [level for level, _ in Contact.Level.choices]
    people = account.contacts.filter(status=Contact.Status.ACTIVE).exclude(level="")
    return sorted(people, key=lambda contact: (order.index(contact.level), contact.full_name))
