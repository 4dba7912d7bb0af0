"""Back-tests by API: a large portfolio is answered by a job, which POST starts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.financials import quarter
from sam.core.api.fields import Strict
from sam.core.api.filters import one_of, read_parameters
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission as P
from sam.core.errors import ActionRefused
from scoring.actions.back_test import Question, answered, live_version, past_quarters, question, start_back_test
from scoring.domain.back_test import MEASURES, SCORES, SCREENING, BackTest
from scoring.models import Scorecard
from scoring.queries.names import names_of

NOT_COMPUTED = "This back-test was not computed yet. Start it with POST."


class BackTestIn(Strict):
    quarter = serializers.CharField(help_text="The past quarter, such as 2025-Q3.")
    score = serializers.ChoiceField(choices=list(SCORES), default=SCREENING)
    measure = serializers.ChoiceField(choices=list(MEASURES), default="revenue")


class BackTestViews(Guarded):
    """Scores of a past quarter against growth since, with n, interval and a reading in words."""

    permissions: ClassVar = {"answer_of": P.SCORECARD_CONFIGURE, "start": P.SCORECARD_CONFIGURE}
    parameters: ClassVar = {"answer_of": ("quarter", "score", "measure")}
    serializer_class = BackTestIn
    queryset = Scorecard.objects.none()
    detail = True

    def get_queryset(self) -> QuerySet[Scorecard]:
        return Scorecard.objects.all()

    @extend_schema(
        responses=OpenApiTypes.OBJECT,
        parameters=[
            OpenApiParameter("quarter", OpenApiTypes.STR, required=True, description="The past quarter: 2025-Q3."),
            OpenApiParameter("score", OpenApiTypes.STR, enum=list(SCORES)),
            OpenApiParameter("measure", OpenApiTypes.STR, enum=list(MEASURES)),
        ],
    )
    def answer_of(self, request: Request, pk: str) -> Response:
        """The answer; 409 `not_computed` where a job has to be started first."""
        scorecard: Scorecard = self.get_object()
        readers = {"quarter": quarter, "score": one_of(SCORES), "measure": one_of(MEASURES)}
        found, _ = answered(_asked(scorecard, read_parameters(request, readers, required=("quarter",))))
        if found is None:
            raise ActionRefused(NOT_COMPUTED, code="not_computed")
        return Response(self._told(found))

    @extend_schema(request=BackTestIn, responses={202: OpenApiTypes.OBJECT})
    def start(self, request: Request, pk: str) -> Response:
        """Hand it to a worker."""
        scorecard: Scorecard = self.get_object()
        data = self.valid(BackTestIn)
        try:
            data["quarter"] = quarter(data["quarter"])
        except ValueError as problem:
            raise ValidationError({"quarter": str(problem)}) from None
        job = start_back_test(asked=_asked(scorecard, data), by=self.person)
        return Response({"id": job.pk, "status": job.state}, status=202)

    def _told(self, found: BackTest) -> dict[str, Any]:
        names = names_of(self.person, [point.account for point in found.points])
        told = {name: value for name, value in asdict(found).items() if name not in ("points", "interval")}
        return {
            **told,
            "interval": None if found.interval is None else [found.interval.low, found.interval.high],
            "reading": found.words,
            "points": [asdict(point) for point in found.points if point.account in names],
        }


def _asked(scorecard: Scorecard, given: dict[str, Any]) -> Question:
    if given["quarter"] not in past_quarters(timezone.localdate()):
        raise ValidationError({"quarter": "Give one of the twelve quarters before the newest with figures."})
    version = live_version(scorecard)
    return question(version, given["quarter"], given.get("measure", "revenue"), given.get("score", SCREENING))
