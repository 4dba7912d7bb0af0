"""What-ifs by API: the portfolio by changed weights, halves and thresholds, without storing anything."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AccountGuarded
from sam.core.api.fields import Strict
from sam.core.authorization.permissions import Permission as P
from sam.core.errors import ActionRefused
from scoring.actions.scores import NO_SCORECARD
from scoring.api.scores import number, tier_word
from scoring.domain.what_if import Changes, WrongChange
from scoring.models import Scorecard, ScorecardVersion

NOT_IN_USE = "A what-if starts from the scorecard that scores the portfolio; this one does not."


class WhatIfIn(Strict):
    """What is not given stays as the live version has it."""

    weights = serializers.DictField(
        child=serializers.DecimalField(max_digits=7, decimal_places=2),
        required=False,
        help_text='By criterion, 0 leaves it out, for example {"C1": "30"}.',
    )
    alpha = serializers.DecimalField(
        max_digits=5, decimal_places=4, required=False, help_text="Share of the current half in the overall, 0 to 1."
    )
    thresholds = serializers.DictField(
        required=False,
        help_text='By tier: a number to enter from, or any of enter, stay, enter_half, stay_half: {"key": 45}.',
    )
    top = serializers.IntegerField(min_value=1, max_value=1000, required=False, default=10, help_text="The cut line.")


class WhatIfViews(AccountGuarded):
    """The whole portfolio by other numbers."""

    permissions: ClassVar = {"ask": P.SCORECARD_CONFIGURE}
    serializer_class = WhatIfIn
    queryset = Scorecard.objects.none()
    detail = True

    def get_queryset(self) -> QuerySet[Scorecard]:
        return Scorecard.objects.all()

    @extend_schema(request=WhatIfIn, responses=OpenApiTypes.OBJECT)
    def ask(self, request: Request, pk: str) -> Response:
        # NumPy comes with the first what-if, not with the web process.
        from scoring.queries import what_if as portfolio  # noqa: PLC0415 (see above)

        scorecard: Scorecard = self.get_object()
        version = scorecard.versions.filter(state=ScorecardVersion.State.LIVE).select_related("scorecard").first()
        if version is None:
            raise ActionRefused(NO_SCORECARD, code="no_live_scorecard")
        if not scorecard.in_use:
            raise ActionRefused(NOT_IN_USE, code="not_in_use")
        data = self.valid(WhatIfIn)
        changes = Changes(data.get("weights", {}), data.get("alpha"), thresholds(data.get("thresholds", {})))
        try:
            found = portfolio.what_if(version, self.person, changes, data["top"])
        except WrongChange as problem:
            raise serializers.ValidationError({problem.place: str(problem)}) from None
        return Response(told(found, version))


def thresholds(given: Mapping[str, Any]) -> dict[str, dict[str, Decimal]]:
    """Thresholds by tier; a bare number is the one to enter from. ValidationError for what is no number."""
    return {
        tier: {
            name: _threshold(tier, name, value)
            for name, value in (one if isinstance(one, Mapping) else {"enter": one}).items()
        }
        for tier, one in given.items()
    }


def _threshold(tier: str, name: str, value: Any) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite():
        raise serializers.ValidationError({f"thresholds.{tier}.{name}": "Give a number from 0 to 100."})
    return found


def told(found: Any, version: ScorecardVersion) -> dict[str, Any]:
    """A what-if as programs read it; scores in points as decimal strings."""
    return {
        "version": version.pk,
        "accounts": found.accounts,
        "scored": found.scored,
        "scored_before": found.scored_before,
        "weights": {one.key: number(one.weight) for one in found.changed.scorecard.criteria},
        "alpha": number(found.changed.scorecard.alpha),
        "thresholds": {
            rule.tier: {name: number(getattr(rule, name)) for name in ("enter", "stay", "enter_half", "stay_half")}
            for rule in found.changed.rules
        },
        "tiers": {count.tier or "none": {"before": count.before, "after": count.after} for count in found.counts},
        "moved": found.moved,
        "top": found.top,
        "comes_in": list(found.comes_in),
        "falls_out": list(found.falls_out),
        "ranking": [_place(place) for place in found.ranking],
        "movers": [_place(place) for place in found.movers],
    }


def _place(place: Any) -> dict[str, Any]:
    return {
        "account": place.account_id,
        "name": place.name,
        "rank": place.rank,
        "rank_before": place.rank_before,
        "overall": number(place.overall),
        "overall_before": number(place.overall_before),
        "tier": tier_word(place.tier),
        "tier_before": tier_word(place.tier_before),
        "decided": place.decided or "none",
    }
