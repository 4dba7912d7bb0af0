"""Scoring the whole portfolio by ten computed criteria, beside one SQL statement and beside NumPy with COPY."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import Account
from benchmark.cpu import Meter
from benchmark.dataset import LEAD
from benchmark.results import Finding, Sample
from sam.core.models import User
from sam.values.periods import last_closed_quarter, trailing_quarters
from scoring.actions.scorecards import add_criterion, add_scorecard, publish, put_in_use
from scoring.actions.scores import recompute_account, recompute_all
from scoring.domain.what_if import Changes
from scoring.models import AccountScore, Criterion, Scorecard, ScorecardVersion
from scoring.queries.held import forget
from scoring.queries.what_if import what_if

TIMES = 3
MOST_RATIO, MOST_MILLISECONDS, MOST_DRAG = 1.5, 50.0, 150.0
NAME = "Benchmark"
BANDS = {
    "revenue": (5_000, 20_000, 80_000, 300_000),
    "growth": (-0.1, 0.0, 0.05, 0.15),
    "margin": (0.2, 0.28, 0.32, 0.36),
    "share_of_wallet": (0.25, 0.35, 0.5, 0.7),
}
# measure and method of five criteria in each half; every one weighs 20
CRITERIA = {
    "current": [
        ("revenue", "percentile"),
        ("contribution", "percentile"),
        ("margin", "banded"),
        ("cost_to_serve", "percentile"),
        ("revenue", "banded"),
    ],
    "potential": [
        ("growth", "percentile"),
        ("share_of_wallet", "percentile"),
        ("growth", "banded"),
        ("share_of_wallet", "banded"),
        ("margin", "percentile"),
    ],
}


def measure_scores(postmaster: int, accounts: int) -> list[Finding]:
    _scorecard()
    meter = Meter(postmaster)
    subject = _timed(meter, lambda: recompute_all(by=None))
    if (scored := AccountScore.objects.filter(overall__isnull=False).count()) < accounts * 0.95:
        raise ValueError(f"only {scored} of {accounts} accounts were scored")
    with connection.cursor() as cursor:
        cursor.execute(FLOOR_TABLE)
    floors = {"one SQL statement": _timed(meter, _by_sql), "NumPy and COPY": _timed(meter, _by_numpy)}
    _same_scores()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_score")
    title, floor = min(floors.items(), key=lambda pair: pair[1].cpu_ms)
    other = ", ".join(f"{name} {sample.cpu_ms:,.0f} ms" for name, sample in floors.items() if name != title)
    return [
        Finding(
            "scores", "scoring by ten computed criteria, written back", accounts, subject.cpu_ms / floor.cpu_ms, "×",
            MOST_RATIO, subject, floor, title, note=f"{other}; wall {subject.wall_ms / floor.wall_ms:.2f} ×",
        ),
        _one_account(meter, accounts),
        *_what_ifs(meter, accounts),
    ]  # fmt: skip


def _what_ifs(meter: Meter, accounts: int) -> list[Finding]:
    """Twenty positions of a slider, and the first question, which reads the portfolio into memory."""
    version = ScorecardVersion.objects.select_related("scorecard").get(scorecard__name=NAME, state="live")
    lead = User.objects.get(email=LEAD)
    forget()
    first = _once(meter, lambda: what_if(version, lead, Changes(), 25))
    walls = []
    with meter.measure() as spent:
        for weight in range(1, 21):
            began = time.perf_counter()
            what_if(version, lead, Changes({"C1": Decimal(weight)}, None, {}), 25)
            walls.append(time.perf_counter() - began)
    forget()
    sample = Sample.of(walls, spent.python, spent.database)
    return [
        Finding("scores", "what-if: one position of a slider", accounts, sample.wall_ms, "ms", MOST_DRAG, sample),
        Finding(
            "scores", "what-if: the first question, reading all scores", accounts, first.wall_ms, "ms", None, first
        ),
    ]


def _once(meter: Meter, work: Callable[[], object]) -> Sample:
    with meter.measure() as spent:
        began = time.perf_counter()
        work()
        wall = time.perf_counter() - began
    return Sample.of([wall], spent.python, spent.database)


def _one_account(meter: Meter, accounts: int) -> Finding:
    chosen = list(Account.objects.order_by("pk")[100:120])
    walls = []
    with meter.measure() as spent:
        for account in chosen:
            began = time.perf_counter()
            recompute_account(account=account, by=None)
            walls.append(time.perf_counter() - began)
    sample = Sample.of(walls, spent.python, spent.database)
    return Finding("scores", "scoring one account again", accounts, sample.cpu_ms, "ms CPU", MOST_MILLISECONDS, sample)


def _timed(meter: Meter, work: Callable[[], object]) -> Sample:
    work()
    walls = []
    with meter.measure() as spent:
        for _ in range(TIMES):
            began = time.perf_counter()
            work()
            walls.append(time.perf_counter() - began)
    return Sample.of(walls, spent.python, spent.database)


def _scorecard() -> None:
    if Scorecard.objects.filter(name=NAME).exists():
        return
    version = add_scorecard(name=NAME, by=None)
    for half, criteria in CRITERIA.items():
        for number, (measure, method) in enumerate(criteria, start=1):
            cuts = [Decimal(str(cut)) for cut in BANDS[measure]] if method == "banded" else []
            add_criterion(
                version=version, revision=version.revision, by=None, key=f"{half[0].upper()}{number}", half=half,
                name=f"{measure} {method}", family="gives", kind=Criterion.Kind.COMPUTED, measure=measure,
                method=method, weight=Decimal(20), cut_points=cuts, low_is_good=measure == "cost_to_serve",
            )  # fmt: skip
    publish(version=version, revision=version.revision, note="For the benchmark", by=None)
    scorecard = version.scorecard
    scorecard.refresh_from_db()
    if not scorecard.in_use:
        put_in_use(scorecard=scorecard, revision=scorecard.revision, by=None)


# --- floors ------------------------------------------------------------------------------------------

# The same columns and indexes as the product's table, so that as much is written back.
FLOOR_TABLE = "CREATE TABLE bench_score (LIKE scoring_accountscore INCLUDING DEFAULTS INCLUDING INDEXES)"
COLUMNS = """account_id, version_id, "current", potential, overall, current_covered, current_whole, potential_covered,
    potential_whole, proposed_tier, ranking, "values", computed_at"""
WHOLE = 10_000
SUMS = """
    SELECT account_id, sum(revenue) FILTER (WHERE period_start >= %(now)s)::float8 AS revenue,
        sum(revenue) FILTER (WHERE period_start < %(now)s)::float8 AS revenue_before,
        sum(revenue - cost_of_goods - cost_to_serve) FILTER (WHERE period_start >= %(now)s)::float8 AS contribution,
        sum(cost_to_serve) FILTER (WHERE period_start >= %(now)s)::float8 AS cost_to_serve,
        sum(client_spend) FILTER (WHERE period_start >= %(now)s)::float8 AS client_spend
    FROM accounts_figure WHERE kind = 'actual' AND months = 3 AND period_start >= %(before)s
    GROUP BY account_id ORDER BY account_id
