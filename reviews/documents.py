"""Review packs on paper: two documents from two types, and the file each becomes.

The client's pages take a ClientEdition and nothing else. The internal edition shows the same pages and then its own.
"""

from __future__ import annotations

import dataclasses
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string

from planning.domain.progress import ActionState
from reviews.domain.filenames import INTERNAL
from reviews.queries.client_edition import NEXT_DAYS, ClientEdition
from reviews.queries.internal_pages import InternalPages
from sam.core.charts import (
    Bar,
    BarsWithPlan,
    Bullet,
    BulletRow,
    Dumbbell,
    DumbbellRow,
    Event,
    NpsBar,
    Number,
    Timeline,
    bars_with_plan,
    bullet,
    dumbbell,
    heat_map,
    month_starts,
    nps_bar,
    timeline,
)
from sam.core.errors import ActionRefused
from sam.core.pdf import PdfFailed, PdfFile, to_pdf
from sam.core.templatetags.ui import compact, money, signed

PAGE_WIDTH = 680


def client_html(edition: ClientEdition) -> str:
    """The client's edition as one HTML document."""
    return render_to_string("print/review_pack.html", {"internal": False, "pack": edition, **_client_charts(edition)})


def internal_html(edition: ClientEdition, inside: InternalPages) -> str:
    """The internal edition: its own cover, the mark on every page, the client's pages, then ours."""
    context = {
        "internal": True,
        "mark": f"{INTERNAL} – not for {edition.client}",
        "pack": edition,
        "inside": inside,
        **_client_charts(edition),
        **_internal_charts(inside),
    }
    return render_to_string("print/review_pack.html", context)


def pdf_of(html: str) -> PdfFile:
    """Raises ActionRefused with words for the person who waits."""
    try:
        return to_pdf(html)
    except PdfFailed as failed:
        raise ActionRefused(failed.message, code=failed.code) from failed


def as_json(edition: ClientEdition) -> dict[str, Any]:
    """The edition in JSON types: dates as ISO text, decimals as text."""
    return {name: _plain(value) for name, value in dataclasses.asdict(edition).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


# --- charts: no links, since paper has none -----------------------------------------------------------------------


def _client_charts(edition: ClientEdition) -> dict[str, Any]:
    return {
        "measures_chart": _measures(edition),
        "survey_chart": _survey(edition),
        "drivers_chart": _drivers(edition),
        "steps_chart": _steps(edition),
        "since_counts": _counts(edition),
    }


def _counts(edition: ClientEdition) -> dict[str, int]:
    found = dict.fromkeys((state.value for state in ActionState), 0)
    for line in edition.since:
        found[line.state] += 1
    return found


def _percent(value: Number) -> str:
    return f"{round(float(value))} %"


def _measures(edition: ClientEdition) -> str:
    """How far each agreed measure has come from its baseline to its target; the way counts in either direction."""
    rows = tuple(
        BulletRow(
            line.what,
            max(Decimal(0), min(Decimal(100), line.progress * 100)) if line.progress is not None else None,
            Decimal(100),
            bands=(Decimal(100),),
            most=Decimal(100),
            show=_percent,
            tone="good" if line.progress is not None and line.progress >= 1 else "brand",
        )
        for line in edition.measures
    )
    title = "The way from baseline to target"
    return bullet(Bullet(rows, title, words=("way gone", "target")), width=PAGE_WIDTH, label_width=230) if rows else ""


def _survey(edition: ClientEdition) -> str:
    found = edition.survey
    if found is None:
        return ""
    chart = NpsBar(
        found.promoters,
        found.passives,
        found.detractors,
        found.score,
        found.low,
        found.high,
        title="How likely you are to recommend us",
    )
    return nps_bar(chart)


def _drivers(edition: ClientEdition) -> str:
    found = edition.survey
    if found is None or all(line.now is None for line in found.drivers):
        return ""
    chart = Dumbbell(
        tuple(DumbbellRow(line.label, line.before, line.now) for line in found.drivers),
        title="Five things, from 1 (disagree) to 5 (agree)",
        low=1,
        high=5,
        show=lambda value: f"{float(value):.1f}",
        words=("wave before", "now", "too few answers"),
    )
    return dumbbell(chart, width=PAGE_WIDTH, label_width=170)


def _steps(edition: ClientEdition) -> str:
    chart = Timeline(
        tuple(Event(step.on, step.what, f"{step.on:%-d %b}") for step in edition.steps),
        first=edition.held_on,
        last=edition.last_day,
        title=f"The next {NEXT_DAYS} days",
        months=tuple((day, f"{day:%b}") for day in month_starts(edition.held_on, edition.last_day)),
    )
    return timeline(chart, width=PAGE_WIDTH)


def _internal_charts(inside: InternalPages) -> dict[str, Any]:
    numbers = inside.numbers
    amounts = [line.revenue for line in numbers.quarters if line.revenue is not None]
    return {
        "revenue_chart": bars_with_plan(
            BarsWithPlan(
                tuple(
                    Bar(line.label, line.revenue, line.planned, preliminary=line.preliminary)
                    for line in numbers.quarters
                ),
                title="Revenue against plan",
                unit=numbers.currency,
                show=lambda value: money(value, numbers.currency),
                show_axis=lambda value: compact(value),
            ),
            width=PAGE_WIDTH,
            height=220,
        )
        if amounts
        else "",
        "score_chart": _score(inside),
        "heat_chart": heat_map(inside.people.heat, width=PAGE_WIDTH) if inside.people.heat else "",
    }


def _score(inside: InternalPages) -> str:
    page = inside.score
    if page is None:
        return ""
    rows = tuple(
        BulletRow(line.name, line.points, None, bands=(Decimal(100),), most=Decimal(100), show=_points)
        for line in page.criteria
    )
    return bullet(Bullet(rows, "Points per criterion"), width=PAGE_WIDTH, label_width=290, row_height=30)


def _points(value: Number) -> str:
    return signed(value, 0).lstrip("+")
