"""Rating rounds and settled values by API."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AccountGuarded
from accounts.models import Account
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import ScopedPrimaryKeyField, Strict
from sam.core.api.filters import Filter, one_of, whole_number
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission as P
from sam.core.errors import ActionRefused
from sam.core.models import User
from scoring.actions import rounds
from scoring.actions.settling import settle_value, withdraw_settled
from scoring.models import RatingRound, RoundRater, ScorecardVersion, SettledValue
from scoring.queries.blindness import progress_of
from scoring.queries.disagreements import disagreements, revealed_accounts
from scoring.queries.rules import rules_of


def decidable(user: User) -> QuerySet[Account]:
    return Account.objects.visible_to(user)


class ProgressOut(serializers.Serializer[Any]):
    """How far the raters of one account are; never what they gave."""

    account = serializers.IntegerField()
    revealed = serializers.BooleanField()
    raters = serializers.ListField(child=serializers.DictField())


class DisagreementOut(serializers.Serializer[Any]):
    """A criterion on which raters of a revealed account are two levels or more apart."""

    account = serializers.IntegerField()
    criterion = serializers.CharField()
    values = serializers.DictField(child=serializers.IntegerField(), help_text="Rater to level.")
    spread = serializers.IntegerField()
    consensus = serializers.CharField(help_text="What counts: the settled value, else the median.")
    settled = serializers.IntegerField(allow_null=True, help_text="The settled value; null while it is open.")


class RoundOut(serializers.ModelSerializer[RatingRound]):
    progress = serializers.SerializerMethodField()
    disagreements = serializers.SerializerMethodField()

    class Meta:
        model = RatingRound
        fields = [
            "id", "name", "scorecard", "opens_on", "closes_on", "state", "opened_by", "closed_by", "closed_on",
            "progress", "disagreements", "revision",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ProgressOut(many=True))
    def get_progress(self, rating_round: RatingRound) -> list[dict[str, Any]]:
        version = ScorecardVersion.objects.select_related("scorecard").in_use()
        if version is None:
            return []
        entries = list(rating_round.accounts.select_related("account", "round").order_by("account_id"))
        return [
            {
                "account": part.entry.account_id,
                "revealed": not part.entry.is_blind,
                "raters": [
                    {
                        "user": one.rater.user_id,
                        "capacity": one.rater.capacity,
                        "rated": one.rated,
                        "asked": one.asked,
                        "finished": one.is_done,
                    }
                    for one in part.raters
                ],
            }
            for part in progress_of(entries, rules_of(version))
        ]

    @extend_schema_field(DisagreementOut(many=True))
    def get_disagreements(self, rating_round: RatingRound) -> list[dict[str, Any]]:
        version = ScorecardVersion.objects.select_related("scorecard").in_use()
        if version is None:
            return []
        found = disagreements(revealed_accounts(rating_round), rules_of(version), timezone.localdate())
        return [
            {
                "account": one.account.pk,
                "criterion": one.criterion.key,
                "values": {str(rating.rater_id): rating.value for rating in one.ratings},
                "spread": one.consensus.spread,
                "consensus": str(one.consensus.value),
                "settled": one.settled.pk if one.settled else None,
            }
            for one in found
        ]


class RoundShort(serializers.ModelSerializer[RatingRound]):
    class Meta:
        model = RatingRound
        fields = ["id", "name", "scorecard", "opens_on", "closes_on", "state", "closed_on", "revision"]
        read_only_fields = fields


class AskedIn(Strict):
    account = ScopedPrimaryKeyField(queryset_for=decidable, permission=P.TIER_DECIDE)
    user = serializers.PrimaryKeyRelatedField(queryset=User.objects.active())
    capacity = serializers.ChoiceField(choices=RoundRater.Capacity.choices, required=False, default="other")


class RoundIn(Strict):
    name = serializers.CharField(max_length=80)
    closes_on = serializers.DateField(help_text="The last day to rate.")
    accounts = serializers.ListField(
        child=ScopedPrimaryKeyField(queryset_for=decidable, permission=P.TIER_DECIDE), max_length=rounds.MOST_ACCOUNTS
    )
    more = AskedIn(many=True, required=False, help_text="Asked besides lead, finance and somebody outside.")
    without = serializers.ListField(
        child=serializers.PrimaryKeyRelatedField(queryset=User.objects.active()), required=False, max_length=100
    )


class RaterOut(serializers.Serializer[Any]):
    account = serializers.IntegerField(source="entry.account_id")
    user = serializers.IntegerField(source="user_id")
    capacity = serializers.CharField()


class RoundViews(Guarded):
    """Rounds in which several people rate the same accounts, blind to each other's values until all have rated."""

    permissions: ClassVar = dict.fromkeys(
        ("list", "retrieve", "create", "close", "add_rater", "remove_rater"), P.TIER_DECIDE
    )
    filters: ClassVar = {"state": Filter("state", one_of(RatingRound.State.values))}
    serializer_class = RoundOut
    queryset = RatingRound.objects.none()

    def get_queryset(self) -> QuerySet[RatingRound]:
        return RatingRound.objects.all()

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return RoundShort if self.action == "list" else RoundOut

    @extend_schema(request=RoundIn, responses={201: RoundOut})
    def create(self, request: Request) -> Response:
        data = self.valid(RoundIn)
        asked = [rounds.Asked(one["account"], one["user"], one["capacity"]) for one in data.pop("more", [])]
        opened = rounds.open_round(**data, more=asked, by=self.person)
        return self.answer(opened, status=201)

    @extend_schema(request=None, responses=RoundOut, parameters=[IF_MATCH])
    def close(self, request: Request, pk: str) -> Response:
        rating_round: RatingRound = self.get_object()
        closed = rounds.close_round(rating_round=rating_round, revision=require_if_match(request), by=self.person)
        return self.answer(closed)

    @extend_schema(request=AskedIn, responses={201: RaterOut})
    def add_rater(self, request: Request, pk: str) -> Response:
        rating_round: RatingRound = self.get_object()
        rater = rounds.add_rater(rating_round=rating_round, by=self.person, **self.valid(AskedIn))
        return Response(RaterOut(rater).data, status=201)

    @extend_schema(request=AskedIn, responses={204: None})
    def remove_rater(self, request: Request, pk: str) -> Response:
        rating_round: RatingRound = self.get_object()
        data = self.valid(AskedIn)
        if not RoundRater.objects.filter(
            entry__round=rating_round, entry__account=data["account"], user=data["user"]
        ).exists():
            raise ActionRefused("This person is not asked to rate the account.", code="not_asked")
        rounds.remove_rater(rating_round=rating_round, account=data["account"], user=data["user"], by=self.person)
        return Response(status=204)


