"""What outcomes are worth to clients and to us, by API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AccountGuarded
from accounts.models import Account
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import MoneyField, ScopedPrimaryKeyField, Strict
from sam.core.api.filters import Filter, truth, whole_number
from sam.core.authorization.permissions import Permission as P
from scoring.actions.worth import add_worth, edit_worth, remove_worth
from scoring.api.scores import visible
from scoring.models import OutcomeWorth

FIELDS = ["outcome", "client_amount", "our_amount", "currency", "basis", "confirmed", "on"]


class WorthChange(Strict):
    """Amounts are a year's, in the row's currency; null is not known."""

    outcome = serializers.CharField(max_length=240, required=False)
    client_amount = MoneyField(required=False, allow_null=True, min_value=0)
    our_amount = MoneyField(required=False, allow_null=True, min_value=0)
    currency = serializers.CharField(max_length=3, required=False)
    basis = serializers.CharField(max_length=2000, required=False)
    confirmed = serializers.BooleanField(required=False)
    on = serializers.DateField(required=False)


class WorthIn(Strict):
    account = ScopedPrimaryKeyField(queryset_for=visible, permission=P.ACCOUNT_EDIT)
    outcome = serializers.CharField(max_length=240)
    client_amount = MoneyField(required=False, allow_null=True, min_value=0, default=None)
    our_amount = MoneyField(required=False, allow_null=True, min_value=0, default=None)
    currency = serializers.CharField(max_length=3)
    basis = serializers.CharField(max_length=2000)
    confirmed = serializers.BooleanField(required=False, default=False)
    on = serializers.DateField()


class WorthOut(serializers.ModelSerializer[OutcomeWorth]):
    class Meta:
        model = OutcomeWorth
        fields = ["id", "account", *FIELDS, "author", "revision"]
        read_only_fields = fields


class WorthViews(AccountGuarded):
    """Outcomes of accounts on which one sees figures."""

    permissions: ClassVar = {
        "list": P.FIGURES_VIEW,
        "retrieve": P.FIGURES_VIEW,
        "create": P.ACCOUNT_EDIT,
        "partial_update": P.ACCOUNT_EDIT,
        "destroy": P.ACCOUNT_EDIT,
    }
    filters: ClassVar = {"account": Filter("account_id", whole_number), "confirmed": Filter("confirmed", truth)}
    serializer_class = WorthOut
    queryset = OutcomeWorth.objects.none()

    def get_queryset(self) -> QuerySet[OutcomeWorth]:
        seen = Account.objects.visible_to(self.person, P.FIGURES_VIEW)
        return OutcomeWorth.objects.filter(account__in=seen).select_related("account")

    @extend_schema(request=WorthIn, responses={201: WorthOut})
    def create(self, request: Request) -> Response:
        return self.answer(add_worth(by=self.person, **self.valid(WorthIn)), status=201)

    @extend_schema(request=WorthChange, responses=WorthOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        worth: OutcomeWorth = self.get_object()
        seen = require_if_match(request)
        values: dict[str, Any] = {name: getattr(worth, name) for name in FIELDS} | self.valid(WorthChange)
        return self.answer(edit_worth(account=worth.account, worth=worth, revision=seen, by=self.person, **values))

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        worth: OutcomeWorth = self.get_object()
        remove_worth(account=worth.account, worth=worth, revision=require_if_match(request), by=self.person)
        return Response(status=204)