"""
MEASURES = {
    "revenue": "revenue",
    "contribution": "contribution",
    "margin": "contribution / revenue",
    "cost_to_serve": "cost_to_serve / revenue",
    "growth": "revenue / revenue_before - 1",
    "share_of_wallet": "revenue / client_spend",
}


def _window() -> dict[str, date]:
    quarters = trailing_quarters(last_closed_quarter(timezone.localdate()), 8)
    return {"before": quarters[0].start, "now": quarters[4].start}


def _by_sql() -> None:
    """Sums, measures, percentiles by window function, bands by width_bucket, weighted halves: one INSERT."""

    def score(measure: str, method: str) -> str:
        if method == "banded":
            return f"25.0 * width_bucket(m_{measure}, ARRAY{list(map(float, BANDS[measure]))}::float8[])"
        order = f"m_{measure}{' DESC' if measure == 'cost_to_serve' else ''}"
        return f"100.0 * percent_rank() OVER (ORDER BY {order})"

    halves = [
        f"({' + '.join(score(*criterion) for criterion in criteria)}) / {len(criteria)} AS {half}"
        for half, criteria in CRITERIA.items()
    ]
    statement = f"""
        INSERT INTO bench_score ({COLUMNS})
        SELECT account_id, 1, round(current * 1e9), round(potential * 1e9), round((current + potential) / 2 * 1e9),
            {WHOLE}, {WHOLE}, {WHOLE}, {WHOLE}, CASE WHEN current + potential >= 140 THEN 'strategic' ELSE '' END,
            round((current + potential) / 2 * 1e9),
            ARRAY[{", ".join(f"m_{name}" for criteria in CRITERIA.values() for name, _ in criteria)}], now()
        FROM (SELECT *, {", ".join(halves)}
              FROM (SELECT account_id, {", ".join(f"{text} AS m_{name}" for name, text in MEASURES.items())}
                    FROM ({SUMS}) s) m) h
    """
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_score")
        cursor.execute(statement, _window())


def _by_numpy() -> None:
    """The sums by COPY, everything else in arrays, back by COPY: text both ways, as numpy users write it first."""
    with connection.cursor() as cursor:
        statement = f"COPY ({SUMS}) TO STDOUT"
        with cursor.copy(statement, _window()) as copy:
            content = b"".join(bytes(piece) for piece in copy)
    table = np.array(content.split(), dtype=np.float64).reshape(-1, 6)
    accounts = table[:, 0].astype(np.int64)
    revenue, before, contribution, cost, spend = table[:, 1:].T
    measures = {
        "revenue": revenue,
        "contribution": contribution,
        "margin": contribution / revenue,
        "cost_to_serve": cost / revenue,
        "growth": revenue / before - 1,
        "share_of_wallet": revenue / spend,
    }
    halves = [
        np.rint(sum(_points(measures[measure], measure, method) for measure, method in criteria) / len(criteria) * 1e9)
        for criteria in CRITERIA.values()
    ]
    overall = np.rint((halves[0] + halves[1]) / 2)
    values = np.column_stack([measures[name] for criteria in CRITERIA.values() for name, _ in criteria]).tolist()
    tiers = np.where(overall >= 70e9, "strategic", "").tolist()
    now = timezone.now().isoformat()
    covered = f"\t{WHOLE}" * 4
    columns = (accounts, *(column.astype(np.int64) for column in (*halves, overall)))
    lines = [
        f"{pk}\t1\t{current}\t{potential}\t{both}{covered}\t{tier}\t{both}\t{{{','.join(map(repr, row))}}}\t{now}\n"
        for pk, current, potential, both, tier, row in zip(
            *(column.tolist() for column in columns), tiers, values, strict=True
        )
    ]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_score")
        with cursor.copy(f"COPY bench_score ({COLUMNS}) FROM STDIN") as copy:
            copy.write("".join(lines))


def _points(values: NDArray[np.float64], measure: str, method: str) -> NDArray[Any]:
    if method == "banded":
        bands = np.array(BANDS[measure], dtype=np.float64)
        return np.asarray(25.0 * np.searchsorted(bands, values, side="right"), dtype=np.float64)
    compared = -values if measure == "cost_to_serve" else values
    below = np.searchsorted(np.sort(compared), compared, side="left").astype(np.float64)
    return np.asarray(below * (100.0 / (len(values) - 1)), dtype=np.float64)


def _same_scores() -> None:
    """The floors do the same work: their scores are ours, but for the share that ties and our rounding move."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE abs(s.overall - b.overall) < 1e9)"
            " FROM bench_score b JOIN scoring_accountscore s USING (account_id) WHERE s.overall IS NOT NULL"
        )
        both, close = cursor.fetchone()
    if close < both * 0.99:
        raise ValueError(f"the floor does other work: {close} of {both} scores agree to a point")
