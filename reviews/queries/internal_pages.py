"""The pages that only the internal edition has: numbers, score, people, words, risks. Nothing here is for clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import isnan

from django.db.models import Count, Max, Q

from accounts.domain.cadence import Cadence, CadenceState, cadence
from accounts.domain.team import SPONSOR_BEATS, contact_beat
from accounts.models import Account, Contact, SponsorTerm, TeamSeat
from planning.domain.template import PLAN_TEMPLATE
from planning.models import PlanAction
from reviews.domain.pages import pages_shown
from reviews.models import Review
from reviews.queries.account_numbers import AccountNumbers, account_numbers
from reviews.queries.shared_plan import ActionLine, Part, action_lines, plan_of
from reviews.queries.surveys import LowAnswer, Words, latest_with_answers, results
from sam.core.charts import HeatCell, HeatMap
from sam.core.models import User
from scoring.domain.criterion import Kind
from scoring.domain.criterion import score as score_of
from scoring.domain.points import to_decimal
from scoring.models import AccountScore
from scoring.queries.rules import rules_of

TOUCH_DAYS = 90
MOST_WORDS = 12
PRIVATE_SECTIONS = tuple(section.key for section in PLAN_TEMPLATE if not section.shared)


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """`value`: what it was scored from; `points`: 0 to 100, None where not scored here."""

    name: str
    half: str
    weight: Decimal
    value: float | None
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class ScorePage:
    """Points 0 to 100, None where not scored; coverage as fractions."""

    current: Decimal | None
    potential: Decimal | None
    overall: Decimal | None
    current_coverage: Decimal
    potential_coverage: Decimal
    decided: str
    proposed: str
    version: str
    criteria: tuple[CriterionLine, ...]


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A client person: who of us keeps the contact, and when somebody last did. No opinion about anybody."""

    name: str
    job_title: str
    function: str
    level: str
    keeper: str
    last_on: date | None
    days: int | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class SeatLine:
    name: str
    role: str
    allocation: int


@dataclass(frozen=True, slots=True)
class PairLine:
    """A sponsor, the peer at the client, and where their rhythm stands."""

    sponsor: str
    peer: str
    beat: Cadence


@dataclass(frozen=True, slots=True)
class PeoplePage:
    heat: HeatMap | None
    people: tuple[PersonLine, ...]
    team: tuple[SeatLine, ...]
    pairs: tuple[PairLine, ...]

    @property
    def without_keeper(self) -> int:
        return sum(not person.keeper for person in self.people)

    @property
    def overdue(self) -> int:
        return sum(person.overdue for person in self.people)


@dataclass(frozen=True, slots=True)
class WordsPage:
    asked_on: date | None
    words: tuple[Words, ...]
    low: tuple[LowAnswer, ...]


@dataclass(frozen=True, slots=True)
class RisksPage:
    strategy: str
    parts: tuple[Part, ...]
    late: tuple[ActionLine, ...]
    ours_open: tuple[ActionLine, ...]


@dataclass(frozen=True, slots=True)
class InternalPages:
    """Everything the internal edition adds to the client's pages."""

    numbers: AccountNumbers
    score: ScorePage | None
    people: PeoplePage
    words: WordsPage
    risks: RisksPage
    pages: tuple[str, ...]


def internal_pages(review: Review, reader: User, today: date) -> InternalPages:
    """`reader`: who asked for the pack; names beside answers are those this person may read."""
    account = review.account
    return InternalPages(
        numbers=account_numbers(account, today),
        score=score_page(account),
        people=people_page(account, today),
        words=_words(account, reader),
        risks=_risks(review, today),
        pages=tuple(page.key for page in pages_shown(review.pages_left_out, internal=True) if page.internal),
    )


def score_page(account: Account) -> ScorePage | None:
    """The score as it was last computed; None where the account was never scored."""
    score = AccountScore.objects.select_related("version").filter(account=account).first()
    if score is None:
        return None
    rules = rules_of(score.version)
    lines = []
    for position, criterion in enumerate(rules.criteria):
        raw = score.values[position] if position < len(score.values) else None
        value = None if raw is None or isnan(raw) else raw
        rule = rules.scorecard.criteria[position]
        # A percentile needs the whole portfolio; the sum of it all stands above.
        own = value is not None and rule.kind is not Kind.PERCENTILE
        lines.append(
            CriterionLine(
                name=criterion.name,
                half=criterion.get_half_display(),
                weight=criterion.weight,
                value=value,
                points=to_decimal(score_of(rule, value)) if own and value is not None else None,
            )
        )
    return ScorePage(
        current=score.current_points,
        potential=score.potential_points,
        overall=score.overall_points,
        current_coverage=score.current_coverage,
        potential_coverage=score.potential_coverage,
        decided=account.get_tier_display(),
        proposed=score.proposed_label,
        version=str(score.version),
        criteria=tuple(lines),
    )


