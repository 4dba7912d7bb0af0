"""What people do with an import: send a file, choose its columns, start it, undo it. The work itself is a job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from accounts.actions.imports.dependents import refuse_while_needed
from accounts.domain.import_cells import ReadingOptions
from accounts.domain.import_fields import ImportKind, MappingError, check_mapping
from accounts.models import ImportBatch
from accounts.models.imports import KEPT_DAYS, may_import
from sam.core.actions.jobs import enqueue
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.files import StoredFile
from sam.core.models import Organisation, User
from sam.values.periods import FiscalYear
from sam.values.texts import TextError, clean_text

READ, CHECK, COMMIT, UNDO = "import_read", "import_check", "import_commit", "import_undo"
Status = ImportBatch.Status


@action("started an import")
def start_import(
    *,
    by: User,
    kind: str,
    stored: StoredFile,
    filename: str,
    source: str = "import",
    mapping: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    as_of: date | None = None,
    control_total: Decimal | None = None,
    check_at_once: bool = False,
) -> ImportBatch:
    """Take a stored file in. Its columns are confirmed next, or with `check_at_once` the dry run starts right away.

    Raises FieldErrors for a mapping or source that cannot be, PermissionDenied for a kind that `by` may not import.
    """
    if kind not in list(ImportKind):
        raise FieldErrors({"kind": f"Choose one of: {', '.join(ImportKind)}."})
    if not may_import(by, kind):
        raise PermissionDenied("Your role does not import this kind of data.")
    batch = ImportBatch.objects.create(
        kind=kind,
        source=_source(source),
        filename=_filename(filename),
        stored=stored.name,
        sha256=stored.sha256,
        size=stored.size,
        mapping=_checked_mapping(mapping, kind),
        options=_checked_options(options or {}),
        as_of=as_of,
        control_total=control_total,
        check_at_once=check_at_once,
        created_by=by,
    )
    return _hand_over(batch, CHECK if check_at_once else READ, by)


@action("chose the columns of an import")
def choose_columns(
    *, batch: ImportBatch, mapping: Mapping[str, str], options: Mapping[str, Any], by: User
) -> ImportBatch:
    """Confirm which column is which field and start the dry run. Raises FieldErrors, ActionRefused when too late."""
    _require_right(batch, by)
    try:
        check_mapping(mapping, ImportKind(batch.kind), batch.columns)
    except MappingError as problem:
        raise FieldErrors({"": str(problem)}) from problem
    states = [Status.MAPPING, Status.CHECKED, Status.FAILED]
    _move(batch, states, Status.QUEUED, mapping=dict(mapping), options=_checked_options(options))
    return _hand_over(batch, CHECK, by)


@action("checked an import again")
def check_again(*, batch: ImportBatch, by: User) -> ImportBatch:
    """A new dry run with the same columns, because something changed since the last one."""
    _require_right(batch, by)
    _move(batch, [Status.CHECKED, Status.FAILED], Status.QUEUED)
    return _hand_over(batch, CHECK, by)


@action("committed an import")
def commit_import(*, batch: ImportBatch, by: User) -> ImportBatch:
    """Write the accepted rows, all of them or none. Of two that ask at once, one gets ActionRefused."""
    _require_right(batch, by)
    _move(batch, [Status.CHECKED], Status.IMPORTING)
    return _hand_over(batch, COMMIT, by)


@action("undid an import")
def undo_import(*, batch: ImportBatch, by: User) -> ImportBatch:
    """Take the import back. Raises ActionRefused in words while other rows depend on what it made."""
    _require_right(batch, by)
    _move(batch, [Status.DONE], Status.UNDOING)
    refuse_while_needed(batch)
    return _hand_over(batch, UNDO, by)


def reading_options(batch: ImportBatch) -> ReadingOptions:
    """How to read the batch's numbers, dates and years."""
    start = Organisation.objects.current().fiscal_year_start if batch.options.get("fiscal") else 1
    return ReadingOptions(
        decimal="," if batch.options.get("decimal") == "," else ".",
        date_order="mdy" if batch.options.get("date_order") == "mdy" else "dmy",
        fiscal_year=FiscalYear(start),
    )


