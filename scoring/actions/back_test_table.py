"""The arithmetic of back-tests in NumPy. Only requests and jobs that ask load this module."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from sam.values.periods import Quarter
from scoring.actions.portfolio import Portfolio, read, rows_of
from scoring.domain.back_test import FEWEST, OVERALL, BackTest, Point, fifths, thinned
from scoring.domain.criterion import Half
from scoring.domain.points import POINT
from scoring.domain.rank_table import Real, spearman_with_interval
from scoring.domain.scorecard import Scorecard
from scoring.domain.table import UNSCORED, Whole, score_table
from scoring.models import KeptScore
from scoring.queries.blocks import FLOAT, INTEGER, copy_out
from scoring.queries.measures import Window
from scoring.queries.ratings_then import then_statement
from scoring.queries.rules import Rules
from scoring.queries.since import growth_statement, quarters_compared


def compute(rules: Rules, window: Window, last: Quarter, measure: str, score: str) -> BackTest:
    """Scores of `window`'s last day by `rules` against growth until `last`. ValueError unless that is later."""
    quarter = window.last
    portfolio = read(rules, window, quarter.end)
    if score == OVERALL:
        _rate_as_then(portfolio, rules, quarter.end)
        scores = score_table(rules.scorecard, portfolio.values).overall
        kept = _put_kept(scores, portfolio, rules, quarter)
    else:
        scores, kept = _screening(portfolio, rules), 0
    growth = _growth(portfolio, measure, quarter, last, window.currency)
    both = (scores != UNSCORED) & ~np.isnan(growth)
    points = [
        Point(account, points, grown)
        for account, points, grown in zip(
            portfolio.accounts[both].tolist(), (scores[both] / POINT).tolist(), growth[both].tolist(), strict=True
        )
    ]
    found = fifths(points)
    correlation, interval = (None, None)
    if len(points) >= FEWEST:
        correlation, interval = spearman_with_interval(scores[both].astype(np.float64), growth[both])
    return BackTest(
        version=rules.version.pk,
        quarter=str(quarter),
        last=str(last),
        quarters=quarters_compared(quarter, last),
        measure=measure,
        score=score,
        accounts=len(portfolio.accounts),
        scored=int((scores != UNSCORED).sum()),
        kept=kept,
        n=len(points),
        correlation=correlation,
        interval=interval,
        top=found[0] if found else None,
        bottom=found[1] if found else None,
        points=thinned(points),
    )


def _rate_as_then(portfolio: Portfolio, rules: Rules, day: date) -> None:
    """Replace today's ratings by those of `day`."""
    rated = [column for column, criterion in enumerate(rules.criteria) if criterion.is_rated]
    if not rated:
        return
    portfolio.values[:, rated] = np.nan
    sql, params = then_statement(rules, day)
    block = copy_out(sql, params, [("account", INTEGER), ("position", INTEGER), ("value", FLOAT)])
    rows, live = rows_of(block["account"].astype(np.int64), portfolio.accounts)
    portfolio.values[rows, block["position"].astype(np.int64)[live]] = block["value"][live]


def _put_kept(scores: Whole, portfolio: Portfolio, rules: Rules, quarter: Quarter) -> int:
    """Scores that were kept then stand as they were, by whichever version; how many."""
    kept = (
        KeptScore.objects.filter(version__scorecard_id=rules.version.scorecard_id, inputs__quarter=str(quarter))
        .exclude(overall=None)
        .order_by("account_id", "-kept_on", "-pk")
        .distinct("account_id")
        .values_list("account_id", "overall")
    )
    found = np.array(list(kept), dtype=np.int64).reshape(-1, 2)
    rows, live = rows_of(found[:, 0], portfolio.accounts)
    scores[rows] = found[live, 1]
    return len(rows)


def _screening(portfolio: Portfolio, rules: Rules) -> Whole:
    """By the computed criteria of the first half alone, without a minimum, as in a selection cycle."""
    columns = [
        column for column, row in enumerate(rules.criteria) if row.is_computed and row.half == Half.CURRENT.value
    ]
    if not columns:
        return np.full(len(portfolio.accounts), UNSCORED, dtype=np.int64)
    criteria = tuple(rules.scorecard.criteria[column] for column in columns)
    screening = Scorecard(criteria, Decimal(1), Decimal(0))
    return score_table(screening, portfolio.values[:, columns]).current


def _growth(portfolio: Portfolio, measure: str, quarter: Quarter, last: Quarter, currency: str) -> Real:
    """Growth as a fraction in the order of the accounts, NaN where a quarter is unknown."""
    sql, params = growth_statement(measure, quarter, last, currency)
    block = copy_out(sql, params, [("account", INTEGER), ("before", FLOAT), ("after", FLOAT)])
    rows, live = rows_of(block["account"].astype(np.int64), portfolio.accounts)
    found = np.full(len(portfolio.accounts), np.nan)
    found[rows] = np.round(block["after"][live] / block["before"][live] - 1, 12)
    return found
