"""White-space matrix: units of the client against what we offer; what is sold, open, aimed at, or free ground."""

from dataclasses import dataclass
from typing import Final, Literal

from django.utils.safestring import SafeString

from sam.core.charts.svg import empty, frame, mark, rect, shorten, text
from sam.core.charts.table import ChartTable, chart_table

State = Literal["sold", "open", "target", "free"]
LOOK: Final[dict[State, tuple[str | None, str, str]]] = {
    "sold": ("good-soft", "good", "good"),
    "open": ("brand-soft", "brand", "brand"),
    "target": ("warn-soft", "warn", "warn"),
    "free": ("surface", "line-strong", "soft"),
}


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A state and what stands in the cell (an amount); free ground without words shows a plus."""

    state: State
    text: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """`cells[row][column]`; None where the offer does not apply."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[MatrixCell | None, ...], ...]
    title: str
    words: tuple[str, str, str, str] = ("sold", "open deal", "target", "free ground")

    def word(self, state: State) -> str:
        return self.words[list(LOOK).index(state)]

    def table(self) -> ChartTable:
        return chart_table(
            ("", *self.columns),
            [
                (row, *(f"{self.word(cell.state)} {cell.text}".strip() if cell else None for cell in cells))
                for row, cells in zip(self.rows, self.cells, strict=True)
            ],
            words=range(1, len(self.columns) + 1),
        )


def matrix(chart: Matrix, *, width: float = 640, row_height: float = 38, label_width: float = 150) -> SafeString:
    """State by colour, line and word. Raises ValueError when rows, columns and cells do not fit."""
    if len(chart.cells) != len(chart.rows) or any(len(row) != len(chart.columns) for row in chart.cells):
        raise ValueError("Matrix: one row of cells per row name, one cell per column name")
    if not chart.rows or not chart.columns:
        return empty("Nothing to show yet", width=width, height=80, title=chart.title)
    slot = (width - label_width) / len(chart.columns)
    body = [
        text(label_width + slot * (index + 0.5), 17, shorten(name, slot - 6, 11), anchor="middle")
        for index, name in enumerate(chart.columns)
    ]
    for i, (name, cells) in enumerate(zip(chart.rows, chart.cells, strict=True)):
        y = 28 + i * row_height
        body.append(text(0, y + row_height / 2 + 4, shorten(name, label_width - 6, 12), size=12, fill="ink"))
        for j, cell in enumerate(cells):
            box = (label_width + slot * j + 2, y + 2, slot - 4, row_height - 4)
            if cell is None:
                body.append(rect(*box, fill="heat-none", rx=5))
                continue
            fill, stroke, tone = LOOK[cell.state]
            drawn = rect(*box, fill=fill, stroke=stroke, rx=5, dash="4 3" if cell.state == "free" else None)
            words = cell.text or ("+" if cell.state == "free" else chart.word(cell.state))
            drawn += text(
                box[0] + box[2] / 2, y + row_height / 2 + 4, shorten(words, box[2] - 6, 11.5), size=11.5, fill=tone,
                anchor="middle", weight=600,
            )  # fmt: skip
            label = f"{name}, {chart.columns[j]}: {chart.word(cell.state)} {cell.text}".strip()
            body.append(mark(drawn, label, cell.href))
    return frame(body, width=width, height=28 + row_height * len(chart.rows) + 2, title=chart.title)