def people_page(account: Account, today: date) -> PeoplePage:
    seats = account.seats.open().select_related("user")
    return PeoplePage(
        heat=_heat(account, today),
        people=tuple(_people(account, today)),
        team=tuple(
            SeatLine(seat.user.display_name, str(TeamSeat.Role(seat.role).label), seat.allocation) for seat in seats
        ),
        pairs=tuple(_pairs(account, today)),
    )


def _people(account: Account, today: date) -> list[PersonLine]:
    every = contact_beat(account.tier)
    touched = Max("touchpoints__date", filter=Q(touchpoints__date__lte=today))
    lines = []
    for contact in account.contacts.here().select_related("covered_by").annotate(last=touched).order_by("full_name"):
        last: date | None = contact.last  # type: ignore[attr-defined]
        beat = cadence(last, account.created_at.date(), every, today) if every else None
        senior = contact.level in (Contact.Level.BOARD, Contact.Level.VP)
        lines.append(
            PersonLine(
                name=contact.full_name,
                job_title=contact.job_title,
                function=contact.get_function_display(),
                level=contact.get_level_display(),
                keeper=contact.covered_by.display_name if contact.covered_by else "",
                last_on=last,
                days=(today - last).days if last else None,
                overdue=senior and beat is not None and beat.state == CadenceState.OVERDUE,
            )
        )
    order = [level for level, _ in Contact.Level.choices]
    labels = {str(label): order.index(level) for level, label in Contact.Level.choices}
    return sorted(lines, key=lambda line: (labels.get(line.level, len(order)), line.name))


def _heat(account: Account, today: date) -> HeatMap | None:
    """Touchpoints by function and level; without links, since it is for paper."""
    since = today - timedelta(days=TOUCH_DAYS)
    recent = Q(touchpoint_links__touchpoint__date__gt=since, touchpoint_links__touchpoint__date__lte=today)
    rows = (
        account.contacts.here()
        .exclude(function="")
        .exclude(level="")
        .order_by()
        .values_list("function", "level")
        .annotate(touches=Count("touchpoint_links", filter=recent, distinct=True))
    )
    cells = {(function, level): touches for function, level, touches in rows}
    functions = [choice for choice in Contact.Function.choices if any(key[0] == choice[0] for key in cells)]
    if not functions:
        return None
    levels = Contact.Level.choices
    return HeatMap(
        rows=tuple(str(label) for _, label in functions),
        columns=tuple(str(label) for _, label in levels),
        cells=tuple(
            tuple(
                HeatCell(cells[function, level], gap=cells[function, level] == 0)
                if (function, level) in cells
                else None
                for level, _ in levels
            )
            for function, _ in functions
        ),
        title=f"Touchpoints of the last {TOUCH_DAYS} days",
    )


def _pairs(account: Account, today: date) -> list[PairLine]:
    terms = account.sponsor_terms.open().select_related("sponsor", "peer")
    return [_pair(term, today) for term in terms]


def _pair(term: SponsorTerm, today: date) -> PairLine:
    last = None
    if term.peer is not None:
        met = term.peer.touchpoints.filter(people=term.sponsor, date__lte=today)
        last = met.aggregate(last=Max("date"))["last"]
    every = term.cadence_days or SPONSOR_BEATS.get(term.account.tier, 60)
    peer = term.peer.full_name if term.peer else ""
    return PairLine(term.sponsor.display_name, peer, cadence(last, term.starts_on, every, today))


def _words(account: Account, reader: User) -> WordsPage:
    line = latest_with_answers(account)
    if line is None:
        return WordsPage(None, (), ())
    found = results(line.survey, reader)
    return WordsPage(line.survey.opened_on, found.words[:MOST_WORDS], found.low)


def _risks(review: Review, today: date) -> RisksPage:
    account = review.account
    plan = plan_of(account, review.date)
    sections = {}
    if plan is not None:
        sections = {part.key: part for part in plan.sections.filter(key__in=PRIVATE_SECTIONS).exclude(text="")}
    kept = PlanAction.objects.filter(account=account).kept().select_related("our_owner", "their_owner")
    lines = action_lines(list(kept.open().order_by("due", "pk")), today)
    private = action_lines(list(kept.open().filter(shared=False).order_by("due", "pk")), today)
    return RisksPage(
        strategy=plan.get_strategy_display() if plan else "",
        parts=tuple(
            Part(sections[key].template.title, sections[key].text) for key in PRIVATE_SECTIONS if key in sections
        ),
        late=tuple(line for line in lines if line.state == "late"),
        ours_open=private,
    )
