"""Spark line: where something comes from, in the space of a word."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from sam.core.charts.palette import Tone
from sam.core.charts.scale import Format, Linear, Number, known, plain
from sam.core.charts.svg import circle, frame, polyline


@dataclass(frozen=True, slots=True)
class Spark:
    """Values from old to new; None is a gap in the line."""

    values: tuple[Number | None, ...]
    title: str
    tone: Tone = "brand"
    show: Format = plain


def spark(chart: Spark, *, width: float = 120, height: float = 32) -> SafeString:
    """The line with a dot at the last known value; nothing at all without a value."""
    values = known(chart.values)
    if not values:
        return SafeString("")
    x = Linear(0, max(len(chart.values) - 1, 1), 2, width - 6)
    # A flat line belongs in the middle, not on the floor.
    low, high = (min(values), max(values)) if min(values) != max(values) else (values[0] - 1, values[0] + 1)
    y = Linear(low, high, height - 4, 4)
    runs: list[list[tuple[float, float]]] = [[]]
    for index, value in enumerate(chart.values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((x(index), y(value)))
    last = [place for run in runs for place in run][-1]
    body = [polyline(run, stroke=chart.tone) for run in runs if len(run) > 1]
    body.append(circle(*last, 2.75, fill=chart.tone))
    desc = f"{chart.show(values[0])} → {chart.show(values[-1])}" if len(values) > 1 else chart.show(values[0])
    return frame(body, width=width, height=height, title=chart.title, desc=desc, css="spark")
