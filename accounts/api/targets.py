"""Targets of a year and forecasts against them by API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.targets import LONGEST_TEXT, Wanted, make_forecast, set_target
from accounts.api.base import AccountGuarded
from accounts.api.financials import accounts_with_figures
from accounts.models import Account, Forecast, Measure, Target
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import MoneyField, ScopedPrimaryKeyField, Strict
from sam.core.api.filters import Filter, one_of, whole_number
from sam.core.authorization.permissions import Permission as P
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused


class TargetChange(Strict):
    """Another amount in place of the current one, which stays as a row with the day it ended."""

    amount = MoneyField()
    currency = serializers.CharField(min_length=3, max_length=3, required=False)
    spread = serializers.ChoiceField(choices=Target.Spread.choices, default=Target.Spread.LAST_YEAR)
    quarters = serializers.ListField(
        child=MoneyField(), min_length=4, max_length=4, required=False, help_text="With spread “own”: four amounts."
    )
    reason = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)


class TargetIn(TargetChange):
    """A year's target. `year` is the calendar year in which the fiscal year begins."""

    account = ScopedPrimaryKeyField(queryset_for=accounts_with_figures, permission=P.FIGURES_EDIT)
    year = serializers.IntegerField(min_value=1990, max_value=2200)
    measure = serializers.ChoiceField(choices=Measure.choices)


class TargetOut(serializers.ModelSerializer[Target]):
    quarters = serializers.ListField(child=MoneyField(), read_only=True)
    set_by = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Target
        fields = [
            "id",
            "account",
            "year",
            "measure",
            "currency",
            "amount",
            "spread",
            "quarters",
            "reason",
            "set_by",
            "set_on",
            "superseded_on",
            "revision",
        ]
        read_only_fields = fields


def _wanted(data: dict[str, Any]) -> Wanted:
    return Wanted(
        amount=data["amount"],
        spread=data["spread"],
        quarters=data.get("quarters", ()),
        currency=data.get("currency", "").upper(),
        reason=data.get("reason", ""),
    )


ROWS: dict[str, Filter] = {
    "account": Filter("account_id", whole_number),
    "year": Filter("year", whole_number),
    "measure": Filter("measure", one_of(Measure.values)),
}


class TargetViews(AccountGuarded):
    """Targets, replaced ones too: those that count have no `superseded_on`."""

    permissions: ClassVar = {
        "list": P.FIGURES_VIEW,
        "retrieve": P.FIGURES_VIEW,
        "create": P.FIGURES_EDIT,
        "partial_update": P.FIGURES_EDIT,
    }
    filters: ClassVar = ROWS
    serializer_class = TargetOut
    queryset = Target.objects.none()

    def get_queryset(self) -> QuerySet[Target]:
        visible = Account.objects.visible_to(self.person, P.FIGURES_VIEW)
        return Target.objects.filter(account__in=visible).select_related("account", "set_by")

    @extend_schema(request=TargetIn, responses={201: TargetOut})
    def create(self, request: Request) -> Response:
        data = self.valid(TargetIn)
        place = {name: data[name] for name in ("account", "year", "measure")}
        return self.answer(set_target(**place, wanted=_wanted(data), by=self.person), status=201)

    @extend_schema(request=TargetChange, responses=TargetOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        seen = require_if_match(request)
        if row.superseded_on is not None:
            raise ActionRefused("This target was replaced; change the one that counts now.", code="superseded")
        changed = set_target(
            account=row.account,
            year=row.year,
            measure=row.measure,
            wanted=_wanted({"currency": row.currency, **self.valid(TargetChange)}),
            revision=seen,
            by=self.person,
        )
        return self.answer(changed)


class ForecastIn(Strict):
    """What is expected for the whole fiscal year, and what the number rests on."""

    account = ScopedPrimaryKeyField(queryset_for=accounts_with_figures, permission=P.FIGURES_VIEW)
    year = serializers.IntegerField(min_value=1990, max_value=2200)
    measure = serializers.ChoiceField(choices=Measure.choices)
    amount = MoneyField()
    currency = serializers.CharField(min_length=3, max_length=3, required=False)
    basis = serializers.ChoiceField(choices=Forecast.Basis.choices)
    note = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)


class ForecastOut(serializers.ModelSerializer[Forecast]):
    made_by = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Forecast
        fields = ["id", "account", "year", "measure", "currency", "amount", "basis", "note", "made_by", "made_on"]
        read_only_fields = fields


class ForecastViews(AccountGuarded):
    """Forecasts, the newest of an account, year and measure counts. They are added, never changed."""

    permissions: ClassVar = dict.fromkeys(("list", "retrieve", "create"), P.FIGURES_VIEW)
    filters: ClassVar = ROWS
    serializer_class = ForecastOut
    queryset = Forecast.objects.none()

    def get_queryset(self) -> QuerySet[Forecast]:
        visible = Account.objects.visible_to(self.person, P.FIGURES_VIEW)
        return Forecast.objects.filter(account__in=visible).select_related("account", "made_by")

    @extend_schema(request=ForecastIn, responses={201: ForecastOut})
    def create(self, request: Request) -> Response:
        """For the account's lead, and for whoever keeps its figures."""
        data = self.valid(ForecastIn)
        account: Account = data["account"]
        if not any(can(self.person, permission, on=account) for permission in (P.ACCOUNT_EDIT, P.FIGURES_EDIT)):
            raise PermissionDenied("Forecasts are for the account’s lead and finance.")
        data["currency"] = data.get("currency", "").upper()
        return self.answer(make_forecast(**data, by=self.person), status=201)
