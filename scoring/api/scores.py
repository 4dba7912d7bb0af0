"""Scores, ratings, gates and tiers by API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import account_for
from accounts.api.base import AccountGuarded
from accounts.models import Account
from sam.core.api.etags import IF_MATCH, etag_of, require_if_match
from sam.core.api.fields import ScopedPrimaryKeyField, Strict
from sam.core.api.filters import Filter, one_of, truth, whole_number
from sam.core.api.pagination import CursorPagination
from sam.core.authorization.permissions import Permission as P
from sam.core.errors import ActionRefused
from sam.core.models import User
from sam.values.periods import Quarter
from scoring.actions.ratings import answer_gate, rate_account, withdraw_rating
from scoring.actions.scores import NO_SCORECARD, start_recompute
from scoring.actions.tiers import decide_tier, warning_about
from scoring.models import AccountScore, GateAnswer, Rating, TierDecision
from scoring.queries.blindness import blind_entry
from scoring.queries.kept import Explained, explained_score
from scoring.queries.marks import Mark, marks_for
from scoring.queries.ranking import Filters, scores_for
from scoring.queries.scorecard import AccountScorecard, HalfPart, Line, account_scorecard, as_decimal, ranks

TIERS = [tier.value or "none" for tier in Account.Tier]


def visible(user: User) -> QuerySet[Account]:
    return Account.objects.visible_to(user)


def number(value: Decimal | None) -> str | None:
    """All digits, without needless zeros."""
    return None if value is None else format(value.normalize(), "f")


def tier_word(tier: str | None) -> str | None:
    """The tier as programs read it: "none" for no tier, null for no proposal."""
    return None if tier is None else tier or "none"


class CoverageOut(serializers.Serializer[Any]):
    known = serializers.CharField(help_text="Weight of the criteria that have a value.")
    of = serializers.CharField(help_text="Weight of all criteria of the half.")
    fraction = serializers.CharField(help_text="known / of, 0 to 1.")


class ScoreOut(serializers.Serializer[AccountScore]):
    """Points from 0 to 100 as decimal strings; null where a half is known too little to be scored."""

    account = serializers.IntegerField(source="account_id")
    name = serializers.CharField(source="account.name")
    rank = serializers.SerializerMethodField()
    basis = serializers.CharField(help_text="overall, current, potential, or empty: what the rank goes by.")
    overall = serializers.SerializerMethodField()
    current = serializers.SerializerMethodField()
    potential = serializers.SerializerMethodField()
    current_coverage = serializers.SerializerMethodField()
    potential_coverage = serializers.SerializerMethodField()
    proposed_tier = serializers.SerializerMethodField()
    decided_tier = serializers.SerializerMethodField()
    marks = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="version_id")
    computed_at = serializers.DateTimeField()

    def get_rank(self, score: AccountScore) -> int | None:
        places: Mapping[int, int] = self.context.get("ranks", {})
        return places.get(score.account_id)

    def get_marks(self, score: AccountScore) -> list[dict[str, str]]:
        """Emerging, under threat, large but transactional, unexpected: each with its reason in a sentence."""
        marks: Mapping[int, Sequence[Mark]] = self.context.get("marks", {})
        return [{"key": mark.key, "words": mark.words} for mark in marks.get(score.account_id, ())]

    def get_overall(self, score: AccountScore) -> str | None:
        return number(score.overall_points)

    def get_current(self, score: AccountScore) -> str | None:
        return number(score.current_points)

    def get_potential(self, score: AccountScore) -> str | None:
        return number(score.potential_points)

    @extend_schema_field(CoverageOut)
    def get_current_coverage(self, score: AccountScore) -> dict[str, str | None]:
        return coverage(score.current_covered, score.current_whole, number(score.current_coverage))

    @extend_schema_field(CoverageOut)
    def get_potential_coverage(self, score: AccountScore) -> dict[str, str | None]:
        return coverage(score.potential_covered, score.potential_whole, number(score.potential_coverage))

    def get_proposed_tier(self, score: AccountScore) -> str | None:
        return tier_word(score.proposed_tier)

    def get_decided_tier(self, score: AccountScore) -> str:
        return score.account.tier or "none"


def coverage(known: int, of: int, fraction: str | None) -> dict[str, str | None]:
    return {"known": f"{known / 100:.2f}", "of": f"{of / 100:.2f}", "fraction": fraction}


class ScorePages(CursorPagination):
    """By account: the rank stands in each row."""

    ordering = "account_id"

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        return ("account_id",)


def _best(scores: QuerySet[AccountScore], most: int, user: User) -> QuerySet[AccountScore]:
    best = scores.filter(ranking__isnull=False).order_by("-ranking", "account_id")[: min(most, 1000)]
    return scores.filter(pk__in=list(best.values_list("pk", flat=True)))


class JobStarted(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="The job; its state is at /api/v1/jobs/{id}/.")
    status = serializers.CharField()


class RecomputeIn(Strict):
    quarter = serializers.RegexField(
        r"^[0-9]{4}-Q[1-4]$", required=False, help_text="The twelve months end with it, for example 2026-Q3."
    )


class ScoreViews(AccountGuarded):
    """Scores of the accounts whose scores one may see."""

    permissions: ClassVar = {"list": P.SCORE_VIEW, "recompute": P.SCORECARD_CONFIGURE}
    filters: ClassVar = {
        "account": Filter("account_id", whole_number),
        "tier": Filter(
            read=one_of(TIERS), narrow=lambda rows, value, user: rows.filter(account__tier=value.replace("none", ""))
        ),
        "proposed_tier": Filter(
            read=one_of(TIERS), narrow=lambda rows, value, user: rows.filter(proposed_tier=value.replace("none", ""))
        ),
        "scored": Filter(
            read=truth,
            narrow=lambda rows, value, user: rows.filter(overall__isnull=not value),
            description="In both halves",
        ),
        "top": Filter(read=whole_number, narrow=_best, description="Only the best so many, up to 1,000"),
    }
    serializer_class = ScoreOut
    pagination_class = ScorePages
    queryset = AccountScore.objects.none()

    def get_queryset(self) -> QuerySet[AccountScore]:
        return scores_for(self.person, Filters())

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page: Sequence[AccountScore] = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        places = ranks([row.account_id for row in page if row.ranking is not None])
        marks = marks_for(page, self.person)
        context = {**self.get_serializer_context(), "ranks": places, "marks": marks}
        rows = ScoreOut(page, many=True, context=context)  # type: ignore[arg-type]
        return self.get_paginated_response(rows.data)

    @extend_schema(request=RecomputeIn, responses={202: JobStarted})
    def recompute(self, request: Request) -> Response:
        given = self.valid(RecomputeIn).get("quarter")
        job = start_recompute(by=self.person, quarter=Quarter.parse(given) if given else None, latest=not given)
        return Response({"id": job.pk, "status": job.state}, status=202)


class DecideIn(Strict):
    tier = serializers.ChoiceField(choices=TIERS, help_text="none: not in the programme")
    reason = serializers.CharField(max_length=2000)
    ends_on = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="Needed when the rules propose another tier."
    )


class DecisionOut(serializers.ModelSerializer[TierDecision]):
    tier = serializers.SerializerMethodField()
    previous = serializers.SerializerMethodField()
    proposed = serializers.SerializerMethodField()
    against_proposal = serializers.BooleanField(read_only=True)
    warning = serializers.SerializerMethodField()

    class Meta:
        model = TierDecision
        fields = [
            "id", "account", "tier", "previous", "proposed", "against_proposal", "reason", "decided_by", "decided_on",
            "ends_on", "warning",
        ]  # fmt: skip
        read_only_fields = fields

    def get_tier(self, decision: TierDecision) -> str:
        return decision.tier or "none"

    def get_previous(self, decision: TierDecision) -> str:
        return decision.previous or "none"

    def get_proposed(self, decision: TierDecision) -> str | None:
        return tier_word(decision.proposed)

    def get_warning(self, decision: TierDecision) -> str:
        return str(self.context.get("warning", ""))


class AccountScoreViews(AccountGuarded):
    """One account's score with everything that explains it, and the decision about its tier."""

    permissions: ClassVar = {
        "score": P.SCORE_VIEW,
        "kept": P.SCORE_VIEW,
        "decide": P.TIER_DECIDE,
        "decisions": P.SCORE_VIEW,
    }
    serializer_class = DecisionOut
    queryset = Account.objects.none()
    detail = True

    def _account(self, pk: str) -> Account:
        account = account_for(self.person, int(pk), self.permissions[self.action])
        self.check_object_permissions(self.request, account)
        return account

    def representation(self, entry: Any) -> Any:
        if isinstance(entry, Account):
            return {"account": entry.pk, "tier": entry.tier or "none", "revision": entry.revision}
        return super().representation(entry)

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def score(self, request: Request, pk: str) -> Response:
        account = self._account(pk)
        card = account_scorecard(account, self.person)
        if card is None:
            raise ActionRefused(NO_SCORECARD, code="no_live_scorecard")
        return Response(told(card), headers={"ETag": etag_of(account)})

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def kept(self, request: Request, pk: str) -> Response:
        """Scores as of earlier days, each explained from what was stored with it. Newest first, up to 20."""
        account = self._account(pk)
        rows = account.kept_scores.select_related("version__scorecard").order_by("-kept_on", "-pk")[:20]
        return Response([_kept(explained_score(row, account, self.person)) for row in rows])

    @extend_schema(responses=DecisionOut(many=True))
    def decisions(self, request: Request, pk: str) -> Response:
        account = self._account(pk)
        rows = account.tier_decisions.all()[:200]
        return Response(DecisionOut(rows, many=True).data, headers={"ETag": etag_of(account)})

    @extend_schema(request=DecideIn, responses={201: DecisionOut}, parameters=[IF_MATCH])
    def decide(self, request: Request, pk: str) -> Response:
        account = self._account(pk)
        seen = require_if_match(request)
        data = self.valid(DecideIn)
        tier = data["tier"].replace("none", "")
        warning = warning_about(account, tier)
        decision = decide_tier(
            account=account, tier=tier, reason=data["reason"], ends_on=data["ends_on"], revision=seen, by=self.person
        )
        body = DecisionOut(decision, context={"warning": warning}).data
        return Response(body, status=201, headers={"ETag": etag_of(account)})


