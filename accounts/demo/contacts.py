"""People at the clients, what we think of their part, and how we were in touch with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from accounts.actions.contacts import add_contact, record_opinion, set_contact_status
from accounts.actions.sponsors import start_term
from accounts.actions.touchpoints import log_touchpoint
from accounts.demo.accounts import PROGRAMME, Accounts
from accounts.demo.people import People, address
from accounts.demo.teams import Terms, first_names
from accounts.models import Account, Contact
from sam.core.models import User

# account | name | title | function | level | influence | stance | days since contact | kept by
# Stance: a = assumed, ? = not assessed.
TABLE = """
Oremund | Dr. Karin Osthoff | Chief executive officer | board | board | 5 | 1 | 38 | Helene
Oremund | Dr. Florian Brandeis | Chief financial officer | finance | board | 5 | -1 | 27 | Joris
Oremund | Silke Marquard | VP procurement | procurement | vp | 4 | 0 | 12 | Nadia
Oremund | Henrik Jansen | VP operations | operations | vp | 4 | 2 | 9 | Birgit
Oremund | Uwe Klose | Head of maintenance | engineering | manager | 3 | 2 | 6 | Ravi
Oremund | Aylin Demir | Site manager Elster | operations | manager | 3 | 1 | 45 | Nadia
Oremund | Dr. Mira Holt | Head of quality | quality | director | 3 | 0a | 70 | Ravi
Oremund | Pavel Novotny | Head of IT | it | director | 3 | 0a | 118 | -
Oremund | Lena Fuchs | Category buyer | procurement | user | 2 | -1 | 15 | Nadia
Skoggrim | Ragnhild Moe | Chief executive officer | board | board | 5 | 0a | 140 | -
Skoggrim | Sigurd Aas | Chief operating officer | operations | board | 5 | 0 | 61 | Helene
Skoggrim | Eirin Solbakk | Chief operating officer | operations | board | 5 | ? | - | -
Skoggrim | CFO, unknown yet | Chief financial officer | finance | board | 4 | ? | - | -
Skoggrim | Tone Bakke | Procurement director | procurement | director | 4 | -1 | 8 | Marek
Skoggrim | Lars Eikeland | Mill manager Nordvik | operations | director | 3 | 1 | 20 | Birgit
Skoggrim | Anne Lunde | Head of maintenance | engineering | manager | 3 | 1 | 33 | Ravi
Skoggrim | Odd Berge | Buyer | procurement | user | 2 | -1 | 30 | Marek
Montevarra | Giulia Ravenna | Chief executive and owner | board | board | 5 | 2 | 24 | Amara
Montevarra | Stefano Galli | Chief financial officer | finance | board | 4 | 1 | 31 | Petra
Montevarra | Elena Marchetti | Procurement director | procurement | director | 4 | 1 | 40 | Chiara
Montevarra | Davide Conti | VP operations | operations | vp | 4 | 2 | 11 | Chiara
Montevarra | Sara Bellini | Head of quality | quality | director | 3 | 1 | 16 | Chiara
Montevarra | Matteo Riva | Head of engineering | engineering | director | 3 | 2 | 5 | Chiara
Montevarra | Ilaria Fontana | IT director | it | director | 3 | 0a | 96 | -
Montevarra | Nico Serra | Shift engineer | engineering | user | 2 | 1 | 7 | Chiara
Dunmarsh | Gareth Pell | Head of procurement | procurement | director | 5 | -1 | 22 | Marek
Dunmarsh | Joan Whitcombe | Framework manager | procurement | manager | 3 | 0 | 97 | Marek
Dunmarsh | Dev Anand | Operations director | operations | director | 4 | 0a | - | -
Havelgrund | Dr. Ute Brenner | Managing director | board | board | 5 | 1 | 171 | Helene
Havelgrund | Frank Seidel | Technical director | engineering | director | 4 | 1 | 44 | Marek
Havelgrund | Nina Ostertag | Procurement | procurement | manager | 3 | 0 | 63 | Marek
Havelgrund | Olaf Rahn | Grid operations | operations | manager | 3 | 1 | 29 | Birgit
Merrowick | Colin Strade | Managing director | board | board | 5 | -1 | 132 | Helene
Merrowick | Fiona Keir | Finance director | finance | director | 4 | -1a | - | -
Merrowick | Iain Bruce | Yard manager | operations | manager | 3 | 1 | 19 | Ewa
Merrowick | Pat Lowe | Buyer | procurement | user | 3 | 0 | 26 | Marek
Quillaraya | Rodrigo Altamira | Chief operating officer | operations | board | 5 | 1 | 95 | Ingrid
Quillaraya | Camila Duarte | VP supply | procurement | vp | 4 | 2 | 14 | Nadia
Quillaraya | Jorge Pena | Plant director | operations | director | 3 | 1 | 103 | Luc
Lindqvara | Dr. Saga Lind | Chief executive officer | board | board | 5 | 2 | 51 | Chiara
Lindqvara | Erik Sandell | VP technical operations | engineering | vp | 4 | 2 | 10 | Ravi
Lindqvara | Maja Holm | Procurement | procurement | manager | 3 | 1 | 35 | Chiara
Lindqvara | Oskar Dahl | Validation | quality | manager | 3 | 1 | 28 | Birgit
Lindqvara | Tuva Berg | Finance director | finance | director | 3 | 0a | - | -
"""
# account, days before today, kind, our side, their side, what was said, what was promised, minutes
TOLD = (
    (
        "Oremund",
        256,
        "workshop",
        "Nadia",
        "Silke Marquard",
        "Plan workshop at Rheinau: goals, measures, who does what.",
        "Version 1 of the plan within a week",
        240,
    ),
    (
        "Oremund",
        203,
        "mail",
        "Nadia",
        "Dr. Florian Brandeis",
        "He introduces himself and asks for 4 % on everything from July.",
        "An answer within ten working days",
        None,
    ),
    (
        "Oremund",
        188,
        "visit",
        "Joris",
        "Dr. Florian Brandeis",
        "First meeting: he watches cash and the total cost per pump.",
        "A paper on cost over five years",
        60,
    ),
    (
        "Oremund",
        133,
        "call",
        "Helene",
        "Dr. Karin Osthoff",
        "Told her that Anton leaves and who leads until Nadia starts.",
        "Nadia visits in the first week",
        20,
    ),
    (
        "Oremund",
        122,
        "visit",
        "Nadia",
        "Silke Marquard",
        "Answer to the price request signed: terms for volume, monitoring at two sites.",
        "",
        90,
    ),
    (
        "Oremund",
        12,
        "video",
        "Nadia",
        "Silke Marquard",
        "Savings list for the CFO: her numbers and ours differ in two lines.",
        "Joint list before the review",
        45,
    ),
    (
        "Oremund",
        9,
        "visit",
        "Birgit",
        "Henrik Jansen",
        "Express deliveries went up: stock at Elster was too low in summer.",
        "Proposal for consigned stock",
        120,
    ),
    (
        "Skoggrim",
        61,
        "visit",
        "Helene",
        "Sigurd Aas",
        "He hints at a tender before the end of the frame. Says no more.",
        "A call after the board meets",
        75,
    ),
    (
        "Skoggrim",
        60,
        "mail",
        "Marek",
        "Tone Bakke",
        "Precautionary notice of the frame arrives, six days before its last date.",
        "",
        None,
    ),
    (
        "Skoggrim",
        8,
        "call",
        "Marek",
        "Tone Bakke",
        "Three comparable offers are needed for the tender in spring.",
        "Price paper by mid December",
        35,
    ),
    (
        "Montevarra",
        24,
        "visit",
        "Amara",
        "Giulia Ravenna",
        "Wants the trial of monitoring at the second plant to start in January.",
        "Trial plan",
        60,
    ),
    (
        "Montevarra",
        5,
        "visit",
        "Chiara",
        "Matteo Riva",
        "Seal change on line 3 went well. Talks to other plants about it.",
        "",
        50,
    ),
    (
        "Merrowick",
        132,
        "call",
        "Helene",
        "Colin Strade",
        "Says the yards compare every order now.",
        "One list of who does what",
        25,
    ),
    (
        "Lindqvara",
        10,
        "visit",
        "Ravi",
        "Erik Sandell",
        "Validation of the new valves passed. He would show them to visitors.",
        "Papers for the reference visit",
        180,
    ),
)
KINDS = ("call", "visit", "video", "mail")
SAID = (
    "Open orders and delivery dates.",
    "What the plants need in the next quarter.",
    "Service reports of the month.",
    "Prices and volumes of the running call-offs.",
    "How the last project went.",
)
MINUTES = (25, 60, 30, None)
GAPS = (0, 19, 44, 76, 117, 168, 230)


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the table."""

    account: str
    name: str
    title: str
    function: str
    level: str
    influence: int
    stance: str
    days: int | None
    keeper: str


