"""Price requests by API: list, open, change, answer, approve."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.price_approvals import decide_approval
from accounts.actions.price_checks import GiveGetEntry, LineEntry
from accounts.actions.price_requests import answer_price_request, change_price_request, open_price_request
from accounts.api.base import AccountGuarded
from accounts.api.financials import accounts_with_figures
from accounts.api.scopes import contact_field
from accounts.domain import price_request as domain
from accounts.models import Account, GiveGet, PriceApproval, PriceRequest, PriceRequestLine
from accounts.queries.price_basis import basis_of
from accounts.queries.price_requests import asked_cuts, sums_of
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import MoneyField, ScopedPrimaryKeyField, Strict, plain_decimal
from sam.core.api.filters import Filter, iso_date, one_of, whole_number
from sam.core.authorization.permissions import Permission as P
from sam.values.results import Computed, Result


def cut_field(**options: Any) -> serializers.DecimalField:
    """A price reduction as a fraction: 0.04 = 4 % less."""
    return serializers.DecimalField(max_digits=7, decimal_places=6, **options)


class PriceLine(Strict):
    name = serializers.CharField(max_length=120)
    revenue = MoneyField(help_text="Revenue of twelve months.")
    asked_cut = cut_field(required=False, help_text="As the request's own when not given.")
    answered_cut = cut_field(required=False, allow_null=True)
    favoured_account = ScopedPrimaryKeyField(
        queryset_for=accounts_with_figures, required=False, allow_null=True,
        help_text="An account whose contract promises the best price on this line.",
    )  # fmt: skip
    favoured_revenue = MoneyField(required=False, allow_null=True)


class PricePair(Strict):
    ask = serializers.CharField(max_length=200)
    give = serializers.CharField(max_length=200, required=False, allow_blank=True)
    value = MoneyField(required=False, allow_null=True, help_text="Contribution a year; below zero where it costs us.")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class PriceRequestChange(Strict):
    asked_on = serializers.DateField()
    asked_cut = cut_field()
    asked_by = contact_field(required=False, allow_null=True)
    asked_by_words = serializers.CharField(max_length=120, required=False, allow_blank=True)
    starts_on = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    base_quarter = serializers.DateField(required=False, help_text="First day of the last quarter of the base.")
    client_spend = MoneyField(required=False, allow_null=True)
    spend_free = MoneyField(required=False, allow_null=True)
    spend_free_by = serializers.DateField(required=False, allow_null=True)
    volume_at_risk = serializers.DecimalField(max_digits=4, decimal_places=3, required=False)
    target_cut = cut_field(required=False, allow_null=True)
    walk_away_cut = cut_field(required=False, allow_null=True)
    plan_note = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    answer_text = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    lines = PriceLine(many=True)
    give_gets = PricePair(many=True, required=False)


class PriceRequestIn(PriceRequestChange):
    account = ScopedPrimaryKeyField(queryset_for=accounts_with_figures, permission=P.PRICE_EDIT)


class PriceAnswerIn(Strict):
    answer_text = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    on = serializers.DateField(required=False)


class PriceDecisionIn(Strict):
    decision = serializers.ChoiceField(choices=["approved", "refused"])
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class PriceLineOut(serializers.ModelSerializer[PriceRequestLine]):
    favoured_account = serializers.SerializerMethodField()
    favoured_revenue = serializers.SerializerMethodField()

    class Meta:
        model = PriceRequestLine
        fields = ["name", "revenue", "asked_cut", "answered_cut", "favoured_account", "favoured_revenue"]

    def get_favoured_account(self, line: PriceRequestLine) -> int | None:
        return line.favoured_account_id if self._is_seen(line) else None

    def get_favoured_revenue(self, line: PriceRequestLine) -> str | None:
        amount = line.favoured_revenue
        return plain_decimal(amount) if amount is not None and self._is_seen(line) else None

    def _is_seen(self, line: PriceRequestLine) -> bool:
        """Another account's clause is told only to those who see its figures."""
        return line.favoured_account_id is None or line.favoured_account_id in self.context["seen_accounts"]


class PricePairOut(serializers.ModelSerializer[GiveGet]):
    class Meta:
        model = GiveGet
        fields = ["give", "ask", "value", "note"]


class PriceApprovalOut(serializers.ModelSerializer[PriceApproval]):
    class Meta:
        model = PriceApproval
        fields = ["level", "effect", "currency", "person", "asked_by", "asked_on", "decision", "decided_on", "reason"]


class PriceRequestOut(serializers.ModelSerializer[PriceRequest]):
    lines = PriceLineOut(many=True, read_only=True)
    give_gets = PricePairOut(many=True, read_only=True)
    approvals = PriceApprovalOut(many=True, read_only=True)

    class Meta:
        model = PriceRequest
        fields = [
            "id", "account", "asked_by", "asked_by_words", "asked_on", "asked_cut", "reason", "starts_on", "until",
            "currency", "base_quarter", "client_spend", "spend_free", "spend_free_by", "volume_at_risk", "answer_due",
            "first_answer_on", "state", "closed_on", "closed_by", "answer_text", "target_cut", "walk_away_cut",
            "plan_note", "lines", "give_gets", "approvals", "revision",
        ]  # fmt: skip
        read_only_fields = fields


