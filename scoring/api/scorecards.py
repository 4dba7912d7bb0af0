"""Scorecards and their versions by API."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import Strict
from sam.core.api.filters import Filter, one_of, whole_number
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission as P
from sam.core.authorization.policy import can
from scoring.actions import scorecards
from scoring.models import Criterion, Scorecard, ScorecardVersion, TierRule


class RulesGuarded(Guarded):
    """Scorecards belong to no account: only a role that gives the permission everywhere opens them, as on the pages."""

    def may_enter(self, permission: P) -> bool:
        return can(self.person, permission)


class VersionLine(serializers.ModelSerializer[ScorecardVersion]):
    class Meta:
        model = ScorecardVersion
        fields = ["id", "number", "state", "note", "published_at", "revision"]
        read_only_fields = fields


class ScorecardOut(serializers.ModelSerializer[Scorecard]):
    versions = VersionLine(many=True, read_only=True)

    class Meta:
        model = Scorecard
        fields = ["id", "name", "in_use", "revision", "versions"]
        read_only_fields = fields


class CriterionOut(serializers.ModelSerializer[Criterion]):
    """Cut points are amounts of our own accounts: null for those who do not see the portfolio's figures."""

    objective = serializers.CharField(source="objective.code", default=None, read_only=True)
    cut_points = serializers.SerializerMethodField()

    class Meta:
        model = Criterion
        fields = [
            "key", "name", "kind", "half", "family", "weight", "measure", "method", "cut_points", "low_is_good",
            "anchors", "objective", "valid_months",
        ]  # fmt: skip
        read_only_fields = fields

    def get_cut_points(self, criterion: Criterion) -> list[str] | None:
        request = self.context.get("request")
        seen = request is not None and can(request.user, P.PORTFOLIO_FIGURES)
        return [format(cut.normalize(), "f") for cut in criterion.cut_points] if seen else None


class TierRuleOut(serializers.ModelSerializer[TierRule]):
    class Meta:
        model = TierRule
        fields = ["tier", "enter", "stay", "enter_half", "stay_half", "gates"]
        read_only_fields = fields


class VersionOut(serializers.ModelSerializer[ScorecardVersion]):
    criteria = CriterionOut(many=True, read_only=True)
    tiers = TierRuleOut(source="tier_rules", many=True, read_only=True)

    class Meta:
        model = ScorecardVersion
        fields = [
            "id", "scorecard", "number", "state", "alpha", "minimum_coverage", "note", "published_by", "published_at",
            "revision", "criteria", "tiers",
        ]  # fmt: skip
        read_only_fields = fields


class ScorecardViews(RulesGuarded):
    """Scorecards with their versions."""

    permissions: ClassVar = {"list": P.SCORE_VIEW, "retrieve": P.SCORE_VIEW, "draft": P.SCORECARD_CONFIGURE}
    serializer_class = ScorecardOut
    queryset = Scorecard.objects.none()

    def get_queryset(self) -> QuerySet[Scorecard]:
        return Scorecard.objects.prefetch_related("versions")

    @extend_schema(request=None, responses={201: VersionOut})
    def draft(self, request: Request, pk: str) -> Response:
        version = scorecards.create_draft(scorecard=self.get_object(), by=self.person)
        body = VersionOut(version, context=self.get_serializer_context()).data
        return Response(body, status=201, headers={"ETag": f'"{version.revision}"'})


class VersionChange(Strict):
    """Settings and weights of a draft."""

    alpha = serializers.DecimalField(max_digits=5, decimal_places=4, min_value=0, max_value=1, required=False)
    minimum_coverage = serializers.DecimalField(
        max_digits=5, decimal_places=4, min_value=0, max_value=1, required=False
    )
    weights = serializers.DictField(
        child=serializers.DecimalField(max_digits=7, decimal_places=2),
        required=False,
        help_text='New weights by criterion, for example {"C1": "30"}.',
    )


class PublishIn(Strict):
    note = serializers.CharField(max_length=2000)


class VersionViews(RulesGuarded):
    """Versions of scorecards; only a draft changes, anything else is answered with 409."""

    permissions: ClassVar = {
        "list": P.SCORE_VIEW,
        "retrieve": P.SCORE_VIEW,
        "partial_update": P.SCORECARD_CONFIGURE,
        "publish": P.SCORECARD_CONFIGURE,
        "destroy": P.SCORECARD_CONFIGURE,
    }
    filters: ClassVar = {
        "scorecard": Filter("scorecard_id", whole_number),
        "state": Filter("state", one_of(ScorecardVersion.State.values)),
    }
    serializer_class = VersionOut
    queryset = ScorecardVersion.objects.none()

    def get_queryset(self) -> QuerySet[ScorecardVersion]:
        return ScorecardVersion.objects.select_related("scorecard").prefetch_related(
            "criteria__objective", "tier_rules"
        )

    @extend_schema(request=VersionChange, responses=VersionOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        version: ScorecardVersion = self.get_object()
        seen = require_if_match(request)
        data = self.valid(VersionChange)
        scorecards.edit_draft(
            version=version,
            revision=seen,
            alpha=data.get("alpha", version.alpha),
            minimum_coverage=data.get("minimum_coverage", version.minimum_coverage),
            weights=data.get("weights"),
            by=self.person,
        )
        return self.answer(self.get_queryset().get(pk=version.pk))

    @extend_schema(request=PublishIn, responses=VersionOut, parameters=[IF_MATCH])
    def publish(self, request: Request, pk: str) -> Response:
        version: ScorecardVersion = self.get_object()
        seen = require_if_match(request)
        scorecards.publish(version=version, revision=seen, note=self.valid(PublishIn)["note"], by=self.person)
        return self.answer(self.get_queryset().get(pk=version.pk))

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        version: ScorecardVersion = self.get_object()
        scorecards.discard_draft(version=version, revision=require_if_match(request), by=self.person)
        return Response(status=204)
