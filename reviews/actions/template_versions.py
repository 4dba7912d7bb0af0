"""What versions of surveys and agendas share: one draft at a time, published once, never changed afterwards."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import F, Max
from django.utils import timezone

from reviews.models import TemplateVersion
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User

Version = TypeVar("Version", bound=TemplateVersion)
State = TemplateVersion.State
NOT_A_DRAFT = "This version is published and does not change. Make a draft of the next one."


def next_number(model: type[TemplateVersion], **of: str) -> int:
    """One above the highest number given so far, drafts included."""
    return int(model._default_manager.filter(**of).aggregate(newest=Max("version"))["newest"] or 0) + 1


def put_into_use(model: type[Version], fields: dict[str, Any], *, by: User | None, **of: str) -> Version:
    """A new version that is in use at once, made of `fields`; the one before retires."""
    model._default_manager.filter(state=State.LIVE, **of).update(state=State.RETIRED)
    return model._default_manager.create(
        version=next_number(model, **of),
        state=State.LIVE,
        published_by=by,
        published_at=timezone.now(),
        **fields,
        **of,
    )


def draft_of(source: Version, fields: tuple[str, ...], **of: str) -> Version:
    """The next version as a draft, a copy of `source`. ActionRefused when there is a draft already."""
    model = type(source)
    rows = model._default_manager.select_for_update().filter(**of)
    if any(row.is_draft for row in rows):
        raise ActionRefused("There is a draft already. Go on with that one, or discard it.", code="draft_exists")
    copied = {name: getattr(source, name) for name in fields}
    return model._default_manager.create(version=next_number(model, **of), state=State.DRAFT, **copied, **of)


def claim(version: Version, seen: int, /, **fields: Any) -> Version:
    """Write `fields` to the draft at the revision that was seen.

    ActionRefused once it is published or gone, Stale when somebody else was first.
    """
    rows = type(version)._default_manager.filter(pk=version.pk)
    changed = rows.filter(revision=seen, state=State.DRAFT).update(revision=F("revision") + 1, **fields)
    stored = rows.first()
    if stored is None:
        raise ActionRefused("Somebody has discarded this draft.", code="draft_gone")
    if changed:
        return stored
    if not stored.is_draft:
        raise ActionRefused(NOT_A_DRAFT, code="not_a_draft")
    raise Stale(stored)


def publish(version: Version, seen: int, *, note: str, by: User | None, **of: str) -> Version:
    """The draft comes into use under the next free number; the version before retires. FieldErrors without a note."""
    if not note.strip():
        raise FieldErrors({"note": "Say in a few words what changed and why."})
    model = type(version)
    highest = next_number(model, **of) - 1
    number = version.version if version.version == highest else highest + 1
    claimed = claim(version, seen)
    model._default_manager.filter(state=State.LIVE, **of).update(state=State.RETIRED)
    return claim(
        claimed,
        claimed.revision,
        state=State.LIVE,
        version=number,
        note=note.strip(),
        published_by=by,
        published_at=timezone.now(),
    )


def discard(version: TemplateVersion, seen: int) -> None:
    """Away with a draft; ActionRefused and Stale as for every write to it."""
    claim(version, seen).delete()