def told(card: AccountScorecard) -> dict[str, Any]:
    """The account's scorecard as the API tells it; amounts only for those who see figures."""
    return {
        "account": card.account.pk,
        "name": card.account.name,
        "version": {
            "id": card.rules.version.pk,
            "scorecard": card.rules.version.scorecard.name,
            "number": card.rules.version.number,
        },
        "quarter": str(card.quarter),
        "currency": card.currency,
        "computed_at": card.stored.computed_at if card.stored else None,
        "out_of_date": card.out_of_date,
        "overall": number(card.result.overall),
        "basis": card.result.basis,
        "rank": card.rank,
        "ranked": card.ranked,
        "halves": {half.key: _half(half) for half in card.halves},
        "missing": [
            {"criterion": line.criterion.key, "reason": line.reason} for line in card.lines if not line.contribution
        ],
        "not_scored": card.unscored or None,
        "contributions": [_line(line) for line in card.lines if line.contribution],
        "gates": [
            {
                "gate": line.gate.key,
                "name": line.gate.name,
                "passed": line.passed,
                "records": line.found.words if line.found else None,
            }
            for line in card.gates
        ],
        "proposed_tier": tier_word(card.proposal.tier or "") if card.proposal.scored else None,
        "decided_tier": card.account.tier or "none",
        "against_the_rules": _override(card),
        "blind_in_round": card.blind.round_id if card.blind else None,
        "obstacles": list(card.obstacles),
        "marks": [{"key": mark.key, "words": mark.words} for mark in card.marks],
    }


