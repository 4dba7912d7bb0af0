"""What the tests of imports share: a file on its way in, jobs done at once."""

from __future__ import annotations

from typing import Any

from accounts.actions.imports.batches import commit_import, start_import, undo_import
from accounts.models import ImportBatch
from sam.core import jobs
from sam.core.files import store_bytes
from sam.core.models import User


def work(batch: ImportBatch) -> ImportBatch:
    """Do the batch's waiting job, as a worker would."""
    assert batch.job_id is not None
    jobs.run(batch.job_id)
    batch.refresh_from_db()
    return batch


def checked(by: User, kind: str, content: str | bytes, **options: Any) -> ImportBatch:
    """A batch after its dry run."""
    data = content.encode() if isinstance(content, str) else content
    stored = store_bytes(data, folder="imports", suffix=".csv")
    batch = start_import(by=by, kind=kind, stored=stored, filename=f"{kind}.csv", check_at_once=True, **options)
    return work(batch)


def committed(by: User, kind: str, content: str | bytes, **options: Any) -> ImportBatch:
    """A batch that is imported; fails the test when the dry run did."""
    batch = checked(by, kind, content, **options)
    assert batch.status == "checked", batch.problem
    return work(commit_import(batch=batch, by=by))


def undone(by: User, batch: ImportBatch) -> ImportBatch:
    return work(undo_import(batch=batch, by=by))


def found(batch: ImportBatch, level: str = "error") -> list[tuple[int, str, str]]:
    """(row, column, code) of every finding of a level."""
    return [
        (row.row, column, code)
        for row in batch.rows.order_by("row")
        for finding_level, column, code, _ in row.findings
        if finding_level == level
    ]


def codes(batch: ImportBatch, level: str = "error") -> list[tuple[int, str]]:
    return [(row, code) for row, _, code in found(batch, level)]
