"""Writing over a row only if nobody was there before."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import F, Model

from sam.core.errors import ActionRefused, Stale

M = TypeVar("M", bound=Model)


def write(row: M, *, seen: int, **fields: Any) -> M:
    """Store `fields` on `row` when `seen` is still its stored revision; nothing is written when nothing differs.

    Raises Stale with the stored row when somebody else was first, ActionRefused when the row is gone.
    """
    stored = type(row)._default_manager
    if not stored.filter(pk=row.pk, revision=seen).exists():
        current = stored.filter(pk=row.pk).first()
        if current is None:
            raise ActionRefused("Somebody else deleted this meanwhile.", code="gone")
        raise Stale(current)
    row.refresh_from_db()
    fields = {name: value for name, value in fields.items() if getattr(row, name) != value}
    if fields and not stored.filter(pk=row.pk, revision=seen).update(**fields, revision=F("revision") + 1):
        raise Stale(stored.get(pk=row.pk))
    row.refresh_from_db()
    return row