class SettleIn(Strict):
    account = ScopedPrimaryKeyField(queryset_for=decidable, permission=P.TIER_DECIDE)
    criterion = serializers.CharField(max_length=8)
    value = serializers.DecimalField(max_digits=2, decimal_places=1, min_value=Decimal(1), max_value=Decimal(5))
    reason = serializers.CharField(max_length=2000)


class SettleChange(Strict):
    value = serializers.DecimalField(
        max_digits=2, decimal_places=1, min_value=Decimal(1), max_value=Decimal(5), required=False
    )
    reason = serializers.CharField(max_length=2000, required=False)


class SettledOut(serializers.ModelSerializer[SettledValue]):
    criterion = serializers.CharField(source="criterion_key")

    class Meta:
        model = SettledValue
        fields = [
            "id", "account", "scorecard", "criterion", "value", "reason", "settled_by", "settled_on", "round",
            "revision",
        ]  # fmt: skip
        read_only_fields = fields


class SettledViews(AccountGuarded):
    """Values that count instead of the raters' median, with the reason; they grow old like a rating."""

    permissions: ClassVar = {
        "list": P.SCORE_VIEW,
        "retrieve": P.SCORE_VIEW,
        "create": P.TIER_DECIDE,
        "partial_update": P.TIER_DECIDE,
        "destroy": P.TIER_DECIDE,
    }
    filters: ClassVar = {
        "account": Filter("account_id", whole_number),
        "criterion": Filter("criterion_key"),
        "round": Filter("round_id", whole_number),
    }
    serializer_class = SettledOut
    queryset = SettledValue.objects.none()

    def get_queryset(self) -> QuerySet[SettledValue]:
        seen = Account.objects.visible_to(self.person, P.SCORE_VIEW)
        return SettledValue.objects.filter(account__in=seen).select_related("account")

    @extend_schema(request=SettleIn, responses={201: SettledOut})
    def create(self, request: Request) -> Response:
        data = self.valid(SettleIn)
        if SettledValue.objects.filter(account=data["account"], criterion_key=data["criterion"]).exists():
            raise ActionRefused("This is settled already. Change it with PATCH.", code="already_settled")
        settled = settle_value(
            account=data["account"],
            criterion_key=data["criterion"],
            value=data["value"],
            reason=data["reason"],
            by=self.person,
        )
        return self.answer(settled, status=201)

    @extend_schema(request=SettleChange, responses=SettledOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        settled: SettledValue = self.get_object()
        seen = require_if_match(request)
        data = self.valid(SettleChange)
        changed = settle_value(
            account=settled.account,
            criterion_key=settled.criterion_key,
            value=data.get("value", settled.value),
            reason=data.get("reason", settled.reason),
            revision=seen,
            by=self.person,
        )
        return self.answer(changed)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        settled: SettledValue = self.get_object()
        seen = require_if_match(request)
        withdraw_settled(account=settled.account, settled=settled, revision=seen, by=self.person)
        return Response(status=204)
