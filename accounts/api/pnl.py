"""An account's P&L and metrics as the API tells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from accounts.domain.metrics import Metric
from accounts.domain.pnl import LABELS
from accounts.queries.account_pnl import AccountPnl, Mix, Section
from sam.core.api.fields import RatioField, plain_decimal
from sam.values.periods import Quarter
from sam.values.results import Computed, Missing, Result


class StepOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    amount = RatioField()
    total = serializers.BooleanField(help_text="A sum reached so far; other steps are what changes it.")


class SectionOut(serializers.Serializer[Any]):
    """A period's lines and its waterfall. Null is unknown; `missing` says why the waterfall is not whole."""

    period = serializers.CharField()
    lines = serializers.DictField(child=RatioField(allow_null=True))
    cost_to_serve_by_activity = serializers.DictField(child=RatioField())
    cost_to_serve_basis = serializers.CharField()
    not_explained = RatioField(allow_null=True, help_text="What the lines leave of list revenue beside revenue.")
    waterfall = StepOut(many=True)
    missing = serializers.ListField(child=serializers.CharField())


class QuarterOut(serializers.Serializer[Any]):
    quarter = serializers.CharField()
    value = RatioField(allow_null=True)
    missing = serializers.CharField(help_text="Why there is no value.")


class MetricOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.ChoiceField(choices=["money", "fraction", "days", "times"])
    formula = serializers.CharField()
    value = RatioField(allow_null=True)
    inputs = serializers.DictField(child=RatioField())
    missing = serializers.CharField(help_text="Not computable because …")
    trend = QuarterOut(many=True)


class PartOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    revenue = RatioField()
    share = RatioField(allow_null=True)
    gross_margin = RatioField(allow_null=True)


class MixOut(serializers.Serializer[Any]):
    parts = PartOut(many=True)
    total = RatioField()
    not_explained = RatioField(allow_null=True)


class PnlOut(serializers.Serializer[Any]):
    """Amounts in `currency`, as strings; twelve months and the last closed quarter."""

    until = serializers.CharField(help_text="The last quarter, such as 2026-Q3.")
    currency = serializers.CharField()
    twelve_months = SectionOut()
    quarter = SectionOut()
    metrics = MetricOut(many=True)
    mix = serializers.DictField(child=MixOut(), help_text="By offer and by unit, where there are parts.")
    not_converted = serializers.ListField(child=serializers.CharField(), help_text="Quarters without a rate.")


def told(pnl: AccountPnl) -> dict[str, Any]:
    """The body of the answer."""
    return {
        "until": str(pnl.last),
        "currency": pnl.currency,
        "twelve_months": _section(pnl.year),
        "quarter": _section(pnl.quarter),
        "metrics": [_metric(metric, pnl.quarters) for metric in pnl.metrics],
        "mix": {dimension: _mix(found) for dimension, found in pnl.mix.items()},
        "not_converted": [str(quarter) for quarter in pnl.unconverted],
    }


def _section(section: Section) -> dict[str, Any]:
    amounts = {name: getattr(section.lines, name) for name in LABELS}
    return {
        "period": section.label,
        "lines": {name: None if value is None else plain_decimal(value) for name, value in amounts.items()},
        "cost_to_serve_by_activity": {key: plain_decimal(cost) for key, cost in section.lines.drivers.items()},
        "cost_to_serve_basis": section.basis,
        "not_explained": _value(section.difference),
        "waterfall": [
            {"key": bar.key, "label": bar.label, "amount": plain_decimal(bar.amount), "total": bar.total}
            for bar in section.waterfall.bars
        ],
        "missing": list(section.waterfall.missing),
    }


def _metric(metric: Metric, quarters: Sequence[Quarter]) -> dict[str, Any]:
    result = metric.result
    return {
        "key": metric.key,
        "name": metric.name,
        "unit": str(metric.unit),
        "formula": metric.formula,
        "value": _value(result),
        "inputs": {name: plain_decimal(value) for name, value in result.inputs} if isinstance(result, Computed) else {},
        "missing": _reason(result),
        "trend": [
            {"quarter": str(quarter), "value": _value(one), "missing": _reason(one)}
            for quarter, one in zip(quarters, metric.trend, strict=True)
        ],
    }


def _mix(mix: Mix) -> dict[str, Any]:
    return {
        "parts": [
            {
                "name": part.name,
                "revenue": plain_decimal(part.revenue),
                "share": None if part.share is None else plain_decimal(part.share),
                "gross_margin": _value(part.margin),
            }
            for part in mix.shares
        ],
        "total": plain_decimal(mix.total),
        "not_explained": None if mix.unexplained is None else plain_decimal(mix.unexplained),
    }


def _value(result: Result) -> str | None:
    return None if isinstance(result, Missing) else plain_decimal(result.value)


def _reason(result: Result) -> str:
    return result.reason if isinstance(result, Missing) else ""
