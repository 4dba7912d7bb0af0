"""Heat map: how much of something where two lists cross; places where there should be something stand out."""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString

from sam.core.charts.scale import Format, Number, known, plain
from sam.core.charts.svg import empty, frame, hatching, mark, rect, shorten, text
from sam.core.charts.table import MISSING, ChartTable, chart_table


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A value; `gap` marks a place where nobody is and somebody should be (hatched). `label` is spoken."""

    value: Number
    label: str = ""
    gap: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class HeatMap:
    """`cells[row][column]`; None where the two do not meet at all."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[HeatCell | None, ...], ...]
    title: str
    show: Format = plain

    def table(self) -> ChartTable:
        return chart_table(
            ("", *self.columns),
            [
                (row, *(self.show(cell.value) if cell else None for cell in cells))
                for row, cells in zip(self.rows, self.cells, strict=True)
            ],
        )


def heat_map(chart: HeatMap, *, width: float = 640, row_height: float = 34, label_width: float = 118) -> SafeString:
    """Five steps of one colour up to the greatest value. Raises ValueError when rows, columns and cells do not fit."""
    if len(chart.cells) != len(chart.rows) or any(len(row) != len(chart.columns) for row in chart.cells):
        raise ValueError("Heat map: one row of cells per row name, one cell per column name")
    if not chart.rows or not chart.columns:
        return empty("Nothing to show yet", width=width, height=80, title=chart.title)
    top = 26
    slot = (width - label_width) / len(chart.columns)
    greatest = max(known(cell.value for row in chart.cells for cell in row if cell), default=0.0)
    body = [
        text(label_width + slot * (index + 0.5), 16, shorten(name, slot - 6, 11), anchor="middle")
        for index, name in enumerate(chart.columns)
    ]
    for i, (name, cells) in enumerate(zip(chart.rows, chart.cells, strict=True)):
        y = top + i * row_height
        body.append(text(0, y + row_height / 2 + 4, shorten(name, label_width - 6, 12), size=12, fill="ink"))
        for j, cell in enumerate(cells):
            box = (label_width + slot * j + 2, y + 2, slot - 4, row_height - 4)
            body.append(_cell(chart, cell, box, greatest, f"{name}, {chart.columns[j]}"))
    height = top + row_height * len(chart.rows) + 2
    return frame(body, width=width, height=height, title=chart.title)


def _cell(
    chart: HeatMap, cell: HeatCell | None, box: tuple[float, float, float, float], greatest: float, place: str
) -> str:
    if cell is None:
        return _box(MISSING, 0, box)
    shown = chart.show(cell.value)
    drawn = _gap(shown, box) if cell.gap else _box(shown, heat_step(float(cell.value), greatest), box)
    return mark(drawn, cell.label or f"{place}: {shown}", cell.href)


# The same few figures stand in the same places of every map, so each is drawn once per process.
@lru_cache(maxsize=4096)
def _box(shown: str, step: int, box: tuple[float, float, float, float]) -> str:
    fill = f"heat-{step}" if step else "heat-none"
    on = "soft" if step == 0 else "on-heat-low" if step <= 3 else f"on-heat-{step}"
    return rect(*box, fill=fill, rx=4) + text(*_middle(box), shown, size=12, fill=on, anchor="middle")


@lru_cache(maxsize=4096)
def _gap(shown: str, box: tuple[float, float, float, float]) -> str:
    x, y, width, height = box
    drawn = rect(*box, fill="surface", stroke="bad", rx=4) + hatching(*box)
    # The figure gets a clear spot, or the hatching runs through it.
    drawn += rect(x + width / 2 - 11, y + height / 2 - 9, 22, 18, fill="surface", rx=4)
    return drawn + text(*_middle(box), shown, size=12, fill="bad", anchor="middle", weight=600)


def _middle(box: tuple[float, float, float, float]) -> tuple[float, float]:
    x, y, width, height = box
    return x + width / 2, y + height / 2 + 4


def heat_step(value: float, greatest: float) -> int:
    """Step 0 (nothing) to 5 (the greatest value), in equal parts of the greatest value."""
    if value <= 0 or greatest <= 0:
        return 0
    return min(5, max(1, -int(-(value / greatest * 5) // 1)))