def _kept(explained: Explained) -> dict[str, Any]:
    kept = explained.kept
    return {
        "id": kept.pk,
        "occasion": kept.occasion,
        "kept_on": kept.kept_on,
        "version": {"id": kept.version_id, "number": kept.version.number, "scorecard": kept.version.scorecard.name},
        "overall": number(kept.overall_points),
        "current": number(kept.current_points),
        "potential": number(kept.potential_points),
        "rank": kept.rank,
        "decided_tier": kept.decided_tier or "none",
        "computed_again": number(explained.result.overall),
        "criteria": [
            {
                "criterion": line.criterion.key,
                "weight": number(line.criterion.weight),
                "value": line.shown or None,
                "points": number(line.contribution.score) if line.contribution else None,
                "in_overall": number(line.in_overall),
                "settled": line.settled,
            }
            for line in explained.lines
        ],
        "missing": [line.criterion.key for line in explained.lines if line.contribution is None],
    }


def _override(card: AccountScorecard) -> dict[str, Any] | None:
    """The decision against the rules that the tier rests on; null when it follows them."""
    if card.override is None:
        return None
    return {"reason": card.override.reason, "ends_on": card.override.ends_on, "words": card.override.held_words}


def _half(half: HalfPart) -> dict[str, Any]:
    return {
        "score": number(half.score.score),
        "coverage": {
            "known": number(half.covered_weight),
            "of": number(half.whole_weight),
            "fraction": number(half.coverage),
        },
        "missing": list(half.score.missing),
        "share_of_overall": number(as_decimal(half.share)),
    }


