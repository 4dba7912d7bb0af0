"""The jobs behind an import: read the columns, dry run, merge, undo. Each can be started again without harm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.actions.imports.batches import (
    CHECK,
    COMMIT,
    READ,
    UNDO,
    Status,
    header_digest,
    mark_failed,
    reading_options,
)
from accounts.actions.imports.merging import merge
from accounts.actions.imports.staging import stage
from accounts.actions.imports.undoing import undo
from accounts.domain.import_accounts import check_accounts
from accounts.domain.import_cells import Finding, Level, RowReader, likely_mark, likely_order
from accounts.domain.import_contacts import check_contacts
from accounts.domain.import_fields import KINDS, ImportKind, MappingError, Shape, check_mapping, suggest
from accounts.domain.import_financials import check_financials, revenue_total
from accounts.domain.import_numbers import check_activities, check_rates, check_splits
from accounts.domain.import_rows import Line, count
from accounts.domain.import_touchpoints import check_touchpoints
from accounts.models import ImportBatch
from accounts.queries import import_context as context
from accounts.queries import import_numbers as numbers_context
from sam.core import jobs
from sam.core.actions.messages import notify
from sam.core.audit import in_the_name_of
from sam.core.errors import ActionRefused, FileProblem
from sam.core.files import local_copy
from sam.core.models import Job, User
from sam.core.spreadsheets import Table, read_table

Rows: TypeAlias = Sequence[tuple[int, Sequence[str]]]
SAMPLED = 1_000
SHOWN = 3


def read_columns(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    """What columns the file has, and which fields they probably are."""
    batch = _taken(job, Status.CHECKING)
    if batch is None:
        return {}
    progress(10, "Reading the file")
    try:
        table = _table(batch)
    except (FileProblem, FileNotFoundError) as problem:
        return _file_failed(batch, job, problem)
    with transaction.atomic(), in_the_name_of(batch.created_by, "read an import file", batch=batch.pk):
        _describe(batch, table)
        batch.status = Status.MAPPING
        batch.save()
    return {"rows": len(table.rows)}


def check(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    """The dry run: a verdict for every row, into staging."""
    batch = _taken(job, Status.CHECKING)
    if batch is None:
        return {}
    progress(5, "Reading the file")
    try:
        table = _table(batch)
        with transaction.atomic(), in_the_name_of(batch.created_by, "checked an import", batch=batch.pk):
            _describe(batch, table)
            check_mapping(batch.mapping or {}, ImportKind(batch.kind), table.columns)
            lines = _lines(batch, table, progress)
            progress(75, "Keeping the result")
            stage(batch, lines)
            batch.counts = count(lines)
            batch.status, batch.checked_at = Status.CHECKED, timezone.now()
            batch.save()
    except (FileProblem, FileNotFoundError) as problem:
        return _file_failed(batch, job, problem)
    except MappingError as problem:
        _fail(batch, job, "columns", str(problem))
        return {}
    return dict(batch.counts)


def commit(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    """All accepted rows, or none."""
    batch = _taken(job, Status.IMPORTING)
    if batch is None:
        return {}
    progress(10, f"Writing {batch.accepted:,} rows")
    try:
        with transaction.atomic(), in_the_name_of(_person(job), f"imported {batch.kind}", batch=batch.pk):
            merge(batch)
            batch.status, batch.done_at = Status.DONE, timezone.now()
            batch.save()
            _tell(batch, job, f"Imported {batch.accepted:,} rows from {batch.filename}")
    except ActionRefused as refused:
        _fail(batch, job, refused.code, refused.message)
        return {}
    return dict(batch.counts)


def take_back(job: Job, progress: jobs.Progress) -> Mapping[str, Any]:
    """Undo. Refused while other rows depend: the import stays as it is then."""
    batch = _taken(job, Status.UNDOING)
    if batch is None:
        return {}
    progress(10, "Taking the rows back")
    try:
        with transaction.atomic(), in_the_name_of(_person(job), f"undid an import of {batch.kind}", batch=batch.pk):
            batch.kept = undo(batch)
            batch.status, batch.undone_at = Status.UNDONE, timezone.now()
            batch.save()
            _tell(batch, job, f"The import of {batch.filename} is undone")
    except ActionRefused as refused:
        with transaction.atomic(), in_the_name_of(_person(job), "could not undo an import", batch=batch.pk):
            ImportBatch.objects.filter(pk=batch.pk, job=job).update(
                status=Status.DONE, problem_code=refused.code, problem=refused.message
            )
        return {}
    return {"kept": batch.kept}


# --- reading ------------------------------------------------------------------------------------------


def _table(batch: ImportBatch) -> Table:
    with local_copy(batch.stored) as path:
        return read_table(path, batch.filename)


def _describe(batch: ImportBatch, table: Table) -> None:
    """Put on the batch what the file looks like; suggest columns and options where nobody chose them yet."""
    kind = ImportKind(batch.kind)
    batch.columns = list(table.columns)
    batch.header_digest = header_digest(table.columns)
    batch.sample = [list(row) for row in table.rows[:SHOWN]]
    batch.row_count = len(table.rows)
    batch.encoding, batch.separator, batch.sheet = table.encoding or "", table.separator or "", table.sheet or ""
    remembered = _remembered(batch)
    if batch.mapping is None:
        batch.mapping = remembered.mapping if remembered else suggest(table.columns, kind)
    options = dict(remembered.options) if remembered else {}
    options.setdefault("decimal", likely_mark(_cells(batch, table, Shape.AMOUNT)))
    options.setdefault("date_order", likely_order(_cells(batch, table, Shape.DATE)))
    batch.options = {**options, **batch.options}


def _remembered(batch: ImportBatch) -> ImportBatch | None:
    """The last import of a file with the same columns whose columns somebody confirmed on the page."""
    alike = ImportBatch.objects.filter(
        kind=batch.kind, header_digest=batch.header_digest, check_at_once=False, checked_at__isnull=False
    )
    return alike.exclude(pk=batch.pk).order_by("-pk").first()


def _cells(batch: ImportBatch, table: Table, shape: Shape) -> Iterable[str]:
    known = KINDS[ImportKind(batch.kind)]
    for column, name in (batch.mapping or {}).items():
        if column in table.columns and known.field(name).shape is shape:
            place = table.columns.index(column)
            yield from (row[place] for row in table.rows[:SAMPLED] if row[place])


# --- checking -----------------------------------------------------------------------------------------


def _lines(batch: ImportBatch, table: Table, progress: jobs.Progress) -> list[Line]:
    mapping = batch.mapping or {}
    reader = RowReader(table.columns, mapping, reading_options(batch))
    for problem in table.problems:
        if problem.column is None or problem.column in mapping:
            found = Finding(Level.ERROR, problem.column or "", problem.code, problem.message)
            reader.problems.setdefault(problem.row, []).append(found)
    rows = list(zip(table.row_numbers, table.rows, strict=True))
    progress(20, f"Comparing {len(rows):,} rows")
    lines = CHECKS[ImportKind(batch.kind)](batch, rows, reader)
    if batch.kind == ImportKind.FINANCIALS and batch.control_total is not None:
        batch.found_total = revenue_total(lines, reader, dict(rows))
    return lines


def _keys(rows: Rows, reader: RowReader, *names: str) -> set[str]:
    keys: set[str] = set()
    for _, cells in rows:
        reader.start(cells)
        keys.update(reader.line(name, 120) for name in names)
    return keys


def _accounts(batch: ImportBatch, rows: Rows, reader: RowReader) -> list[Line]:
    keys = _keys(rows, reader, "external_id", "parent_external_id")
    known = context.for_accounts(batch, keys, groups=reader.has("parent_external_id"))
    return check_accounts(rows, reader, known, lambda number: context.new_ids(batch.kind, number))


def _financials(batch: ImportBatch, rows: Rows, reader: RowReader) -> list[Line]:
    known = context.for_financials(batch, _keys(rows, reader, "account_external_id"), timezone.localdate())
    return check_financials(rows, reader, known, lambda number: context.new_ids(batch.kind, number))


def _contacts(batch: ImportBatch, rows: Rows, reader: RowReader) -> list[Line]:
    known = context.for_contacts(batch, _keys(rows, reader, "account_external_id"))
    return check_contacts(rows, reader, known, lambda number: context.new_ids(batch.kind, number))


def _touchpoints(batch: ImportBatch, rows: Rows, reader: RowReader) -> list[Line]:
    known = context.for_touchpoints(batch, _keys(rows, reader, "account_external_id"), timezone.localdate())
    return check_touchpoints(rows, reader, known, lambda number: context.new_ids(batch.kind, number))


def _activities(batch: ImportBatch, rows: Rows, reader: RowReader) -> list[Line]:
    known = numbers_context.for_activities(batch, _keys(rows, reader, "account_external_id"))
    return check_activities(rows, reader, known, lambda number: context.new_ids(batch.kind, number))


def _splits(batch: ImportBatch, rows: Rows, reader: RowReader) -> list[Line]:
    known = numbers_context.for_splits(batch, _keys(rows, reader, "account_external_id"))
    return check_splits(rows, reader, known, lambda number: context.new_ids(batch.kind, number))


def _rates(batch: ImportBatch, rows: Rows, reader: RowReader) -> list[Line]:
    return check_rates(rows, reader, numbers_context.for_rates(), lambda number: context.new_ids(batch.kind, number))


CHECKS: Mapping[ImportKind, Callable[[ImportBatch, Rows, RowReader], list[Line]]] = {
    ImportKind.ACCOUNTS: _accounts,
    ImportKind.FINANCIALS: _financials,
    ImportKind.CONTACTS: _contacts,
    ImportKind.TOUCHPOINTS: _touchpoints,
    ImportKind.ACTIVITIES: _activities,
    ImportKind.SPLITS: _splits,
    ImportKind.RATES: _rates,
}


# --- states -------------------------------------------------------------------------------------------


def _taken(job: Job, status: str) -> ImportBatch | None:
    """The job's batch, marked as being worked on; None when another job has taken over or it is over already."""
    batch = ImportBatch.objects.select_related("created_by").filter(pk=job.arguments["batch"], job=job).first()
    if batch is None or batch.status not in {Status.QUEUED, status}:
        return None
    if batch.status != status:
        with transaction.atomic(), in_the_name_of(batch.created_by, "checked an import", batch=batch.pk):
            ImportBatch.objects.filter(pk=batch.pk, job=job).update(status=status)
        batch.status = status
    return batch


