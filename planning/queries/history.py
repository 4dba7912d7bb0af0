"""Earlier versions of a plan's texts, from the audit trail."""

from __future__ import annotations

from typing import Any

from planning.domain.sessions import Sitting, Version, sittings
from planning.models import PlanSection
from sam.core.models import User

MOST_VERSIONS = 500


def text_at(section: PlanSection, revision: int) -> str | None:
    """The text as it was at `revision`; None for one that never was."""
    return _events(section).filter(revision=revision).values_list("text", flat=True).first()  # type: ignore[no-any-return]


def editors_since(section: PlanSection, revision: int) -> tuple[User, ...]:
    """Who wrote versions after `revision`, the last one first."""
    ids = _events(section).filter(revision__gt=revision).order_by("-pgh_id").values_list("edited_by_id", flat=True)
    ordered = list(dict.fromkeys(pk for pk in ids if pk))
    people = User.objects.in_bulk(ordered)
    return tuple(people[pk] for pk in ordered if pk in people)


def history(section: PlanSection) -> list[Sitting]:
    """Who wrote what and when, the newest first; autosaves of one sitting are one entry. At most 500 versions back."""
    newest = _events(section).select_related("edited_by", "pgh_context").order_by("-pgh_id")[:MOST_VERSIONS]
    return sittings(_version(event) for event in reversed(newest))


def _version(event: Any) -> Version:
    known = event.pgh_context.metadata if event.pgh_context else {}
    person = str(event.edited_by or known.get("person", "unknown"))
    verb = known.get("verb", "changed the text")
    return Version(event.revision, event.text, person, verb, event.edited_at or event.pgh_created_at)


def _events(section: PlanSection) -> Any:
    return section.events.exclude(pgh_label="delete")  # type: ignore[attr-defined]