def _line(line: Line) -> dict[str, Any]:
    assert line.contribution is not None  # noqa: S101 (callers filter)
    return {
        "criterion": line.criterion.key,
        "name": line.criterion.name,
        "half": line.criterion.half,
        "kind": line.criterion.kind,
        "weight": number(line.criterion.weight),
        "value": line.value,
        "points": number(line.points),
        "in_half": number(as_decimal(line.contribution.in_half)),
        "in_overall": number(line.in_overall),
        "room": number(line.room),
        "ratings": None if line.blind else len(line.ratings),
        "spread": None if line.blind else line.spread,
        "settled": _settled(line),
        "old_from": line.old_from,
    }


def _settled(line: Line) -> dict[str, Any] | None:
    """The settled value that counts instead of the median; null where the median counts."""
    if line.settled is None:
        return None
    settled = line.settled
    return {
        "id": settled.pk,
        "value": number(settled.value),
        "reason": settled.reason,
        "settled_by": settled.settled_by_id,
        "settled_on": settled.settled_on,
    }


class RatingIn(Strict):
    account = ScopedPrimaryKeyField(queryset_for=visible, permission=P.RATE)
    criterion = serializers.CharField(max_length=8, help_text="Short name of a rated criterion, for example P1.")
    value = serializers.IntegerField(min_value=1, max_value=5)
    evidence = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    confirmed = serializers.BooleanField(required=False, default=False)


class RatingChange(Strict):
    value = serializers.IntegerField(min_value=1, max_value=5, required=False)
    evidence = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    confirmed = serializers.BooleanField(required=False)


class RatingOut(serializers.ModelSerializer[Rating]):
    criterion = serializers.CharField(source="criterion_key")

    class Meta:
        model = Rating
        fields = [
            "id", "account", "scorecard", "criterion", "rater", "value", "evidence", "confirmed", "rated_on",
            "round", "sealed", "revision",
        ]  # fmt: skip
        read_only_fields = fields


