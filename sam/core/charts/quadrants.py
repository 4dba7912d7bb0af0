"""Two by two: things placed on two scales, with names that do not cover each other (power map, portfolio matrix)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString

from sam.core.charts.palette import Tone
from sam.core.charts.scale import Format, Linear, Number, plain
from sam.core.charts.svg import circle, empty, frame, line, mark, rect, shorten, text, text_width
from sam.core.charts.table import ChartTable, chart_table


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale `low … high` with its title, named places on it, and where the two halves meet (middle when None)."""

    title: str
    low: Number
    high: Number
    places: tuple[tuple[Number, str], ...] = ()
    split: Number | None = None
    show: Format = plain

    @property
    def middle(self) -> float:
        return float(self.split) if self.split is not None else (float(self.low) + float(self.high)) / 2


@dataclass(frozen=True, slots=True)
class Dot:
    """One thing: `size` 0 to 5 sets the circle, `inside` stands in it (initials), `note` under the name."""

    label: str
    x: Number
    y: Number
    note: str = ""
    size: Number = 2
    inside: str = ""
    tone: Tone = "brand"
    href: str = ""


@dataclass(frozen=True, slots=True)
class Quarter:
    """What a quarter of the map means; `tone` "good" or "bad" tints it."""

    title: str
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """Dots on two axes. Quarters: top left, top right, bottom left, bottom right. `size_word` says what size means."""

    dots: tuple[Dot, ...]
    x: Axis
    y: Axis
    title: str
    quarters: tuple[Quarter | None, Quarter | None, Quarter | None, Quarter | None] = (None, None, None, None)
    size_word: str = ""
    # False for a cloud: so many dots that names would hide them.
    named: bool = True

    def table(self) -> ChartTable:
        head = ("", self.y.title, self.x.title, *((self.size_word,) if self.size_word else ()))
        return chart_table(
            head,
            [
                (
                    f"{dot.label}, {dot.note}" if dot.note else dot.label,
                    self.y.show(dot.y),
                    self.x.show(dot.x),
                    *((plain(dot.size),) if self.size_word else ()),
                )
                for dot in self.dots
            ],
        )


Box = tuple[float, float, float, float]
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 26, 44


def two_by_two(chart: TwoByTwo, *, width: float = 640, height: float = 380) -> SafeString:
    """The map. A name that finds no free place is left out; its dot still has its label, and the table has all."""
    if not chart.dots:
        return empty("Nobody placed yet", width=width, height=height / 2, title=chart.title)
    x = Linear(float(chart.x.low), float(chart.x.high), LEFT + 16, width - RIGHT - 16)
    y = Linear(float(chart.y.low), float(chart.y.high), height - BOTTOM - 16, TOP + 16)
    area = (LEFT, TOP, width - RIGHT, height - BOTTOM)
    body = [_ground(chart, x, y, area), _axes(chart, x, area, width, height)]
    places = [(dot, x.clamped(dot.x), y.clamped(dot.y), _radius(dot)) for dot in chart.dots]
    taken: list[Box] = [(px - r - 1, py - r - 1, px + r + 1, py + r + 1) for _dot, px, py, r in places]
    taken += _title_boxes(chart, area)
    # Large dots first: the weightier a thing, the more it deserves its name beside it.
    for dot, px, py, r in sorted(places, key=lambda place: -place[3]):
        words = _name(dot, px, py, r, area, taken) if chart.named else ""
        body.append(mark(_circle(dot, px, py, r) + words, _label(chart, dot), dot.href))
    return frame(body, width=width, height=height, title=chart.title, desc=f"{chart.y.title} × {chart.x.title}")


def _radius(dot: Dot) -> float:
    return (9 if dot.inside else 5) + min(max(float(dot.size), 0.0), 5.0) * 2.2


