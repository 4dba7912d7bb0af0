"""Bullet: a figure against its target, with ranges behind it."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from sam.core.charts.palette import Tone
from sam.core.charts.scale import Format, Linear, Number, known, plain
from sam.core.charts.svg import empty, frame, line, mark, rect, shorten, text
from sam.core.charts.table import ChartTable, chart_table


@dataclass(frozen=True, slots=True)
class BulletRow:
    """`bands` are the upper edges of the ranges behind the bar, from low to high; `most` is the end of the scale."""

    label: str
    value: Number | None
    target: Number | None = None
    bands: tuple[Number, ...] = ()
    most: Number | None = None
    show: Format = plain
    tone: Tone = "brand"
    href: str = ""


@dataclass(frozen=True, slots=True)
class Bullet:
    """Rows with their own scales, so that different units can stand together."""

    rows: tuple[BulletRow, ...]
    title: str
    words: tuple[str, str] = ("now", "target")

    def table(self) -> ChartTable:
        now, target = self.words
        return chart_table(
            ("", now.capitalize(), target.capitalize()),
            [
                (
                    row.label,
                    row.show(row.value) if row.value is not None else None,
                    row.show(row.target) if row.target is not None else None,
                )
                for row in self.rows
            ],
        )


BANDS = ("line-strong", "line", "surface-2")


def bullet(chart: Bullet, *, width: float = 560, row_height: float = 38, label_width: float = 140) -> SafeString:
    """One bar per row; the upright line is the target, the figure stands at the right."""
    if not chart.rows:
        return empty("No measures yet", width=width, height=80, title=chart.title)
    body = []
    figure_width = 74
    for index, row in enumerate(chart.rows):
        y = index * row_height
        body.append(text(0, y + row_height / 2 + 4, shorten(row.label, label_width - 8, 12), size=12, fill="ink"))
        body.append(mark(_row(row, y, row_height, label_width, width - figure_width), _label(chart, row), row.href))
        shown = row.show(row.value) if row.value is not None else "\N{EN DASH}"
        body.append(text(width, y + row_height / 2 + 4, shown, size=12, fill="ink", anchor="end", weight=600))
    return frame(body, width=width, height=row_height * len(chart.rows), title=chart.title)


def _row(row: BulletRow, y: float, height: float, left: float, right: float) -> str:
    values = known([row.value, row.target, row.most, *row.bands])
    x = Linear(0, max([*values, 0.0]) or 1.0, left, right)
    drawn = "".join(
        rect(left, y + 8, x(edge) - left, height - 16, fill=shade, rx=3)
        for edge, shade in sorted(
            zip(row.bands, BANDS[-len(row.bands) :], strict=False), key=lambda band: float(band[0]), reverse=True
        )
    ) or rect(left, y + 8, right - left, height - 16, fill="surface-2", rx=3)
    if row.value is not None:
        drawn += rect(left, y + height / 2 - 4.5, x.clamped(row.value) - left, 9, fill=row.tone, rx=2)
    if row.target is not None:
        drawn += line((x(row.target), y + 5), (x(row.target), y + height - 5), stroke="ink", width=2.5)
    return drawn


def _label(chart: Bullet, row: BulletRow) -> str:
    now, target = chart.words
    parts = [f"{now} {row.show(row.value)}" if row.value is not None else f"{now} \N{EN DASH}"]
    parts += [f"{target} {row.show(row.target)}"] if row.target is not None else []
    return f"{row.label}: {', '.join(parts)}"