class RatingViews(AccountGuarded):
    """Ratings of people; one writes and changes only one's own.

    While an account is blind in a round one finds only one's own ratings of it. A rating made then is `sealed`: it
    stands beside the earlier one, which goes on counting until all raters have finished or the round closes.
    """

    permissions: ClassVar = {
        "list": P.SCORE_VIEW,
        "retrieve": P.SCORE_VIEW,
        "create": P.RATE,
        "partial_update": P.RATE,
        "destroy": P.RATE,
    }
    filters: ClassVar = {
        "account": Filter("account_id", whole_number),
        "criterion": Filter("criterion_key"),
        "rater": Filter("rater_id", whole_number),
    }
    serializer_class = RatingOut
    queryset = Rating.objects.none()

    def get_queryset(self) -> QuerySet[Rating]:
        seen = Account.objects.visible_to(self.person, P.SCORE_VIEW)
        return Rating.objects.seen_by(self.person).filter(account__in=seen).select_related("account")

    @extend_schema(request=RatingIn, responses={201: RatingOut})
    def create(self, request: Request) -> Response:
        data = self.valid(RatingIn)
        own = Rating.objects.filter(account=data["account"], criterion_key=data["criterion"], rater=self.person)
        if own.filter(sealed=blind_entry(data["account"]) is not None).exists():
            raise ActionRefused("You have rated this already. Change that rating with PATCH.", code="already_rated")
        rating = rate_account(
            account=data["account"],
            criterion_key=data["criterion"],
            value=data["value"],
            evidence=data["evidence"],
            confirmed=data["confirmed"],
            by=self.person,
        )
        return self.answer(rating, status=201)

    @extend_schema(request=RatingChange, responses=RatingOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        rating = self._own()
        seen = require_if_match(request)
        data = self.valid(RatingChange)
        changed = rate_account(
            account=rating.account,
            criterion_key=rating.criterion_key,
            value=data.get("value", rating.value),
            evidence=data.get("evidence", rating.evidence),
            confirmed=data.get("confirmed", rating.confirmed),
            revision=seen,
            by=self.person,
        )
        return self.answer(changed)

    @extend_schema(responses={204: None}, parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        rating = self._own()
        withdraw_rating(account=rating.account, rating=rating, revision=require_if_match(request), by=self.person)
        return Response(status=204)

    def _own(self) -> Rating:
        rating: Rating = self.get_object()
        if rating.rater_id != self.person.pk:
            raise ActionRefused("Only the person who rated can change it.", code="not_yours", status=403)
        return rating


class GateIn(Strict):
    account = ScopedPrimaryKeyField(queryset_for=visible, permission=P.RATE)
    gate = serializers.CharField(max_length=8)
    passed = serializers.BooleanField()
    evidence = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class GateChange(Strict):
    passed = serializers.BooleanField()
    evidence = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class GateOut(serializers.ModelSerializer[GateAnswer]):
    gate = serializers.CharField(source="gate_key")

    class Meta:
        model = GateAnswer
        fields = ["id", "account", "scorecard", "gate", "passed", "evidence", "answered_by", "answered_on", "revision"]
        read_only_fields = fields


class GateViews(AccountGuarded):
    """Answers to the gates of the scorecard."""

    permissions: ClassVar = {
        "list": P.SCORE_VIEW,
        "retrieve": P.SCORE_VIEW,
        "create": P.RATE,
        "partial_update": P.RATE,
    }
    filters: ClassVar = {"account": Filter("account_id", whole_number), "gate": Filter("gate_key")}
    serializer_class = GateOut
    queryset = GateAnswer.objects.none()

    def get_queryset(self) -> QuerySet[GateAnswer]:
        seen = Account.objects.visible_to(self.person, P.SCORE_VIEW)
        return GateAnswer.objects.filter(account__in=seen).select_related("account")

    @extend_schema(request=GateIn, responses={201: GateOut})
    def create(self, request: Request) -> Response:
        data = self.valid(GateIn)
        if GateAnswer.objects.filter(account=data["account"], gate_key=data["gate"]).exists():
            raise ActionRefused("This gate is answered already. Change the answer with PATCH.", code="already_answered")
        answer = answer_gate(
            account=data["account"],
            gate_key=data["gate"],
            passed=data["passed"],
            evidence=data["evidence"],
            by=self.person,
        )
        return self.answer(answer, status=201)

    @extend_schema(request=GateChange, responses=GateOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        answer: GateAnswer = self.get_object()
        seen = require_if_match(request)
        data = self.valid(GateChange)
        changed = answer_gate(
            account=answer.account,
            gate_key=answer.gate_key,
            passed=data["passed"],
            evidence=data["evidence"],
            revision=seen,
            by=self.person,
        )
        return self.answer(changed)
