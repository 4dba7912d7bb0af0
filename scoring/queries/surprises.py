"""Surprises of the portfolio (rank by revenue against rank by score), each with its reason in a sentence.

Ranked by one statement over all scored accounts; explained are only those that are shown.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from django.db import connection
from django.db.models import F

from accounts.models import Account
from sam.core.models import User
from scoring.domain.points import to_decimal
from scoring.domain.scorecard import Contribution, evaluate
from scoring.domain.surprises import Direction, Places, direction, needed, ordinal
from scoring.models import AccountScore, AccountStanding, Criterion, Distribution, ScorecardVersion
from scoring.queries.distribution import Counted
from scoring.queries.marks import Mark, marks_for
from scoring.queries.portfolio_scope import seen_accounts, sees_all
from scoring.queries.rules import Rules, rules_of

MOST = 50
"""Surprises shown in each direction."""
REASONS = 2
UNSCORED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Surprise:
    """One account. `revenue_rank` is among all accounts whose revenue is known, `score_rank` among all scored.

    `places`: the same among the accounts that have both, which the direction goes by.
    """

    account_id: int
    name: str
    tier: str
    overall: int
    revenue_rank: int
    revenue_of: int
    score_rank: int
    places: Places
    direction: Direction
    marks: tuple[Mark, ...]
    words: str

    @property
    def difference(self) -> int:
        """Places between the two ranks; above zero: better by score than by revenue."""
        return self.revenue_rank - self.score_rank

    @property
    def is_better(self) -> bool:
        return self.direction in (Direction.UNDERRATED, Direction.UNEXPECTED)

    @property
    def label(self) -> str:
        return self.direction.value.replace("_", " ")

    @property
    def tone(self) -> str:
        return "good" if self.is_better else "warn"

    @property
    def tier_label(self) -> str:
        return str(Account.Tier(self.tier).label)

    @property
    def points(self) -> Any:
        return to_decimal(self.overall)


@dataclass(frozen=True, slots=True)
class Surprises:
    """`compared`: accounts with both ranks; `needed`: places apart from which on it is a surprise.

    `unscored`: accounts without an overall score, those of the programme first, `unscored_count` all of them;
    `unranked`: scored, but without a known revenue.
    """

    better: tuple[Surprise, ...]
    worse: tuple[Surprise, ...]
    compared: int
    needed: int
    unscored: tuple[Account, ...]
    unscored_count: int
    unranked: tuple[str, ...]

    @property
    def more_unscored(self) -> int:
        return self.unscored_count - len(self.unscored)

    @property
    def all(self) -> tuple[Surprise, ...]:
        return (*self.worse, *self.better)


# Places among all accounts, then those the person sees, the furthest apart first in both directions.
RANKED = f"""
    WITH scored AS (
        SELECT s.account_id, a.name, a.tier, s.overall, t.revenue_rank, coalesce(t."of", 0) AS revenue_of,
               row_number() OVER (ORDER BY s.overall DESC, s.account_id) AS score_rank
        FROM {AccountScore._meta.db_table} s
        JOIN {Account._meta.db_table} a ON a.id = s.account_id AND a.status NOT IN ('archived', 'merged')
        LEFT JOIN {AccountStanding._meta.db_table} t ON t.account_id = s.account_id
        WHERE s.overall IS NOT NULL
    ), placed AS (
        SELECT *, row_number() OVER (ORDER BY revenue_rank) AS revenue_place,
               row_number() OVER (ORDER BY score_rank) AS score_place, count(*) OVER () AS compared
        FROM scored WHERE revenue_rank IS NOT NULL
    ), apart AS (
        SELECT *, revenue_place - score_place AS climbs FROM placed WHERE %(ids)s::bigint[] IS NULL
            OR account_id = ANY(%(ids)s::bigint[])
    ), ordered AS (
        SELECT *, row_number() OVER (ORDER BY climbs DESC, score_rank) AS from_above,
               row_number() OVER (ORDER BY climbs, revenue_rank) AS from_below
        FROM apart
    )
    SELECT account_id, name, tier, overall, revenue_rank, revenue_of, score_rank, revenue_place, score_place, compared
    FROM ordered WHERE from_above <= %(most)s OR from_below <= %(most)s
    ORDER BY from_below
