"""Accounts by API: list, create, read, change, archive, bring back, merge, keys, figures of twelve months."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.accounts import archive_account, change_account, create_account, restore_account
from accounts.actions.keys import add_key
from accounts.actions.merging import merge_accounts
from accounts.api.base import AccountGuarded
from accounts.api.pnl import PnlOut, told
from accounts.api.scopes import account_field, colleague_field
from accounts.models import Account, AccountKey
from accounts.queries.account_pnl import account_pnl
from accounts.queries.portfolio import NO_FIGURES, AccountFigures, Window, current_window, figures_of
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import RatioField, Strict, plain_decimal
from sam.core.api.filters import Filter, one_of, text, whole_number
from sam.core.authorization.permissions import Permission as P
from sam.core.authorization.policy import can
from sam.core.models import User
from sam.values.periods import last_closed_quarter
from sam.values.results import Missing, Result


class KeyOut(serializers.ModelSerializer[AccountKey]):
    class Meta:
        model = AccountKey
        fields = ["source", "key", "valid_from", "valid_to"]


class AccountOut(serializers.ModelSerializer[Account]):
    """`owner` and `keys` are null for people who may not see the account's team; so is a hidden `parent`."""

    parent = serializers.SerializerMethodField()  # type: ignore[assignment]
    owner = serializers.SerializerMethodField()
    keys = serializers.SerializerMethodField()

    class Meta:
        model = Account
        fields = [
            "id", "name", "parent", "merged_into", "tier", "status", "industry", "region", "country", "currency",
            "website", "owner", "keys", "revision",
        ]  # fmt: skip
        read_only_fields = fields

    def _may(self, permission: P, account: Account) -> bool:
        user: User = self.context["request"].user
        return can(user, permission, on=account)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_parent(self, account: Account) -> int | None:
        parent = account.parent
        return parent.pk if parent is not None and self._may(P.ACCOUNT_VIEW, parent) else None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_owner(self, account: Account) -> int | None:
        return account.owner_id if self._may(P.PROFILE_VIEW, account) else None

    @extend_schema_field(KeyOut(many=True, allow_null=True))
    def get_keys(self, account: Account) -> Any:
        return KeyOut(account.keys.all(), many=True).data if self._may(P.PROFILE_VIEW, account) else None


class AccountIn(Strict):
    name = serializers.CharField(max_length=200)
    parent = account_field(P.ACCOUNT_VIEW, required=False, allow_null=True)  # type: ignore[assignment]
    status = serializers.ChoiceField(choices=["active", "prospect"], required=False)
    industry = serializers.CharField(max_length=80, required=False, allow_blank=True)
    region = serializers.CharField(max_length=80, required=False, allow_blank=True)
    country = serializers.CharField(max_length=80, required=False, allow_blank=True)
    currency = serializers.CharField(min_length=3, max_length=3, required=False)
    website = serializers.URLField(required=False, allow_blank=True)
    owner = colleague_field(required=False, allow_null=True)


class AccountNew(AccountIn):
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=40, required=False, help_text="Source system of the first key."
    )
    key = serializers.CharField(max_length=120, required=False, help_text="What that system calls the account.")


class KeyIn(Strict):
    source = serializers.CharField(max_length=40, required=False)  # type: ignore[assignment]
    key = serializers.CharField(max_length=120)
    valid_from = serializers.DateField(required=False, allow_null=True)
    valid_to = serializers.DateField(required=False, allow_null=True)


class MergeIn(Strict):
    into = account_field(P.ACCOUNT_EDIT)


class MergedOut(serializers.Serializer[Any]):
    into = serializers.IntegerField()
    moved = serializers.DictField(child=serializers.IntegerField())
    detail = serializers.CharField()


class TwelveMonthsOut(serializers.Serializer[Any]):
    """Amounts in `currency`, as strings; null with a reason in `missing`, never a guess."""

    until = serializers.CharField(help_text="The last quarter, such as 2026-Q3.")
    currency = serializers.CharField()
    revenue = RatioField(allow_null=True)
    growth = RatioField(allow_null=True)
    contribution = RatioField(allow_null=True)
    margin = RatioField(allow_null=True)
    planned = RatioField(allow_null=True)
    share_of_wallet = RatioField(allow_null=True)
    missing = serializers.DictField(child=serializers.CharField(), help_text="Figure to the reason why it is null.")


