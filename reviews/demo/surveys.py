"""Three waves that were asked and a fourth that is open at Montevarra, as the story tells them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from accounts.actions.contacts import add_contact
from accounts.demo.people import address
from accounts.models import Account, Contact
from reviews.actions import surveys as actions
from reviews.actions.survey_templates import ensure_default_template
from reviews.domain.survey import CANNOT_SAY, Value
from reviews.models import Invitation, Survey, SurveyTemplate
from reviews.queries.survey_page import lead_of
from sam.core.models import Organisation, User

DRIVERS = ("contract", "pricing", "service", "relationship", "innovation")
# Days before today: first day and last day of each wave.
WAVES = {1: (532, 514), 2: (357, 339), 3: (168, 150)}
OPEN_SINCE, OPEN_UNTIL, NEXT_REVIEW = 5, 9, 23
# Days before today on which a new person came; earlier waves did not ask them.
CAME = {"Florian Brandeis": 203, "Eirin Solbakk": 53}
# … and on which somebody left, where it was after the last wave.
WENT = {"Sigurd Aas": 54}
FORMER_LEAD = "Anton Reiser"
FORMER_LEADS_ACCOUNT = "Oremund"

# People beside those of the story: name, job title.
MORE_PEOPLE: dict[str, tuple[tuple[str, str], ...]] = {
    "Oremund": (
        ("Tobias Rehm", "Plant planner"),
        ("Ines Wolter", "Maintenance planner"),
        ("Gero Stahlke", "Stores"),
        ("Katja Brunner", "Process engineer"),
        ("Milan Havel", "Shift manager Lodz"),
    ),
    "Skoggrim": (
        ("Ingvild Strand", "Planner"),
        ("Per Aune", "Shift manager"),
        ("Kari Dalen", "Stores"),
        ("Jon Moen", "Process engineer"),
    ),
    "Montevarra": (
        ("Paola Greco", "Buyer"),
        ("Luca Bassi", "Maintenance planner"),
        ("Marta Leone", "Plant manager"),
        ("Enzo Fabbri", "Shift manager"),
    ),
    "Dunmarsh": (
        ("Ruth Calder", "Buyer"),
        ("Neil Farrow", "Network manager"),
        ("Moira Quinn", "Stores"),
        ("Adam Thorpe", "Field engineer"),
        ("Lesley Marsh", "Contract analyst"),
    ),
    "Havelgrund": (("Petra Kuhnert", "Planner"), ("Jens Odrich", "Heat network engineer")),
    "Merrowick": (("Ewan Muir", "Yard engineer"), ("Sheila Grant", "Stores")),
    "Quillaraya": (("Tomas Vidal", "Maintenance planner"), ("Elena Rojas", "Buyer"), ("Diego Parra", "Shift manager")),
    "Lindqvara": (("Nils Ekholm", "Maintenance"),),
}


@dataclass(frozen=True, slots=True)
class Wave:
    """What came back: asked, answers, promoters/passives/detractors, means of the five drivers."""

    asked: int
    promoters: int
    passives: int
    detractors: int
    means: tuple[float, ...] = ()
    # Who of the story said what; they answer first.
    said: dict[str, tuple[int, str]] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        return self.promoters + self.passives + self.detractors


STORY: dict[str, dict[int, Wave]] = {
    "Oremund": {
        1: Wave(12, 5, 3, 1, (4.0, 3.5, 4.2, 4.0, 3.6)),
        2: Wave(13, 5, 3, 2, (4.0, 3.3, 4.1, 3.9, 3.6)),
        3: Wave(
            14, 4, 3, 4, (4.1, 2.6, 3.9, 3.8, 3.5),
            {
                "Silke Marquard": (8, "Good people, slow paper."),
                "Florian Brandeis": (3, "Deliveries are fine. Nobody showed me the money."),
                "Pavel Novotny": (6, ""),
            },
        ),
    },
    "Skoggrim": {
        1: Wave(10, 3, 3, 1, (3.7, 3.4, 3.7, 3.5, 3.0)),
        2: Wave(10, 1, 3, 2, (3.6, 3.2, 3.5, 3.2, 2.7)),
        3: Wave(
            10, 0, 2, 3, (3.4, 3.0, 3.2, 2.6, 2.4),
            {
                "Tone Bakke": (4, "We hear of new pumps from your competitor."),
                "Odd Berge": (5, ""),
            },
        ),
    },
    "Montevarra": {
        1: Wave(10, 4, 3, 1, (4.0, 3.7, 4.2, 4.3, 3.8)),
        2: Wave(11, 6, 2, 1, (4.2, 3.8, 4.4, 4.5, 4.0)),
        3: Wave(
            12, 8, 2, 0, (4.3, 3.9, 4.6, 4.7, 4.2),
            {"Matteo Riva": (10, "Your man fixed it on a Sunday. That is why we stay.")},
        ),
    },
    "Dunmarsh": {
        1: Wave(8, 0, 1, 1, (3.5, 3.5, 3.0, 3.5, 3.0)),
        2: Wave(8, 0, 2, 1, (3.3, 3.3, 3.0, 3.3, 2.7)),
        3: Wave(
            8, 0, 1, 1, (3.5, 3.0, 2.5, 3.0, 2.5),
            {"Gareth Pell": (5, ""), "Joan Whitcombe": (7, "Every call-off is an e-mail ping-pong.")},
        ),
    },
    "Havelgrund": {
        1: Wave(6, 3, 2, 0, (4.2, 3.8, 4.4, 4.2, 3.8)),
        2: Wave(6, 3, 1, 0, (4.3, 4.0, 4.5, 4.3, 4.0)),
        3: Wave(6, 0, 0, 0),
    },
    "Merrowick": {
        1: Wave(6, 1, 2, 1, (3.8, 3.5, 3.5, 3.8, 3.0)),
        2: Wave(6, 0, 1, 2, (3.3, 3.0, 3.3, 3.3, 2.7)),
        3: Wave(
            6, 0, 1, 2, (3.0, 2.7, 3.0, 3.3, 2.3),
            {"Pat Lowe": (6, "Please, one list of who does what.")},
        ),
    },
    "Quillaraya": {
        2: Wave(5, 2, 2, 0, (4.0, 3.8, 4.3, 4.0, 4.3)),
        3: Wave(
            6, 4, 1, 0, (4.0, 3.8, 4.4, 4.2, 4.4),
            {"Camila Duarte": (10, "Bring the sensor people again.")},
        ),
    },
    "Lindqvara": {
        1: Wave(5, 4, 1, 0, (4.4, 4.2, 4.6, 4.6, 4.8)),
        2: Wave(5, 4, 1, 0, (4.4, 4.2, 4.6, 4.6, 4.8)),
        3: Wave(6, 6, 0, 0, (4.5, 4.2, 4.8, 4.7, 4.8)),
    },
}  # fmt: skip
# Low answers that nobody has called about yet; every other one was followed up the next day.
STILL_TO_CALL = {"Pavel Novotny", "Tone Bakke", "Odd Berge", "Gareth Pell", "Pat Lowe"}
# Who has answered wave 4 at Montevarra so far.
SO_FAR: tuple[tuple[str, dict[str, Value]], ...] = (
    ("Davide Conti", {"nps": 10, "contract": 4, "pricing": 4, "service": 5, "relationship": 5, "innovation": 5}),
    ("Sara Bellini", {"nps": 9, "contract": 5, "pricing": 3, "service": 5, "relationship": 5, "innovation": 4}),
    ("Nico Serra", {"nps": 9, "service": 5, "relationship": 4, "innovation": CANNOT_SAY}),
    ("Luca Bassi", {"nps": 8, "contract": 4, "service": 4, "change": "Spare parts in one box per job, please."}),
)


def build_surveys(today: date) -> None:
    """Once: an account whose waves are there is left alone."""
    template = ensure_default_template(by=None)
    for short, waves in STORY.items():
        account = Account.objects.filter(name__startswith=f"{short} ").first()
        if account is None or account.surveys.exists():
            continue
        people = people_of(account, short)
        for number, wave in waves.items():
            enter(account, template, people, number, wave, today)
    open_wave(template, today)


def people_of(account: Account, short: str) -> list[Contact]:
    """Everybody with an address, the story's people first."""
    known = set(account.contacts.values_list("full_name", flat=True))
    lead = lead_of(account)
    for name, title in MORE_PEOPLE[short]:
        if name not in known:
            add_contact(
                account=account,
                by=lead,
                full_name=name,
                email=address(name),
                job_title=title,
                level=Contact.Level.USER,
                language="de" if account.country == "Germany" else "en",
            )
    return list(account.contacts.exclude(email="").order_by("pk"))


