"""Plans and their texts."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AccountGuarded
from planning.actions.plans import confirm_plan, open_plan, set_strategy
from planning.actions.sections import Overlap, save_section
from planning.api.serializers import NothingIn, PlanIn, PlanOut, SectionOut, StrategyIn, TextIn
from planning.domain.template import PLAN_TEMPLATE
from planning.models import AccountPlan, PlanSection
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.filters import Filter, one_of, read_parameters, truth, whole_number
from sam.core.authorization.permissions import Permission
from sam.core.errors import Stale

MERGE = OpenApiParameter(
    "merge",
    OpenApiTypes.BOOL,
    OpenApiParameter.QUERY,
    description="true: changes that others made since your version are merged by sentence; 412 only where both "
    "changed the same one.",
)


class PlanViews(AccountGuarded):
    permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.PLAN_VIEW,
        "retrieve": Permission.PLAN_VIEW,
        "create": Permission.PLAN_EDIT,
        "partial_update": Permission.PLAN_EDIT,
        "confirm": Permission.PLAN_EDIT,
    }
    filters: ClassVar[dict[str, Filter]] = {
        "account": Filter("account_id", whole_number),
        "year": Filter("year", whole_number),
        "strategy": Filter("strategy", one_of(value for value in AccountPlan.Strategy.values if value)),
    }
    serializer_class = PlanOut

    def get_queryset(self) -> Any:
        return AccountPlan.objects.visible_to(self.person).select_related("account")

    @extend_schema(request=PlanIn, responses={201: PlanOut})
    def create(self, request: Request) -> Response:
        return self.answer(open_plan(by=self.person, **self.valid(PlanIn)), status=201)

    @extend_schema(request=StrategyIn, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        plan = self.get_object()
        seen = require_if_match(request)
        strategy = self.valid(StrategyIn)["strategy"]
        return self.answer(
            set_strategy(account=plan.account, plan=plan, strategy=strategy, revision=seen, by=self.person)
        )

    @extend_schema(request=NothingIn, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str) -> Response:
        """Say that the plan still holds, as of today."""
        plan = self.get_object()
        seen = require_if_match(request)
        self.valid(NothingIn)
        return self.answer(confirm_plan(account=plan.account, plan=plan, revision=seen, by=self.person))


class PlanSectionViews(AccountGuarded):
    permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.PLAN_VIEW,
        "retrieve": Permission.PLAN_VIEW,
        "partial_update": Permission.PLAN_EDIT,
    }
    filters: ClassVar[dict[str, Filter]] = {
        "account": Filter("plan__account_id", whole_number),
        "plan": Filter("plan_id", whole_number),
        "key": Filter("key", one_of(section.key for section in PLAN_TEMPLATE)),
    }
    parameters: ClassVar[dict[str, tuple[str, ...]]] = {"partial_update": ("merge",)}
    serializer_class = SectionOut

    def get_queryset(self) -> Any:
        return PlanSection.objects.filter(plan__in=AccountPlan.objects.visible_to(self.person)).select_related(
            "plan__account"
        )

    @extend_schema(request=TextIn, parameters=[IF_MATCH, MERGE])
    def partial_update(self, request: Request, pk: str) -> Response:
        """Write the text. A stale version is answered with 412 and the current text."""
        section = self.get_object()
        seen = require_if_match(request)
        merging = read_parameters(request, {"merge": truth}).get("merge", False)
        outcome = save_section(
            account=section.account,
            section=section,
            text=self.valid(TextIn)["text"],
            base_revision=seen,
            by=self.person,
            merging=merging,
        )
        if isinstance(outcome, Overlap):
            raise Stale(outcome.section, "Somebody changed the same sentence. Compare, then send the text again.")
        return self.answer(outcome.section)
