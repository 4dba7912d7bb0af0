"""Spark line: where something comes from, in the space of a word.

A list draws fifty of them, so what does not depend on the values (frame, colours, places along the line) is drawn
once per size and tone with the ordinary elements, and each line only puts its own text between these pieces.
"""

import html
from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString

from sam.core.charts.palette import Tone
from sam.core.charts.scale import Format, Linear, Number, known, plain
from sam.core.charts.svg import circle, frame, polyline

GAP = "\N{OBJECT REPLACEMENT CHARACTER}"


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
    # A flat line belongs in the middle, not on the floor.
    low, high = (min(values), max(values)) if min(values) != max(values) else (values[0] - 1, values[0] + 1)
    floor, rise = height - 4, (height - 8) / (high - low)
    runs: list[list[str]] = [[]]
    last = ("", 0.0)
    for x, value in zip(_places(len(chart.values), width), chart.values, strict=True):
        if value is None:
            runs.append([])
        else:
            last = (x, floor - (float(value) - low) * rise)
            runs[-1].append(f"{x},{last[1]:.1f}")
    before, after = _line(chart.tone)
    lines = "".join([f"{before}{' '.join(run)}{after}" for run in runs if len(run) > 1])
    desc = f"{chart.show(values[0])} → {chart.show(values[-1])}" if len(values) > 1 else chart.show(values[0])
    opening, middle, closing = _frame(width, height)
    label = html.escape(f"{chart.title}: {desc}")
    return SafeString(f"{opening}{label}{middle}{lines}{_dot(*last, chart.tone)}{closing}")


@lru_cache(maxsize=64)
def _places(count: int, width: float) -> tuple[str, ...]:
    """How far along the line each value stands."""
    x = Linear(0, max(count - 1, 1), 2, width - 6)
    return tuple(f"{x(index):.1f}" for index in range(count))


def _dot(x: str, y: float, tone: Tone) -> str:
    opening, closing = _around_dot(x, tone)
    return f"{opening}{y:.1f}{closing}"


@lru_cache(maxsize=256)
def _around_dot(x: str, tone: Tone) -> tuple[str, str]:
    """What stands before and behind the dot's height."""
    opening, closing = circle(float(x), 0, 2.75, fill=tone).split('cy="0"')
    return f'{opening}cy="', f'"{closing}'


@lru_cache(maxsize=64)
def _line(tone: Tone) -> tuple[str, str]:
    """What stands before and behind the points."""
    before, after = "<polyline", polyline([], stroke=tone).removeprefix("<polyline")
    return f'{before} points="', f'"{after}'


@lru_cache(maxsize=64)
def _frame(width: float, height: float) -> tuple[str, str, str]:
    """What stands before the label, between label and drawing, and behind the drawing."""
    opening, middle, closing = frame(GAP, width=width, height=height, title=GAP, css="spark").split(GAP)
    return opening, middle, closing