def told() -> list[Told]:
    found = []
    for line in TABLE.strip().splitlines():
        account, name, title, function, level, influence, stance, days, keeper = line.split(" | ")
        since = None if days == "-" else int(days)
        found.append(Told(account, name, title, function, level, int(influence), stance, since, keeper.strip("-")))
    return found


def build_contacts(accounts: Accounts, people: People, terms: Terms, today: date) -> None:
    known = first_names(people)
    leads = {one.short: people[one.owner] for one in PROGRAMME}
    contacts: dict[str, Contact] = {}
    for number, one in enumerate(told(), start=1):
        contact = _add(accounts[one.account], one, known, leads[one.account], number)
        contacts[one.name] = contact
    _pair(accounts, contacts, known, terms, people["Ingrid Vossberg"], today)
    for one in told():
        _opinions(accounts[one.account], contacts[one.name], one, leads[one.account], today)
    for index, one in enumerate(told()):
        _touches(accounts[one.account], contacts[one.name], one, known, leads[one.account], today, index)
    for short, days, kind, ours, theirs, summary, promised, minutes in TOLD:
        log_touchpoint(
            account=accounts[short], contacts=[contacts[theirs]], people=[known[ours]], kind=kind, summary=summary,
            promised=promised, minutes=minutes, date=today - timedelta(days=days), by=known[ours],
        )  # fmt: skip
    sigurd = contacts["Sigurd Aas"]
    sigurd.refresh_from_db()
    set_contact_status(
        account=accounts["Skoggrim"], contact=sigurd, status="left", revision=sigurd.revision, by=leads["Skoggrim"]
    )


