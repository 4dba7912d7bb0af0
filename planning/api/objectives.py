"""Objectives of plans."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AccountGuarded
from planning.actions.objectives import add_objective, change_objective, remove_objective
from planning.api.serializers import NewObjectiveIn, ObjectiveIn, ObjectiveOut
from planning.models import Objective
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.filters import Filter, whole_number
from sam.core.authorization.permissions import Permission


class ObjectiveViews(AccountGuarded):
    permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.PLAN_VIEW,
        "retrieve": Permission.PLAN_VIEW,
        "create": Permission.PLAN_EDIT,
        "partial_update": Permission.PLAN_EDIT,
        "destroy": Permission.PLAN_EDIT,
    }
    filters: ClassVar[dict[str, Filter]] = {
        "account": Filter("plan__account_id", whole_number),
        "plan": Filter("plan_id", whole_number),
    }
    serializer_class = ObjectiveOut

    def get_queryset(self) -> Any:
        return Objective.objects.visible_to(self.person).select_related("plan__account")

    @extend_schema(request=NewObjectiveIn, responses={201: ObjectiveOut})
    def create(self, request: Request) -> Response:
        values = self.valid(NewObjectiveIn)
        account = values["plan"].account
        return self.answer(add_objective(account=account, by=self.person, **values), status=201)

    @extend_schema(request=ObjectiveIn, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        objective = self.get_object()
        seen = require_if_match(request)
        values = self.valid(ObjectiveIn, partial=True)
        return self.answer(
            change_objective(account=objective.account, objective=objective, revision=seen, by=self.person, **values)
        )

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        objective = self.get_object()
        seen = require_if_match(request)
        remove_objective(account=objective.account, objective=objective, revision=seen, by=self.person)
        return Response(status=204)
