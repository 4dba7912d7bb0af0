"""What would lose its ground if an import were undone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import ForeignKey, Model, QuerySet
from pghistory.models import Event

from accounts.domain.import_fields import ImportKind
from accounts.models import (
    Account,
    AccountKey,
    ActivityVolume,
    Contact,
    Figure,
    FigureSplit,
    ImportBatch,
    StagedRow,
    Touchpoint,
    TouchpointContact,
    TouchpointPerson,
)
from sam.core.errors import ActionRefused
from sam.core.models import ExchangeRate

TARGETS: dict[str, type[Model]] = {
    ImportKind.ACCOUNTS: Account,
    ImportKind.FINANCIALS: Figure,
    ImportKind.CONTACTS: Contact,
    ImportKind.TOUCHPOINTS: Touchpoint,
    ImportKind.ACTIVITIES: ActivityVolume,
    ImportKind.SPLITS: FigureSplit,
    ImportKind.RATES: ExchangeRate,
}
# These rows are a part of the row that the import made, and go with it.
PARTS: dict[str, tuple[type[Model], ...]] = {
    ImportKind.ACCOUNTS: (AccountKey,),
    ImportKind.FINANCIALS: (),
    ImportKind.CONTACTS: (),
    ImportKind.TOUCHPOINTS: (TouchpointContact, TouchpointPerson),
    ImportKind.ACTIVITIES: (),
    ImportKind.SPLITS: (),
    ImportKind.RATES: (),
}


def made_by(batch: ImportBatch) -> QuerySet[Any]:
    """Rows that the import made and nobody has edited since."""
    model = TARGETS[batch.kind]
    new = StagedRow.objects.filter(batch=batch, verdict=StagedRow.Verdict.NEW)
    return model._default_manager.filter(revision=1, pk__in=new.values("target_id"))


def references(model: type[Model]) -> Iterator[ForeignKey[Any, Any]]:
    """Every foreign key that points at `model`, in this app and in those above it; the trail's own aside."""
    for relation in model._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if not relation.auto_created or relation.concrete or not isinstance(field, ForeignKey):
            continue
        if not issubclass(field.model, Event):
            yield field


def is_derived(model: type[Model]) -> bool:
    """Computed rows carry no trail: they go with what they were computed from and hold nothing back."""
    return "pgh_event_models" not in model.__dict__


def refuse_while_needed(batch: ImportBatch) -> None:
    """ActionRefused, naming what depends on rows that undo would delete."""
    going = made_by(batch)
    needed: list[str] = []
    example = ""
    for field in references(going.model):
        owner = field.model
        if owner in PARTS[batch.kind] or is_derived(owner):
            continue
        rows = owner._default_manager.filter(**{f"{field.name}__in": going.values("pk")})
        if owner is going.model:
            rows = rows.exclude(pk__in=going.values("pk"))
        number = rows.count()
        if number:
            name = owner._meta.verbose_name if number == 1 else owner._meta.verbose_name_plural
            needed.append(f"{number:,} {name}")
            example = example or str(getattr(rows.first(), field.name))
    if needed:
        what = batch.get_kind_display().lower()
        raise ActionRefused(
            f"This import cannot be undone yet: {' and '.join(needed)} depend on {what} it made, for example on "
            f"{example}. Undo or remove those first.",
            code="in_use",
        )
