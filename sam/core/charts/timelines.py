"""Timeline: what happened and what is planned, on one line of months."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.safestring import SafeString

from sam.core.charts.palette import Tone
from sam.core.charts.scale import Linear
from sam.core.charts.svg import circle, empty, frame, line, mark, rect, shorten, text, text_width
from sam.core.charts.table import ChartTable, chart_table


@dataclass(frozen=True, slots=True)
class Event:
    """Something on a day, or from a day to another. `when` is the day in words, formatted by the caller."""

    start: date
    label: str
    when: str
    end: date | None = None
    tone: Tone = "brand"
    href: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events between two days; `months` are first days with their names, `today` draws a line."""

    events: tuple[Event, ...]
    first: date
    last: date
    title: str
    months: tuple[tuple[date, str], ...] = ()
    today: date | None = None
    today_word: str = "today"

    def table(self) -> ChartTable:
        return chart_table(("When", "What"), [(event.when, event.label) for event in self.events], words=(1,))


ROW, TOP, SIDE = 26.0, 34.0, 10.0


def timeline(chart: Timeline, *, width: float = 1080) -> SafeString:
    """Each event in the first row with room for its words; the axis stays on top."""
    if not chart.events:
        return empty("Nothing planned yet", width=width, height=80, title=chart.title)
    span = max((chart.last - chart.first).days, 1)
    x = Linear(0, span, SIDE, width - SIDE)

    def at(day: date) -> float:
        return x.clamped((day - chart.first).days)

    rows: list[float] = []
    drawn = []
    for event in sorted(chart.events, key=lambda one: (one.start, one.label)):
        start, end = at(event.start), at(event.end or event.start)
        words = shorten(event.label, 190, 11.5)
        before = end + 10 + text_width(words, 11.5) > width
        left = start - 10 - text_width(words, 11.5) if before else start - 6
        right = end + 8 if before else end + 14 + text_width(words, 11.5)
        row = next((index for index, edge in enumerate(rows) if edge <= left), len(rows))
        rows[row : row + 1] = [right]
        y = TOP + 14 + row * ROW
        shape = (
            rect(start, y - 4, max(end - start, 8), 8, fill=event.tone, rx=4)
            if event.end and event.end > event.start
            else circle(start, y, 5, fill=event.tone, stroke="surface", width=1.5)
        )
        place, anchor = (start - 10, "end") if before else (end + 10, "start")
        shape += text(place, y + 4, words, size=11.5, fill="ink", anchor=anchor)
        drawn.append(mark(shape, f"{event.when}: {event.label}", event.href))
    height = TOP + 14 + len(rows) * ROW
    ground = [line((SIDE, TOP - 8), (width - SIDE, TOP - 8), stroke="line-strong")]
    shown_until = 0.0
    for day, name in chart.months:
        if not chart.first <= day <= chart.last:
            continue
        ground.append(line((at(day), TOP - 8), (at(day), height), stroke="line"))
        if at(day) + 3 >= shown_until:
            ground.append(text(at(day) + 3, TOP - 14, name))
            shown_until = at(day) + 9 + text_width(name, 11)
    if chart.today and chart.first <= chart.today <= chart.last:
        ground.append(line((at(chart.today), TOP - 12), (at(chart.today), height), stroke="bad", width=1.5, dash="4 3"))
        anchor = "end" if at(chart.today) > width - 60 else "start"
        ground.append(text(at(chart.today) + (4 if anchor == "start" else -4), height - 3, chart.today_word, fill="bad",
                           anchor=anchor, weight=600))  # fmt: skip
        height += 10
    return frame([*ground, *drawn], width=width, height=height, title=chart.title)


def month_starts(first: date, last: date) -> tuple[date, ...]:
    """The first days of the months that begin between two days."""
    day = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    days = []
    while day <= last:
        days.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return tuple(days)