def asked_in(people: list[Contact], wave: Wave, days_ago: int) -> list[Contact]:
    """Who was there then; those who said something first."""
    there = [
        one
        for one in people
        if one.status != Contact.Status.UNKNOWN
        and not any(one.full_name.endswith(name) and days < days_ago for name, days in CAME.items())
        and (one.status != Contact.Status.LEFT or days_ago > WAVES[3][0] or one.full_name in WENT)
    ]
    order = {name: place for place, name in enumerate(wave.said)}
    there.sort(key=lambda one: min((p for name, p in order.items() if one.full_name.endswith(name)), default=99))
    return there[: wave.asked]


def enter(
    account: Account, template: SurveyTemplate, people: list[Contact], number: int, wave: Wave, today: date
) -> Survey:
    first, last = WAVES[number]
    opened_at = datetime.combine(today - timedelta(days=first), time(8), tzinfo=UTC)
    asked = asked_in(people, wave, first)
    answers = answers_of(wave)
    told = dict(enumerate(answers))
    entries = []
    for place, contact in enumerate(asked):
        values = told.get(place)
        at = opened_at + timedelta(days=1 + place % 12, hours=place % 7)
        waits = number == max(WAVES) and any(contact.full_name.endswith(name) for name in STILL_TO_CALL)
        called_on = None if waits else at.date() + timedelta(days=1)
        entries.append(actions.PastAnswer(contact, values, at if values else None, called_on))
    return actions.enter_past_survey(
        account=account,
        template=template,
        asked_by=asker_of(account),
        opened_at=opened_at,
        closes_on=today - timedelta(days=last),
        people=entries,
        by=None,
    )


