"""How surveys went: counts, NPS with its interval, statements with their means, words; each with its n."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q

from accounts.models import Account, TeamSeat
from reviews.domain.nps import FEWEST_ANSWERS, Nps, ResponseRate, count_answers, driver_mean, response_rate
from reviews.domain.survey import AGREEMENT, CANNOT_SAY, Item, ItemKind, low_items, read_items
from reviews.models import Answer, Invitation, Survey
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User
from sam.core.statements import ask
from sam.values.results import Missing, value_of


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """One statement: how many said what, and the mean (1 to 5, unrounded) once enough have answered."""

    key: str
    label: str
    text: str
    n: int
    cannot_say: int
    counts: dict[int, int]
    mean: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote; `who` is empty where names are not shown."""

    who: str
    text: str
    said_on: datetime


@dataclass(frozen=True, slots=True)
class LowAnswer:
    """An answer that asks for a call, and whether the call was made."""

    answer: Answer
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class SurveyResults:
    """Everything the results page and the API tell about one survey."""

    survey: Survey
    sent: int
    answered: int
    nps: Nps
    rate: ResponseRate
    questions: tuple[QuestionResult, ...]
    words: tuple[Words, ...]
    low: tuple[LowAnswer, ...]
    names_shown: bool

    @property
    def fewest(self) -> int:
        return FEWEST_ANSWERS

    @property
    def few(self) -> bool:
        """Whether a statement has too few answers for a mean."""
        return any(question.mean is None for question in self.questions)

    @property
    def low_open(self) -> int:
        return sum(low.answer.followed_up_on is None for low in self.low)


def may_read_names(survey: Survey, user: User) -> bool:
    """Names stand beside answers for those whom the survey named as readers: the team, and who runs the programme."""
    return survey.named and (
        bool(survey.account.accesses_of(user)) or can(user, Permission.SURVEY_SEND, on=survey.account)
    )


def results(survey: Survey, user: User) -> SurveyResults:
    """Three queries, whatever the number of answers."""
    invitations = list(
        survey.invitations.sent().select_related("contact", "answer__followed_up_by").order_by("contact__full_name")
    )
    answered = [one for one in invitations if hasattr(one, "answer")]
    questions = survey.template.questions
    names = may_read_names(survey, user)
    return SurveyResults(
        survey=survey,
        sent=len(invitations),
        answered=len(answered),
        nps=_nps(questions, [one.answer for one in answered]),
        rate=response_rate(len(invitations), len(answered)),
        questions=_drivers(questions, [one.answer for one in answered]),
        words=tuple(_words(questions, answered, names)),
        low=tuple(_low(questions, answered, names)),
        names_shown=names,
    )


def _number(answer: Answer, item: Item) -> int | None:
    value = answer.values.get(item.key)
    return value if isinstance(value, int) else None


def _nps(questions: Iterable[Item], answers: Iterable[Answer]) -> Nps:
    item = next(item for item in questions if item.kind == ItemKind.NPS)
    return count_answers(_number(answer, item) for answer in answers)


def _drivers(questions: Iterable[Item], answers: list[Answer]) -> tuple[QuestionResult, ...]:
    return tuple(_question(item, answers) for item in questions if item.kind == ItemKind.DRIVER)


def _question(item: Item, answers: list[Answer]) -> QuestionResult:
    numbers = [number for answer in answers if (number := _number(answer, item)) is not None]
    counted = Counter(numbers)
    mean = driver_mean(numbers)
    return QuestionResult(
        key=item.key,
        label=item.named("en"),
        text=item.worded("en"),
        n=len(numbers),
        cannot_say=sum(answer.values.get(item.key) == CANNOT_SAY for answer in answers),
        counts={step: counted[step] for step in AGREEMENT},
        mean=value_of(mean),
        reason=mean.reason if isinstance(mean, Missing) else "",
    )


def _words(questions: Iterable[Item], answered: Iterable[Invitation], names: bool) -> Iterable[Words]:
    for item in questions:
        if item.kind != ItemKind.OPEN:
            continue
        for one in answered:
            text = one.answer.values.get(item.key)
            if isinstance(text, str) and text:
                yield Words(one.contact.full_name if names else "", text, one.answer.received_at)


