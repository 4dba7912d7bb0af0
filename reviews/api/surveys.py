"""Surveys over the API: prepare, send, close, results."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AccountGuarded
from accounts.models import Account, Contact
from reviews.actions import surveys as actions
from reviews.forms.surveys import OPEN_DAYS
from reviews.models import Survey, SurveyTemplate
from reviews.queries.surveys import SurveyResults, results
from sam.core.api.fields import ScopedPrimaryKeyField, Strict, plain_decimal
from sam.core.api.filters import Filter, one_of, whole_number
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from sam.core.text import without_unstorable


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class TemplateField(serializers.Field):  # type: ignore[type-arg]
    """A template's id, or its key for the version in use."""

    default_error_messages = {"unknown": "No survey template {given} is in use."}

    def to_internal_value(self, data: Any) -> SurveyTemplate:
        given = without_unstorable(str(data)[:60])
        live = SurveyTemplate.objects.live()
        number = int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else None
        found = live.filter(pk=number).first() if number is not None else live.filter(key=given).first()
        return found or self.fail("unknown", given=given)

    def to_representation(self, value: SurveyTemplate) -> int:
        return value.pk


class SurveyOut(serializers.ModelSerializer[Survey]):
    contacts = serializers.SerializerMethodField(help_text="Ids of the people on the list.")

    class Meta:
        model = Survey
        fields = [
            "id",
            "account",
            "template",
            "status",
            "asked_by",
            "opened_on",
            "closes_on",
            "review_on",
            "named",
            "contacts",
            "revision",
        ]

    def get_contacts(self, survey: Survey) -> list[int]:
        return [invitation.contact_id for invitation in survey.invitations.all()]


def accounts_of(user: User) -> QuerySet[Account]:
    return Account.objects.visible_to(user)


def contacts_of(user: User) -> QuerySet[Contact]:
    return Contact.objects.filter(account__in=Account.objects.visible_to(user, Permission.SURVEY_SEND))


class SurveyIn(Strict):
    account = ScopedPrimaryKeyField(queryset_for=accounts_of, permission=Permission.SURVEY_SEND)
    template = TemplateField(help_text="Id of a template, or its key for the version in use.")
    contacts = ScopedPrimaryKeyField(queryset_for=contacts_of, many=True, allow_empty=False)
    closes_on = serializers.DateField(required=False, help_text=f"Last day for answers; default: in {OPEN_DAYS} days.")
    review_on = serializers.DateField(required=False, allow_null=True, help_text="Day of the review that shows it.")
    named = serializers.BooleanField(default=True)


class LeftOutOut(serializers.Serializer):  # type: ignore[type-arg]
    contact = serializers.IntegerField()
    reason = serializers.CharField()


class SentOut(SurveyOut):
    asked = serializers.IntegerField(help_text="People who get a mail.")
    left_out = LeftOutOut(many=True)

    class Meta(SurveyOut.Meta):
        fields = [*SurveyOut.Meta.fields, "asked", "left_out"]


class QuestionOut(serializers.Serializer):  # type: ignore[type-arg]
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()
    n = serializers.IntegerField(help_text="Answers that count; “I cannot say” does not.")
    cannot_say = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Answers per step, 1 to 5.")
    mean = serializers.CharField(allow_null=True, help_text="Unrounded, 1 to 5; null with fewer than four answers.")
    reason = serializers.CharField(help_text="Why there is no mean; empty where there is one.")


class ResultsOut(serializers.Serializer):  # type: ignore[type-arg]
    survey = serializers.IntegerField()
    status = serializers.CharField()
    sent = serializers.IntegerField()
    answered = serializers.IntegerField()
    n = serializers.IntegerField(help_text="Answers to the recommendation.")
    promoters = serializers.IntegerField()
    passives = serializers.IntegerField()
    detractors = serializers.IntegerField()
    nps = serializers.FloatField(allow_null=True, help_text="−100 to 100, unrounded; null without answers.")
    interval = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="95 %, [low, high]; null without answers."
    )
    response_rate = serializers.FloatField(allow_null=True, help_text="0 to 1.")
    questions = QuestionOut(many=True)


def results_body(found: SurveyResults) -> dict[str, Any]:
    interval = found.nps.interval
    return {
        "survey": found.survey.pk,
        "status": found.survey.status,
        "sent": found.sent,
        "answered": found.answered,
        "n": found.nps.n,
        "promoters": found.nps.promoters,
        "passives": found.nps.passives,
        "detractors": found.nps.detractors,
        "nps": found.nps.score,
        "interval": [interval.low, interval.high] if interval else None,
        "response_rate": found.rate.rate,
        "questions": [
            {
                "key": question.key,
                "label": question.label,
                "text": question.text,
                "n": question.n,
                "cannot_say": question.cannot_say,
                "counts": {str(step): count for step, count in sorted(question.counts.items())},
                "mean": plain_decimal(question.mean) if question.mean is not None else None,
                "reason": question.reason,
            }
            for question in found.questions
        ],
    }


class SurveyViews(AccountGuarded):
    """Surveys of the accounts that the person sees."""

    permissions = {
        "list": Permission.SURVEY_VIEW,
        "retrieve": Permission.SURVEY_VIEW,
        "results": Permission.SURVEY_VIEW,
        "create": Permission.SURVEY_SEND,
        "send": Permission.SURVEY_SEND,
        "close": Permission.SURVEY_SEND,
    }
    filters = {
        "account": Filter("account_id", whole_number, "Id of an account."),
        "status": Filter("status", one_of(Survey.Status.values), "draft, open or closed."),
    }
    serializer_class = SurveyOut

    def get_queryset(self) -> QuerySet[Survey]:
        if getattr(self, "swagger_fake_view", False):
            return Survey.objects.none()
        wanted = Permission.SURVEY_VIEW if self.action == "list" else Permission.ACCOUNT_VIEW
        return (
            Survey.objects.visible_to(self.person, wanted)
            .select_related("account", "template", "asked_by")
            .prefetch_related("invitations")
        )

    @extend_schema(request=SurveyIn, responses={201: SurveyOut})
    def create(self, request: Request) -> Response:
        data = self.valid(SurveyIn)
        data.setdefault("closes_on", timezone.localdate() + timedelta(days=OPEN_DAYS))
        return self.answer(actions.create_survey(by=self.person, **data), status=201)

    @extend_schema(request=None, responses={202: SentOut})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        """Mail everybody on the list a link of their own; the mails leave in the background."""
        survey: Survey = self.get_object()
        sent = actions.send_survey(survey=survey, account=survey.account, by=self.person)
        left_out = [{"contact": contact.pk, "reason": reason} for contact, reason in sent.left_out]
        body = {**self.representation(self.get_object()), "asked": len(sent.asked), "left_out": left_out}
        return Response(body, status=202)

    @extend_schema(request=None, responses={200: SurveyOut})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        survey: Survey = self.get_object()
        actions.close_survey(survey=survey, account=survey.account, by=self.person)
        return self.answer(self.get_object())

    @extend_schema(responses={200: ResultsOut})
    @action(detail=True, methods=["get"])
    def results(self, request: Request, pk: str) -> Response:
        """Counts, NPS with its 95 % interval, and the statements; names and words stand on the page only."""
        return Response(results_body(results(self.get_object(), self.person)))
