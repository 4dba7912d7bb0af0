"""People at the client: who they are to us, when we last spoke, where nobody is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max, Q, QuerySet

from accounts.domain.cadence import Cadence, CadenceState, cadence
from accounts.domain.team import contact_beat
from accounts.models import Account, Contact, Opinion
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.charts import HeatCell, HeatMap
from sam.core.models import User
from sam.core.statements import ask

LEVELS = tuple(Contact.Level.choices)
TOUCH_DAYS = 90
KEY_LEVELS = frozenset({Contact.Level.BOARD, Contact.Level.VP})
STANCES = {-2: "prefers another", -1: "has doubts", 0: "open", 1: "in favour", 2: "speaks for us"}
STANCE_TONES = {-2: "bad", -1: "warn", 0: "", 1: "good", 2: "good"}


@dataclass(frozen=True, slots=True)
class Assessment:
    """What we think today of somebody's part, for those who may see opinions."""

    influence: Opinion | None
    stance: Opinion | None

    @property
    def stance_words(self) -> str:
        return STANCES[self.stance.value] if self.stance else ""

    @property
    def stance_tone(self) -> str:
        return STANCE_TONES[self.stance.value] if self.stance else ""


UNKNOWN = Assessment(None, None)


@dataclass(frozen=True, slots=True)
class Person:
    """A contact with what a list shows. `beat` is None for people whom no rhythm was agreed for."""

    contact: Contact
    last_touch: date | None
    beat: Cadence | None
    assessment: Assessment

    @property
    def is_overdue(self) -> bool:
        return self.beat is not None and self.beat.state == CadenceState.OVERDUE


def people_of(account: Account, contacts: Iterable[Contact], today: date, *, opinions: bool) -> list[Person]:
    """`contacts` need `last_touch` from `with_last_touch`. One query more when opinions may be seen."""
    listed = list(contacts)
    assessed = assessments([contact.pk for contact in listed], today) if opinions else {}
    return [
        Person(
            contact,
            contact.last_touch,  # type: ignore[attr-defined]
            _beat(account, contact, assessed.get(contact.pk, UNKNOWN), today),
            assessed.get(contact.pk, UNKNOWN),
        )
        for contact in listed
    ]


def with_last_touch(contacts: QuerySet[Contact], today: date) -> QuerySet[Contact]:
    """Adds the day of the last touchpoint up to today."""
    return contacts.annotate(last_touch=Max("touchpoints__date", filter=Q(touchpoints__date__lte=today)))


def assessments(contact_ids: list[int], today: date) -> dict[int, Assessment]:
    found: dict[int, dict[str, Opinion]] = {}
    for opinion in Opinion.objects.filter(contact__in=contact_ids).select_related("author").current(today):
        found.setdefault(opinion.contact_id, {})[opinion.kind] = opinion
    return {pk: Assessment(kinds.get("influence"), kinds.get("stance")) for pk, kinds in found.items()}


def people_due(user: User, today: date, most: int = 20) -> list[tuple[Account, Person]]:
    """Key people whose contact `user` keeps and who are past their account's rhythm, latest first; three queries."""
    seen = Account.objects.visible_to(user, Permission.PROFILE_VIEW).live().exclude(tier="")
    kept = Contact.objects.filter(covered_by=user, status=Contact.Status.ACTIVE, account__in=seen)
    contacts = list(with_last_touch(kept.select_related("account"), today)[:500])
    assessed = assessments([contact.pk for contact in contacts], today)
    due = []
    for contact in contacts:
        may_know = can(user, Permission.OPINION_VIEW, on=contact.account)
        assessment = assessed.get(contact.pk, UNKNOWN) if may_know else UNKNOWN
        person = Person(
            contact,
            contact.last_touch,  # type: ignore[attr-defined]
            _beat(contact.account, contact, assessment, today),
            assessment,
        )
        if person.is_overdue:
            due.append((contact.account, person))
    due.sort(key=lambda pair: -pair[1].beat.overdue_days if pair[1].beat else 0)
    return due[:most]


def is_key(contact: Contact, assessment: Assessment) -> bool:
    """Decides at the client: on the board, a VP, or of influence 4 and more."""
    influence = assessment.influence
    return contact.level in KEY_LEVELS or (influence is not None and influence.value >= 4)


def _beat(account: Account, contact: Contact, assessment: Assessment, today: date) -> Cadence | None:
    every = contact_beat(account.tier)
    if every is None or contact.status != Contact.Status.ACTIVE or not is_key(contact, assessment):
        return None
    last = contact.last_touch  # type: ignore[attr-defined]
    return cadence(last, account.created_at.date(), every, today)


def touch_map(account: Account, today: date, url: str) -> HeatMap | None:
    """Touchpoints of the last 90 days by function and level; places with people and no contact are hatched.

    None without contacts that have both. `url` is the list of people. One query.
    """
    since = today - timedelta(days=TOUCH_DAYS)
    rows = ask(TOUCHES, {"account": account.pk, "since": since, "today": today})
    cells = {(function, level): (people, touches) for function, level, people, touches in rows}
    if not cells:
        return None
    functions = [choice for choice in Contact.Function.choices if any(key[0] == choice[0] for key in cells)]
    return HeatMap(
        rows=tuple(str(label) for _, label in functions),
        columns=tuple(str(label) for _, label in LEVELS),
        cells=tuple(
            tuple(_cell(cells.get((function, level)), function, level, url) for level, _ in LEVELS)
            for function, _ in functions
        ),
        title=f"Touchpoints of the last {TOUCH_DAYS} days by function and level",
    )


# Contacts who are here (`Contact.objects.here()`) and have both.
TOUCHES = """
    SELECT c.function, c.level, count(DISTINCT c.id),
        count(DISTINCT l.id) FILTER (WHERE t.date > %(since)s AND t.date <= %(today)s)
    FROM accounts_contact c
    LEFT JOIN accounts_touchpointcontact l ON l.contact_id = c.id
    LEFT JOIN accounts_touchpoint t ON t.id = l.touchpoint_id
    WHERE c.account_id = %(account)s AND c.status <> 'left' AND c.function <> '' AND c.level <> ''
    GROUP BY c.function, c.level
"""


def _cell(found: tuple[int, int] | None, function: str, level: str, url: str) -> HeatCell | None:
    if found is None:
        return None
    people, touches = found
    place = f"{Contact.Function(function).label}, {Contact.Level(level).label}"
    label = f"{place}: {people} known, {touches} touchpoints{'' if touches else ', nobody touched'}"
    return HeatCell(touches, label, gap=touches == 0, href=f"{url}?function={function}&level={level}")
