"""The client's edition of a review pack: a type of its own, put together from shareable things only.

Whatever is not a field here has no way into a client's page, mail or file. Figures, costs, scores, opinions, names
beside answers and other accounts are not fields here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta

from reviews.domain.agenda import place
from reviews.domain.pages import pages_shown
from reviews.models import Review
from reviews.queries.shared_plan import (
    ActionLine,
    MeasureLine,
    Part,
    action_lines,
    measure_lines,
    plan_of,
    shared_actions,
    shared_parts,
)
from reviews.queries.survey_summary import SurveySummary, survey_summary
from sam.core.models import Organisation

NEXT_DAYS = 90


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """`after`: minutes from the beginning of the meeting."""

    after: int
    title: str
    minutes: int
    who: str


@dataclass(frozen=True, slots=True)
class Guest:
    name: str
    job_title: str


@dataclass(frozen=True, slots=True)
class Step:
    """Something on a day of the next 90."""

    on: date
    what: str
    who: str


@dataclass(frozen=True, slots=True)
class ClientEdition:
    """Everything the client's edition shows, field by field."""

    supplier: str
    client: str
    title: str
    quarter: str
    held_on: date
    starts_at: time | None
    minutes: int
    place: str
    ours: tuple[str, ...]
    theirs: tuple[Guest, ...]
    decisions: tuple[str, ...]
    agenda: tuple[AgendaLine, ...]
    topic: str
    since_on: date | None
    since: tuple[ActionLine, ...]
    measures: tuple[MeasureLine, ...]
    parts: tuple[Part, ...]
    survey: SurveySummary | None
    actions: tuple[ActionLine, ...]
    steps: tuple[Step, ...]
    pages: tuple[str, ...]

    @property
    def last_day(self) -> date:
        """The last of the next 90 days, counted from the review."""
        return self.held_on + timedelta(days=NEXT_DAYS)


def client_edition(review: Review, today: date) -> ClientEdition:
    """About ten queries. States of actions are as of `today`."""
    account = review.account
    before = review_before(review)
    lines = action_lines(list(shared_actions(account)), today)
    plan = plan_of(account, review.date)
    return ClientEdition(
        supplier=Organisation.objects.shown().name,
        client=account.name,
        title=review.get_kind_display(),
        quarter=review.quarter.label,
        held_on=review.date,
        starts_at=review.starts_at,
        minutes=review.minutes,
        place=review.place,
        ours=tuple(review.people.order_by("display_name").values_list("display_name", flat=True)),
        theirs=tuple(Guest(one.full_name, one.job_title) for one in review.contacts.order_by("full_name")),
        decisions=tuple(review.decisions_asked),
        agenda=tuple(
            AgendaLine(one.starts_after, one.item.title, one.item.minutes, one.item.who) for one in place(review.items)
        ),
        topic=review.topic,
        since_on=before.date if before else None,
        since=tuple(_since(lines, before.date if before else None, review.date)),
        measures=measure_lines(plan),
        parts=shared_parts(plan),
        survey=survey_summary(account, today),
        actions=tuple(line for line in lines if line.state != "done"),
        steps=tuple(_steps(review, lines)),
        pages=tuple(page.key for page in pages_shown(review.pages_left_out, internal=False)),
    )


def review_before(review: Review) -> Review | None:
    """The last review with the client before this one."""
    return review.account.reviews.with_client().held().filter(date__lt=review.date).order_by("-date", "-pk").first()


def _since(lines: Iterable[ActionLine], before: date | None, until: date) -> Iterable[ActionLine]:
    """What was due or done between the two meetings, and what is late; everything up to now at a first review."""
    for line in lines:
        fell_due = line.due < until and (before is None or line.due >= before)
        done = line.done_on is not None and (before is None or line.done_on >= before)
        if fell_due or done or line.state == "late":
            yield line


def _steps(review: Review, lines: Iterable[ActionLine]) -> Iterable[Step]:
    last = review.date + timedelta(days=NEXT_DAYS)
    found = [Step(review.date, review.get_kind_display(), "")]
    found += [
        Step(line.due, line.what, " · ".join(who for who in (line.ours, line.theirs) if who))
        for line in lines
        if line.state != "done" and review.date <= line.due <= last
    ]
    found += [
        Step(other.date, other.get_kind_display(), "")
        for other in review.account.reviews.with_client().planned().filter(date__gt=review.date, date__lte=last)
    ]
    return sorted(found, key=lambda step: (step.on, step.what))
