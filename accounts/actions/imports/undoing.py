"""Taking an import back: rows nobody has edited since return to what they were, the others stay and are listed."""

from __future__ import annotations

from django.db import connection

from accounts.actions.imports.dependents import PARTS, is_derived, made_by, references, refuse_while_needed
from accounts.actions.imports.merging import TARGETS, lock_imports, refresh_costs, refuse_circles, write_back
from accounts.domain.import_fields import ImportKind
from accounts.models import ImportBatch, StagedRow

KEPT = """
    UPDATE accounts_stagedrow s SET kept = true FROM {table} t
    WHERE s.batch_id = %s AND t.id = s.target_id
      AND ((s.verdict = 'new' AND t.revision <> 1) OR (s.verdict = 'changed' AND t.revision <> s.seen_revision + 1))
"""


def undo(batch: ImportBatch) -> int:
    """How many rows stay because somebody edited them since. Raises ActionRefused while other rows depend.

    To be called in the transaction that stands for the whole undo, in the person's name.
    """
    lock_imports()
    refuse_while_needed(batch)
    target = TARGETS[batch.kind]
    with connection.cursor() as cursor:
        cursor.execute(KEPT.format(table=target.table), [batch.pk])
    write_back(batch, target, "before", after=1)
    _delete_made(batch)
    regrouped = StagedRow.objects.filter(batch=batch, verdict="changed", before__has_key="parent_id")
    if batch.kind == ImportKind.ACCOUNTS and regrouped.exists():
        refuse_circles()
    refresh_costs(batch)
    return StagedRow.objects.filter(batch=batch, kept=True).count()


def _delete_made(batch: ImportBatch) -> None:
    going = list(made_by(batch).values_list("pk", flat=True))
    if not going:
        return
    model = made_by(batch).model
    for field in references(model):
        if field.model in PARTS[batch.kind]:
            _delete(field.model._meta.db_table, field.column, going)
        elif is_derived(field.model):
            field.model._default_manager.filter(**{f"{field.name}__in": made_by(batch).values("pk")}).delete()
    _delete(model._meta.db_table, "id", going)


def _delete(table: str, column: str, ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {column} = ANY(%s)", [ids])  # noqa: S608 - names of our own tables
