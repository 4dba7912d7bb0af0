"""Actions: writers of the plan change all of them, everybody else moves and finishes their own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AccountGuarded
from planning.access import may_work_on
from planning.actions.actions import (
    add_action,
    change_action,
    complete_action,
    delete_action,
    drop_action,
    move_due,
    reopen_action,
    start_action,
)
from planning.api.serializers import ActionIn, ActionOut, DoneIn, MoveIn, NewActionIn, NothingIn
from planning.models import PlanAction
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.filters import Filter, iso_date, one_of, truth, whole_number
from sam.core.authorization.permissions import Permission


def _late(rows: Any, wanted: bool, user: Any) -> Any:
    late = rows.late(timezone.localdate())
    return late if wanted else rows.exclude(pk__in=late.values("pk"))


class ActionViews(AccountGuarded):
    permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.PLAN_VIEW,
        "retrieve": Permission.PLAN_VIEW,
        "create": Permission.PLAN_EDIT,
        "partial_update": Permission.PLAN_EDIT,
        "destroy": Permission.PLAN_EDIT,
        "start": Permission.ACTION_WORK,
        "done": Permission.ACTION_WORK,
        "reopen": Permission.ACTION_WORK,
        "drop": Permission.ACTION_WORK,
        "move": Permission.ACTION_WORK,
    }
    filters: ClassVar[dict[str, Filter]] = {
        "account": Filter("account_id", whole_number),
        "plan": Filter("plan_id", whole_number),
        "status": Filter("status", one_of(PlanAction.Status.values)),
        "our_owner": Filter("our_owner_id", whole_number),
        "their_owner": Filter("their_owner_id", whole_number),
        "due_from": Filter("due__gte", iso_date),
        "due_to": Filter("due__lte", iso_date),
        "late": Filter(read=truth, narrow=_late, description="Open after the due date."),
    }
    serializer_class = ActionOut

    def get_queryset(self) -> Any:
        return PlanAction.objects.visible_to(self.person).select_related("account", "plan", "our_owner", "their_owner")

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "today": timezone.localdate()}

    @extend_schema(request=NewActionIn, responses={201: ActionOut})
    def create(self, request: Request) -> Response:
        return self.answer(add_action(by=self.person, **self.valid(NewActionIn)), status=201)

    @extend_schema(request=ActionIn, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        entry = self.get_object()
        seen = require_if_match(request)
        values = self.valid(ActionIn, partial=True)
        return self.answer(
            change_action(account=entry.account, plan_action=entry, revision=seen, by=self.person, **values)
        )

    @extend_schema(parameters=[IF_MATCH], responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        entry = self.get_object()
        seen = require_if_match(request)
        delete_action(account=entry.account, plan_action=entry, revision=seen, by=self.person)
        return Response(status=204)

    @extend_schema(request=NothingIn, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Somebody works on it now."""
        entry, seen = self._own(request)
        self.valid(NothingIn)
        return self.answer(start_action(account=entry.account, plan_action=entry, revision=seen, by=self.person))

    @extend_schema(request=DoneIn, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def done(self, request: Request, pk: str) -> Response:
        """Done today, or on an earlier day."""
        entry, seen = self._own(request)
        done_on = self.valid(DoneIn).get("done_on")
        return self.answer(
            complete_action(account=entry.account, plan_action=entry, revision=seen, done_on=done_on, by=self.person)
        )

    @extend_schema(request=NothingIn, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """A done or dropped action goes on."""
        entry, seen = self._own(request)
        self.valid(NothingIn)
        return self.answer(reopen_action(account=entry.account, plan_action=entry, revision=seen, by=self.person))

    @extend_schema(request=NothingIn, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str) -> Response:
        """It will not be done."""
        entry, seen = self._own(request)
        self.valid(NothingIn)
        return self.answer(drop_action(account=entry.account, plan_action=entry, revision=seen, by=self.person))

    @extend_schema(request=MoveIn, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Another due date; a later one counts as put off."""
        entry, seen = self._own(request)
        due = self.valid(MoveIn)["due"]
        return self.answer(move_due(account=entry.account, plan_action=entry, due=due, revision=seen, by=self.person))

    def _own(self, request: Request) -> tuple[PlanAction, int]:
        """The action, if this person may work on it (else 403), and the revision they saw."""
        entry: PlanAction = self.get_object()
        if not may_work_on(self.person, entry):
            raise PermissionDenied
        return entry, require_if_match(request)