class AccountViews(AccountGuarded):
    """Accounts that one may see."""

    permissions: ClassVar = {
        "list": P.ACCOUNT_VIEW,
        "retrieve": P.ACCOUNT_VIEW,
        "create": P.ACCOUNT_CREATE,
        "partial_update": P.ACCOUNT_EDIT,
        "archive": P.ACCOUNT_EDIT,
        "restore": P.ACCOUNT_EDIT,
        "merge": P.ACCOUNT_EDIT,
        "keys": P.ACCOUNT_EDIT,
        "twelve_months": P.FIGURES_VIEW,
        "pnl": P.FIGURES_VIEW,
    }
    filters: ClassVar = {
        "q": Filter(narrow=lambda found, value, user: found.matching(value), description="Beginnings of words"),
        "tier": Filter("tier", one_of(Account.Tier.values[1:])),
        "status": Filter("status", one_of(Account.Status.values)),
        "owner": Filter("owner_id", whole_number),
        "parent": Filter("parent_id", whole_number),
        "country": Filter("country", text),
        "industry": Filter("industry", text),
        "external_id": Filter("keys__key", text, "Accounts with this key"),
    }
    serializer_class = AccountOut
    queryset = Account.objects.none()

    def get_queryset(self) -> QuerySet[Account]:
        found = Account.objects.visible_to(self.person)
        return found.select_related("parent", "merged_into", "owner").prefetch_related("keys").distinct()

    @extend_schema(request=AccountNew, responses={201: AccountOut})
    def create(self, request: Request) -> Response:
        made = create_account(by=self.person, **self.valid(AccountNew))
        return self.answer(made, status=201)

    @extend_schema(request=AccountIn, responses=AccountOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        account = self.get_object()
        seen = require_if_match(request)
        data = self.valid(AccountIn, partial=True)
        return self.answer(change_account(account=account, revision=seen, by=self.person, **data))

    @extend_schema(request=None, responses=AccountOut, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str) -> Response:
        account = self.get_object()
        return self.answer(archive_account(account=account, revision=require_if_match(request), by=self.person))

    @extend_schema(request=None, responses=AccountOut, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        account = self.get_object()
        return self.answer(restore_account(account=account, revision=require_if_match(request), by=self.person))

    @extend_schema(request=MergeIn, responses=MergedOut)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, pk: str) -> Response:
        done = merge_accounts(account=self.get_object(), into=self.valid(MergeIn)["into"], by=self.person)
        return Response({"into": done.into.pk, "moved": dict(done.moved), "detail": done.sentence})

    @extend_schema(request=KeyIn, responses={201: KeyOut})
    @action(detail=True, methods=["post"])
    def keys(self, request: Request, pk: str) -> Response:
        made = add_key(account=self.get_object(), by=self.person, **self.valid(KeyIn))
        return Response(KeyOut(made).data, status=201)

    @extend_schema(responses=TwelveMonthsOut)
    @action(detail=True, methods=["get"], url_path="twelve-months")
    def twelve_months(self, request: Request, pk: str) -> Response:
        account = self.get_object()
        window = current_window(timezone.localdate(), for_accounts=[account.pk])
        return Response(_figures(figures_of([account.pk], window).get(account.pk, NO_FIGURES), window))

    @extend_schema(responses=PnlOut)
    @action(detail=True, methods=["get"])
    def pnl(self, request: Request, pk: str) -> Response:
        """List revenue to contribution of the last closed quarter and of twelve months, with every metric explained."""
        account = self.get_object()
        return Response(told(account_pnl(account, last_closed_quarter(timezone.localdate()))))


FIGURES = ("revenue", "growth", "contribution", "margin", "planned", "share_of_wallet")


def _figures(figures: AccountFigures, window: Window) -> dict[str, Any]:
    results: dict[str, Result] = {name: getattr(figures, name) for name in FIGURES}
    return {
        "until": str(window.last),
        "currency": window.currency,
        **{name: None if isinstance(one, Missing) else plain_decimal(one.value) for name, one in results.items()},
        "missing": {name: one.reason for name, one in results.items() if isinstance(one, Missing)},
    }
