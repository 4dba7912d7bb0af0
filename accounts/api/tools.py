"""Sums that need no account: anybody of ours may ask."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.domain.price_request import break_even_volume_change
from sam.core.api.fields import RatioField, Strict
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission as P
from sam.values.results import Missing


class Fraction(serializers.DecimalField):
    """A fraction as a number or a string: 0.3 = 30 %."""

    def __init__(self, low: str, words: str, **options: Any) -> None:
        super().__init__(
            max_digits=40,
            decimal_places=30,
            min_value=Decimal(low),
            max_value=Decimal(1),
            error_messages={"min_value": words, "max_value": words},
            **options,
        )


class PriceChangeIn(Strict):
    margin = Fraction("0", "Give the margin as a fraction from 0 to 1: 0.3 is 30 percent.")
    change = Fraction("-1", "Give the change of the price as a fraction from -1 to 1: -0.1 is 10 percent less.")
    cost_change = Fraction(
        "-1", "Give the change of the unit cost as a fraction of the price from -1 to 1.", required=False
    )


class PriceChangeOut(serializers.Serializer):  # type: ignore[type-arg]
    """The change of volume that repays the change of price, as a fraction; null with the reason where none does."""

    break_even_volume_change = RatioField(allow_null=True)
    reason = serializers.CharField(allow_null=True)


class PriceChangeView(Guarded):
    """What volume repays a change of price."""

    permissions: ClassVar = {"compute": P.SIGNED_IN}
    serializer_class = PriceChangeOut
    pagination_class = None

    @extend_schema(request=PriceChangeIn, responses=PriceChangeOut)
    def compute(self, request: Request) -> Response:
        data = self.valid(PriceChangeIn)
        found = break_even_volume_change(data["change"], data["margin"], data.get("cost_change", Decimal(0)))
        if isinstance(found, Missing):
            return Response({"break_even_volume_change": None, "reason": found.reason})
        # A quotient may have endless decimals: 12 places are more than any price has.
        value = round(found.value, 12).normalize()
        return Response({"break_even_volume_change": format(value, "f"), "reason": None})
