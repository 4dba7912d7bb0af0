"""The programme's results by API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.financials import quarter
from accounts.queries.portfolio import current_window
from sam.core.api.fields import plain_decimal
from sam.core.api.filters import one_of, read_parameters
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission as P
from scoring.domain.bootstrap import Interval
from scoring.domain.programme import Difference, Loyalty, Member
from scoring.queries.programme import START, TIERS, GroupResult, Programme, programme


class ProgrammeView(Guarded):
    """Strategic against key against the rest; every figure with its n."""

    permissions: ClassVar = {"results": P.PORTFOLIO_FIGURES}
    parameters: ClassVar = {"results": ("quarter", "tiers")}
    serializer_class = serializers.Serializer

    @extend_schema(
        responses=OpenApiTypes.OBJECT,
        parameters=[
            OpenApiParameter("quarter", OpenApiTypes.STR, description="Twelve months to it, such as 2026-Q3."),
            OpenApiParameter(
                "tiers", OpenApiTypes.STR, enum=list(TIERS), description="Tiers of the first day (start), or of today."
            ),
        ],
    )
    def results(self, request: Request) -> Response:
        given = read_parameters(request, {"quarter": quarter, "tiers": one_of(TIERS)})
        window = current_window(timezone.localdate(), given.get("quarter"))
        return Response(_told(programme(self.person, window, given.get("tiers", START))))


def _told(found: Programme) -> dict[str, Any]:
    comparison = found.comparison
    return {
        "from": found.window.start.isoformat(),
        "to": str(found.window.last),
        "currency": found.window.currency,
        "tiers": found.tiers,
        "groups": {one.group.value: _group(one) for one in found.groups},
        "matched": {
            "matched": len(comparison.pairs),
            "unmatched": len(comparison.unmatched),
            "growth": _difference(comparison.growth),
            "margin": _difference(comparison.margin),
            "pairs": [
                {**_member(pair.member), "others": len(pair.others), "difference": pair.growth}
                for pair in comparison.pairs
            ],
            "without_a_match": [{**_member(member), "reason": reason} for member, reason in comparison.unmatched],
        },
        "reading": found.words,
    }


def _group(one: GroupResult) -> dict[str, Any]:
    added = one.sums
    return {
        "n": added.accounts,
        "revenue": {"n": added.with_revenue, "amount": plain_decimal(added.revenue)},
        "growth": {"n": added.with_growth, "value": _fraction(added.growth)},
        "margin": {"n": added.with_margin, "value": _fraction(added.margin)},
        "margin_before": {"n": added.with_margin_before, "value": _fraction(added.margin_before)},
        "contribution": {"n": added.with_margin, "amount": plain_decimal(added.contribution)},
        "contribution_before": {"n": added.with_margin_before, "amount": plain_decimal(added.contribution_before)},
        "growth_without": None
        if one.without is None
        else {**_member(one.without.member), "value": _fraction(one.without.growth)},
        "loyalty": _loyalty(one.loyalty),
        "loyalty_before": _loyalty(one.loyalty_before),
        "caution": one.caution,
    }


def _member(one: Member) -> dict[str, Any]:
    """Accounts the person may not see have neither id nor name."""
    return {"account": one.account_id if one.name else None, "name": one.name or None}


def _loyalty(one: Loyalty | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "accounts": one.accounts,
        "n": one.answers,
        "nps": one.nps,
        "interval": None if one.low is None else [one.low, one.high],
        "drivers": {"n": one.rated, "mean": _fraction(one.drivers)},
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {"n": one.n, "mean": one.mean, "interval": interval(one.interval)}


def interval(found: Interval | None) -> list[float] | None:
    return None if found is None else [found.low, found.high]


def _fraction(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