def _ground(chart: TwoByTwo, x: Linear, y: Linear, area: Box) -> str:
    left, top, right, bottom = area
    middle_x, middle_y = x(chart.x.middle), y(chart.y.middle)
    boxes = (
        (left, top, middle_x - left, middle_y - top),
        (middle_x, top, right - middle_x, middle_y - top),
        (left, middle_y, middle_x - left, bottom - middle_y),
        (middle_x, middle_y, right - middle_x, bottom - middle_y),
    )
    drawn = ""
    for quarter, box in zip(chart.quarters, boxes, strict=True):
        if quarter and quarter.tone in ("good", "bad"):
            drawn += rect(*box, fill=f"quarter-{quarter.tone}")
    drawn += rect(left, top, right - left, bottom - top, stroke="line-strong")
    drawn += line((middle_x, top), (middle_x, bottom), stroke="line-strong")
    drawn += line((left, middle_y), (right, middle_y), stroke="line-strong")
    half = (right - left) / 2 - 8
    for index, quarter in enumerate(chart.quarters):
        if quarter:
            at_right, below = index % 2 == 1, index > 1
            drawn += text(
                right - 6 if at_right and below else right if at_right else left + 6 if below else left,
                bottom - 8 if below else top - 9,
                shorten(quarter.title, half, 11, bold=True),
                fill=quarter.tone or "soft",
                anchor="end" if at_right else "start",
                weight=600,
            )
    return drawn


def _title_boxes(chart: TwoByTwo, area: Box) -> list[Box]:
    left, _top, right, bottom = area
    boxes = []
    for index in (2, 3):
        quarter = chart.quarters[index]
        if quarter:
            width = text_width(quarter.title, 11, bold=True) + 8
            boxes.append(
                (left if index == 2 else right - width, bottom - 20, left + width if index == 2 else right, bottom)
            )
    return boxes


def _axes(chart: TwoByTwo, x: Linear, area: Box, width: float, height: float) -> str:
    left, top, right, bottom = area
    drawn = ""
    for value, words in chart.x.places:
        half = text_width(words, 11) / 2
        place = min(max(x(value), left + half), right - half)
        drawn += text(place, bottom + 17, words, anchor="middle")
    drawn += text((left + right) / 2, height - 6, chart.x.title, anchor="middle", weight=600)
    drawn += text(15, (top + bottom) / 2, chart.y.title, anchor="middle", weight=600, turned=True)
    return drawn


def _circle(dot: Dot, x: float, y: float, r: float) -> str:
    drawn = circle(x, y, r, fill="surface", stroke=dot.tone, width=3)
    if dot.inside:
        drawn += text(x, y + 4, dot.inside[:2], fill="ink", anchor="middle", weight=600, size=11 if r > 11 else 9.5)
    return drawn


def _name(dot: Dot, x: float, y: float, r: float, area: Box, taken: list[Box]) -> str:
    label = shorten(dot.label, 150, 11.5, bold=True)
    note = shorten(dot.note, 150, 10.5)
    width = max(text_width(label, 11.5, bold=True), text_width(note, 10.5))
    height = 27 if note else 14
    for tx, ty, anchor, left in _candidates(x, y, r, width, height):
        box = (left, ty - 11, left + width, ty - 11 + height)
        if _is_free(box, area, taken):
            taken.append(box)
            drawn = text(tx, ty, label, size=11.5, fill="ink", anchor=anchor, weight=600)
            return drawn + (text(tx, ty + 13, note, size=10.5, anchor=anchor) if note else "")
    return ""


def _candidates(x: float, y: float, r: float, width: float, height: float) -> Iterator[tuple[float, float, str, float]]:
    """Places for a name, best first: text x, baseline of its first line, anchor, left edge."""
    middle = y + 11 - height / 2
    low, high = y + r + 13, y - r - height + 8
    for row in (middle, middle - r, middle + r):
        yield x + r + 6, row, "start", x + r + 6
        yield x - r - 6, row, "end", x - r - 6 - width
    yield x, low, "middle", x - width / 2
    yield x, high, "middle", x - width / 2
    for row in (low, high):
        yield x, row, "start", x
        yield x, row, "end", x - width


def _is_free(box: Box, area: Box, taken: list[Box]) -> bool:
    left, top, right, bottom = box
    inside = left >= area[0] and right <= area[2] and top >= area[1] and bottom <= area[3]
    return inside and not any(
        left < other[2] and right > other[0] and top < other[3] and bottom > other[1] for other in taken
    )


def _label(chart: TwoByTwo, dot: Dot) -> str:
    name = f"{dot.label}, {dot.note}" if dot.note else dot.label
    parts = [f"{chart.y.title} {chart.y.show(dot.y)}", f"{chart.x.title} {chart.x.show(dot.x)}"]
    parts += [f"{chart.size_word} {plain(dot.size)}"] if chart.size_word else []
    return f"{name}: {', '.join(parts)}"
