"""Agendas of reviews: those for first start, and new versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reviews.actions.template_versions import claim, discard, draft_of, publish, put_into_use
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
    ("Next year's goals and measures", 30, "both"),
    ("Decisions, and the plan acknowledged", 15, "both"),
    ("Close; date of the next review", 5, "both"),
)
INTERNAL: Items = (
    ("What changed, and why", 10, "lead"),
    ("Numbers with finance", 10, "finance lead"),
    ("People, risks, dates", 10, "lead"),
    ("Plan: what we stop, start, ask for", 10, "lead"),
    ("Decisions", 5, "sponsor"),
)
SPONSOR: Items = (
    ("Status", 3, "lead"),
    ("What I need from you", 7, "lead"),
    ("Your next contact and its three points", 5, "sponsor"),
)
DEFAULTS: Mapping[str, tuple[int, Items]] = {
    ReviewKind.QUARTERLY: (60, QUARTERLY),
    ReviewKind.ANNUAL: (120, ANNUAL),
    ReviewKind.INTERNAL: (45, INTERNAL),
    ReviewKind.SPONSOR: (15, SPONSOR),
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
    fields = _checked(minutes, items)
    return put_into_use(AgendaTemplate, fields, by=by, kind=kind)


def _checked(minutes: int, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of an agenda that fits its meeting; `minutes` 5 to 480. FieldErrors otherwise."""
    listed = [dict(item) for item in items]
    try:
        agenda = read_agenda(listed)
    except (ValueError, KeyError) as problem:
        raise FieldErrors({"items": str(problem)}) from problem
    if not 5 <= minutes <= 480:
        raise FieldErrors({"minutes": "A meeting takes 5 to 480 minutes."})
    if not agenda:
        raise FieldErrors({"items": "An agenda has at least one item."})
    if total_minutes(agenda) > minutes:
        raise FieldErrors({"items": f"The items take {total_minutes(agenda)} of {minutes} minutes."})
    return {"minutes": minutes, "items": listed}


@action("drafted the next agenda")
def draft_agenda(*, template: AgendaTemplate, by: User | None) -> AgendaTemplate:
    """The next version of the same kind as a copy of `template`. ActionRefused when there is a draft already."""
    return draft_of(template, ("minutes", "items"), kind=template.kind)


@action("changed the draft of an agenda")
def change_agenda_draft(
    *, template: AgendaTemplate, seen: int, minutes: int, items: Sequence[Mapping[str, Any]], by: User | None
) -> AgendaTemplate:
    """`minutes`: 5 to 480. FieldErrors for items that do not fit in; ActionRefused, Stale as for every draft."""
    return claim(template, seen, **_checked(minutes, items))


@action("put an agenda into use")
def publish_agenda_draft(*, template: AgendaTemplate, seen: int, note: str, by: User | None) -> AgendaTemplate:
    """Reviews scheduled from now on start from it; those planned before keep their own copy."""
    return publish(template, seen, note=note, by=by, kind=template.kind)


@action("discarded the draft of an agenda")
def discard_agenda_draft(*, template: AgendaTemplate, seen: int, by: User | None) -> None:
    """The version in use stays as it is."""
    discard(template, seen)