def _low(questions: tuple[Item, ...], answered: Iterable[Invitation], names: bool) -> Iterable[LowAnswer]:
    for one in answered:
        if one.answer.is_low:
            low = low_items(questions, one.answer.values)
            what = ", ".join(f"{item.named('en')} {one.answer.values[item.key]}" for item in low)
            yield LowAnswer(one.answer, one.contact.full_name if names else "Somebody", what)


@dataclass(frozen=True, slots=True)
class SurveyLine:
    """A survey in a list."""

    survey: Survey
    sent: int
    answered: int
    nps: Nps
    drivers: tuple[QuestionResult, ...]
    to_call: int

    @property
    def rate(self) -> float | None:
        return self.answered / self.sent if self.sent else None


def survey_lines(surveys: Iterable[Survey]) -> list[SurveyLine]:
    """Lines for a page of surveys. Two queries more, whatever their number."""
    listed = list(surveys)
    answers: dict[int, list[Answer]] = {survey.pk: [] for survey in listed}
    for answer in Answer.objects.filter(invitation__survey__in=listed).select_related("invitation"):
        answers[answer.invitation.survey_id].append(answer)
    sent = dict(
        Invitation.objects.filter(survey__in=listed)
        .values_list("survey")
        .annotate(sent=Count("pk", filter=Q(sent_at__isnull=False)))
    )
    return [
        SurveyLine(
            survey=survey,
            sent=sent.get(survey.pk, 0),
            answered=len(answers[survey.pk]),
            nps=_nps(survey.template.questions, answers[survey.pk]),
            drivers=_drivers(survey.template.questions, answers[survey.pk]),
            to_call=sum(answer.is_low and answer.followed_up_on is None for answer in answers[survey.pk]),
        )
        for survey in listed
    ]


def account_lines(account: Account, newest: int | None = None) -> list[SurveyLine]:
    """The account's surveys, newest first."""
    surveys = account.surveys.select_related("template", "asked_by", "account").order_by("-opened_on", "-pk")
    return survey_lines(surveys[:newest] if newest else surveys)


def latest_with_answers(account: Account) -> SurveyLine | None:
    """The newest wave somebody answered."""
    survey = (
        account.surveys.asked()
        .filter(invitations__answer__isnull=False)
        .select_related("template", "asked_by", "account")
        .order_by("-opened_on", "-pk")
        .first()
    )
    return survey_lines([survey])[0] if survey else None


def latest_nps(account: Account) -> Nps | None:
    """How the newest wave that somebody answered went; one query."""
    for items, answers in ask(LATEST_ANSWERS, [account.pk]):
        key = next(item.key for item in read_items(json.loads(items)) if item.kind == ItemKind.NPS)
        given = (values.get(key) for values in json.loads(answers))
        return count_answers(value if isinstance(value, int) else None for value in given)
    return None


LATEST_ANSWERS = """
    SELECT t.items::text, jsonb_agg(a.values)::text
    FROM reviews_survey s
    JOIN reviews_surveytemplate t ON t.id = s.template_id
    JOIN reviews_invitation i ON i.survey_id = s.id
    JOIN reviews_answer a ON a.invitation_id = i.id
    WHERE s.account_id = %s AND s.status <> 'draft'
    GROUP BY s.id, t.id ORDER BY s.opened_on DESC, s.id DESC LIMIT 1
"""


def answers_to_call(user: User) -> list[tuple[Answer, Survey]]:
    """Low answers without a call on accounts that `user` leads, oldest first."""
    seats = user.seats.open().filter(access="lead").exclude(role=TeamSeat.Role.DEPUTY)
    led = seats.values("account_id")
    rows = (
        Answer.objects.filter(invitation__survey__account__in=led, is_low=True, followed_up_on=None)
        .select_related("invitation__contact", "invitation__survey__account", "invitation__survey__template")
        .order_by("received_at")[:20]
    )
    return [(answer, answer.invitation.survey) for answer in rows]


def people_of(survey: Survey) -> list[Invitation]:
    """Everybody on the list of a survey, by name."""
    return list(survey.invitations.select_related("contact").order_by("contact__full_name"))
