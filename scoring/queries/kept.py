"""A kept score, explained from what was stored with it: values, weights, settled values, version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User
from scoring.domain.scorecard import AccountScore as Result
from scoring.domain.scorecard import Contribution, evaluate
from scoring.models import Criterion, KeptScore
from scoring.queries.blindness import blind_entry
from scoring.queries.distribution import Counted
from scoring.queries.rules import Rules, rules_of
from scoring.queries.scorecard import as_decimal
from scoring.queries.words import amount_words


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One criterion as it counted then. `ratings`: values without names, empty while a round hides them."""

    criterion: Criterion
    contribution: Contribution | None
    shown: str
    ratings: tuple[int, ...]
    settled: Mapping[str, Any] | None

    @property
    def in_overall(self) -> Decimal | None:
        return None if self.contribution is None else as_decimal(self.contribution.in_overall)


@dataclass(frozen=True, slots=True)
class Explained:
    """`agrees`: the stored overall score comes out again when it is computed from the stored inputs."""

    kept: KeptScore
    lines: tuple[KeptLine, ...]
    result: Result
    agrees: bool
    decided: str

    @property
    def missing(self) -> list[str]:
        return [line.criterion.name for line in self.lines if line.contribution is None]


def explained_score(kept: KeptScore, account: Account, user: User) -> Explained:
    """The kept score with everything behind it. Constant number of queries."""
    rules = rules_of(kept.version)
    known = {key: float(value) for key, value in kept.inputs.get("values", {}).items()}
    values = {criterion.key: known.get(criterion.key) for criterion in rules.criteria}
    result = evaluate(rules.scorecard, values, _compared(kept, rules, values))
    parts = {part.key: part for part in result.contributions}
    figures_shown = can(user, Permission.FIGURES_VIEW, on=account)
    ratings = {} if blind_entry(account) else kept.inputs.get("ratings", {})
    currency = kept.inputs.get("currency", "")
    lines = tuple(
        KeptLine(
            criterion=criterion,
            contribution=parts.get(criterion.key),
            shown=_shown(criterion, values[criterion.key], currency, figures_shown),
            ratings=tuple(ratings.get(criterion.key, ())),
            settled=kept.inputs.get("settled", {}).get(criterion.key),
        )
        for criterion in rules.criteria
    )
    return Explained(
        kept, lines, result, result.overall == kept.overall_points, str(Account.Tier(kept.decided_tier).label)
    )


def _shown(criterion: Criterion, value: float | None, currency: str, figures_shown: bool) -> str:
    if value is None:
        return ""
    if criterion.is_rated:
        return f"{value:g}"
    return amount_words(criterion.measure, value, currency) if figures_shown else ""


def _compared(kept: KeptScore, rules: Rules, values: Mapping[str, float | None]) -> dict[str, Sequence[float]]:
    """For percentile criteria: where the value stood among all scores kept on the same occasion. One query."""
    ranked = [
        (criterion.key, own)
        for criterion in rules.criteria
        if criterion.method == Criterion.Method.PERCENTILE and (own := values[criterion.key]) is not None
    ]
    if not ranked:
        return {}
    value = "(inputs->'values'->>%s)::float8"
    counts = ", ".join(
        f"count(*) FILTER (WHERE {value} < %s), count(*) FILTER (WHERE {value} = %s),"
        f" count(*) FILTER (WHERE {value} > %s)"
        for _ in ranked
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {counts} FROM {KeptScore._meta.db_table} WHERE occasion = %s AND version_id = %s",  # noqa: S608
            [*(part for key, own in ranked for part in (key, own) * 3), kept.occasion, kept.version_id],
        )
        found = cursor.fetchone()
    return {key: Counted(own, found[3 * i], found[3 * i + 1], found[3 * i + 2]) for i, (key, own) in enumerate(ranked)}
