"""Who carries the business: Pareto (largest first, adding up) and the whale curve (a tail that eats profit)."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from sam.core.charts.scale import Format, Linear, Number, nice_ticks, plain
from sam.core.charts.svg import circle, empty, frame, line, mark, polyline, rect, shorten, text
from sam.core.charts.table import ChartTable, chart_table

LEFT, RIGHT, TOP, BOTTOM = 52, 44, 16, 30
PERCENT = "\N{NO-BREAK SPACE}%"


@dataclass(frozen=True, slots=True)
class ParetoItem:
    """One account (or "327 others") with its amount."""

    label: str
    value: Number
    href: str = ""


@dataclass(frozen=True, slots=True)
class Pareto:
    """Items from the largest down; `total` covers also what is not drawn. `line_at` is the share to read off."""

    items: tuple[ParetoItem, ...]
    total: Number
    title: str
    show: Format = plain
    line_at: float = 0.8
    words: tuple[str, str] = ("Amount", "Cumulative share")

    def shares(self) -> tuple[float, ...]:
        """Cumulative share of the total after each item; zeros when there is no total."""
        added, shares = 0.0, []
        for item in self.items:
            added += float(item.value)
            shares.append(added / float(self.total) if self.total else 0.0)
        return tuple(shares)

    def table(self) -> ChartTable:
        return chart_table(
            ("", *self.words),
            [
                (item.label, self.show(item.value), f"{share * 100:.1f}{PERCENT}")
                for item, share in zip(self.items, self.shares(), strict=True)
            ],
        )


def pareto(chart: Pareto, *, width: float = 640, height: float = 260) -> SafeString:
    """Bars for amounts (left scale), a line for the cumulative share (right scale), a dashed line at `line_at`."""
    if not chart.items or not chart.total:
        return empty("No figures yet", width=width, height=height, title=chart.title)
    ticks = nice_ticks([float(item.value) for item in chart.items])
    y = Linear(ticks[0], ticks[-1], height - BOTTOM, TOP)
    share = Linear(0, 1, y(0), TOP)
    slot = (width - LEFT - RIGHT) / len(chart.items)
    body = []
    for tick in ticks:
        body.append(line((LEFT, y(tick)), (width - RIGHT, y(tick)), stroke="line-strong" if tick == 0 else "line"))
        body.append(text(LEFT - 8, y(tick) + 4, chart.show(tick), anchor="end"))
    cut = share(chart.line_at)
    body.append(line((LEFT, cut), (width - RIGHT, cut), stroke="warn", dash="5 4"))
    body.append(text(width - RIGHT + 5, cut + 4, f"{chart.line_at * 100:.0f}{PERCENT}", fill="warn", weight=600))
    points = []
    for index, (item, reached) in enumerate(zip(chart.items, chart.shares(), strict=True)):
        x = LEFT + slot * index
        top, bottom = sorted((y(item.value), y(0)))
        bar = rect(x + slot * 0.14, top, slot * 0.72, max(bottom - top, 1), fill="brand", rx=2)
        label = f"{item.label}: {chart.show(item.value)}, {reached * 100:.1f}{PERCENT}"
        body.append(mark(bar, label, item.href, focus=len(chart.items) <= 24))
        points.append((x + slot / 2, share.clamped(reached)))
        if slot >= 44:
            body.append(
                text(x + slot / 2, height - 10, shorten(item.label, slot - 4, 10.5), size=10.5, anchor="middle")
            )
    body.append(polyline(points, stroke="series-2", width=2))
    reached = chart.shares()[-1]
    words = f"{reached * 100:.0f}{PERCENT}"
    if abs(share.clamped(reached) - cut) > 12:
        body.append(text(width - RIGHT + 5, points[-1][1] + 4, words, fill="series-2", weight=600))
    body += [circle(*point, 3, fill="series-2") for point in points] if slot >= 16 else []
    return frame(body, width=width, height=height, title=chart.title)


@dataclass(frozen=True, slots=True)
class Whale:
    """Contributions of all accounts in any order; losses are negative. The curve is their cumulative share."""

    values: tuple[Number, ...]
    title: str
    words: tuple[str, str, str] = ("accounts", "share of profit", "peak")

    def curve(self) -> tuple[tuple[float, float], ...]:
        """Points (share of accounts, share of total) from the most to the least profitable; empty without a gain."""
        ordered = sorted((float(value) for value in self.values), reverse=True)
        total = sum(ordered)
        if not ordered or total <= 0:
            return ()
        points, added = [(0.0, 0.0)], 0.0
        for rank, value in enumerate(ordered, 1):
            added += value
            points.append((rank / len(ordered), added / total))
        return tuple(points)

    def peak(self) -> tuple[float, float] | None:
        """Where the curve is highest: the accounts beyond it lose money."""
        curve = self.curve()
        return max(curve, key=lambda point: (point[1], -point[0])) if curve else None

    def table(self) -> ChartTable:
        accounts, share, _peak = self.words
        curve = self.curve()
        picked = [curve[round(step / 10 * (len(curve) - 1))] for step in range(1, 11)] if curve else []
        return chart_table(
            (accounts.capitalize(), share.capitalize()),
            [(f"{x * 100:.0f}{PERCENT}", f"{y * 100:.1f}{PERCENT}") for x, y in picked],
        )


MOST_POINTS = 240
ROOM_OVER_PEAK = 12


def whale(chart: Whale, *, width: float = 640, height: float = 260) -> SafeString:
    """Cumulative share of profit; the peak is marked, the line at 100 % is where all of it ends."""
    curve, peak = chart.curve(), chart.peak()
    if not curve or peak is None:
        return empty("No profit to share out yet", width=width, height=height, title=chart.title)
    ticks = nice_ticks([peak[1], *(y for _x, y in curve)])
    x = Linear(0, 1, LEFT, width - RIGHT)
    y = Linear(ticks[0], ticks[-1], height - BOTTOM, TOP)
    body = []
    for tick in ticks:
        body.append(line((LEFT, y(tick)), (width - RIGHT, y(tick)), stroke="line-strong" if tick == 0 else "line"))
        body.append(text(LEFT - 8, y(tick) + 4, f"{tick * 100:.0f}{PERCENT}", anchor="end"))
    for part in (0, 0.25, 0.5, 0.75, 1):
        body.append(text(x(part), height - 12, f"{part * 100:.0f}{PERCENT}", anchor="middle"))
    body.append(line((LEFT, y(1)), (width - RIGHT, y(1)), stroke="plan", dash="5 4"))
    body.append(text(width - RIGHT, height - 1, chart.words[0], anchor="end", weight=600))
    step = max(1, len(curve) // MOST_POINTS)
    thinned = sorted({*curve[::step], peak, curve[-1]})
    body.append(polyline([(x(px), y(py)) for px, py in thinned], stroke="brand", width=2.25))
    words = f"{chart.words[2]} {peak[1] * 100:.0f}{PERCENT}"
    dot = circle(x(peak[0]), y(peak[1]), 5, fill="surface", stroke="brand", width=2.5)
    at_right = peak[0] > 0.75
    over = y(peak[1]) - 11 if y(peak[1]) > TOP + ROOM_OVER_PEAK else y(peak[1]) + 22
    dot += text(x(peak[0]), over, words, size=11.5, fill="ink", weight=600,
                anchor="end" if at_right else "middle")  # fmt: skip
    body.append(mark(dot, f"{words}: {peak[0] * 100:.0f}{PERCENT} {chart.words[0]}"))
    return frame(body, width=width, height=height, title=chart.title)
