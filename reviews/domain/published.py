"""Cases of the survey's formulas that are published or can be added up by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from reviews.domain.nps import Nps
from sam.values.cases import IMPOSSIBLE, Case, Found


def hundred_answers() -> Mapping[str, Found]:
    found = Nps(promoters=50, passives=30, detractors=20)
    interval = found.interval
    return {
        "n": found.n,
        "NPS": found.score,
        "interval, low": interval.low if interval else None,
        "interval, high": interval.high if interval else None,
        "NPS without answers": Nps(0, 0, 0).score,
    }


CASES: tuple[Case, ...] = (
    Case(
        "nps",
        "Net promoter score of 100 answers: 50 promoters, 30 passives, 20 detractors",
        "Reichheld 2003; adjusted-Wald interval for a net promoter score (MeasuringU), z 1.96",
        {
            "n": Decimal(100),
            "NPS": Decimal(30),
            "interval, low": Decimal("14.05"),
            "interval, high": Decimal("44.20"),
            "NPS without answers": IMPOSSIBLE,
        },
        Decimal("0.01"),
        hundred_answers,
    ),
)
