"""What an import's pages and API tell: findings grouped by cause, changes, rows that stayed, rejected rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.domain.import_fields import KINDS, ImportKind
from accounts.models import Account, Contact, ImportBatch, StagedRow
from sam.core.models import User

LEVELS = ("error", "warning", "duplicate")
CAUSES = """
    SELECT f.value->>2, f.value->>1, count(*), min(s.row), count(DISTINCT f.value->>3),
           (array_agg(s.row ORDER BY s.row))[1:8], (array_agg(f.value->>3 ORDER BY s.row))[1]
    FROM accounts_stagedrow s CROSS JOIN LATERAL jsonb_array_elements(s.findings) f
    WHERE s.batch_id = %s AND s.findings <> '[]' AND f.value->>0 = %s
    GROUP BY 1, 2 ORDER BY 3 DESC, 4 LIMIT 60
"""
FINDINGS = """
    SELECT s.row, f.value->>1, f.value->>2, f.value->>3
    FROM accounts_stagedrow s CROSS JOIN LATERAL jsonb_array_elements(s.findings) WITH ORDINALITY f(value, place)
    WHERE s.batch_id = %s AND s.findings <> '[]' AND f.value->>0 = %s
    ORDER BY s.row, f.place LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """Findings with one reason: how many rows, the first of them, what the first one says, and how many others say
    it of something else."""

    code: str
    column: str
    count: int
    rows: tuple[int, ...]
    message: str
    others: int

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)


@dataclass(frozen=True, slots=True)
class FoundIn:
    """One finding: the file's row and column, a stable code, and words. Row None: the whole file."""

    row: int | None
    column: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a changed row writes: (label, before, after) of each field."""

    row: int
    key: str
    fields: tuple[tuple[str, str, str], ...]


def causes(batch: ImportBatch, level: str) -> list[Cause]:
    """Findings of a level (error, warning, duplicate), grouped; the most frequent first."""
    if batch.removed_at is not None:
        return [Cause(**{**kept, "rows": tuple(kept["rows"])}) for kept in batch.causes.get(level, [])]
    with connection.cursor() as cursor:
        cursor.execute(CAUSES, [batch.pk, level])
        return [
            Cause(code, column, count, tuple(rows), message, others - 1)
            for code, column, count, _, others, rows, message in cursor.fetchall()
        ]


def findings(batch: ImportBatch, level: str, most: int) -> list[FoundIn]:
    """Single findings of a level in the file's order; what spoils the whole file comes first among the errors.

    Once the rows are removed: the first row of each cause.
    """
    found: list[FoundIn] = []
    if level == "error" and batch.problem:
        found.append(FoundIn(batch.problem_row, batch.problem_column or None, batch.problem_code, batch.problem))
    if batch.removed_at is not None:
        return found + [
            FoundIn(cause.rows[0], cause.column or None, cause.code, cause.message) for cause in causes(batch, level)
        ]
    with connection.cursor() as cursor:
        cursor.execute(FINDINGS, [batch.pk, level, most])
        return found + [FoundIn(row, column or None, code, text) for row, column, code, text in cursor.fetchall()]


def changes(batch: ImportBatch, most: int = 20) -> list[Change]:
    """The first rows that change something, with old and new values."""
    rows = list(StagedRow.objects.filter(batch=batch, verdict=StagedRow.Verdict.CHANGED).order_by("row")[:most])
    names = _names(rows)
    labels = _labels(ImportKind(batch.kind))
    return [
        Change(
            row.row,
            row.key,
            tuple(
                (labels.get(name, name), _shown(name, (row.before or {}).get(name), names), _shown(name, value, names))
                for name, value in row.data.items()
            ),
        )
        for row in rows
    ]


def kept_rows(batch: ImportBatch, most: int = 200) -> list[StagedRow]:
    """Rows that undo left because somebody had edited them."""
    return list(StagedRow.objects.filter(batch=batch, kept=True).order_by("row")[:most])


def rejected_rows(batch: ImportBatch) -> Iterator[list[object]]:
    """The rejected rows as they stood in the file, with row number and reasons in front; streamed."""
    rows = StagedRow.objects.filter(batch=batch, verdict=StagedRow.Verdict.REJECTED).order_by("row")
    width = len(batch.columns)
    for row in rows.iterator(chunk_size=2_000):
        reasons = " ".join(
            f"{column}: {message}" if column else message
            for level, column, _, message in row.findings
            if level == "error"
        )
        cells = list(row.cells or [])[:width]
        yield [*cells, *[""] * (width - len(cells)), row.row, reasons]


def _labels(kind: ImportKind) -> dict[str, str]:
    labels = {field.name: field.label for field in KINDS[kind].fields}
    return {**labels, "parent_id": "Parent", "owner_id": "Owner", "reports_to_id": "Reports to", "status": "Status"}


def _names(rows: list[StagedRow]) -> dict[str, dict[int, str]]:
    """Names behind the ids that the rows hold, one query for each kind of id."""
    wanted: dict[str, set[int]] = {"parent_id": set(), "owner_id": set(), "reports_to_id": set()}
    for row in rows:
        for values in (row.data, row.before or {}):
            for name, ids in wanted.items():
                if values.get(name):
                    ids.add(values[name])
    return {
        "parent_id": dict(Account.objects.filter(pk__in=wanted["parent_id"]).values_list("pk", "name")),
        "owner_id": dict(User.objects.filter(pk__in=wanted["owner_id"]).values_list("pk", "display_name")),
        "reports_to_id": dict(Contact.objects.filter(pk__in=wanted["reports_to_id"]).values_list("pk", "full_name")),
    }


def _shown(name: str, value: Any, names: dict[str, dict[int, str]]) -> str:
    if value in (None, ""):
        return "–"
    if name in names:
        return names[name].get(value, "new in this file")
    return str(value)
