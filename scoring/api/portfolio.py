"""The portfolio's analysis by API: surprises."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries.concentration import may_see_portfolio
from sam.core.api.filters import read_parameters
from sam.core.authorization.permissions import Permission as P
from sam.core.models import User
from scoring.domain.surprises import Direction
from scoring.queries.surprises import Surprise, surprises


class MarkOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    words = serializers.CharField()


class SurpriseOut(serializers.Serializer[Surprise]):
    """One account whose rank by revenue and by score are far apart."""

    account = serializers.IntegerField(source="account_id")
    name = serializers.CharField()
    revenue_rank = serializers.IntegerField(help_text="Among all accounts whose revenue of twelve months is known.")
    score_rank = serializers.IntegerField(help_text="Among all accounts scored in both halves.")
    difference = serializers.IntegerField(help_text="revenue_rank - score_rank; above zero: better than large.")
    revenue_place = serializers.IntegerField(
        source="places.revenue", help_text="By revenue among the accounts that have both ranks: the direction's base."
    )
    score_place = serializers.IntegerField(source="places.score", help_text="By score among the same accounts.")
    direction = serializers.ChoiceField(choices=[one.value for one in Direction])
    marks = MarkOut(many=True)
    words = serializers.CharField(help_text="Why, in sentences.")


def of_portfolio(request: Request) -> User:
    """Who asks: by role, or by a seat that shows figures. PermissionDenied for others."""
    if not isinstance(request.user, User) or not may_see_portfolio(request.user):
        raise PermissionDenied
    return request.user


class SurpriseViews(APIView):
    """Accounts that are larger than they are good, then those better than large; of the accounts one sees."""

    permission_classes = [IsAuthenticated]
    requires = P.PORTFOLIO_FIGURES

    @extend_schema(responses=SurpriseOut(many=True))
    def get(self, request: Request) -> Response:
        user = of_portfolio(request)
        read_parameters(request, {})
        return Response(SurpriseOut(surprises(user).all, many=True).data)
