"""Scores of the whole portfolio at once: figures summed in SQL, scored in NumPy, written back by COPY.

Only background work loads this module: NumPy is not for the web process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone as clock
from numpy.typing import NDArray

from scoring.actions.standing import MEASURES as STANDING
from scoring.actions.standing import write_standings
from scoring.domain.criterion import Half
from scoring.domain.measures import Figures as Measure
from scoring.domain.table import NOT_PROPOSED, UNSCORED, ScoreTable, Truth, Whole, proposed_tiers, score_table
from scoring.models import AccountScore, Criterion, Distribution, Rescored, ScoreRun
from scoring.models.distribution import PIECE
from scoring.queries.blocks import FLOAT, INTEGER, Block, Writer, copy_out
from scoring.queries.measures import (
    EXPRESSIONS,
    GAP_PARTS,
    GAP_STEPS,
    NEEDS,
    OVERLAPS,
    UNCONVERTED,
    Window,
    assembled,
    statement,
)
from scoring.queries.passed import passed_gates
from scoring.queries.ratings import median_statement
from scoring.queries.registered import registered
from scoring.queries.rules import Rules

MICROSECONDS_FROM = datetime(2000, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 (django.utils.timezone is imported too)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All live accounts in order of id, with what their scores are computed from (accounts x criteria)."""

    accounts: Whole
    decided: Whole
    values: NDArray[np.float64]
    scope_margin: float | None
    unconverted: int
    figures: Mapping[str, NDArray[np.float64]]


def recompute(
    rules: Rules,
    window: Window,
    today: date,
    progress: Callable[[int, str], None],
    seen: dict[str, int],
    chosen: bool,
) -> ScoreRun:
    """Score every live account by `rules` and replace all scores. The caller holds the lock and the transaction."""
    started = time.monotonic()
    progress(5, "Reading figures and ratings")
    portfolio = read(rules, window, today, also=STANDING)
    progress(45, f"Scoring {len(portfolio.accounts)} accounts")
    table = score_table(rules.scorecard, portfolio.values)
    tiers = proposed_tiers(table, rules.tiers, passed_gates(rules, portfolio.accounts, today), portfolio.decided)
    progress(60, "Writing scores")
    write(rules, portfolio, table, tiers, computed_at=clock.now())
    write_distribution(rules, portfolio)
    write_standings(portfolio.accounts, portfolio.figures)
    progress(95, "Writing scores")
    return ScoreRun.objects.create(
        version=rules.version,
        quarter_start=window.last.start,
        chosen=chosen,
        currency=window.currency,
        accounts=len(portfolio.accounts),
        scored=int((table.overall != UNSCORED).sum()),
        unconverted=portfolio.unconverted,
        scope_margin=portfolio.scope_margin,
        seen=seen,
        milliseconds=int((time.monotonic() - started) * 1000),
        computed_at=clock.now(),
    )


def read(rules: Rules, window: Window, today: date, also: Sequence[str] = ()) -> Portfolio:
    """Two queries: measures from figures, medians of ratings. `also`: further measures to leave in `figures`."""
    measures = list(dict.fromkeys([*_measures_needed(rules), *also]))
    built = statement(measures, window, tiers=rules.tier_keys)
    columns = [("account", INTEGER), ("decided", INTEGER), ("flags", INTEGER)]
    block = copy_out(built.sql, built.params, [*columns, *((measure, FLOAT) for measure in built.columns)])
    block = block[np.argsort(block["account"])]
    found = {measure: block[measure].astype(np.float64) for measure in built.columns}
    assemble_overlaps(block, found, built.columns, window)
    margin = _scope_margin(found)
    if Measure.MARGIN_GAP in rules.measures:
        average = np.nan if margin is None else margin
        found[Measure.MARGIN_GAP] = np.rint((found[Measure.MARGIN] - average) * GAP_STEPS) / GAP_PARTS
    accounts = block["account"].astype(np.int64)
    values = np.full((len(accounts), len(rules.criteria)), np.nan)
    for column, criterion in enumerate(rules.criteria):
        if criterion.measure in found:
            values[:, column] = found[criterion.measure]
    _fill_registered(values, rules, accounts, today)
    _fill_ratings(values, rules, accounts, today)
    return Portfolio(
        accounts,
        block["decided"].astype(np.int64),
        values,
        margin,
        int(((block["flags"] & UNCONVERTED) > 0).sum()),
        figures=found,
    )


def _measures_needed(rules: Rules) -> list[str]:
    """The measures read from figures; a gap to the average needs the margin, the revenue and the contribution."""
    needed = [measure for measure in rules.measures if measure in EXPRESSIONS]
    if Measure.MARGIN_GAP in rules.measures:
        needed += [Measure.MARGIN, Measure.REVENUE, Measure.CONTRIBUTION]
    return list(dict.fromkeys(needed))


def assemble_overlaps(block: Block, found: dict[str, Any], measures: tuple[str, ...], window: Window) -> None:
    """Put right the accounts whose rows overlap: their sums are made row by row."""
    overlapping = np.nonzero(block["flags"] & OVERLAPS)[0]
    if not overlapping.size or not measures:
        return
    numbers = assembled(block["account"][overlapping].tolist(), measures, window)
    for row in overlapping.tolist():
        for measure, number in zip(measures, numbers[int(block["account"][row])], strict=True):
            found[measure][row] = number


