"""Where one account's value stands among all accounts, for percentile criteria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from django.db import connection

from scoring.models import AccountScore, Criterion
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


def compared_values(rules: Rules, values: Mapping[str, float | None], account_id: int) -> dict[str, Sequence[float]]:
    """For percentile criteria: where this account's value stands among the stored ones of all others. One query."""
    ranked = [
        (position, criterion.key, own)
        for position, criterion in enumerate(rules.criteria, 1)
        if criterion.method == Criterion.Method.PERCENTILE and (own := values[criterion.key]) is not None
    ]
    if not ranked:
        return {}
    # NaN is above every number in PostgreSQL: it stands for an unknown value and is not compared.
    counts = ", ".join(
        f'count(*) FILTER (WHERE "values"[{position}] < %s), count(*) FILTER (WHERE "values"[{position}] = %s),'
        f' count(*) FILTER (WHERE "values"[{position}] > %s AND "values"[{position}] <> \'NaN\')'
        for position, _, _ in ranked
    )
    table = AccountScore._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {counts} FROM {table} WHERE version_id = %s AND account_id <> %s",  # noqa: S608 (our own table)
            [*(own for _, _, own in ranked for _ in range(3)), rules.version.pk, account_id],
        )
        found = cursor.fetchone()
    return {
        key: Counted(own, found[3 * i], found[3 * i + 1] + 1, found[3 * i + 2])
        for i, (_, key, own) in enumerate(ranked)
    }
