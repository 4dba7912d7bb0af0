"""Figures and the portfolio's concentration by API."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.figures import TYPED, delete_figure, set_figure
from accounts.api.base import AccountGuarded
from accounts.domain.places import currency_codes
from accounts.models import Account, Figure
from accounts.queries.concentration import LEVELS, MEASURES, Question, may_see_portfolio, portfolio
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import MoneyField, ScopedPrimaryKeyField, Strict, plain_decimal
from sam.core.api.filters import Filter, iso_date, one_of, read_parameters, text, whole_number
from sam.core.authorization.permissions import Permission as P
from sam.core.models import User
from sam.values.periods import Period, Quarter, period_of


def accounts_with_figures(user: User) -> QuerySet[Account]:
    return Account.objects.visible_to(user)


class Amounts(Strict):
    """The lines of a period. List revenue less discounts, rebates, freight and payment terms is revenue."""

    list_revenue = MoneyField(required=False, allow_null=True)
    on_invoice_discounts = MoneyField(required=False, allow_null=True)
    rebates = MoneyField(required=False, allow_null=True)
    freight = MoneyField(required=False, allow_null=True)
    payment_terms = MoneyField(required=False, allow_null=True)
    revenue = MoneyField(required=False, allow_null=True)
    cost_of_goods = MoneyField(required=False, allow_null=True)
    cost_of_goods_fixed = MoneyField(required=False, allow_null=True)
    cost_to_serve = MoneyField(required=False, allow_null=True)
    cost_to_serve_variable = MoneyField(required=False, allow_null=True)
    client_spend = MoneyField(required=False, allow_null=True)
    receivables = MoneyField(required=False, allow_null=True)


class FigureIn(Amounts):
    """One row of figures. An amount that is null is unknown, never zero."""

    account = ScopedPrimaryKeyField(queryset_for=accounts_with_figures, permission=P.FIGURES_EDIT)
    period_start = serializers.DateField(help_text="The first day of a month.")
    months = serializers.ChoiceField(choices=[1, 3, 12], default=3)
    kind = serializers.ChoiceField(choices=Figure.Kind.choices, default=Figure.Kind.ACTUAL)
    status = serializers.ChoiceField(choices=Figure.Status.choices, required=False)
    currency = serializers.CharField(min_length=3, max_length=3, required=False)


class FigureChange(Amounts):
    """What may change in a row: its amounts, currency and status."""

    status = serializers.ChoiceField(choices=Figure.Status.choices, required=False)
    currency = serializers.CharField(min_length=3, max_length=3, required=False)


class FigureOut(serializers.ModelSerializer[Figure]):
    external_id = serializers.CharField(source="key.key", default=None, read_only=True)

    class Meta:
        model = Figure
        fields = ["id", "account", "external_id", "period_start", "months", "kind", "status", "currency", *TYPED]
        fields += ["cost_to_serve_basis", "revision"]
        read_only_fields = fields


class FigureViews(AccountGuarded):
    """Figures of accounts on which one sees them."""

    permissions: ClassVar = {
        "list": P.FIGURES_VIEW,
        "retrieve": P.FIGURES_VIEW,
        "create": P.FIGURES_EDIT,
        "partial_update": P.FIGURES_EDIT,
        "destroy": P.FIGURES_EDIT,
    }
    filters: ClassVar = {
        "account": Filter("account_id", whole_number),
        "external_id": Filter("key__key", text, "Rows that came in under this key"),
        "kind": Filter("kind", one_of(Figure.Kind.values)),
        "months": Filter("months", one_of(["1", "3", "12"])),
        "from": Filter("period_start__gte", iso_date, "Periods that start on this day or later"),
        "until": Filter("period_start__lte", iso_date, "Periods that start on this day or earlier"),
    }
    serializer_class = FigureOut
    queryset = Figure.objects.none()

    def get_queryset(self) -> QuerySet[Figure]:
        visible = Account.objects.visible_to(self.person, P.FIGURES_VIEW)
        return Figure.objects.filter(account__in=visible).select_related("account", "key")

    @extend_schema(request=FigureIn, responses={201: FigureOut})
    def create(self, request: Request) -> Response:
        data = self.valid(FigureIn)
        period = period_or_400(data["period_start"], data["months"])
        figure = set_figure(
            account=data["account"], period=period, kind=data["kind"], revision=None, by=self.person, **_written(data)
        )
        return self.answer(figure, status=201)

    @extend_schema(request=FigureChange, responses=FigureOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        figure = self.get_object()
        seen = require_if_match(request)
        data = self.valid(FigureChange)
        changed = set_figure(
            account=figure.account,
            period=period_of(figure.months, figure.period_start),
            kind=figure.kind,
            revision=seen,
            key=figure.key,
            by=self.person,
            **_written(data),
        )
        return self.answer(changed)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        figure = self.get_object()
        delete_figure(account=figure.account, figure=figure, revision=require_if_match(request), by=self.person)
        return Response(status=204)


def _written(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "values": {name: data[name] for name in TYPED if name in data},
        "currency": data.get("currency", "").upper(),
        "status": data.get("status", ""),
    }


def period_or_400(start: date, months: int) -> Period:
    try:
        return period_of(months, start)
    except ValueError as problem:
        raise ValidationError({"period_start": str(problem)}) from problem


class Top20Out(serializers.Serializer[Any]):
    accounts = serializers.IntegerField(help_text="ceil(n/5)")
    share = serializers.FloatField(allow_null=True)


class WhaleOut(serializers.Serializer[Any]):
    """Where the accounts, added up from the largest to the smallest, reach the most."""

    peak_share = serializers.FloatField(allow_null=True, help_text="The peak as a fraction of the total.")
    peak_account = serializers.IntegerField(help_text="The rank of the account at the peak; 0 when none is above zero.")
    peak_external_id = serializers.CharField(allow_null=True, help_text="The key of that account.")
    below_zero = serializers.IntegerField(help_text="Accounts that take away from the peak.")


class ConcentrationOut(serializers.Serializer[Any]):
    """Shares are fractions of the total; null where the total is not above zero."""

    accounts = serializers.IntegerField()
    unconverted = serializers.IntegerField(help_text="Rows left out for want of an exchange rate.")
    unknown = serializers.IntegerField(help_text="Rows that say nothing about the measure.")
    total = serializers.CharField(help_text="A decimal string; negative amounts count.")
    top20 = Top20Out()
    accounts_for_80 = serializers.IntegerField(allow_null=True)
    gini = serializers.FloatField(allow_null=True, help_text="0 to 1, over accounts above zero.")
    hhi = serializers.FloatField(allow_null=True, help_text="0 to 10,000, shares of the positive sum.")
    deciles = serializers.ListField(child=serializers.FloatField(allow_null=True), min_length=10, max_length=10)
    whale = WhaleOut()


def quarter(given: str) -> Quarter:
    return Quarter.parse(given)


def currency(given: str) -> str:
    """An ISO 4217 code."""
    if given not in currency_codes():
        raise ValueError("Give a currency code such as EUR.")
    return given


class ConcentrationView(APIView):
    """How unevenly a measure is spread over the accounts one sees."""

    permission_classes = [IsAuthenticated]
    requires = P.PORTFOLIO_FIGURES

    @extend_schema(
        responses=ConcentrationOut,
        parameters=[
            OpenApiParameter("measure", OpenApiTypes.STR, enum=list(MEASURES), required=True),
            OpenApiParameter("from", OpenApiTypes.STR, required=True, description="A quarter such as 2010-Q4."),
            OpenApiParameter("to", OpenApiTypes.STR, required=True, description="The last quarter, included."),
            OpenApiParameter("currency", OpenApiTypes.STR, required=True),
            OpenApiParameter("level", OpenApiTypes.STR, enum=list(LEVELS), required=False),
        ],
    )
    def get(self, request: Request) -> Response:
        if not isinstance(request.user, User) or not may_see_portfolio(request.user):
            raise PermissionDenied
        readers = {
            "measure": one_of(MEASURES),
            "from": quarter,
            "to": quarter,
            "currency": currency,
            "level": one_of(LEVELS),
        }
        given = read_parameters(request, readers, required=("measure", "from", "to", "currency"))
        if given["to"] < given["from"]:
            raise ValidationError({"to": "The last quarter lies before the first."})
        question = Question(
            given["measure"], given["from"], given["to"], given["currency"], given.get("level", "account")
        )
        return Response(_told(question, request.user))


def _told(question: Question, user: User) -> dict[str, Any]:
    found = portfolio(user, question)
    result, whale = found.concentration, found.whale
    peak = found.ranking.external_ids[whale.peak_accounts - 1] if whale.peak_accounts else None
    return {
        "accounts": result.accounts,
        "unconverted": found.unconverted,
        "unknown": found.unknown,
        "total": plain_decimal(result.total),
        "top20": {"accounts": result.top20.accounts, "share": result.top20.share},
        "accounts_for_80": result.accounts_for_80,
        "gini": result.gini,
        "hhi": result.hhi,
        "deciles": list(result.deciles),
        "whale": {
            "peak_share": whale.peak_share,
            "peak_account": whale.peak_accounts,
            "peak_external_id": peak,
            "below_zero": whale.below_zero,
        },
    }
