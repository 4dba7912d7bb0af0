"""A stored scorecard version as the rules that the domain calculates with."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.domain import criterion as domain
from scoring.domain.criterion import Half, Kind
from scoring.domain.scorecard import Scorecard as ScoreRules
from scoring.domain.tiers import TierRule as TierThresholds
from scoring.models import TIERS_FROM_THE_TOP, Criterion, ScorecardVersion, TierRule


@dataclass(frozen=True, slots=True)
class Rules:
    """`criteria`: those with a weight, in the order in which values are stored. `tiers`: highest first."""

    version: ScorecardVersion
    criteria: tuple[Criterion, ...]
    gates: tuple[Criterion, ...]
    scorecard: ScoreRules
    tiers: tuple[TierThresholds, ...]

    @property
    def measures(self) -> list[str]:
        return list(dict.fromkeys(criterion.measure for criterion in self.criteria if criterion.is_computed))

    @property
    def rated_keys(self) -> list[str]:
        return [criterion.key for criterion in self.criteria if criterion.is_rated]

    @property
    def tier_keys(self) -> list[str]:
        return [rule.tier for rule in self.tiers]

    def by_key(self, key: str) -> Criterion | None:
        return next((row for row in (*self.criteria, *self.gates) if row.key == key), None)


def rules_of(version: ScorecardVersion) -> Rules:
    """Three queries: the criteria with their objectives, and the tier rules. ValueError when a rule makes no sense."""
    rows = list(version.criteria.select_related("objective"))
    weighted = tuple(row for row in rows if not row.is_gate)
    return Rules(
        version=version,
        criteria=weighted,
        gates=tuple(row for row in rows if row.is_gate),
        scorecard=ScoreRules(tuple(map(as_rule, weighted)), version.alpha, version.minimum_coverage),
        tiers=tier_thresholds(list(version.tier_rules.all())),
    )


def as_rule(row: Criterion) -> domain.Criterion:
    kind = {
        (Criterion.Kind.RATED, ""): Kind.RATED,
        (Criterion.Kind.COMPUTED, Criterion.Method.BANDED): Kind.BANDED,
        (Criterion.Kind.COMPUTED, Criterion.Method.PERCENTILE): Kind.PERCENTILE,
        (Criterion.Kind.COMPUTED, Criterion.Method.LINEAR): Kind.LINEAR,
    }[Criterion.Kind(row.kind), row.method]
    between = {"low": row.cut_points[0], "high": row.cut_points[1]} if kind is Kind.LINEAR else {}
    return domain.Criterion(
        key=row.key,
        half=Half(row.half),
        weight=row.weight,
        kind=kind,
        cuts=tuple(row.cut_points) if kind is Kind.BANDED else (),
        low_is_good=row.low_is_good,
        **between,
    )


def tier_thresholds(rows: list[TierRule]) -> tuple[TierThresholds, ...]:
    order = [tier.value for tier in TIERS_FROM_THE_TOP]
    return tuple(
        TierThresholds(row.tier, row.enter, row.stay, row.enter_half, row.stay_half, tuple(row.gates))
        for row in sorted(rows, key=lambda row: order.index(row.tier))
    )