"""  # noqa: S608 (our own tables)


def surprises(user: User) -> Surprises:
    """What the person may see of it. A constant number of queries, whatever the number of accounts."""
    ids = None if sees_all(user) else list(seen_accounts(user).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(RANKED, {"ids": ids, "most": MOST})
        rows = cursor.fetchall()
    compared = rows[0][9] if rows else 0
    found = _judged(rows, user)
    seen = seen_accounts(user)
    without = seen.filter(score__overall__isnull=True)
    # The programme's first: their empty scores are somebody's work.
    listed = without.order_by(F("tier").desc(), "name")[:UNSCORED_SHOWN]
    unranked = seen.filter(score__overall__isnull=False, standing__revenue_rank__isnull=True)
    return Surprises(
        better=tuple(sorted((row for row in found if row.is_better), key=_furthest)),
        worse=tuple(sorted((row for row in found if not row.is_better), key=_furthest)),
        compared=compared,
        needed=needed(compared),
        unscored=tuple(listed),
        unscored_count=without.count(),
        unranked=tuple(unranked.order_by("name").values_list("name", flat=True)[:UNSCORED_SHOWN]),
    )


def _furthest(row: Surprise) -> tuple[int, int]:
    return -abs(row.places.climbs), row.score_rank


def _judged(rows: Sequence[tuple[Any, ...]], user: User) -> list[Surprise]:
    marks = marks_for([row[0] for row in rows], user)
    kept = []
    for row in rows:
        places = Places(row[7], row[8], row[9])
        own = marks.get(row[0], ())
        sort = direction(places, {mark.key for mark in own})
        if sort is not None:
            kept.append((row, places, own, sort))
    reasons = _contributions([row[0] for row, *_ in kept])
    return [
        Surprise(
            account_id=row[0],
            name=row[1],
            tier=row[2],
            overall=row[3],
            revenue_rank=row[4],
            revenue_of=row[5],
            score_rank=row[6],
            places=places,
            direction=sort,
            marks=own,
            words=_words(row, places, sort, own, *reasons.get(row[0], (None, ()))),
        )
        for row, places, own, sort in kept
    ]


def _contributions(ids: list[int]) -> dict[int, tuple[Rules, Sequence[Contribution]]]:
    """What each criterion adds to the stored scores, by the version that scored them."""
    version = ScorecardVersion.objects.in_use()
    if version is None or not ids:
        return {}
    rules = rules_of(version)
    distributions = _distributions(rules)
    found: dict[int, tuple[Rules, Sequence[Contribution]]] = {}
    for score in AccountScore.objects.filter(account_id__in=ids, version=version):
        if len(score.values) != len(rules.criteria):
            continue
        values = {
            criterion.key: None if isnan(value) else value
            for criterion, value in zip(rules.criteria, score.values, strict=True)
        }
        compared = {
            key: _counted(value, distributions[key])
            for key, value in values.items()
            if key in distributions and value is not None
        }
        found[score.account_id] = (rules, evaluate(rules.scorecard, values, compared).contributions)
    return found


def _distributions(rules: Rules) -> dict[str, list[float]]:
    """For percentile criteria: all accounts' values at the last recompute, in rising order. One query, or none."""
    keys = {
        position: criterion.key
        for position, criterion in enumerate(rules.criteria, 1)
        if criterion.method == Criterion.Method.PERCENTILE
    }
    if not keys:
        return {}
    found: dict[str, list[float]] = {key: [] for key in keys.values()}
    pieces = Distribution.objects.filter(position__in=list(keys)).order_by("position", "lowest", "highest")
    for position, values in pieces.values_list("position", "values"):
        found[keys[position]] += values
    return found


def _counted(value: float, compared: Sequence[float]) -> Counted:
    """The account counts once even where it was scored again since the recompute."""
    below, up_to = bisect_left(compared, value), bisect_right(compared, value)
    return Counted(value, below, max(1, up_to - below), len(compared) - up_to)


def _words(
    row: tuple[Any, ...],
    places: Places,
    sort: Direction,
    marks: Iterable[Mark],
    rules: Rules | None,
    parts: Sequence[Contribution],
) -> str:
    """Both ranks, what the score rests on or lacks, and the mark's own sentence."""
    _, _, _, _, revenue, revenue_of, score, *_ = row
    better = sort in (Direction.UNDERRATED, Direction.UNEXPECTED)
    ranks = f"{ordinal(revenue)} of {revenue_of} by revenue, {ordinal(score)} by score"
    way = "higher" if places.climbs > 0 else "lower"
    ranks += f" ({abs(places.climbs)} places {way} among the {places.of} compared)"
    names = {criterion.key: criterion.name for criterion in rules.criteria} if rules else {}
    why = _reasons(parts, names, better)
    told = [ranks, f"{'It gains most by' if better else 'It loses most by'} {why}"] if why else [ranks]
    said = {"unexpected", "transactional"} & {mark.key for mark in marks}
    told += [mark.words.rstrip(".") for mark in marks if mark.key in said]
    return ". ".join(told) + "."


def _reasons(parts: Sequence[Contribution], names: Mapping[str, str], better: bool) -> str:
    """The criteria that lift it most, or those that cost it most, with their points of 100."""
    order = sorted(parts, key=lambda part: (-(part.in_overall if better else part.room), part.key))
    shown = [part for part in order if (part.in_overall if better else part.room) > 0][:REASONS]
    return " and ".join(f"{part.key} {names.get(part.key, '')} ({part.score:.0f} of 100)" for part in shown)
