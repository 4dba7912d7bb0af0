"""Dumbbell: the same measures before and now, on one scale."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from sam.core.charts.scale import Format, Linear, Number, plain
from sam.core.charts.svg import circle, empty, frame, line, mark, shorten, text
from sam.core.charts.table import ChartTable, chart_table


@dataclass(frozen=True, slots=True)
class DumbbellRow:
    """One measure; None means it was not rated then, or is not rated now."""

    label: str
    before: Number | None
    now: Number | None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Dumbbell:
    """Rows on a scale `low … high`; more is better."""

    rows: tuple[DumbbellRow, ...]
    title: str
    low: Number = 0
    high: Number = 10
    show: Format = plain
    words: tuple[str, str, str] = ("last review", "now", "not rated")

    def table(self) -> ChartTable:
        before, now, _missing = self.words
        return chart_table(
            ("", before.capitalize(), now.capitalize()),
            [(row.label, self._shown(row.before), self._shown(row.now)) for row in self.rows],
        )

    def _shown(self, value: Number | None) -> str | None:
        return None if value is None else self.show(value)


def dumbbell(chart: Dumbbell, *, width: float = 400, row_height: float = 30, label_width: float = 132) -> SafeString:
    """Hollow dot before, filled dot now; green is better, red is worse, grey is unchanged."""
    if not chart.rows:
        return empty("Nothing rated yet", width=width, height=80, title=chart.title)
    height = 22 + row_height * len(chart.rows) + 4
    x = Linear(float(chart.low), float(chart.high), label_width + 6, width - 18)
    body = []
    for tick in (chart.low, (float(chart.low) + float(chart.high)) / 2, chart.high):
        body.append(line((x(tick), 18), (x(tick), height - 2), stroke="line"))
        body.append(text(x(tick), 12, chart.show(tick), anchor="middle"))
    for index, row in enumerate(chart.rows):
        y = 22 + row_height * (index + 0.5)
        words = shorten(row.label, label_width - 4, 12)
        body.append(text(0, y + 4, words, size=12, fill="ink"))
        body.append(mark(_row(chart, row, x, y), _label(chart, row), row.href))
    before, now, _missing = chart.words
    return frame(body, width=width, height=height, title=chart.title, desc=f"○ {before}, ● {now}", css="half")


def _row(chart: Dumbbell, row: DumbbellRow, x: Linear, y: float) -> str:
    drawn = ""
    if row.now is None:
        drawn += text(x(chart.low) + 6, y + 4, chart.words[2], size=11, fill="warn")
        if row.before is not None:
            drawn += circle(x.clamped(row.before), y, 4, fill="surface", stroke="plan", width=2)
        return drawn
    tone = "plan" if row.before is None or row.before == row.now else "good" if row.now > row.before else "bad"
    if row.before is not None:
        places = ((x.clamped(row.before), y), (x.clamped(row.now), y))
        drawn += line(*places, stroke=tone, width=3, cap="round")
        drawn += circle(x.clamped(row.before), y, 4, fill="surface", stroke="plan", width=2)
    return drawn + circle(x.clamped(row.now), y, 5.5, fill=tone if row.before is not None else "brand")


def _label(chart: Dumbbell, row: DumbbellRow) -> str:
    before, now, missing = chart.words
    parts = [f"{before} {chart.show(row.before)}"] if row.before is not None else []
    parts.append(f"{now} {chart.show(row.now)}" if row.now is not None else missing)
    return f"{row.label}: {', '.join(parts)}"