def _file_failed(batch: ImportBatch, job: Job, problem: FileProblem | FileNotFoundError) -> Mapping[str, Any]:
    if isinstance(problem, FileNotFoundError):
        _fail(batch, job, "file_gone", "The stored file is gone. Send it again.")
    else:
        _fail(batch, job, problem.code, problem.message, problem_row=problem.row, problem_column=problem.column or "")
    return {}


def _fail(batch: ImportBatch, job: Job, code: str, message: str, **place: Any) -> None:
    with transaction.atomic(), in_the_name_of(batch.created_by, "checked an import", batch=batch.pk):
        mark_failed(batch.pk, job.pk, code, message, **place)


def _person(job: Job) -> User | None:
    return job.created_by


def _tell(batch: ImportBatch, job: Job, title: str) -> None:
    notify(user=job.created_by or batch.created_by, title=title, url=reverse("accounts:import-detail", args=[batch.pk]))


def _broken(job: Job) -> None:
    """The job itself broke: the batch says so, and can be checked again."""
    batch = ImportBatch.objects.filter(pk=job.arguments.get("batch"), job=job).first()
    if batch is None or not batch.is_busy:
        return
    if batch.status == Status.UNDOING:
        with transaction.atomic(), in_the_name_of(batch.created_by, "could not undo an import", batch=batch.pk):
            ImportBatch.objects.filter(pk=batch.pk).update(
                status=Status.DONE, problem_code="broken", problem=f"The undo did not work. {job.problem}"
            )
        return
    _fail(batch, job, "broken", job.problem or "Something went wrong on our side. Check the file again.")


def _may_see(user: User, job: Job) -> bool:
    return ImportBatch.objects.visible_to(user).filter(pk=job.arguments.get("batch")).exists()


def _url(job: Job) -> str:
    return reverse("accounts:import-detail", args=[job.arguments["batch"]])


def register() -> None:
    """Tell the workers about these jobs."""
    for key, label, run in (
        (READ, "Reading a file", read_columns),
        (CHECK, "Checking a file", check),
        (COMMIT, "Importing", commit),
        (UNDO, "Undoing an import", take_back),
    ):
        jobs.register(jobs.Kind(key, label, run, _may_see, _url, _broken))
