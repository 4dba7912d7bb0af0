"""From raw records to a table: header, width and blank rows are judged the same way for every file type."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from sam.core.errors import FileProblem
from sam.core.spreadsheets.table import CellProblem, Limits
from sam.core.text import UNSTORABLE

BLOCK = 2_000


@dataclass
class Assembly:
    """Takes records in order, writes finished rows to `result` in blocks, and remembers what is wrong."""

    result: IO[bytes]
    limits: Limits
    # A sheet does not store empty cells at a row's end, a CSV file does: only there is a short row a mistake.
    short_rows_are_fine: bool = False
    columns: tuple[str, ...] = ()
    problems: list[CellProblem] = field(default_factory=list)
    _width: int = 0
    _count: int = 0
    _numbers: list[int] = field(default_factory=list)
    _rows: list[Sequence[str]] = field(default_factory=list)

    @property
    def has_header(self) -> bool:
        return bool(self.columns)

    def add(self, number: int, record: Sequence[str]) -> None:
        """Take the record of row `number`. Raises FileProblem for what spoils the whole file."""
        width = len(record)
        if width != self._width or not self.columns:
            record = _without_empty_end(record, self._width)
            width = len(record)
        if not any(record):
            return
        if not self.columns:
            self._read_header(number, record)
            return
        if width != self._width:
            record = self._fitted(number, record)
        self._count += 1
        if self._count > self.limits.rows or self._count * self._width > self.limits.cells:
            raise _too_many_rows(self.limits, self._width)
        self._numbers.append(number)
        self._rows.append(record)
        if len(self._rows) == BLOCK:
            self._write_block()

    def note(self, row: int, position: int, code: str, message: str) -> None:
        """Remember a problem of the cell at `position` (from 0) of `row`."""
        self.problems.append(CellProblem(row, self.name_of(position), code, message))

    def name_of(self, position: int) -> str:
        return self.columns[position] if position < len(self.columns) else str(position + 1)

    def finish(self, **facts: Any) -> None:
        """Write the last rows and the closing line. Raises FileProblem when there is nothing to import."""
        if not self.columns:
            raise FileProblem("empty", "The file holds no rows. Put column names in the first row and data below.")
        if not self._count:
            raise FileProblem("no_rows", "The file has column names but no rows below them. Add rows and try again.")
        self._write_block()
        closing = {"columns": self.columns, "problems": [asdict(problem) for problem in self.problems], **facts}
        self.result.write(json.dumps(closing, ensure_ascii=False).encode() + b"\n")

    def _read_header(self, number: int, record: Sequence[str]) -> None:
        # Statistics programs leave the column of row numbers without a name: it is kept, and called by its place.
        names = [cell.strip() or f"Column {place}" for place, cell in enumerate(record, start=1)]
        if len(names) > self.limits.columns:
            raise FileProblem(
                "too_many_columns",
                f"The file has {len(names):,} columns; at most {self.limits.columns:,} are possible. "
                "Delete the columns you do not need.",
                row=number,
            )
        for position, name in enumerate(names):
            if UNSTORABLE.search(name):
                raise FileProblem(
                    "unreadable_character",
                    f"The name of column {position + 1} holds a character that cannot be stored. Type it again.",
                    row=number,
                    column=str(position + 1),
                )
            if name in names[:position]:
                raise FileProblem(
                    "duplicate_column",
                    f"The column name “{name}” appears twice. Give every column its own name.",
                    row=number,
                    column=name,
                )
        self._width = len(names)
        self.columns = tuple(names)

    def _fitted(self, number: int, record: Sequence[str]) -> Sequence[str]:
        found = len(record)
        if found < self._width:
            if not self.short_rows_are_fine:
                message = f"The row has {found:,} cells, the header has {self._width:,}. Fill the missing cells."
                self.problems.append(CellProblem(number, None, "too_few_cells", message))
            return [*record, *[""] * (self._width - found)]
        message = (
            f"The row has {found:,} cells, the header has {self._width:,}. "
            "Remove the extra cells, or put text that holds the separator in quotation marks."
        )
        self.problems.append(CellProblem(number, None, "too_many_cells", message))
        return record[: self._width]

    def _write_block(self) -> None:
        if self._rows:
            block = json.dumps([self._numbers, self._rows], ensure_ascii=False, separators=(",", ":"))
            self.result.write(block.encode() + b"\n")
            self._numbers, self._rows = [], []


def _without_empty_end(record: Sequence[str], width: int) -> Sequence[str]:
    """`record` without empty cells beyond `width`: spreadsheet programs leave them behind."""
    end = len(record)
    while end > width and not record[end - 1].strip():
        end -= 1
    return record[:end]


def _too_many_rows(limits: Limits, width: int) -> FileProblem:
    possible = min(limits.rows, limits.cells // max(width, 1))
    return FileProblem(
        "too_many_rows",
        f"The file has more than {possible:,} rows, the most that {width:,} columns may have. "
        "Split it into several files.",
    )