def _add(account: Account, one: Told, known: People, lead: User, number: int) -> Contact:
    unknown = "unknown" in one.name
    return add_contact(
        account=account,
        full_name=one.name,
        job_title=one.title,
        email="" if unknown else address(one.name),
        phone="" if unknown else f"+49 30 5550 {100 + number}",
        function=one.function,
        level=one.level,
        status="unknown" if unknown else "active",
        covered_by=known[one.keeper] if one.keeper else None,
        language="de" if account.country == "Germany" else "en",
        by=lead,
    )


def _pair(
    accounts: Accounts, contacts: dict[str, Contact], known: People, terms: Terms, ingrid: User, today: date
) -> None:
    for short, sponsor, peer, days, began in terms:
        start_term(
            account=accounts[short],
            sponsor=known[sponsor],
            peer=contacts[peer] if peer else None,
            cadence_days=days,
            starts_on=today - timedelta(days=began),
            by=ingrid,
        )


def _opinions(account: Account, contact: Contact, one: Told, lead: User, today: date) -> None:
    if one.stance == "?":
        return
    # The oldest opinion of the story expires in twelve days.
    age = 353 if one.name == "Pat Lowe" else min(one.days or 60, 300)
    given = {"influence": one.influence, "stance": int(one.stance.rstrip("a"))}
    for kind, value in given.items():
        record_opinion(
            account=account, contact=contact, kind=kind, value=value, confirmed=not one.stance.endswith("a"),
            recorded_on=today - timedelta(days=age), by=lead,
        )  # fmt: skip


def _touches(account: Account, contact: Contact, one: Told, known: People, lead: User, today: date, index: int) -> None:
    """The last contact as told, and a regular past before it where somebody keeps the contact."""
    if one.days is None:
        return
    us = known[one.keeper] if one.keeper else lead
    seen = {(days, theirs) for _, days, _, _, theirs, *_ in TOLD}
    for number, gap in enumerate(GAPS if one.keeper else GAPS[:1]):
        days = one.days + gap + (index * 3 + number * 5) % 7 * (gap > 0)
        if (days, one.name) in seen:
            continue
        log_touchpoint(
            account=account, contacts=[contact], people=[us], kind=KINDS[(index + number) % 4],
            summary=SAID[(index + number) % 5], minutes=MINUTES[(index + number) % 4],
            date=today - timedelta(days=days), by=us,
        )  # fmt: skip
