"""Touchpoints by API."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.touchpoints import change_touchpoint, delete_touchpoint, log_touchpoint, may_change
from accounts.api.base import AccountGuarded
from accounts.api.scopes import account_field, colleague_field, contact_field
from accounts.models import Account, Touchpoint
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import Strict
from sam.core.api.filters import Filter, iso_date, one_of, whole_number
from sam.core.authorization.permissions import Permission as P


class TouchpointOut(serializers.ModelSerializer[Touchpoint]):
    class Meta:
        model = Touchpoint
        fields = [
            "id", "account", "date", "kind", "summary", "promised", "minutes", "contacts", "people", "logged_by",
            "revision",
        ]  # fmt: skip
        read_only_fields = fields


class TouchpointChange(Strict):
    kind = serializers.ChoiceField(choices=Touchpoint.Kind.choices)
    date = serializers.DateField()
    contacts = contact_field(many=True, allow_empty=False)
    people = colleague_field(many=True, required=False)
    summary = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    promised = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    minutes = serializers.IntegerField(min_value=0, max_value=1440, required=False, allow_null=True)


class TouchpointNew(TouchpointChange):
    account = account_field(P.TOUCHPOINT_LOG)
    date = serializers.DateField(required=False, help_text="Today when not given.")


class TouchpointViews(AccountGuarded):
    """Who met whom. Changed by whoever logged it and whoever may edit the account."""

    permissions: ClassVar = {
        "list": P.PROFILE_VIEW,
        "retrieve": P.PROFILE_VIEW,
        "create": P.TOUCHPOINT_LOG,
        "partial_update": P.TOUCHPOINT_LOG,
        "destroy": P.TOUCHPOINT_LOG,
    }
    filters: ClassVar = {
        "account": Filter("account_id", whole_number),
        "contact": Filter("contact_links__contact_id", whole_number),
        "person": Filter("person_links__user_id", whole_number),
        "kind": Filter("kind", one_of(Touchpoint.Kind.values)),
        "from": Filter("date__gte", iso_date),
        "until": Filter("date__lte", iso_date),
    }
    serializer_class = TouchpointOut
    queryset = Touchpoint.objects.none()

    def get_queryset(self) -> QuerySet[Touchpoint]:
        visible = Account.objects.visible_to(self.person, P.PROFILE_VIEW)
        found = Touchpoint.objects.filter(account__in=visible).select_related("account")
        return found.prefetch_related("contacts", "people")

    @extend_schema(request=TouchpointNew, responses={201: TouchpointOut})
    def create(self, request: Request) -> Response:
        return self.answer(log_touchpoint(by=self.person, **self.valid(TouchpointNew)), status=201)

    @extend_schema(request=TouchpointChange, responses=TouchpointOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        touchpoint = self._changeable()
        seen = require_if_match(request)
        stored = {
            "kind": touchpoint.kind,
            "date": touchpoint.date,
            "contacts": list(touchpoint.contacts.all()),
            "people": list(touchpoint.people.all()),
            "summary": touchpoint.summary,
            "promised": touchpoint.promised,
            "minutes": touchpoint.minutes,
        }
        values = {**stored, **self.valid(TouchpointChange, partial=True)}
        change_touchpoint(account=touchpoint.account, touchpoint=touchpoint, revision=seen, by=self.person, **values)
        return self.answer(self.get_queryset().get(pk=touchpoint.pk))

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        touchpoint = self._changeable()
        seen = require_if_match(request)
        delete_touchpoint(account=touchpoint.account, touchpoint=touchpoint, revision=seen, by=self.person)
        return Response(status=204)

    def _changeable(self) -> Touchpoint:
        touchpoint: Touchpoint = self.get_object()
        if not may_change(self.person, touchpoint.account, touchpoint):
            raise PermissionDenied("Somebody else logged this.")
        return touchpoint
