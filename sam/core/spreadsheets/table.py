"""A table read from a file: text, and where each row stood."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a table file may hold.

    `size` and `unpacked` in bytes, `ratio` unpacked by packed, `cell` in characters, `seconds` of wall and CPU
    time, `memory` in bytes for the child that reads.
    """

    size: int = 50 * 1024 * 1024
    unpacked: int = 100 * 1024 * 1024
    ratio: int = 100
    entries: int = 1_000
    rows: int = 200_000
    columns: int = 200
    cells: int = 5_000_000
    cell: int = 100_000
    seconds: int = 30
    memory: int = 1024 * 1024 * 1024


DEFAULT = Limits()


@dataclass(frozen=True)
class CellProblem:
    """One thing wrong with one row; `column` is the column's name, None for the whole row."""

    row: int
    column: str | None
    code: str
    message: str


@dataclass(frozen=True)
class Table:
    """`rows[i]` stands at `row_numbers[i]`, counted from 1 as the person's own program shows it (blank rows count,
    and are left out here). Every row has as many cells as there are columns; "" is an empty cell.
    `encoding` and `separator` are set for CSV, `sheet` and `sheets` (all names) for XLSX.
    """

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    row_numbers: list[int]
    problems: tuple[CellProblem, ...] = ()
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
