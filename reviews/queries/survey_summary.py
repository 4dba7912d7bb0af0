"""What the client gets back from a survey: counts and means of enough people, never a person's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Account
from reviews.domain.nps import FEWEST_ANSWERS, driver_mean
from reviews.domain.survey import ItemKind
from reviews.models import Answer, Survey
from reviews.queries.surveys import SurveyLine, account_lines
from sam.values.results import value_of


@dataclass(frozen=True, slots=True)
class DriverLine:
    """One statement's mean, 1 to 5, now and in the wave before; None where too few answered."""

    label: str
    now: Decimal | None
    before: Decimal | None


@dataclass(frozen=True, slots=True)
class SurveySummary:
    """`score`, `low` and `high` in points, −100 to 100, always together with n (`answered`)."""

    asked_on: date
    asked: int
    answered: int
    promoters: int
    passives: int
    detractors: int
    score: float
    low: float
    high: float
    before_on: date | None
    before_score: float | None
    before_answered: int
    drivers: tuple[DriverLine, ...]


def survey_summary(account: Account, today: date) -> SurveySummary | None:
    """The newest wave with enough answers; None without one: the mean of two people would tell both of them apart."""
    waves = [
        line
        for line in account_lines(account, newest=8)
        if line.nps.n >= FEWEST_ANSWERS and line.survey.opened_on and line.survey.opened_on <= today
    ]
    if not waves:
        return None
    return _summary(waves[0], waves[1] if len(waves) > 1 else None)


def _summary(wave: SurveyLine, before: SurveyLine | None) -> SurveySummary | None:
    nps, interval = wave.nps, wave.nps.interval
    if nps.score is None or interval is None or wave.survey.opened_on is None:
        return None
    earlier = _driver_means(before.survey) if before else {}
    return SurveySummary(
        asked_on=wave.survey.opened_on,
        asked=wave.sent,
        answered=wave.answered,
        promoters=nps.promoters,
        passives=nps.passives,
        detractors=nps.detractors,
        score=nps.score,
        low=interval.low,
        high=interval.high,
        before_on=before.survey.opened_on if before else None,
        before_score=before.nps.score if before else None,
        before_answered=before.nps.n if before else 0,
        drivers=tuple(
            DriverLine(label, mean, earlier.get(label)) for label, mean in _driver_means(wave.survey).items()
        ),
    )


def _driver_means(survey: Survey) -> dict[str, Decimal | None]:
    """Mean per statement in the order of the questions; None where fewer answered than a mean needs."""
    values = list(Answer.objects.filter(invitation__survey=survey).values_list("values", flat=True))
    return {
        item.named("en"): value_of(
            driver_mean([value[item.key] if isinstance(value.get(item.key), int) else None for value in values])
        )
        for item in survey.template.questions
        if item.kind == ItemKind.DRIVER
    }
