"""Ring: one share of a whole with its figure in the middle."""

import math
from dataclasses import dataclass

from django.utils.safestring import SafeString

from sam.core.charts.palette import Tone
from sam.core.charts.scale import Number
from sam.core.charts.svg import circle, frame, text
from sam.core.charts.table import MISSING


@dataclass(frozen=True, slots=True)
class Ring:
    """`value` of `whole`; None draws an empty, dashed ring. `figure` is what stands in the middle."""

    value: Number | None
    title: str
    figure: str = ""
    whole: Number = 100
    tone: Tone = "brand"
    desc: str = ""


def ring(chart: Ring, *, size: float = 64) -> SafeString:
    """The ring, filled clockwise from the top."""
    middle, radius = size / 2, size / 2 - 5
    if chart.value is None:
        body = circle(middle, middle, radius, stroke="line-strong", width=2, dash="3 4")
        figure = MISSING
    else:
        share = min(max(float(chart.value) / float(chart.whole), 0.0), 1.0) if chart.whole else 0.0
        round_way = 2 * math.pi * radius
        body = circle(middle, middle, radius, stroke="line", width=7)
        if share > 0:
            body += circle(
                middle, middle, radius, stroke=chart.tone, width=7, cap="round" if share < 1 else None,
                dash=f"{round_way * share:.1f} {round_way:.1f}", transform=f"rotate(-90 {middle:g} {middle:g})",
            )  # fmt: skip
        figure = chart.figure or f"{float(chart.value):.0f}"
    body += text(middle, middle + size * 0.08, figure, size=size * 0.235, fill="ink", anchor="middle", weight=650)
    desc = chart.desc or (f"{figure} / {float(chart.whole):g}" if chart.value is not None else "not known")
    return frame(body, width=size, height=size, title=chart.title, desc=desc, css="ring")
