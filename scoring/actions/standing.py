"""Standings of all accounts, which marks are read from: ranked in NumPy. For background work only."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from scoring.domain.measures import Figures as Measure
from scoring.domain.table import Whole
from scoring.models import AccountStanding
from scoring.queries.blocks import Writer

MEASURES = [Measure.REVENUE, Measure.GROWTH, Measure.SHARE_OF_WALLET]
COLUMNS = ["account_id", "growth", "share_of_wallet", "revenue_rank", "of"]


def write_standings(accounts: Whole, found: Mapping[str, NDArray[np.float64]]) -> int:
    """Replace all standings by what a recompute found; how many accounts have a rank by revenue.

    `accounts` in order of id, `found` with the values of MEASURES. The caller holds the transaction.
    """
    growth, share = found[Measure.GROWTH], found[Measure.SHARE_OF_WALLET]
    ranks = _ranks(found[Measure.REVENUE])
    ranked = int((ranks > 0).sum())
    writer = Writer(AccountStanding._meta.db_table, [f'"{name}"' for name in COLUMNS])
    # Rows with the same unknown columns go together.
    groups = np.isnan(growth) + 2 * np.isnan(share) + 4 * (ranks == 0)
    for group in np.unique(groups).tolist():
        rows = np.nonzero(groups == group)[0]
        values = [
            accounts[rows],
            None if group & 1 else growth[rows],
            None if group & 2 else share[rows],
            None if group & 4 else ranks[rows],
            np.int32(ranked),
        ]
        writer.add(len(rows), dict(zip(writer.columns, values, strict=True)))
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {writer.table}")
    writer.write()
    return ranked


def _ranks(revenue: NDArray[np.float64]) -> NDArray[np.int32]:
    """Largest first from 1, ties in order of account; 0 where the revenue is not known."""
    ranks = np.zeros(revenue.shape, dtype=np.int32)
    known = np.nonzero(~np.isnan(revenue))[0]
    ranks[known[np.argsort(-revenue[known], kind="stable")]] = np.arange(1, known.size + 1, dtype=np.int32)
    return ranks
