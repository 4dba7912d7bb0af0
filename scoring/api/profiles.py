"""The ideal profile by API: the same versions, the same actions."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import Strict
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission as P
from scoring.actions import profiles as actions
from scoring.domain.profile import Wanted
from scoring.models import IdealProfile, ProfileAttribute


class AttributeOut(serializers.ModelSerializer[ProfileAttribute]):
    class Meta:
        model = ProfileAttribute
        fields = ["key", "wanted", "low", "high", "weight"]
        read_only_fields = fields


class ProfileOut(serializers.ModelSerializer[IdealProfile]):
    attributes = AttributeOut(many=True, read_only=True)

    class Meta:
        model = IdealProfile
        fields = ["id", "number", "state", "note", "published_at", "attributes", "revision"]
        read_only_fields = fields


class DraftIn(Strict):
    begin_with = serializers.ChoiceField(
        choices=actions.SOURCES, default="live", help_text="A copy of the live one, the leading accounts, or empty."
    )


class WantedIn(Strict):
    """Words of which any will do, or a range with one or both ends; ratios as fractions."""

    key = serializers.CharField(max_length=40)
    wanted = serializers.ListField(child=serializers.CharField(max_length=80), required=False, default=list)
    low = serializers.DecimalField(max_digits=18, decimal_places=4, required=False, allow_null=True, default=None)
    high = serializers.DecimalField(max_digits=18, decimal_places=4, required=False, allow_null=True, default=None)
    weight = serializers.DecimalField(max_digits=6, decimal_places=2)


class AttributesIn(Strict):
    attributes = WantedIn(many=True)


class PublishIn(Strict):
    note = serializers.CharField(max_length=2000)


class ProfileViews(Guarded):
    """Versions of the ideal profile, the newest first; only the draft changes. Their ranges come from figures."""

    permissions: ClassVar = {
        "list": P.PORTFOLIO_FIGURES,
        "retrieve": P.PORTFOLIO_FIGURES,
        "create": P.SCORECARD_CONFIGURE,
        "update": P.SCORECARD_CONFIGURE,
        "publish": P.SCORECARD_CONFIGURE,
        "destroy": P.SCORECARD_CONFIGURE,
    }
    serializer_class = ProfileOut
    queryset = IdealProfile.objects.none()

    def get_queryset(self) -> QuerySet[IdealProfile]:
        return IdealProfile.objects.prefetch_related("attributes")

    @extend_schema(request=DraftIn, responses={201: ProfileOut})
    def create(self, request: Request) -> Response:
        draft = actions.create_profile_draft(source=self.valid(DraftIn)["begin_with"], by=self.person)
        return self.answer(draft, status=201)

    @extend_schema(request=AttributesIn, responses=ProfileOut, parameters=[IF_MATCH])
    def update(self, request: Request, pk: str) -> Response:
        """Replace everything that the draft asks for."""
        profile: IdealProfile = self.get_object()
        seen = require_if_match(request)
        wanted = [
            Wanted(one["key"], tuple(one["wanted"]), one["low"], one["high"], one["weight"])
            for one in self.valid(AttributesIn)["attributes"]
        ]
        changed = actions.edit_profile(profile=profile, revision=seen, wanted=wanted, by=self.person)
        return self.answer(self.get_queryset().get(pk=changed.pk))

    @extend_schema(request=PublishIn, responses=ProfileOut, parameters=[IF_MATCH])
    def publish(self, request: Request, pk: str) -> Response:
        profile: IdealProfile = self.get_object()
        seen = require_if_match(request)
        note = self.valid(PublishIn)["note"]
        return self.answer(actions.publish_profile(profile=profile, revision=seen, note=note, by=self.person))

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        profile: IdealProfile = self.get_object()
        actions.discard_profile(profile=profile, revision=require_if_match(request), by=self.person)
        return Response(status=204)
