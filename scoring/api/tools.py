"""Tools that calculate with what is sent and store nothing."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sam.core.api.fields import Strict
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission as P
from sam.core.models import User
from scoring.domain.ahp import MOST_LABELS, RANDOM_INDEX_SOURCE, Comparison, weights_from

SHAPE = 'Each comparison is [a, b, value] or {"a": …, "b": …, "value": …}.'
MOST_COMPARISONS = MOST_LABELS * MOST_LABELS


class AhpIn(Strict):
    """Pairwise comparisons of everything with everything: `value` says how many times a matters as much as b."""

    labels = serializers.ListField(child=serializers.CharField(max_length=160))
    comparisons = serializers.ListField(
        child=serializers.JSONField(),
        max_length=MOST_COMPARISONS,
        help_text="A list of [a, b, value] or {a, b, value}; a and b are labels, or their positions counted from 0.",
    )


class AhpOut(serializers.Serializer[Any]):
    weights = serializers.DictField(child=serializers.FloatField(), help_text="By label; they add up to 1.")
    lambda_max = serializers.FloatField()
    consistency_index = serializers.FloatField()
    consistency_ratio = serializers.FloatField(help_text="Above 0.10 the comparisons contradict each other too much.")
    random_index = serializers.FloatField()
    random_index_source = serializers.CharField()
    consistent = serializers.BooleanField()
    most_inconsistent = serializers.DictField(
        allow_null=True, help_text="The comparison that fits the weights least: a, b, given, implied."
    )


class ToolViews(Guarded):
    permissions: ClassVar = {"ahp": P.SIGNED_IN}
    queryset = User.objects.none()
    serializer_class = AhpIn

    @extend_schema(request=AhpIn, responses=AhpOut)
    def ahp(self, request: Request) -> Response:
        data = self.valid(AhpIn)
        labels: list[str] = data["labels"]
        try:
            # Labels first: a position can only be read when they are right.
            if not 2 <= len(labels) <= MOST_LABELS or len(set(labels)) < len(labels):
                weights_from(labels, [])
            comparisons = [_comparison(labels, given) for given in data["comparisons"]]
            found = weights_from(labels, comparisons)
        except ValueError as problem:
            field = "comparisons" if 2 <= len(labels) == len(set(labels)) <= MOST_LABELS else "labels"
            raise serializers.ValidationError({field: [str(problem)]}) from None
        worst = found.worst
        return Response(
            {
                "weights": dict(found.weights),
                "lambda_max": found.lambda_max,
                "consistency_index": found.consistency_index,
                "consistency_ratio": found.consistency_ratio,
                "random_index": found.random_index,
                "random_index_source": RANDOM_INDEX_SOURCE,
                "consistent": found.consistent,
                "most_inconsistent": None
                if worst is None
                else {"a": worst.first, "b": worst.second, "given": worst.given, "implied": worst.implied},
            }
        )


def _comparison(labels: Sequence[str], given: Any) -> Comparison:
    """One comparison as sent. ValueError in words."""
    if isinstance(given, dict):
        if set(given) != {"a", "b", "value"}:
            raise ValueError(SHAPE)
        given = [given["a"], given["b"], given["value"]]
    if not isinstance(given, list) or len(given) != 3:
        raise ValueError(SHAPE)
    return _label(labels, given[0]), _label(labels, given[1]), _number(given[2])


def _label(labels: Sequence[str], given: Any) -> str:
    if isinstance(given, str):
        return given
    if isinstance(given, int) and not isinstance(given, bool):
        if not 0 <= given < len(labels):
            raise ValueError(f"There is no label at position {given}; positions count from 0 to {len(labels) - 1}.")
        return labels[given]
    raise ValueError(SHAPE)


def _number(given: Any) -> float:
    """A number, or a text such as "1/3"."""
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        try:
            return float(given)
        except OverflowError:
            raise ValueError("The value of a comparison is at most 1,000,000.") from None
    if isinstance(given, str) and len(given) <= 20:
        try:
            return float(Fraction(given))
        except (ValueError, ZeroDivisionError, OverflowError):
            pass
    raise ValueError("The value of a comparison is a number above zero, such as 3 or 1/3.")
