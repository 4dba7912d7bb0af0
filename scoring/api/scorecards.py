"""Scorecards and their versions by API."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import Strict
from sam.core.api.filters import Filter, one_of, read_parameters, whole_number
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission as P
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused
from scoring.actions import scorecards
from scoring.actions.preview import PUBLISHED, start_preview
from scoring.api.scores import JobStarted, number, tier_word
from scoring.models import Comparison, Criterion, Scorecard, ScorecardVersion, TierRule
from scoring.queries.preview import DraftPreview, Move, TierCount, draft_preview

NO_PREVIEW = "There is no preview of this draft yet. POST to this address computes one."


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


class ComparisonOut(serializers.ModelSerializer[Comparison]):
    class Meta:
        model = Comparison
        fields = ["first", "second", "favour"]
        read_only_fields = fields


class VersionOut(serializers.ModelSerializer[ScorecardVersion]):
    criteria = CriterionOut(many=True, read_only=True)
    tiers = TierRuleOut(source="tier_rules", many=True, read_only=True)
    comparisons = ComparisonOut(many=True, read_only=True)

    class Meta:
        model = ScorecardVersion
        fields = [
            "id", "scorecard", "number", "state", "alpha", "minimum_coverage", "note", "published_by", "published_at",
            "revision", "criteria", "tiers", "comparisons",
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


class TierCountOut(serializers.Serializer[TierCount]):
    tier = serializers.SerializerMethodField(help_text='"none" for no tier, null for accounts that are not scored.')
    before = serializers.IntegerField()
    after = serializers.IntegerField()

    def get_tier(self, count: TierCount) -> str | None:
        return tier_word(count.tier)


class MoveOut(serializers.Serializer[Move]):
    """Points from 0 to 100 as decimal strings; ranks are among all accounts."""

    account = serializers.IntegerField(source="account.pk")
    name = serializers.CharField(source="account.name")
    tier_before = serializers.SerializerMethodField()
    tier_after = serializers.SerializerMethodField()
    overall_before = serializers.SerializerMethodField()
    overall_after = serializers.SerializerMethodField()
    rank_before = serializers.IntegerField(allow_null=True)
    rank_after = serializers.IntegerField(allow_null=True)
    why = serializers.CharField(help_text="The condition and the criterion that made the difference, in words.")

    def get_tier_before(self, move: Move) -> str | None:
        return tier_word(move.tier_before)

    def get_tier_after(self, move: Move) -> str | None:
        return tier_word(move.tier_after)

    def get_overall_before(self, move: Move) -> str | None:
        return number(move.overall_before)

    def get_overall_after(self, move: Move) -> str | None:
        return number(move.overall_after)


class PreviewOut(serializers.Serializer[DraftPreview]):
    """Of the accounts the person may see. `out_of_date` says in words why it should be computed again, else empty."""

    version = serializers.IntegerField(source="preview.version_id")
    compared_with = serializers.IntegerField(source="preview.compared_with_id", allow_null=True)
    revision = serializers.IntegerField(source="preview.revision")
    computed_at = serializers.DateTimeField(source="preview.computed_at")
    milliseconds = serializers.IntegerField(source="preview.milliseconds")
    out_of_date = serializers.CharField()
    accounts = serializers.IntegerField()
    moved = serializers.IntegerField()
    pages = serializers.IntegerField(source="moves.paginator.num_pages")
    tiers = TierCountOut(source="counts", many=True)
    moves = MoveOut(source="lines", many=True)
    rank_moves = MoveOut(source="ranks", many=True)


class ComparisonIn(Strict):
    first = serializers.CharField(max_length=8)
    second = serializers.CharField(max_length=8)
    favour = serializers.IntegerField(
        min_value=-9,
        max_value=9,
        allow_null=True,
        help_text="1 the same, 2 to 9 the first matters more, -2 to -9 the second; null takes the comparison back.",
    )


class ComparisonsIn(Strict):
    """Pairs that are not named stay as they are."""

    comparisons = serializers.ListField(child=ComparisonIn(), max_length=300)
    use = serializers.BooleanField(
        default=False, help_text="Weigh the halves by their comparisons; every pair of them must be compared."
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
        "preview": P.SCORE_VIEW,
        "start_preview": P.SCORECARD_CONFIGURE,
        "compare": P.SCORECARD_CONFIGURE,
    }
    parameters: ClassVar = {"preview": ("page", "direction")}
    filters: ClassVar = {
        "scorecard": Filter("scorecard_id", whole_number),
        "state": Filter("state", one_of(ScorecardVersion.State.values)),
    }
    serializer_class = VersionOut
    queryset = ScorecardVersion.objects.none()

    def get_queryset(self) -> QuerySet[ScorecardVersion]:
        return ScorecardVersion.objects.select_related("scorecard").prefetch_related(
            "criteria__objective", "tier_rules", "comparisons"
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

    @extend_schema(request=ComparisonsIn, responses=VersionOut, parameters=[IF_MATCH])
    def compare(self, request: Request, pk: str) -> Response:
        """Keep pairwise comparisons of a draft's criteria, and weigh them by it when `use` is set."""
        version: ScorecardVersion = self.get_object()
        seen = require_if_match(request)
        data = self.valid(ComparisonsIn)
        favours = {(one["first"], one["second"]): one["favour"] for one in data["comparisons"]}
        scorecards.compare_criteria(version=version, revision=seen, favours=favours, use=data["use"], by=self.person)
        return self.answer(self.get_queryset().get(pk=version.pk))

    @extend_schema(request=PublishIn, responses=VersionOut, parameters=[IF_MATCH])
    def publish(self, request: Request, pk: str) -> Response:
        version: ScorecardVersion = self.get_object()
        seen = require_if_match(request)
        scorecards.publish(version=version, revision=seen, note=self.valid(PublishIn)["note"], by=self.person)
        return self.answer(self.get_queryset().get(pk=version.pk))

    @extend_schema(
        responses=PreviewOut,
        parameters=[
            OpenApiParameter("page", OpenApiTypes.INT, description="Page of the moves, 50 on each."),
            OpenApiParameter("direction", OpenApiTypes.STR, enum=["up", "down"]),
        ],
    )
    def preview(self, request: Request, pk: str) -> Response:
        """What the draft would do, as it was last computed; POST computes it again."""
        version: ScorecardVersion = self.get_object()
        given = read_parameters(request, {"page": whole_number, "direction": one_of(("up", "down"))})
        found = draft_preview(version, self.person, given.get("page", 1), given.get("direction", ""))
        if found is None:
            raise ActionRefused(NO_PREVIEW if version.is_draft else PUBLISHED, code="no_preview")
        return Response(PreviewOut(found).data)

    @extend_schema(request=None, responses={202: JobStarted})
    def start_preview(self, request: Request, pk: str) -> Response:
        """Compute the effect of the draft on every account; no score is touched."""
        job = start_preview(version=self.get_object(), by=self.person)
        return Response({"id": job.pk, "status": job.state}, status=202)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        version: ScorecardVersion = self.get_object()
        scorecards.discard_draft(version=version, revision=require_if_match(request), by=self.person)
        return Response(status=204)
