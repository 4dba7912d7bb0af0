"""Bars with a plan tick: what was reached in each period, against what was planned."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from sam.core.charts.scale import Format, Linear, Number, known, nice_ticks, plain
from sam.core.charts.svg import empty, frame, line, mark, rect, shorten, text
from sam.core.charts.table import ChartTable, chart_table


@dataclass(frozen=True, slots=True)
class Bar:
    """One period. Without `actual` the plan is drawn as a dashed outline; `preliminary` figures are drawn lighter."""

    label: str
    actual: Number | None
    plan: Number | None = None
    preliminary: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class BarsWithPlan:
    """`unit` is spoken in labels ("M€"); `show` formats figures, `show_axis` the steps at the left."""

    bars: tuple[Bar, ...]
    title: str
    unit: str = ""
    show: Format = plain
    show_axis: Format = plain
    words: tuple[str, str, str] = ("actual", "plan", "preliminary")

    def table(self) -> ChartTable:
        actual, plan, preliminary = self.words
        return chart_table(
            ("", f"{actual.capitalize()} {self.unit}".strip(), f"{plan.capitalize()} {self.unit}".strip()),
            [
                (
                    f"{bar.label} ({preliminary})" if bar.preliminary else bar.label,
                    self.show(bar.actual) if bar.actual is not None else None,
                    self.show(bar.plan) if bar.plan is not None else None,
                )
                for bar in self.bars
            ],
        )


LEFT, RIGHT, TOP, BOTTOM = 44, 8, 14, 26


def bars_with_plan(chart: BarsWithPlan, *, width: float = 640, height: float = 230) -> SafeString:
    """Bars from zero (losses go down), a dark tick for each plan."""
    values = known([bar.actual for bar in chart.bars] + [bar.plan for bar in chart.bars])
    if not values:
        return empty("No figures yet", width=width, height=height, title=chart.title)
    ticks = nice_ticks(values)
    y = Linear(ticks[0], ticks[-1], height - BOTTOM, TOP)
    body = []
    for tick in ticks:
        body.append(line((LEFT, y(tick)), (width - RIGHT, y(tick)), stroke="line-strong" if tick == 0 else "line"))
        body.append(text(LEFT - 8, y(tick) + 4, chart.show_axis(tick), anchor="end"))
    slot = (width - LEFT - RIGHT) / len(chart.bars)
    every = max(1, round(46 / slot)) if slot < 40 else 1
    for index, bar in enumerate(chart.bars):
        x = LEFT + index * slot
        body.append(mark(_bar(bar, x, slot, y), _label(chart, bar), bar.href))
        if index % every == 0:
            words = shorten(bar.label, slot * every - 2, 11)
            body.append(text(x + slot / 2, height - 8, words, anchor="middle"))
    return frame(
        body, width=width, height=height, title=chart.title, desc=f"{len(chart.bars)} × {chart.unit}".strip(" ×")
    )


def _bar(bar: Bar, x: float, slot: float, y: Linear) -> str:
    side = slot * 0.22
    drawn = ""
    value = bar.actual if bar.actual is not None else bar.plan
    if value is not None:
        top, bottom = sorted((y(value), y(0)))
        box = (x + side, top, slot - 2 * side, max(bottom - top, 1.0))
        if bar.actual is None:
            drawn = rect(*box, stroke="plan", rx=3, dash="3 3")
        elif bar.preliminary:
            drawn = rect(*box, fill="brand-soft", stroke="brand", rx=3)
        else:
            drawn = rect(*box, fill="brand", rx=3)
    if bar.plan is not None:
        drawn += line((x + slot * 0.12, y(bar.plan)), (x + slot * 0.88, y(bar.plan)), stroke="ink", width=2)
    return drawn or rect(x + side, y(0) - 1, slot - 2 * side, 1, fill="line-strong")


def _label(chart: BarsWithPlan, bar: Bar) -> str:
    actual, plan, preliminary = chart.words
    parts = []
    if bar.actual is not None:
        kind = f"{actual} ({preliminary})" if bar.preliminary else actual
        parts.append(f"{kind} {chart.show(bar.actual)} {chart.unit}".strip())
    if bar.plan is not None:
        parts.append(f"{plan} {chart.show(bar.plan)} {chart.unit}".strip())
    return f"{bar.label}: {', '.join(parts)}" if parts else bar.label