class PriceRequestDetail(PriceRequestOut):
    """With the sums of what was asked: margins as fractions, amounts a year."""

    sums = serializers.SerializerMethodField()

    class Meta(PriceRequestOut.Meta):
        fields = [*PriceRequestOut.Meta.fields, "sums"]
        read_only_fields = fields

    def get_sums(self, request: PriceRequest) -> dict[str, Any]:
        basis = basis_of(request)
        sums = sums_of(request, basis, asked_cuts(list(request.lines.all())))
        return {
            "basis": basis.label,
            "margin_used": domain.USED,
            "cost_a_year": plain_decimal(sums.cost),
            "cost_to_the_end": _told(sums.to_the_end),
            "loss_chance": _told(sums.chance),
            "spend_elsewhere": _told(sums.elsewhere),
            "margins": {
                line.key: {
                    "name": line.name,
                    "margin": _told(line.margin),
                    "after": _told(line.after),
                    "break_even_volume_change": _told(line.break_even),
                }
                for line in sums.margins
            },
        }


def _told(result: Result) -> dict[str, str | None]:
    """A value, or why there is none."""
    if isinstance(result, Computed):
        return {"value": plain_decimal(result.value), "reason": None}
    return {"value": None, "reason": result.reason}


class PriceRequestViews(AccountGuarded):
    """Price requests of accounts on which one sees figures."""

    permissions: ClassVar = {
        "list": P.FIGURES_VIEW,
        "retrieve": P.FIGURES_VIEW,
        "create": P.PRICE_EDIT,
        "partial_update": P.PRICE_EDIT,
        "answer_request": P.PRICE_EDIT,
        "sign": P.PRICE_EDIT,
        "approve": P.PRICE_APPROVE,
    }
    filters: ClassVar = {
        "account": Filter("account_id", whole_number),
        "state": Filter("state", one_of(PriceRequest.State.values)),
        "from": Filter("asked_on__gte", iso_date, "Asked on this day or later"),
        "until": Filter("asked_on__lte", iso_date, "Asked on this day or earlier"),
    }
    queryset = PriceRequest.objects.none()

    def get_serializer_class(self) -> Any:
        return PriceRequestOut if self.action == "list" else PriceRequestDetail

    def get_serializer_context(self) -> dict[str, Any]:
        """With the accounts of best-price clauses that the person may see; read once per answer."""
        context = super().get_serializer_context()
        if getattr(self, "swagger_fake_view", False):
            return dict(context)
        clauses = PriceRequestLine.objects.exclude(favoured_account=None).values("favoured_account")
        seen = accounts_with_figures(self.person).filter(pk__in=clauses).values_list("pk", flat=True)
        return {**context, "seen_accounts": set(seen)}

    def get_queryset(self) -> QuerySet[PriceRequest]:
        visible = Account.objects.visible_to(self.person, P.FIGURES_VIEW)
        found = PriceRequest.objects.filter(account__in=visible).select_related("account")
        return found.prefetch_related("lines", "give_gets", "approvals")

    @extend_schema(request=PriceRequestIn, responses={201: PriceRequestDetail})
    def create(self, request: Request) -> Response:
        data = self.valid(PriceRequestIn)
        made = open_price_request(by=self.person, **_entries(data, data["asked_cut"]))
        return self._told(made, status=201)

    @extend_schema(request=PriceRequestChange, responses=PriceRequestDetail, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.get_object()
        seen = require_if_match(request)
        data = self.valid(PriceRequestChange, partial=True)
        asked = data.get("asked_cut", row.asked_cut)
        changed = change_price_request(
            account=row.account, request=row, revision=seen, by=self.person, **_entries(data, asked)
        )
        return self._told(changed)

    @extend_schema(request=PriceAnswerIn, responses=PriceRequestDetail, parameters=[IF_MATCH])
    def answer_request(self, request: Request, pk: str) -> Response:
        """Sign the answer off; 409 with the reason while an approval is missing."""
        row = self.get_object()
        seen = require_if_match(request)
        answered = answer_price_request(
            account=row.account, request=row, revision=seen, by=self.person, **self.valid(PriceAnswerIn)
        )
        return self._told(answered)

    @extend_schema(request=PriceDecisionIn, responses=PriceRequestDetail, parameters=[IF_MATCH])
    def sign(self, request: Request, pk: str) -> Response:
        """The account lead's or the finance lead's signature."""
        return self._decide(request)

    @extend_schema(request=PriceDecisionIn, responses=PriceRequestDetail, parameters=[IF_MATCH])
    def approve(self, request: Request, pk: str) -> Response:
        return self._decide(request)

    def _decide(self, request: Request) -> Response:
        row = self.get_object()
        seen = require_if_match(request)
        decide_approval(account=row.account, request=row, revision=seen, by=self.person, **self.valid(PriceDecisionIn))
        return self._told(row)

    def _told(self, row: PriceRequest, status: int = 200) -> Response:
        return self.answer(self.get_queryset().get(pk=row.pk), status=status)


def _entries(data: dict[str, Any], asked: Any) -> dict[str, Any]:
    """The body as the actions take it; a line without a cut of its own carries the overall one."""
    entries = dict(data)
    if "lines" in data:
        entries["lines"] = [LineEntry(**{"asked_cut": asked, **line}) for line in data["lines"]]
    if "give_gets" in data:
        entries["give_gets"] = [GiveGetEntry(**pair) for pair in data["give_gets"]]
    return entries
