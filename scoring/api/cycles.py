"""Selection cycles and evidence of mutuality by API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AccountGuarded
from accounts.models import Account, Contact
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import ScopedPrimaryKeyField, Strict
from sam.core.api.filters import Filter, whole_number
from sam.core.authorization.permissions import Permission as P
from sam.core.files import open_stored
from sam.core.models import User
from scoring.actions import cycle as actions
from scoring.actions import mutuality
from scoring.api.scores import TIERS, number, tier_word, visible
from scoring.domain.cycle import proposed_calendar
from scoring.models import (
    Candidate,
    CandidateDecision,
    CycleApproval,
    CycleDocument,
    MutualityEvidence,
    SelectionCycle,
)
from scoring.queries import cycle as queries

PDF = "application/pdf"
DATES = [
    "opens_on", "screening_until", "nomination_until", "rating_until", "decision_until", "approval_until",
    "in_force_on",
]  # fmt: skip


def people(user: User) -> QuerySet[User]:
    return User.objects.filter(is_active=True)


class CycleOut(serializers.ModelSerializer[SelectionCycle]):
    class Meta:
        model = SelectionCycle
        fields = ["id", "year", "state", *DATES, "screened", "closed_on", "revision"]
        read_only_fields = fields


class CycleIn(Strict):
    year = serializers.IntegerField(min_value=2000, max_value=2200)
    opens_on = serializers.DateField(required=False, help_text="The steps follow the usual calendar from there.")


class StepIn(Strict):
    step = serializers.ChoiceField(
        choices=["nomination", "rating", "decision", "back"],
        help_text="The next step, or back from approval to decision.",
    )


class MarkOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    words = serializers.CharField()


class CandidateOut(serializers.Serializer[queries.Row]):
    """`screening` ranks by the computed criteria alone and is no score."""

    id = serializers.IntegerField(source="candidate.pk")
    account = serializers.IntegerField(source="candidate.account_id")
    name = serializers.CharField(source="account.name")
    origin = serializers.CharField(source="candidate.origin")
    reason = serializers.CharField(source="candidate.reason")
    screening = serializers.SerializerMethodField()
    screening_rank = serializers.IntegerField(source="candidate.screening_rank", allow_null=True)
    last_year = serializers.SerializerMethodField()
    overall = serializers.SerializerMethodField()
    current = serializers.SerializerMethodField()
    potential = serializers.SerializerMethodField()
    marks = MarkOut(many=True)
    proposal = serializers.SerializerMethodField()
    gates_not_passed = serializers.SerializerMethodField()
    decision = serializers.SerializerMethodField()

    def get_screening(self, row: queries.Row) -> str | None:
        return number(row.screening)

    def get_last_year(self, row: queries.Row) -> dict[str, str] | None:
        outcome = row.candidate.last_outcome
        return {"outcome": outcome, "tier": row.candidate.last_tier or "none"} if outcome else None

    def get_overall(self, row: queries.Row) -> str | None:
        return number(row.score.overall_points) if row.score else None

    def get_current(self, row: queries.Row) -> str | None:
        return number(row.score.current_points) if row.score else None

    def get_potential(self, row: queries.Row) -> str | None:
        return number(row.score.potential_points) if row.score else None

    def get_proposal(self, row: queries.Row) -> dict[str, str] | None:
        if row.frozen:
            return None
        return {"outcome": row.suggestion.outcome, "tier": row.suggestion.tier or "none"} if row.suggestion else None

    def get_gates_not_passed(self, row: queries.Row) -> list[str]:
        return list(row.gates)

    def get_decision(self, row: queries.Row) -> dict[str, Any] | None:
        return DecisionOut(row.decision).data if row.decision else None


class DecisionOut(serializers.ModelSerializer[CandidateDecision]):
    tier = serializers.SerializerMethodField()
    suggested_tier = serializers.SerializerMethodField()
    complete = serializers.BooleanField(source="is_complete", read_only=True)
    against_rules = serializers.BooleanField(read_only=True)

    class Meta:
        model = CandidateDecision
        fields = [
            "outcome", "tier", "reason", "ends_on", "suggested_outcome", "suggested_tier", "against_rules", "served_by",
            "client_hears", "moves_by", "complete", "decided_by", "decided_on", "revision",
        ]  # fmt: skip
        read_only_fields = fields

    def get_tier(self, decision: CandidateDecision) -> str:
        return decision.tier or "none"

    def get_suggested_tier(self, decision: CandidateDecision) -> str | None:
        return tier_word(decision.suggested_tier)


class NominateIn(Strict):
    account = ScopedPrimaryKeyField(queryset_for=visible)
    reason = serializers.CharField(max_length=2000)


class NominateByRuleIn(Strict):
    top = serializers.IntegerField(min_value=0, max_value=1000)
    marked = serializers.BooleanField(required=False, default=True)


class DecideIn(Strict):
    outcome = serializers.ChoiceField(choices=CandidateDecision.Outcome.choices)
    tier = serializers.ChoiceField(choices=TIERS, required=False, default="none")
    reason = serializers.CharField(max_length=2000)
    ends_on = serializers.DateField(required=False, allow_null=True, default=None)
    served_by = serializers.CharField(max_length=160, required=False, allow_blank=True, default="")
    client_hears = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    moves_by = serializers.DateField(required=False, allow_null=True, default=None)


class AskIn(Strict):
    people = ScopedPrimaryKeyField(queryset_for=people, many=True)


class VerdictIn(Strict):
    verdict = serializers.ChoiceField(choices=["approved", "objected"])
    word = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class ApprovalOut(serializers.ModelSerializer[CycleApproval]):
    name = serializers.CharField(source="person.display_name", read_only=True)

    class Meta:
        model = CycleApproval
        fields = ["person", "name", "verdict", "word", "asked_on", "given_on"]
        read_only_fields = fields


class LoadOut(serializers.Serializer[queries.LeadLoad]):
    """Units of a lead's capacity; six are full."""

    lead = serializers.IntegerField(source="lead.pk")
    name = serializers.CharField(source="lead.display_name")
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    accounts = serializers.ListField(child=serializers.CharField())


