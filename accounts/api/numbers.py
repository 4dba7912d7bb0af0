"""Activities, yearly rates and exchange rates by API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.activities import delete_volume, set_volume
from accounts.actions.activity_rates import set_activity_rate
from accounts.actions.figures import set_rate
from accounts.api.base import AccountGuarded
from accounts.api.financials import accounts_with_figures, period_or_400
from accounts.domain.drivers import COUNTED, DRIVERS
from accounts.models import Account, ActivityRate, ActivityVolume
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import MoneyField, ScopedPrimaryKeyField, Strict
from sam.core.api.filters import Filter, iso_date, one_of, text, whole_number
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission as P
from sam.core.models import ExchangeRate
from sam.values.periods import Quarter, period_of


class VolumeIn(Strict):
    """How often an activity happened. Nothing happened is 0; without a row it is unknown."""

    account = ScopedPrimaryKeyField(queryset_for=accounts_with_figures, permission=P.FIGURES_EDIT)
    period_start = serializers.DateField(help_text="The first day of a month.")
    months = serializers.ChoiceField(choices=[1, 3, 12], default=3)
    driver = serializers.ChoiceField(choices=COUNTED)
    quantity = MoneyField()


class VolumeChange(Strict):
    quantity = MoneyField()


class VolumeOut(serializers.ModelSerializer[ActivityVolume]):
    external_id = serializers.CharField(source="key.key", default=None, read_only=True)

    class Meta:
        model = ActivityVolume
        fields = ["id", "account", "external_id", "period_start", "months", "driver", "quantity", "revision"]
        read_only_fields = fields


class VolumeViews(AccountGuarded):
    """Activities of accounts on which one sees figures."""

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
        "driver": Filter("driver", one_of(COUNTED)),
        "from": Filter("period_start__gte", iso_date, "Periods that start on this day or later"),
        "until": Filter("period_start__lte", iso_date, "Periods that start on this day or earlier"),
    }
    serializer_class = VolumeOut
    queryset = ActivityVolume.objects.none()

    def get_queryset(self) -> QuerySet[ActivityVolume]:
        visible = Account.objects.visible_to(self.person, P.FIGURES_VIEW)
        return ActivityVolume.objects.filter(account__in=visible).select_related("account", "key")

    @extend_schema(request=VolumeIn, responses={201: VolumeOut})
    def create(self, request: Request) -> Response:
        data = self.valid(VolumeIn)
        row = set_volume(
            account=data["account"],
            period=period_or_400(data["period_start"], data["months"]),
            driver=data["driver"],
            quantity=data["quantity"],
            revision=None,
            by=self.person,
        )
        return self.answer(row, status=201)

    @extend_schema(request=VolumeChange, responses=VolumeOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        seen = require_if_match(request)
        changed = set_volume(
            account=row.account,
            period=period_of(row.months, row.period_start),
            driver=row.driver,
            quantity=self.valid(VolumeChange)["quantity"],
            revision=seen,
            key=row.key,
            by=self.person,
        )
        return self.answer(changed)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        delete_volume(account=row.account, volume=row, revision=require_if_match(request), by=self.person)
        return Response(status=204)


class ActivityRateIn(Strict):
    """Money for one unit of an activity; a fraction for capital, retention and discount; years for the horizon."""

    driver = serializers.ChoiceField(choices=list(DRIVERS))
    year = serializers.IntegerField(min_value=1990, max_value=2200)
    amount = MoneyField()
    currency = serializers.CharField(min_length=3, max_length=3, required=False)
    variable = serializers.BooleanField(required=False)


class ActivityRateChange(Strict):
    amount = MoneyField()
    currency = serializers.CharField(min_length=3, max_length=3, required=False)
    variable = serializers.BooleanField(required=False)


class ActivityRateOut(serializers.ModelSerializer[ActivityRate]):
    class Meta:
        model = ActivityRate
        fields = ["id", "driver", "year", "amount", "currency", "variable", "revision"]
        read_only_fields = fields


RATE_PERMISSIONS = dict.fromkeys(("list", "retrieve", "create", "partial_update"), P.RATES_EDIT)


class ActivityRateViews(Guarded):
    """The yearly rates behind cost to serve, cost of receivables and lifetime value."""

    permissions: ClassVar = RATE_PERMISSIONS
    filters: ClassVar = {"driver": Filter("driver", one_of(list(DRIVERS))), "year": Filter("year", whole_number)}
    serializer_class = ActivityRateOut
    queryset = ActivityRate.objects.all()

    @extend_schema(request=ActivityRateIn, responses={201: ActivityRateOut})
    def create(self, request: Request) -> Response:
        data = self.valid(ActivityRateIn)
        row = set_activity_rate(driver=data["driver"], year=data["year"], by=self.person, **_priced(data))
        return self.answer(row, status=201)

    @extend_schema(request=ActivityRateChange, responses=ActivityRateOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        seen = require_if_match(request)
        data = {"currency": row.currency, **self.valid(ActivityRateChange)}
        changed = set_activity_rate(driver=row.driver, year=row.year, revision=seen, by=self.person, **_priced(data))
        return self.answer(changed)


def _priced(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "amount": data["amount"],
        "currency": data.get("currency", "").upper(),
        "variable": data.get("variable"),
    }


class ExchangeRateIn(Strict):
    """What one unit of a currency was worth in the reporting currency during a quarter such as 2026-Q3."""

    currency = serializers.CharField(min_length=3, max_length=3)
    quarter = serializers.RegexField(r"^[0-9]{4}-Q[1-4]$")
    rate = serializers.DecimalField(max_digits=18, decimal_places=8)

    def validate_quarter(self, value: str) -> Quarter:
        try:
            return Quarter.parse(value)
        except ValueError as problem:
            raise serializers.ValidationError(str(problem)) from problem


class ExchangeRateChange(Strict):
    rate = serializers.DecimalField(max_digits=18, decimal_places=8)


class ExchangeRateOut(serializers.ModelSerializer[ExchangeRate]):
    quarter = serializers.SerializerMethodField()

    class Meta:
        model = ExchangeRate
        fields = ["id", "currency", "into", "quarter", "rate", "revision"]
        read_only_fields = fields

    def get_quarter(self, row: ExchangeRate) -> str:
        return str(Quarter.containing(row.quarter_start))


class ExchangeRateViews(Guarded):
    """Rates into the reporting currency, one per currency and quarter."""

    permissions: ClassVar = RATE_PERMISSIONS
    filters: ClassVar = {"currency": Filter("currency", text), "into": Filter("into", text)}
    serializer_class = ExchangeRateOut
    queryset = ExchangeRate.objects.all()

    @extend_schema(request=ExchangeRateIn, responses={201: ExchangeRateOut})
    def create(self, request: Request) -> Response:
        data = self.valid(ExchangeRateIn)
        row = set_rate(currency=data["currency"].upper(), quarter=data["quarter"], rate=data["rate"], by=self.person)
        return self.answer(row, status=201)

    @extend_schema(request=ExchangeRateChange, responses=ExchangeRateOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        seen = require_if_match(request)
        changed = set_rate(
            currency=row.currency,
            quarter=Quarter.containing(row.quarter_start),
            rate=self.valid(ExchangeRateChange)["rate"],
            revision=seen,
            by=self.person,
        )
        return self.answer(changed)
