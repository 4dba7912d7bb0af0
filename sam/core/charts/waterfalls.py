"""Waterfall: how one total becomes another, step by step."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from sam.core.charts.scale import Format, Linear, Number, nice_ticks, plain
from sam.core.charts.svg import empty, frame, line, mark, rect, shorten, text
from sam.core.charts.table import ChartTable, chart_table


@dataclass(frozen=True, slots=True)
class Step:
    """A change, or with `total` the sum reached so far (its own value is then shown, not added)."""

    label: str
    value: Number
    total: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Steps from left to right; usually a total, changes, a total."""

    steps: tuple[Step, ...]
    title: str
    show: Format = plain
    show_axis: Format = plain
    word: str = "Amount"

    def levels(self) -> tuple[tuple[float, float], ...]:
        """Where each bar begins and ends."""
        level, levels = 0.0, []
        for step in self.steps:
            start = 0.0 if step.total else level
            level = start + float(step.value)
            levels.append((start, level))
        return tuple(levels)

    def table(self) -> ChartTable:
        return chart_table(("", self.word), [(step.label, self.show(step.value)) for step in self.steps])


LEFT, RIGHT, TOP, BOTTOM = 52, 8, 22, 30


def waterfall(chart: Waterfall, *, width: float = 640, height: float = 260) -> SafeString:
    """Totals in the brand colour, rises green, falls red, figures above the bars."""
    if not chart.steps:
        return empty("No figures yet", width=width, height=height, title=chart.title)
    levels = chart.levels()
    ticks = nice_ticks([edge for pair in levels for edge in pair])
    y = Linear(ticks[0], ticks[-1], height - BOTTOM, TOP)
    slot = (width - LEFT - RIGHT) / len(chart.steps)
    body = []
    for tick in ticks:
        body.append(line((LEFT, y(tick)), (width - RIGHT, y(tick)), stroke="line-strong" if tick == 0 else "line"))
        body.append(text(LEFT - 8, y(tick) + 4, chart.show_axis(tick), anchor="end"))
    for index, (step, (start, end)) in enumerate(zip(chart.steps, levels, strict=True)):
        x = LEFT + slot * index
        top, bottom = sorted((y(start), y(end)))
        tone = "brand" if step.total else "good" if step.value >= 0 else "bad"
        drawn = rect(x + slot * 0.16, top, slot * 0.68, max(bottom - top, 1), fill=tone, rx=2)
        drawn += text(x + slot / 2, top - 6, chart.show(step.value), size=11.5, fill="ink", anchor="middle", weight=600)
        body.append(mark(drawn, f"{step.label}: {chart.show(step.value)}", step.href))
        if index + 1 < len(chart.steps):
            body.append(line((x + slot * 0.84, y(end)), (x + slot * 1.16, y(end)), stroke="plan", dash="3 3"))
        body.append(text(x + slot / 2, height - 10, shorten(step.label, slot - 4, 11), anchor="middle"))
    return frame(body, width=width, height=height, title=chart.title)
