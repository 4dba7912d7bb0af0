"""Into the staging table by COPY; it is untracked, so nothing is written without a person's name."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.domain.import_rows import Line
from accounts.models import ImportBatch, StagedRow

COLUMNS = (
    "batch_id, row, verdict, key, account_id, key_id, key_account_id, target_id, seen_revision, data, before, cells,"
    " findings, kept"
)


def stage(batch: ImportBatch, lines: Iterable[Line]) -> None:
    """Replace what an earlier dry run of the batch left."""
    StagedRow.objects.filter(batch=batch).delete()
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY accounts_stagedrow ({COLUMNS}) FROM STDIN") as copy:
            for line in lines:
                copy.write_row(_row(batch.pk, line))
        # The planner has never seen these rows: without counts it would choose loops for the merge.
        cursor.execute("ANALYZE accounts_stagedrow")


def _row(batch_id: int, line: Line) -> tuple[Any, ...]:
    findings = [[found.level, found.column, found.code, found.message] for found in line.findings]
    return (
        batch_id,
        line.row,
        str(line.verdict),
        line.key[:240],
        line.account_id,
        line.key_id,
        line.key_account_id,
        line.target_id,
        line.seen_revision,
        "{}" if line.is_rejected else _json(line.data),
        None if line.before is None or line.is_rejected else _json(line.before),
        None if line.cells is None else _json(list(line.cells)),
        _json(findings) if findings else "[]",
        False,
    )


def _json(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be staged")
