"""The arithmetic of screening in NumPy, for background work only."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from scoring.domain.criterion import Half
from scoring.domain.scorecard import Scorecard
from scoring.domain.table import UNSCORED, score_table
from scoring.models import AccountScore, ScreeningValue
from scoring.queries.blocks import FLOAT, INTEGER, Writer, copy_out
from scoring.queries.rules import Rules

COLUMNS = ["cycle_id", "account_id", "value", "covered", "whole", "rank"]


def write_screening(cycle_id: int, rules: Rules) -> int:
    """Rank every account that has a score row by the computed criteria of the first half; how many have a value.

    The values are those of the last recompute. What is missing counts nothing, as in a score, but there is no minimum:
    a screening value is no score.
    """
    columns = [
        (position, rules.scorecard.criteria[position])
        for position, row in enumerate(rules.criteria)
        if row.is_computed and row.half == Half.CURRENT.value
    ]
    if not columns:
        return 0
    picked = ", ".join(f's."values"[{position + 1}]::float8' for position, _ in columns)
    names = [f"v{position}" for position, _ in columns]
    block = copy_out(
        f"SELECT s.account_id::int8, {picked} FROM {AccountScore._meta.db_table} s"  # noqa: S608 (our own table)
        ' WHERE s.version_id = %s AND cardinality(s."values") = %s ORDER BY s.account_id',
        [rules.version.pk, len(rules.criteria)],
        [("account", INTEGER), *((name, FLOAT) for name in names)],
    )
    values = np.column_stack([block[name].astype(np.float64) for name in names])
    screening = Scorecard(tuple(criterion for _, criterion in columns), Decimal(1), Decimal(0))
    table = score_table(screening, values)
    known = np.nonzero(table.current != UNSCORED)[0]
    weights = np.array([criterion.weight_steps for _, criterion in columns], dtype=np.int64)
    covered = ((~table.missing) @ weights).astype(np.int32)
    writer = Writer(ScreeningValue._meta.db_table, [f'"{name}"' for name in COLUMNS])
    rows = [
        np.int64(cycle_id), block["account"].astype(np.int64)[known], table.current[known], covered[known],
        np.int32(weights.sum()), _ranks(table.current[known]),
    ]  # fmt: skip
    writer.add(len(known), dict(zip(writer.columns, rows, strict=True)))
    writer.write()
    return len(known)


def _ranks(values: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Best first from 1, ties in order of account."""
    ranks = np.empty(values.shape, dtype=np.int32)
    ranks[np.argsort(-values, kind="stable")] = np.arange(1, values.size + 1, dtype=np.int32)
    return ranks
