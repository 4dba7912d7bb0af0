"""The rows behind a chart, for the table below it and for its CSV."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

MISSING: Final = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Cell:
    """One shown value; `number` aligns it to the right."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class ChartTable:
    """Headings and rows; the first cell of a row names it."""

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __bool__(self) -> bool:
        return bool(self.rows)


def chart_table(head: Sequence[str], rows: Iterable[Sequence[object]], *, words: Sequence[int] = ()) -> ChartTable:
    """A table for `{% chart %}`. Columns hold figures except the first one and those numbered in `words`.

    Values are shown as they are given: format numbers first. None is shown as a dash.
    """
    wordy = {0, *words}

    def cells(values: Sequence[object]) -> tuple[Cell, ...]:
        return tuple(
            Cell(MISSING if value is None or value == "" else str(value), number=index not in wordy)
            for index, value in enumerate(values)
        )

    return ChartTable(head=cells(head), rows=tuple(cells(row) for row in rows))