class CycleViews(AccountGuarded):
    """Selection cycles; who sees own seats only finds only their accounts among the candidates."""

    permissions: ClassVar = {
        "list": P.SIGNED_IN,
        "retrieve": P.SIGNED_IN,
        "candidates": P.SIGNED_IN,
        "approvals": P.SIGNED_IN,
        "capacity": P.SIGNED_IN,
        "document": P.SIGNED_IN,
        "create": P.TIER_DECIDE,
        "step": P.TIER_DECIDE,
        "nominate": P.TIER_DECIDE,
        "nominate_by_rule": P.TIER_DECIDE,
        "decide": P.TIER_DECIDE,
        "ask": P.TIER_DECIDE,
        "close": P.TIER_DECIDE,
        "verdict": P.CYCLE_APPROVE,
    }
    serializer_class = CycleOut
    queryset = SelectionCycle.objects.none()

    def get_queryset(self) -> QuerySet[SelectionCycle]:
        return SelectionCycle.objects.order_by("-year")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not queries.may_see_any(self.person):
            raise PermissionDenied

    def _sees_all(self) -> None:
        if not queries.may_see_all(self.person):
            raise PermissionDenied

    @extend_schema(request=CycleIn, responses={201: CycleOut})
    def create(self, request: Request) -> Response:
        data = self.valid(CycleIn)
        calendar = proposed_calendar(data["year"], data.get("opens_on"))
        return self.answer(actions.open_cycle(year=data["year"], calendar=calendar, by=self.person), status=201)

    @extend_schema(request=StepIn, responses=CycleOut, parameters=[IF_MATCH])
    def step(self, request: Request, pk: str) -> Response:
        cycle: SelectionCycle = self.get_object()
        calls = {
            "nomination": actions.start_nomination,
            "rating": actions.start_rating,
            "decision": actions.start_decision,
            "back": actions.take_back,
        }
        seen = require_if_match(request)
        return self.answer(calls[self.valid(StepIn)["step"]](cycle=cycle, revision=seen, by=self.person))

    @extend_schema(responses=CandidateOut(many=True))
    def candidates(self, request: Request, pk: str) -> Response:
        cycle: SelectionCycle = self.get_object()
        return Response(CandidateOut(self._rows(cycle), many=True).data)  # type: ignore[arg-type]

    def _rows(self, cycle: SelectionCycle) -> list[queries.Row]:
        return queries.rows_of(cycle, queries.candidates_for(cycle, self.person), self.person)

    @extend_schema(request=NominateIn, responses={201: CandidateOut})
    def nominate(self, request: Request, pk: str) -> Response:
        cycle: SelectionCycle = self.get_object()
        made = actions.nominate(cycle=cycle, by=self.person, **self.valid(NominateIn))
        row = next(row for row in self._rows(cycle) if row.candidate.pk == made.pk)
        return Response(CandidateOut(row).data, status=201)

    @extend_schema(request=NominateByRuleIn, responses={201: OpenApiTypes.OBJECT})
    def nominate_by_rule(self, request: Request, pk: str) -> Response:
        cycle: SelectionCycle = self.get_object()
        made = actions.nominate_by_rule(cycle=cycle, by=self.person, **self.valid(NominateByRuleIn))
        return Response({"nominated": [candidate.account_id for candidate in made]}, status=201)

    @extend_schema(request=DecideIn, responses=DecisionOut, parameters=[IF_MATCH])
    def decide(self, request: Request, pk: str, candidate_id: str) -> Response:
        """`If-Match` names the decision's revision, "0" for the first one."""
        cycle: SelectionCycle = self.get_object()
        candidate = get_object_or_404(Candidate.objects.select_related("account"), cycle=cycle, pk=int(candidate_id))
        seen = require_if_match(request)
        data = self.valid(DecideIn)
        data["tier"] = data["tier"].replace("none", "")
        decision = actions.decide_candidate(cycle=cycle, candidate=candidate, revision=seen, by=self.person, **data)
        return Response(DecisionOut(decision).data, headers={"ETag": f'"{decision.revision}"'})

    def representation(self, entry: Any) -> Any:
        return DecisionOut(entry).data if isinstance(entry, CandidateDecision) else super().representation(entry)

    @extend_schema(responses=LoadOut(many=True))
    def capacity(self, request: Request, pk: str) -> Response:
        cycle: SelectionCycle = self.get_object()
        self._sees_all()
        loads = queries.capacity(self._rows(cycle), queries.live_rules_or_none())
        return Response(LoadOut(loads, many=True).data)  # type: ignore[arg-type]

    @extend_schema(responses=ApprovalOut(many=True))
    def approvals(self, request: Request, pk: str) -> Response:
        cycle: SelectionCycle = self.get_object()
        return Response(ApprovalOut(cycle.approvals.select_related("person"), many=True).data)

    @extend_schema(request=AskIn, responses=CycleOut, parameters=[IF_MATCH])
    def ask(self, request: Request, pk: str) -> Response:
        cycle: SelectionCycle = self.get_object()
        seen = require_if_match(request)
        asked = self.valid(AskIn)["people"]
        return self.answer(actions.ask_approval(cycle=cycle, revision=seen, people=asked, by=self.person))

    @extend_schema(request=VerdictIn, responses=ApprovalOut)
    def verdict(self, request: Request, pk: str) -> Response:
        cycle: SelectionCycle = self.get_object()
        given = actions.give_verdict(cycle=cycle, by=self.person, **self.valid(VerdictIn))
        return Response(ApprovalOut(given).data)

    @extend_schema(request=None, responses=CycleOut, parameters=[IF_MATCH])
    def close(self, request: Request, pk: str) -> Response:
        cycle: SelectionCycle = self.get_object()
        return self.answer(actions.close_cycle(cycle=cycle, revision=require_if_match(request), by=self.person))

    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def document(self, request: Request, pk: str) -> FileResponse:
        cycle: SelectionCycle = self.get_object()
        self._sees_all()
        document = CycleDocument.objects.filter(cycle=cycle).first()
        if document is None or not document.is_done:
            raise Http404
        answer = FileResponse(
            open_stored(document.stored), as_attachment=True, filename=document.file_name, content_type=PDF
        )
        answer["Cache-Control"] = "no-store"
        return answer