def _scope_margin(found: dict[str, Any]) -> float | None:
    """Contribution over revenue, both summed over the accounts where both are known."""
    if Measure.REVENUE not in found or Measure.CONTRIBUTION not in found:
        return None
    both = ~np.isnan(found[Measure.REVENUE]) & ~np.isnan(found[Measure.CONTRIBUTION])
    revenue = float(found[Measure.REVENUE][both].sum())
    return float(found[Measure.CONTRIBUTION][both].sum()) / revenue if revenue > 0 else None


def _fill_registered(values: NDArray[np.float64], rules: Rules, accounts: Whole, today: date) -> None:
    """The measures of other apps, each by its own statement, joined by account."""
    for key, read in registered(rules.measures).items():
        block = copy_out(*read(today, None), [("account", INTEGER), ("value", FLOAT)])
        rows, live = rows_of(block["account"].astype(np.int64), accounts)
        for column, criterion in enumerate(rules.criteria):
            if criterion.measure == key:
                values[rows, column] = block["value"][live]


def rows_of(found: Whole, accounts: Whole) -> tuple[Whole, Truth]:
    """Rows of the accounts that were found, and which of those found are among the accounts."""
    if not found.size or not accounts.size:
        return np.zeros(0, dtype=np.int64), np.zeros(found.shape, dtype=np.bool_)
    rows = np.minimum(np.searchsorted(accounts, found), accounts.size - 1)
    live = accounts[rows] == found
    return rows[live], live


def _fill_ratings(values: NDArray[np.float64], rules: Rules, accounts: Whole, today: date) -> None:
    if not rules.rated_keys:
        return
    sql, params = median_statement(rules, today)
    block = copy_out(sql, params, [("account", INTEGER), ("position", INTEGER), ("median", FLOAT)])
    rows, live = rows_of(block["account"].astype(np.int64), accounts)
    values[rows, block["position"].astype(np.int64)[live]] = block["median"][live]


COLUMNS = [
    "account_id",
    "version_id",
    "current",
    "potential",
    "overall",
    "current_covered",
    "current_whole",
    "potential_covered",
    "potential_whole",
    "proposed_tier",
    "ranking",
    "values",
    "computed_at",
]
QUOTED = [f'"{name}"' for name in COLUMNS]


def write(rules: Rules, portfolio: Portfolio, table: ScoreTable, tiers: Whole, computed_at: datetime) -> None:
    """Replace all scores: rows with the same unknown columns and the same tier have one width, and go together."""
    covered, whole = {}, {}
    for half in Half:
        columns = [i for i, criterion in enumerate(rules.scorecard.criteria) if criterion.half is half]
        weights = np.array([rules.scorecard.criteria[i].weight_steps for i in columns], dtype=np.int64)
        covered[half] = ((~table.missing[:, columns]) @ weights).astype(np.int32)
        whole[half] = np.int32(weights.sum())
    writer = Writer(AccountScore._meta.db_table, QUOTED)
    names = [*rules.tier_keys, ""]
    microseconds = np.int64((computed_at - MICROSECONDS_FROM) // timedelta(microseconds=1))
    # basis says which of the scores are there; the tier is NOT_PROPOSED unless all are
    groups = table.basis.astype(np.int64) * (len(names) + 1) + tiers + 1
    for group in np.unique(groups).tolist():
        rows = np.nonzero(groups == group)[0]
        basis, tier = divmod(group, len(names) + 1)
        current = table.current[rows] if basis in (1, 2) else None
        potential = table.potential[rows] if basis in (1, 3) else None
        overall = table.overall[rows] if basis == 1 else None
        best = (overall, current, potential)
        row_values = [
            portfolio.accounts[rows],
            np.int64(rules.version.pk),
            current,
            potential,
            overall,
            covered[Half.CURRENT][rows],
            whole[Half.CURRENT],
            covered[Half.POTENTIAL][rows],
            whole[Half.POTENTIAL],
            None if tier - 1 == NOT_PROPOSED else names[tier - 1],
            next((score for score in best if score is not None), None),
            portfolio.values[rows],
            microseconds,
        ]
        writer.add(len(rows), dict(zip(QUOTED, row_values, strict=True)))
    with connection.cursor() as cursor:
        # Unlike a delete it leaves no dead rows for the indexes to carry; readers wait until the new rows are there.
        cursor.execute(f"TRUNCATE {writer.table}")
    writer.write()


def write_distribution(rules: Rules, portfolio: Portfolio) -> None:
    """Keep the values of percentile criteria in order, so that one account finds its place without reading all."""
    writer = Writer(Distribution._meta.db_table, ["position", "size", "lowest", "highest", '"values"'])
    for column, criterion in enumerate(rules.criteria):
        if criterion.method != Criterion.Method.PERCENTILE:
            continue
        values = portfolio.values[:, column]
        known = np.sort(values[~np.isnan(values)])
        whole = known.size - known.size % PIECE
        for rows in (known[:whole].reshape(-1, PIECE), known[whole:].reshape(1, -1)):
            if rows.size:
                found = (np.int32(column + 1), np.int32(rows.shape[1]), rows[:, 0], rows[:, -1], rows)
                writer.add(len(rows), dict(zip(writer.columns, found, strict=True)))
    # Few rows: unlike TRUNCATE a delete never waits for a reader who waits for the table of scores.
    Distribution.objects.all().delete()
    Rescored.objects.all().delete()
    writer.write()


def amounts_needed(measures: list[str]) -> set[tuple[str, int]]:
    """Which sums a set of measures reads; the benchmark states it beside its figures."""
    return {need for measure in measures for need in NEEDS[measure]}
