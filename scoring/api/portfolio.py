"""The portfolio's analysis by API: surprises, and how well accounts fit the ideal customer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries.concentration import may_see_portfolio
from sam.core.api.filters import read_parameters
from sam.core.authorization.permissions import Permission as P
from sam.core.models import User
from scoring.domain.surprises import Direction
from scoring.models import IdealProfile
from scoring.queries.profiles import fit_table
from scoring.queries.surprises import surprises


class MarkOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    words = serializers.CharField()


class SurpriseOut(serializers.Serializer[Any]):
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


class PartOut(serializers.Serializer[Any]):
    attribute = serializers.CharField(source="key")
    shown = serializers.CharField(help_text="The account's value in words; empty where it is not known.")
    similarity = serializers.FloatField(allow_null=True, help_text="0 to 1; null: not known, drops out.")


class FitOut(serializers.Serializer[Any]):
    """How well an account fits the live profile: Gower's similarity, 0 to 1, with every attribute."""

    account = serializers.IntegerField(source="account.pk")
    name = serializers.CharField(source="account.name")
    fit = serializers.FloatField(source="value", allow_null=True)
    attributes = PartOut(source="cells", many=True)
    missing = serializers.ListField(child=serializers.CharField(), source="similarity.missing")
    words = serializers.CharField()


def account_ids(given: str) -> list[int]:
    """Ids such as 1,2,3."""
    parts = given.split(",")
    if len(parts) > MOST_FITS or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
        raise ValueError(f"Give up to {MOST_FITS} account ids, separated by commas.")
    return [int(part) for part in parts]


MOST_FITS = 100


class FitViews(APIView):
    """The accounts one sees against the live ideal profile, best first (100 at most), or those that are named."""

    permission_classes = [IsAuthenticated]
    requires = P.PORTFOLIO_FIGURES

    @extend_schema(
        responses=FitOut(many=True),
        parameters=[OpenApiParameter("accounts", OpenApiTypes.STR, required=False, description="Ids such as 1,2,3.")],
    )
    def get(self, request: Request) -> Response:
        user = of_portfolio(request)
        given = read_parameters(request, {"accounts": account_ids})
        profile = IdealProfile.objects.live()
        if profile is None:
            raise NotFound
        asked = given.get("accounts")
        table = fit_table(profile, user, also=asked or ())
        fits = table.fits[:MOST_FITS] if asked is None else table.chosen(asked)
        return Response(FitOut(fits, many=True).data)
