"""Where one account's value stands among all accounts, for percentile criteria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from django.db import connection

from scoring.models import AccountScore, Criterion, Distribution, Rescored, ScoreRun
from scoring.queries.rules import Rules


@dataclass(frozen=True, slots=True)
class Counted(Sequence[float]):
    """Stands for the values of all accounts in rising order, from counts alone: fewer than, and equal to, one value."""

    value: float
    below: int
    equal: int
    above: int

    def __len__(self) -> int:
        return self.below + self.equal + self.above

    def __getitem__(self, index: Any) -> Any:
        if index < self.below:
            return -inf
        return self.value if index < self.below + self.equal else inf


# Below, up to and in all, per criterion: the distribution of the last recompute, less what is no longer so (values
# of accounts that were scored again, and this account's own), plus what is so now. NaN stands for an unknown value.
COUNTS = f"""
    WITH own AS (SELECT * FROM unnest(%(positions)s::int[], %(values)s::float8[]) AS o(position, value)),
    comparable AS (SELECT 1 FROM {ScoreRun._meta.db_table} WHERE version_id = %(version)s),
    gone AS (
        SELECT before AS "values" FROM {Rescored._meta.db_table}
        UNION ALL
        SELECT s."values" FROM {AccountScore._meta.db_table} s
        WHERE s.account_id = %(account)s AND NOT EXISTS
            (SELECT 1 FROM {Rescored._meta.db_table} r WHERE r.account_id = s.account_id)
    ), come AS (
        SELECT s."values" FROM {Rescored._meta.db_table} r JOIN {AccountScore._meta.db_table} s USING (account_id)
        WHERE s.version_id = %(version)s AND s.account_id <> %(account)s
    ), counts AS (
        SELECT own.position, d.size,
            CASE WHEN d.highest < own.value THEN d.size WHEN d.lowest >= own.value THEN 0
                 ELSE (SELECT count(*) FROM unnest(d."values") v WHERE v < own.value) END AS below,
            CASE WHEN d.highest <= own.value THEN d.size WHEN d.lowest > own.value THEN 0
                 ELSE (SELECT count(*) FROM unnest(d."values") v WHERE v <= own.value) END AS up_to
        FROM own JOIN {Distribution._meta.db_table} d USING (position) WHERE EXISTS (SELECT 1 FROM comparable)
        UNION ALL
        SELECT own.position, -1, -(v < own.value)::int, -(v <= own.value)::int
        FROM gone CROSS JOIN own CROSS JOIN LATERAL (SELECT gone."values"[own.position] AS v) one
        WHERE v <> 'NaN' AND EXISTS (SELECT 1 FROM comparable)
        UNION ALL
        SELECT own.position, 1, (v < own.value)::int, (v <= own.value)::int
        FROM come CROSS JOIN own CROSS JOIN LATERAL (SELECT come."values"[own.position] AS v) one
        WHERE v <> 'NaN'
    )
    SELECT position, sum(below)::int, sum(up_to)::int, sum(size)::int FROM counts GROUP BY position
"""  # noqa: S608 (our own tables)


def compared_values(rules: Rules, values: Mapping[str, float | None], account_id: int) -> dict[str, Sequence[float]]:
    """For percentile criteria: where this account's value stands among the stored ones of all others. One query."""
    ranked = {
        position: (criterion.key, own)
        for position, criterion in enumerate(rules.criteria, 1)
        if criterion.method == Criterion.Method.PERCENTILE and (own := values[criterion.key]) is not None
    }
    if not ranked:
        return {}
    params: dict[str, Any] = {
        "positions": list(ranked),
        "values": [own for _, own in ranked.values()],
        "version": rules.version.pk,
        "account": account_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, params)
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    compared: dict[str, Sequence[float]] = {}
    for position, (key, own) in ranked.items():
        below, up_to, size = found.get(position, (0, 0, 0))
        compared[key] = Counted(own, below, up_to - below + 1, size - up_to)
    return compared


def remember(account_id: int) -> None:
    """Before an account's score changes: what the distribution holds of it. The first one since the recompute stays."""
    with connection.cursor() as cursor:
        cursor.execute(REMEMBER, [account_id, account_id])


REMEMBER = f"""
    INSERT INTO {Rescored._meta.db_table} (account_id, before)
    SELECT %s, (SELECT "values" FROM {AccountScore._meta.db_table} WHERE account_id = %s)
    ON CONFLICT (account_id) DO NOTHING
"""  # noqa: S608 (our own tables)
