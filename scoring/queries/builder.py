"""A scorecard version as its page shows it: criteria by half with sums, gates, tiers, warnings."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from scoring.models import Criterion, Objective, ScorecardVersion, TierRule
from scoring.queries.rules import rules_of
from scoring.queries.words import band_words


@dataclass(frozen=True, slots=True)
class CriterionPart:
    """One criterion with what its five levels mean."""

    criterion: Criterion
    levels: tuple[str, ...]
    computed_from: str


@dataclass(frozen=True, slots=True)
class HalfTable:
    key: str
    label: str
    rows: tuple[CriterionPart, ...]
    weight: Decimal


@dataclass(frozen=True, slots=True)
class VersionParts:
    criteria: tuple[Criterion, ...]
    halves: tuple[HalfTable, ...]
    gates: tuple[Criterion, ...]
    tiers: tuple[TierRule, ...]
    warnings: tuple[str, ...]


def version_parts(version: ScorecardVersion, currency: str) -> VersionParts:
    """Three or four queries, however many criteria."""
    criteria = tuple(version.criteria.select_related("objective"))
    halves = tuple(_half(str(key), str(label), criteria, currency) for key, label in Criterion.Half.choices)
    order = ["global", "strategic", "key"]
    tiers = tuple(sorted(version.tier_rules.all(), key=lambda rule: order.index(rule.tier)))
    return VersionParts(
        criteria=criteria,
        halves=halves,
        gates=tuple(row for row in criteria if row.is_gate),
        tiers=tiers,
        warnings=tuple(warnings_about(version, criteria)),
    )


def _half(key: str, label: str, criteria: tuple[Criterion, ...], currency: str) -> HalfTable:
    rows = tuple(row for row in criteria if row.half == key)
    parts = tuple(
        CriterionPart(
            row,
            tuple(row.anchors)
            if row.is_rated
            else tuple(band_words(row.measure, row.cut_points, currency, row.low_is_good)),
            f"{row.get_measure_display()}, {row.get_method_display().lower()}" if row.is_computed else "",
        )
        for row in rows
    )
    return HalfTable(key, label, parts, sum((row.weight for row in rows), Decimal(0)))


def warnings_about(version: ScorecardVersion, criteria: tuple[Criterion, ...]) -> list[str]:
    """What to look at before publishing; none of it stops anybody."""
    weighted = [row for row in criteria if not row.is_gate]
    if not weighted:
        return ["There are no criteria yet. Take some from the library."]
    try:
        found = list(rules_of(version).scorecard.warnings())
    except ValueError as problem:
        found = [str(problem)]
    families = {row.family for row in weighted}
    found += [
        f"No criterion of the family “{label}”." for key, label in Criterion.Family.choices if key not in families
    ]
    aimless = [row.key for row in weighted if row.objective_id is None]
    if aimless:
        found.append(f"No objective is named for {', '.join(aimless)}.")
    served = {row.objective_id for row in weighted}
    latest = Objective.objects.filter(dropped=False).order_by("-year").values_list("year", flat=True).first()
    open_ones = Objective.objects.filter(dropped=False, year=latest).exclude(pk__in=[pk for pk in served if pk])
    found += [f"No criterion serves {objective}." for objective in open_ones]
    return found