def header_digest(columns: Sequence[str]) -> str:
    """The same for files with the same column names in the same order."""
    return hashlib.sha256(json.dumps(list(columns)).encode()).hexdigest()


def _require_right(batch: ImportBatch, by: User) -> None:
    if not may_import(by, batch.kind):
        raise PermissionDenied("Your role does not import this kind of data.")


def _move(batch: ImportBatch, states: Sequence[str], to: str, **fields: Any) -> None:
    """Change the state if nobody else did: the row itself decides who was first."""
    cleared = {"problem": "", "problem_code": "", "problem_row": None, "problem_column": ""}
    there = ImportBatch.objects.filter(pk=batch.pk, status__in=states, removed_at=None)
    updated = there.update(status=to, **cleared, **fields)
    batch.refresh_from_db()
    if batch.removed_at is not None:
        raise ActionRefused(_removed(to), code="rows_removed")
    if not updated:
        raise ActionRefused(_too_late(batch, to), code="wrong_state")


def _removed(to: str) -> str:
    if to == Status.UNDOING:
        return (
            f"The rows of this import were removed {KEPT_DAYS} days after it, and undoing needs them."
            " Correct the data by another import or by hand."
        )
    return f"The file was removed after {KEPT_DAYS} days. Send it again."


def _too_late(batch: ImportBatch, to: str) -> str:
    now = batch.get_status_display().lower()
    if to == Status.IMPORTING and batch.status in {Status.IMPORTING, Status.DONE}:
        return "Somebody has started this import already."
    if to == Status.UNDOING:
        return f"Only a finished import can be undone; this one is {now}."
    if to == Status.IMPORTING:
        return f"Only a checked file can be imported; this one is {now}."
    return f"This cannot be done while the import is {now}."


def _hand_over(batch: ImportBatch, kind: str, by: User) -> ImportBatch:
    batch.job = enqueue(kind, {"batch": batch.pk}, by=by)
    ImportBatch.objects.filter(pk=batch.pk).update(job=batch.job)
    return batch


def _source(text: str) -> str:
    try:
        return clean_text(text, 40) or "import"
    except TextError as problem:
        raise FieldErrors({"source": str(problem)}) from problem


def _filename(text: str) -> str:
    try:
        return clean_text(text.replace("\\", "/").rsplit("/", 1)[-1])[-200:] or "file"
    except TextError:
        return "file"


def _checked_mapping(mapping: Mapping[str, str] | None, kind: str) -> dict[str, str] | None:
    if mapping is None:
        return None
    if not all(isinstance(name, str) for name in mapping.values()):
        raise FieldErrors({"mapping": "Give an object of column names and field names."})
    try:
        check_mapping(mapping, ImportKind(kind))
    except MappingError as problem:
        raise FieldErrors({"mapping": str(problem)}) from problem
    return dict(mapping)


def _checked_options(options: Mapping[str, Any]) -> dict[str, Any]:
    allowed: dict[str, set[str | bool]] = {
        "decimal": {".", ","},
        "date_order": {"dmy", "mdy"},
        "fiscal": {True, False},
    }
    for name, value in options.items():
        if name not in allowed or not isinstance(value, str | bool) or value not in allowed[name]:
            raise FieldErrors({"options": f"“{name}” cannot be {value!r}."})
    return dict(options)


def mark_failed(batch_id: int, job_id: int, code: str, problem: str, **place: Any) -> None:
    """Tell on the batch what went wrong, unless another job has taken over since."""
    ImportBatch.objects.filter(Q(job_id=job_id) | Q(job=None), pk=batch_id).update(
        status=Status.FAILED, problem_code=code, problem=problem, **place
    )
