"""The whole portfolio's criterion scores in the memory of this process, for what-ifs that answer while one drags.

What a criterion scores does not depend on weights, shares or thresholds, so a what-if only weighs again: about thirty
milliseconds for 100,000 accounts, where SQL would read 100,000 arrays each time (ADR 0011). Held are whole numbers
(8 bytes a score) of at most two versions per process. They are read again when any score, the version or the number of
accounts has changed, looked at every three seconds at most. Only requests that need it load this module: NumPy is not
for every web process.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from django.db.models import Count, Max
from django.utils import timezone
from numpy.typing import NDArray

from accounts.models import Account
from scoring.domain.table import ScoreTable, Truth, Whole, combine, criterion_scores, proposed_tiers
from scoring.models import AccountScore, ScorecardVersion
from scoring.queries.blocks import FLOAT, INTEGER, copy_out
from scoring.queries.passed import passed_gates
from scoring.queries.rules import Rules, rules_of

LOOK_AGAIN = 3.0
MOST_HELD = 2


@dataclass(frozen=True, slots=True)
class Held:
    """All live accounts in order of id: criterion scores, passed gates, decided tiers, and what the version says."""

    rules: Rules
    stamp: tuple[Any, ...]
    accounts: Whole
    scores: Whole
    gates: dict[str, Truth]
    decided: Whole
    table: ScoreTable
    proposed: Whole


@dataclass(slots=True)
class _Kept:
    held: Held
    looked: float


_kept: dict[int, _Kept] = {}
_lock = Lock()


def held(version: ScorecardVersion) -> Held:
    """The portfolio by the version that scores it, from memory where nothing has changed."""
    with _lock:
        found = _kept.get(version.pk)
        if found is not None and time.monotonic() - found.looked < LOOK_AGAIN and _same(found, version):
            return found.held
        stamp = _stamp(version)
        if found is None or found.held.stamp != stamp:
            found = _Kept(_read(version, stamp), 0.0)
            _kept.pop(version.pk, None)
            while len(_kept) >= MOST_HELD:
                _kept.pop(next(iter(_kept)))
            _kept[version.pk] = found
        found.looked = time.monotonic()
        return found.held


def forget() -> None:
    """Let go of everything that is held."""
    with _lock:
        _kept.clear()


def _same(found: _Kept, version: ScorecardVersion) -> bool:
    return bool(found.held.rules.version.revision == version.revision)


def _stamp(version: ScorecardVersion) -> tuple[Any, ...]:
    newest = AccountScore.objects.aggregate(count=Count("pk"), at=Max("computed_at"))
    return (version.revision, newest["count"], newest["at"])


def _read(version: ScorecardVersion, stamp: tuple[Any, ...]) -> Held:
    rules = rules_of(version)
    accounts, decided, values = _stored(rules)
    scores = criterion_scores(rules.scorecard.criteria, values)
    table = combine(rules.scorecard, scores)
    gates = passed_gates(rules, accounts, timezone.localdate())
    proposed = proposed_tiers(table, rules.tiers, gates, decided)
    return Held(rules, stamp, accounts, scores, gates, decided, table, proposed)


def _stored(rules: Rules) -> tuple[Whole, Whole, NDArray[np.float64]]:
    """What the last recompute stored, one query."""
    tiers = " ".join(f"WHEN '{key}' THEN {place}" for place, key in enumerate(rules.tier_keys))
    decided = f"(CASE a.tier {tiers} ELSE {len(rules.tiers)} END)" if tiers else f"{len(rules.tiers)}"
    columns = [f"coalesce(s.\"values\"[{place}], 'NaN')" for place in range(1, len(rules.criteria) + 1)]
    sql = f"""
        SELECT s.account_id::int8, {decided}::int8{"".join(f", {column}::float8" for column in columns)}
        FROM {AccountScore._meta.db_table} s JOIN {Account._meta.db_table} a ON a.id = s.account_id
        WHERE a.status NOT IN ('archived', 'merged') AND s.version_id = %s ORDER BY s.account_id
    """  # noqa: S608 (our own tables)
    names = [f"value{place}" for place in range(len(columns))]
    block = copy_out(
        sql, [rules.version.pk], [("account", INTEGER), ("decided", INTEGER), *((name, FLOAT) for name in names)]
    )
    values = np.full((len(block), len(names)), np.nan)
    for place, name in enumerate(names):
        values[:, place] = block[name]
    return block["account"].astype(np.int64), block["decided"].astype(np.int64), values