class EvidenceIn(Strict):
    account = ScopedPrimaryKeyField(queryset_for=visible, permission=P.RATE)
    kind = serializers.ChoiceField(choices=MutualityEvidence.Kind.choices)
    on = serializers.DateField()
    what = serializers.CharField(max_length=2000)
    theirs = serializers.CharField(max_length=160, required=False, allow_blank=True, default="")
    contact = ScopedPrimaryKeyField(
        queryset_for=lambda user: Contact.objects.filter(account__in=Account.objects.visible_to(user, P.PROFILE_VIEW)),
        required=False,
        allow_null=True,
        default=None,
    )
    document = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class EvidenceChange(Strict):
    on = serializers.DateField(required=False)
    what = serializers.CharField(max_length=2000, required=False)
    theirs = serializers.CharField(max_length=160, required=False, allow_blank=True)
    document = serializers.CharField(max_length=300, required=False, allow_blank=True)


class EvidenceOut(serializers.ModelSerializer[MutualityEvidence]):
    class Meta:
        model = MutualityEvidence
        fields = ["id", "account", "kind", "on", "ours", "contact", "theirs", "what", "document", "revision"]
        read_only_fields = fields


class MutualityViews(AccountGuarded):
    """Evidence that an account is mutual; who of us it concerns is whoever enters it here."""

    permissions: ClassVar = {
        "list": P.SCORE_VIEW,
        "retrieve": P.SCORE_VIEW,
        "create": P.RATE,
        "partial_update": P.RATE,
        "destroy": P.RATE,
    }
    filters: ClassVar = {"account": Filter("account_id", whole_number), "kind": Filter("kind")}
    serializer_class = EvidenceOut
    queryset = MutualityEvidence.objects.none()

    def get_queryset(self) -> QuerySet[MutualityEvidence]:
        seen = Account.objects.visible_to(self.person, P.SCORE_VIEW)
        return MutualityEvidence.objects.filter(account__in=seen).select_related("account", "contact", "ours")

    @extend_schema(request=EvidenceIn, responses={201: EvidenceOut})
    def create(self, request: Request) -> Response:
        data = self.valid(EvidenceIn)
        return self.answer(mutuality.add_evidence(ours=self.person, by=self.person, **data), status=201)

    @extend_schema(request=EvidenceChange, responses=EvidenceOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        evidence: MutualityEvidence = self.get_object()
        seen = require_if_match(request)
        stored = {name: getattr(evidence, name) for name in ("kind", "on", "ours", "what", "contact", "theirs")}
        values = stored | {"document": evidence.document} | self.valid(EvidenceChange)
        changed = mutuality.edit_evidence(
            account=evidence.account, evidence=evidence, revision=seen, by=self.person, **values
        )
        return self.answer(changed)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        evidence: MutualityEvidence = self.get_object()
        mutuality.remove_evidence(
            account=evidence.account, evidence=evidence, revision=require_if_match(request), by=self.person
        )
        return Response(status=204)
