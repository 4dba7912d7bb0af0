"""Agendas of reviews: those for first start, and new versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max

from reviews.domain.agenda import total_minutes
from reviews.models import AgendaTemplate, ReviewKind
from reviews.models.agenda_template import read_agenda
from sam.core.audit import action
from sam.core.errors import FieldErrors
from sam.core.models import User

Items = tuple[tuple[str, int, str], ...]

QUARTERLY: Items = (
    ("Since last time: what each side promised and did", 5, "lead"),
    ("Your business: what changed, what is coming", 10, "client"),
    ("Results against the agreed measures", 10, "client and finance lead"),
    ("What you told us: drivers, words, what we changed", 10, "lead"),
    ("One topic in depth", 10, "expert"),
    ("Decisions we ask of each other", 10, "both"),
    ("Next 90 days; going well, improve, change; date of the next review", 5, "both"),
)
ANNUAL: Items = (
    ("Opening by the executives", 10, "both"),
    ("Market and strategy of both companies", 25, "both"),
    ("The year's results and value", 20, "client and finance lead"),
    ("Drivers and relationship", 15, "lead"),
    # 25 where 30 were suggested: the suggestions add up to 125 minutes for a meeting of 120.
    ("Next year's goals and measures", 25, "both"),
    ("Decisions, and the plan acknowledged", 15, "both"),
    ("Close; date of the next review", 10, "both"),
)
INTERNAL: Items = (
    ("What changed, and why", 10, "lead"),
    ("Numbers", 10, "finance lead"),
    ("People, risks, dates", 10, "lead"),
    ("Plan: what we stop, start, ask for", 10, "lead"),
    ("Decisions", 5, "sponsor"),
)
DEFAULTS: Mapping[str, tuple[int, Items]] = {
    ReviewKind.QUARTERLY: (60, QUARTERLY),
    ReviewKind.ANNUAL: (120, ANNUAL),
    ReviewKind.INTERNAL: (45, INTERNAL),
}


def prepare_default_agendas() -> str:
    """The step of `prepare`: a review can be scheduled on the first day."""
    made = ensure_default_agendas(by=None)
    return f"{len(made)} agendas are in use"


@action("loaded the default agendas")
def ensure_default_agendas(*, by: User | None) -> list[AgendaTemplate]:
    """The live agenda of each kind; version 1 is made where there is none. Running it again changes nothing."""
    return [agenda_for(kind, by=by) for kind in DEFAULTS]


def agenda_for(kind: str, *, by: User | None) -> AgendaTemplate:
    """The agenda in use for a kind of review, from the defaults where nobody has set one."""
    live = AgendaTemplate.objects.live().filter(kind=kind).first()
    if live is not None:
        return live
    minutes, items = DEFAULTS[kind]
    listed = [{"title": title, "minutes": length, "who": who} for title, length, who in items]
    return publish_agenda(kind=kind, minutes=minutes, items=listed, by=by)


@action("put an agenda into use")
def publish_agenda(*, kind: str, minutes: int, items: Sequence[Mapping[str, Any]], by: User | None) -> AgendaTemplate:
    """The next version of a kind's agenda, in use from now on; reviews planned before keep theirs.

    Raises FieldErrors for items that are no agenda or take longer than the meeting.
    """
    listed = [dict(item) for item in items]
    try:
        agenda = read_agenda(listed)
    except (ValueError, KeyError) as problem:
        raise FieldErrors({"items": str(problem)}) from problem
    if total_minutes(agenda) > minutes:
        raise FieldErrors({"items": f"The items take {total_minutes(agenda)} of {minutes} minutes."})
    newest = AgendaTemplate.objects.filter(kind=kind).aggregate(newest=Max("version"))["newest"] or 0
    AgendaTemplate.objects.live().filter(kind=kind).update(state=AgendaTemplate.State.RETIRED)
    return AgendaTemplate.objects.create(kind=kind, version=newest + 1, minutes=minutes, items=listed)
