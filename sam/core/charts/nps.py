"""NPS: how the answers split, and the score with the interval that its number of answers allows."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from sam.core.charts.scale import Linear, Number
from sam.core.charts.svg import circle, empty, frame, line, mark, rect, text
from sam.core.charts.table import ChartTable, chart_table


@dataclass(frozen=True, slots=True)
class NpsBar:
    """Counts of answers; `score`, `low` and `high` are −100 to 100 and come from the rule that computed them."""

    promoters: int
    passives: int
    detractors: int
    score: Number | None
    low: Number | None
    high: Number | None
    title: str
    words: tuple[str, str, str] = ("detractors", "passives", "promoters")
    # For a single answer.
    single: tuple[str, str, str] = ("detractor", "passive", "promoter")
    no_answers: str = "No answers yet"

    @property
    def answers(self) -> int:
        return self.promoters + self.passives + self.detractors

    def table(self) -> ChartTable:
        detractors, passives, promoters = self.words
        return chart_table(
            ("", "n"),
            [(detractors, self.detractors), (passives, self.passives), (promoters, self.promoters)],
        )


def signed(value: Number) -> str:
    """A score without decimals and with its sign."""
    whole = round(float(value))
    return f"+{whole}" if whole > 0 else f"\N{MINUS SIGN}{-whole}" if whole < 0 else "0"


def nps_bar(chart: NpsBar, *, width: float = 560) -> SafeString:
    """A split bar with counts, and below it the score on −100 to 100 with its interval as a band."""
    height = 104.0
    if chart.answers == 0 or chart.score is None:
        return empty(chart.no_answers, width=width, height=height, title=chart.title)
    body = _split(chart, width)
    x = Linear(-100, 100, 14, width - 14)
    y = 72.0
    body += line((x(-100), y), (x(100), y), stroke="line-strong")
    for tick in (-100, -50, 0, 50, 100):
        body += line((x(tick), y - 4), (x(tick), y + 4), stroke="line-strong")
        body += text(x(tick), y + 20, signed(tick), anchor="middle")
    if chart.low is not None and chart.high is not None:
        left, right = x.clamped(chart.low), x.clamped(chart.high)
        body += rect(left, y - 5, right - left, 10, fill="brand-soft", stroke="brand", rx=5)
    body += circle(x.clamped(chart.score), y, 6.5, fill="brand", stroke="surface", width=2)
    place = min(max(x.clamped(chart.score), 24), width - 24)
    body += text(place, y - 11, signed(chart.score), size=13, fill="ink", anchor="middle", weight=650)
    interval = (
        f" [{signed(chart.low)}, {signed(chart.high)}]" if chart.low is not None and chart.high is not None else ""
    )
    desc = f"{signed(chart.score)}{interval}, n = {chart.answers}"
    return frame(body, width=width, height=height, title=chart.title, desc=desc)


def _split(chart: NpsBar, width: float) -> str:
    counts = (chart.detractors, chart.passives, chart.promoters)
    tones = (("bad-soft", "bad"), ("surface-2", "soft"), ("good-soft", "good"))
    drawn, x = "", 0.0
    for many, one, count, (fill, tone) in zip(chart.words, chart.single, counts, tones, strict=True):
        if not count:
            continue
        word = one if count == 1 else many
        part = width * count / chart.answers
        share = f"{100 * count / chart.answers:.0f}\N{NO-BREAK SPACE}%"
        box = rect(x + 1, 1, part - 2, 30, fill=fill, stroke=tone, rx=4)
        box += text(x + part / 2, 21, f"{count} {word}" if part > 96 else count, size=11.5, fill=tone, anchor="middle",
                    weight=600)  # fmt: skip
        drawn += mark(box, f"{count} {word}, {share}")
        x += part
    return drawn
