"""Seats and sponsor terms by API."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.seats import change_seat, end_seat, give_seat
from accounts.actions.sponsors import change_term, end_term, start_term
from accounts.api.base import AccountGuarded
from accounts.api.scopes import account_field, colleague_field, contact_field
from accounts.models import Account, SponsorTerm, TeamSeat
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import Strict
from sam.core.api.filters import Filter, one_of, truth, whole_number
from sam.core.authorization.permissions import Permission as P
from sam.core.authorization.roles import ACCESS_CHOICES

TEAM_PERMISSIONS = {
    "list": P.PROFILE_VIEW,
    "retrieve": P.PROFILE_VIEW,
    "create": P.TEAM_EDIT,
    "partial_update": P.TEAM_EDIT,
    "end": P.TEAM_EDIT,
}
OPEN = Filter(
    read=truth,
    narrow=lambda found, value, user: found.filter(ends_on__isnull=value),
    description="Without an end, or with one",
)


class EndIn(Strict):
    ends_on = serializers.DateField(required=False, help_text="Today, which ends it at once, when not given.")


class SeatOut(serializers.ModelSerializer[TeamSeat]):
    class Meta:
        model = TeamSeat
        fields = ["id", "account", "user", "role", "access", "core", "allocation", "starts_on", "ends_on", "revision"]
        read_only_fields = fields


class SeatChange(Strict):
    role = serializers.ChoiceField(choices=TeamSeat.Role.choices)
    access = serializers.ChoiceField(choices=ACCESS_CHOICES, required=False)
    core = serializers.BooleanField(required=False, allow_null=True, default=None)
    allocation = serializers.IntegerField(min_value=0, max_value=100, required=False)


class SeatNew(SeatChange):
    account = account_field(P.TEAM_EDIT)
    user = colleague_field()
    starts_on = serializers.DateField(required=False)


class SeatViews(AccountGuarded):
    """Who of us works on an account; what is not given follows the role."""

    permissions: ClassVar = TEAM_PERMISSIONS
    filters: ClassVar = {
        "account": Filter("account_id", whole_number),
        "user": Filter("user_id", whole_number),
        "role": Filter("role", one_of(TeamSeat.Role.values)),
        "open": OPEN,
    }
    serializer_class = SeatOut
    queryset = TeamSeat.objects.none()

    def get_queryset(self) -> QuerySet[TeamSeat]:
        visible = Account.objects.visible_to(self.person, P.PROFILE_VIEW)
        return TeamSeat.objects.filter(account__in=visible).select_related("account")

    @extend_schema(request=SeatNew, responses={201: SeatOut})
    def create(self, request: Request) -> Response:
        return self.answer(give_seat(by=self.person, **self.valid(SeatNew)), status=201)

    @extend_schema(request=SeatChange, responses=SeatOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        seat = self.get_object()
        seen = require_if_match(request)
        given = {name: value for name, value in self.valid(SeatChange, partial=True).items() if value is not None}
        values = {
            "role": seat.role,
            "access": seat.access,
            "core": seat.core,
            "allocation": seat.allocation,
            **given,
        }
        return self.answer(change_seat(account=seat.account, seat=seat, revision=seen, by=self.person, **values))

    @extend_schema(request=EndIn, responses=SeatOut, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        seat = self.get_object()
        seen = require_if_match(request)
        data = self.valid(EndIn)
        return self.answer(end_seat(account=seat.account, seat=seat, revision=seen, by=self.person, **data))


class TermOut(serializers.ModelSerializer[SponsorTerm]):
    class Meta:
        model = SponsorTerm
        fields = ["id", "account", "sponsor", "peer", "cadence_days", "starts_on", "ends_on", "revision"]
        read_only_fields = fields


class TermChange(Strict):
    peer = contact_field(required=False, allow_null=True)
    cadence_days = serializers.IntegerField(min_value=7, max_value=366, required=False)


class TermNew(TermChange):
    account = account_field(P.TEAM_EDIT)
    sponsor = colleague_field()
    starts_on = serializers.DateField(required=False)


class TermViews(AccountGuarded):
    """Executive sponsors, their pairs and rhythms."""

    permissions: ClassVar = TEAM_PERMISSIONS
    filters: ClassVar = {
        "account": Filter("account_id", whole_number),
        "sponsor": Filter("sponsor_id", whole_number),
        "open": OPEN,
    }
    serializer_class = TermOut
    queryset = SponsorTerm.objects.none()

    def get_queryset(self) -> QuerySet[SponsorTerm]:
        visible = Account.objects.visible_to(self.person, P.PROFILE_VIEW)
        return SponsorTerm.objects.filter(account__in=visible).select_related("account", "sponsor", "peer")

    @extend_schema(request=TermNew, responses={201: TermOut})
    def create(self, request: Request) -> Response:
        return self.answer(start_term(by=self.person, **self.valid(TermNew)), status=201)

    @extend_schema(request=TermChange, responses=TermOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        term = self.get_object()
        seen = require_if_match(request)
        values = {"peer": term.peer, "cadence_days": term.cadence_days, **self.valid(TermChange, partial=True)}
        return self.answer(change_term(account=term.account, term=term, revision=seen, by=self.person, **values))

    @extend_schema(request=EndIn, responses=TermOut, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        term = self.get_object()
        seen = require_if_match(request)
        data = self.valid(EndIn)
        return self.answer(end_term(account=term.account, term=term, revision=seen, by=self.person, **data))
