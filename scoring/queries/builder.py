"""A scorecard version as its page shows it: criteria by half with sums, gates, tiers, warnings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from sam.core.templatetags.ui import plain_number
from scoring.domain.advice import Advice
from scoring.models import Criterion, ScorecardVersion, TierRule
from scoring.queries.advice import advice_about
from scoring.queries.words import band_words, linear_words

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CriterionPart:
    """One criterion with what its five levels mean."""

    criterion: Criterion
    levels: tuple[str, ...]
    computed_from: str
    # How a value becomes points, where it runs between two values.
    between: str = ""
    # Its weight as a share of its half, and of the overall score; 0 to 1.
    in_half: Decimal = Decimal(0)
    in_overall: Decimal = Decimal(0)
    # What stands in the weight's field, and what is wrong with it.
    weight: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class HalfTable:
    key: str
    label: str
    rows: tuple[CriterionPart, ...]
    weight: Decimal

    @property
    def weight_words(self) -> str:
        """The sum beside the heading, and whether it is the usual 100."""
        total = plain_number(self.weight, 0 if self.weight == self.weight.to_integral_value() else 2)
        return f"weights add up to {total}" + ("" if self.weight == 100 else ", not to 100")


@dataclass(frozen=True, slots=True)
class VersionParts:
    criteria: tuple[Criterion, ...]
    halves: tuple[HalfTable, ...]
    gates: tuple[Criterion, ...]
    tiers: tuple[TierRule, ...]
    warnings: tuple[Advice, ...]


def version_parts(
    version: ScorecardVersion,
    currency: str,
    typed: Mapping[str, str] = NOTHING,
    errors: Mapping[str, str] = NOTHING,
) -> VersionParts:
    """Three or four queries, however many criteria. `typed`, `errors`: weights by key as they came back wrong."""
    criteria = tuple(version.criteria.select_related("objective"))
    halves = tuple(
        _half(version, str(key), str(label), criteria, currency, typed, errors) for key, label in Criterion.Half.choices
    )
    order = ["global", "strategic", "key"]
    tiers = tuple(sorted(version.tier_rules.all(), key=lambda rule: order.index(rule.tier)))
    return VersionParts(
        criteria=criteria,
        halves=halves,
        gates=tuple(row for row in criteria if row.is_gate),
        tiers=tiers,
        warnings=tuple(advice_about(version, criteria)),
    )


def _half(
    version: ScorecardVersion,
    key: str,
    label: str,
    criteria: tuple[Criterion, ...],
    currency: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> HalfTable:
    rows = tuple(row for row in criteria if row.half == key)
    total = sum((row.weight for row in rows), Decimal(0)) or Decimal(1)
    share = version.alpha if key == Criterion.Half.CURRENT else 1 - version.alpha
    parts = tuple(
        CriterionPart(
            row,
            _levels(row, currency),
            f"{row.measured_by.label}, {row.get_method_display().lower()}" if row.is_computed else "",
            linear_words(row.measure, row.cut_points, currency, row.low_is_good) if row.method == "linear" else "",
            row.weight / total,
            share * row.weight / total,
            typed.get(row.key, f"{row.weight.normalize():f}"),
            errors.get(row.key, ""),
        )
        for row in rows
    )
    return HalfTable(key, label, parts, sum((row.weight for row in rows), Decimal(0)))


def _levels(row: Criterion, currency: str) -> tuple[str, ...]:
    if row.is_rated:
        return tuple(row.anchors)
    banded = row.method == Criterion.Method.BANDED
    return tuple(band_words(row.measure, row.cut_points, currency, row.low_is_good)) if banded else ()
