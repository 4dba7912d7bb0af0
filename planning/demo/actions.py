"""Actions of the story: those that are open, and half a year of others with the punctuality the story tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice, product

from accounts.models import Account, Contact
from planning.actions.actions import ActionRecord, record_actions
from planning.demo.people import People, client_people
from planning.models import AccountPlan
from sam.core.models import User

WINDOW = 170
FORMER_LEAD, LEFT_DAYS_AGO = "Anton", 133


@dataclass(frozen=True, slots=True)
class Open:
    """An open action: due in so many days (before today: negative), part of the plan, what has happened to it."""

    title: str
    ours: str
    theirs: str
    due: int
    section: str = ""
    started: bool = False
    moved: int = 0
    shared: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """Of the actions that fell due in 180 days, how many of each side were done in time; open late ones count too."""

    sites: tuple[str, ...]
    team: tuple[str, ...]
    ours: tuple[int, int]
    theirs: tuple[int, int] = (0, 0)
    open: tuple[Open, ...] = ()


STORY = {
    "Oremund": Record(
        ("Base", "Elster", "Coatings", "Gent"), ("Nadia", "Ravi", "Birgit", "Ewa", "Sofia"), (15, 19), (8, 12),
        (
            Open("Pulse at site two", "Ravi", "Klose", 12, "strategy", started=True),
            Open("Joint savings list for the CFO", "Petra", "Marquard", -2, "value", started=True, moved=2),
            Open("IT interface meeting", "", "Novotny", 20, "risks"),
            Open("Order bundling, phase 2", "Ewa", "Fuchs", 30, "goals"),
            Open("Answer what Pavel Novotny wrote in the survey", "Nadia", "", -104, "risks", shared=False),
            Open("Trial in the laboratories", "Luc", "Holt", 45, "goals"),
        ),
    ),
    "Skoggrim": Record(
        ("Nordvik", "machine 3", "the stores"), ("Marek", "Birgit", "Ravi", "Jonas"), (9, 15), (2, 5),
        (
            Open("Call Eirin Solbakk and offer to meet", "Helene", "", 3, "strategy", shared=False),
            Open("Stops of machine 3, list of causes", "Ravi", "Lunde", 6, "goals", started=True),
            Open("Find out who the new CFO is", "Marek", "", 9, "goals", shared=False),
            Open("Draft of the new frame with a price floor", "Jonas", "", 24, "risks", shared=False),
        ),
    ),
    "Montevarra": Record(
        ("hall 1", "hall 2", "Parma"), ("Chiara", "Ravi", "Birgit"), (13, 14), (9, 11),
        (
            Open("Measure the cleaning time in hall 2 together", "Birgit", "Bellini", 17, "value", started=True),
            Open("Concept for both new lines", "Ravi", "Conti", 28, "situation"),
            Open("Introduce a second person to Davide Conti", "Chiara", "", 14, "risks", shared=False),
            Open("Meet Ilaria Fontana about line data", "Nadia", "Fontana", 33, "risks"),
        ),
    ),
    "Dunmarsh": Record(
        ("lot 4", "the pumping stations"), ("Marek", "Luc", "Ewa"), (5, 8), (0, 0),
        (Open("Price of express deliveries, proposal", "Ewa", "Whitcombe", 21, "risks"),),
    ),
    "Havelgrund": Record(
        ("the north grid", "the heat plant"), ("Marek", "Luc", "Birgit"), (12, 13), (0, 0),
        (Open("Visit Dr. Brenner with Helene", "Marek", "Brenner", 16, "risks", shared=False),),
    ),
    "Merrowick": Record(
        ("yard north", "yard south"), ("Marek", "Luc", "Ewa"), (7, 12), (0, 0),
        (Open("Payment plan with the finance director", "Marek", "Keir", 18, "risks", shared=False),),
    ),
    "Quillaraya": Record(
        ("the concentrator", "the port", "the workshop"), ("Nadia", "Luc", "Ewa"), (13, 16), (0, 0),
        (Open("Workshop for a joint plan", "Nadia", "Duarte", 40, "strategy"),),
    ),
    "Lindqvara": Record(
        ("the filling line", "the clean room"), ("Chiara", "Ravi", "Birgit"), (9, 10), (0, 0),
        (Open("Answer on the frame before 15 February", "Chiara", "Holm", 60, "risks", shared=False),),
    ),
}  # fmt: skip

OUR_WORK = (
    "Spare parts list for {}",
    "Walk through {} with maintenance",
    "Delivery figures for {}",
    "Training of the shift at {}",
    "Quotation for seals at {}",
    "Service report for {}",
    "Stock count at {}",
    "Drawings of the pumps at {}",
)
THEIR_WORK = (
    "Hours of stops at {}",
    "Order forecast for {}",
    "Access for our fitters at {}",
    "Names of those to be trained at {}",
    "Approval of the parts list for {}",
)


def build_actions(account: Account, plan: AccountPlan, people: People, today: date) -> None:
    """Nothing for an account that the story does not know."""
    record = STORY.get(account.name.split()[0])
    if record is None:
        return
    theirs = client_people(account)
    sections = {section.key: section for section in plan.sections.all()}
    rows = [
        ActionRecord(
            title=one.title,
            due=today + timedelta(days=one.due),
            our_owner=people.get(one.ours),
            their_owner=theirs.get(one.theirs),
            started=one.started,
            moved=one.moved,
            shared=one.shared,
            section=sections.get(one.section),
        )
        for one in record.open
        if people.get(one.ours) or theirs.get(one.theirs)
    ]
    rows += _past(record, people, theirs, today)
    record_actions(account=account, plan=plan, records=rows, by=plan_writer(record, people))


def plan_writer(record: Record, people: People) -> User | None:
    return people.get(record.team[0])


def _past(record: Record, people: People, theirs: dict[str, Contact], today: date) -> Iterator[ActionRecord]:
    """Closed actions; the open late ones of the story take places among those not done in time."""
    late = [one for one in record.open if one.due < 0]
    ours_late_open = sum(1 for one in late if one.ours)
    theirs_late_open = sum(1 for one in late if one.theirs)
    team = [people[name] for name in record.team if name in people]
    contacts = [contact for contact in theirs.values() if contact.status == Contact.Status.ACTIVE][:5]
    if team:
        for number, (title, due, done) in enumerate(_dates(OUR_WORK, record, record.ours, ours_late_open, today)):
            owner = team[number % len(team)]
            if number % len(team) == 0 and (today - due).days > LEFT_DAYS_AGO and account_changed_hands(record):
                owner = people.get(FORMER_LEAD, owner)
            yield ActionRecord(title, due, our_owner=owner, done_on=done)
    if contacts:
        for number, (title, due, done) in enumerate(_dates(THEIR_WORK, record, record.theirs, theirs_late_open, today)):
            yield ActionRecord(title, due, their_owner=contacts[number % len(contacts)], done_on=done, shared=True)


def account_changed_hands(record: Record) -> bool:
    return record is STORY["Oremund"]


def _dates(
    work: tuple[str, ...], record: Record, counts: tuple[int, int], open_late: int, today: date
) -> Iterator[tuple[str, date, date]]:
    """Titles with due date and the day done: `counts` is how many in time, of how many in all."""
    in_time, total = counts
    closed = total - open_late
    titles = (pattern.format(site) for site, pattern in product(record.sites, work))
    for number, title in enumerate(islice(cycle(titles), closed)):
        age = 8 + (number * (WINDOW - 8)) // max(1, closed)
        due = today - timedelta(days=age)
        is_late = closed - in_time > 0 and _takes(number, closed, closed - in_time)
        done = min(due + timedelta(days=3 + number % 5), today) if is_late else due - timedelta(days=number % 6)
        yield title, due, done


def _takes(number: int, total: int, chosen: int) -> bool:
    """Whether `number` of 0 … total−1 is one of `chosen`, spread evenly."""
    return (number + 1) * chosen // total > number * chosen // total