def asker_of(account: Account) -> User:
    """Who led the account when the waves were asked."""
    if account.name.startswith(FORMER_LEADS_ACCOUNT):
        former = User.objects.filter(display_name=FORMER_LEAD).first()
        if former is not None:
            return former
    lead = lead_of(account)
    if lead is None:
        raise LookupError(f"Nobody leads {account}.")
    return lead


def answers_of(wave: Wave) -> list[dict[str, Value]]:
    """Answers whose counts and means are those of the story; those who said something come first."""
    said = list(wave.said.values())
    rest = scores_of(wave)
    for score, _ in said:
        rest.remove(_near(rest, score))
    scores = [score for score, _ in said] + rest
    answers: list[dict[str, Value]] = [{"nps": score} for score in scores]
    for (_, words), answer in zip(said, answers, strict=False):
        if words:
            answer["change"] = words
    # Who recommends more, agrees more.
    by_score = sorted(range(len(scores)), key=lambda place: -scores[place])
    for key, mean in zip(DRIVERS, wave.means, strict=False):
        for place, value in zip(by_score, driver_values(len(scores), mean), strict=True):
            answers[place][key] = value
    return answers


def scores_of(wave: Wave) -> list[int]:
    return (
        [9 + (place + 1) % 2 for place in range(wave.promoters)]
        + [8 - place % 2 for place in range(wave.passives)]
        + [6 - place % 3 for place in range(wave.detractors)]
    )


def _near(scores: list[int], wanted: int) -> int:
    """A score of the same group as `wanted`: promoter, passive or detractor."""

    def group(score: int) -> int:
        return (score >= 9) - (score <= 6)

    return next(score for score in scores if group(score) == group(wanted))


def driver_values(count: int, mean: float) -> list[Value]:
    """`count` answers, highest first, whose mean reads as `mean`; where no split does, somebody cannot say."""
    for counted in range(count, 0, -1):
        total = round(mean * counted)
        if round(total / counted, 1) == mean:
            low, higher = divmod(total, counted)
            return [low + 1] * higher + [low] * (counted - higher) + [CANNOT_SAY] * (count - counted)
    raise ValueError(f"{count} answers cannot have a mean of {mean}.")


def open_wave(template: SurveyTemplate, today: date) -> None:
    """Wave 4 at Montevarra: sent through the client wall, so that its links in the mailbox work."""
    account = Account.objects.filter(name__startswith="Montevarra ").first()
    if account is None or account.surveys.exclude(status=Survey.Status.CLOSED).exists():
        return
    if not Organisation.objects.current().ready_for_clients:
        return
    opened_at = datetime.combine(today - timedelta(days=OPEN_SINCE), time(8), tzinfo=UTC)
    lead = lead_of(account)
    here = [one for one in people_of(account, "Montevarra") if one.status == Contact.Status.ACTIVE]
    survey = actions.create_survey(
        account=account,
        template=template,
        contacts=here[:12],
        closes_on=today + timedelta(days=OPEN_UNTIL),
        review_on=today + timedelta(days=NEXT_REVIEW),
        by=lead,
        today=opened_at.date(),
    )
    actions.send_survey(survey=survey, account=account, by=lead, at=opened_at)
    for days, (name, values) in enumerate(SO_FAR):
        invitation = Invitation.objects.filter(survey=survey, contact__full_name__endswith=name).first()
        if invitation is not None:
            actions.record_answer(
                invitation=invitation,
                account=account,
                values=values,
                received_at=opened_at + timedelta(days=days, hours=3 * days + 2),
                by=None,
            )
