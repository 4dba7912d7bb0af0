"""Contacts by API. Opinions are inside, for those who may see them on that account."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.contacts import add_contact, change_contact, record_opinion
from accounts.api.base import AccountGuarded
from accounts.api.scopes import account_field, colleague_field, contact_field, seen_contacts
from accounts.models import Contact, Opinion
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import Strict
from sam.core.api.filters import Filter, one_of, text, whole_number
from sam.core.authorization.permissions import Permission as P
from sam.core.authorization.policy import can


class OpinionOut(serializers.ModelSerializer[Opinion]):
    class Meta:
        model = Opinion
        fields = ["kind", "value", "confirmed", "source", "author", "recorded_on", "expires_on"]


class ContactOut(serializers.ModelSerializer[Contact]):
    """`opinions`: those that hold today, newest of each kind; null for people who may not see opinions."""

    opinions = serializers.SerializerMethodField()

    class Meta:
        model = Contact
        fields = [
            "id", "account", "source", "external_id", "full_name", "email", "phone", "job_title", "function", "level",
            "reports_to", "covered_by", "status", "language", "no_surveys", "opinions", "revision",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(OpinionOut(many=True, allow_null=True))
    def get_opinions(self, contact: Contact) -> Any:
        if not can(self.context["request"].user, P.OPINION_VIEW, on=contact.account):
            return None
        rows = getattr(contact, "valid_opinions", None)
        if rows is None:
            rows = contact.opinions.filter(expires_on__gt=timezone.localdate())
        newest: dict[str, Opinion] = {}
        for opinion in sorted(rows, key=lambda row: (row.recorded_on, row.pk), reverse=True):
            newest.setdefault(opinion.kind, opinion)
        return OpinionOut(sorted(newest.values(), key=lambda row: row.kind), many=True).data


class ContactChange(Strict):
    full_name = serializers.CharField(max_length=160)
    email = serializers.EmailField(required=False, allow_blank=True)
    phone = serializers.CharField(max_length=60, required=False, allow_blank=True)
    job_title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    function = serializers.ChoiceField(choices=Contact.Function.choices, required=False, allow_blank=True)
    level = serializers.ChoiceField(choices=Contact.Level.choices, required=False, allow_blank=True)
    reports_to = contact_field(required=False, allow_null=True)
    covered_by = colleague_field(required=False, allow_null=True)
    status = serializers.ChoiceField(choices=Contact.Status.choices, required=False)
    language = serializers.ChoiceField(choices=["en", "de"], required=False)
    no_surveys = serializers.BooleanField(required=False)


class ContactNew(ContactChange):
    account = account_field(P.CONTACT_EDIT)


class OpinionIn(Strict):
    kind = serializers.ChoiceField(choices=Opinion.Kind.choices)
    value = serializers.IntegerField(min_value=-2, max_value=5)
    confirmed = serializers.BooleanField(required=False)
    source = serializers.ChoiceField(choices=Opinion.Source.choices, required=False)  # type: ignore[assignment]
    recorded_on = serializers.DateField(required=False)


class ContactViews(AccountGuarded):
    """People at the client, of accounts whose people one may see."""

    permissions: ClassVar = {
        "list": P.PROFILE_VIEW,
        "retrieve": P.PROFILE_VIEW,
        "create": P.CONTACT_EDIT,
        "partial_update": P.CONTACT_EDIT,
        "opinions": P.OPINION_EDIT,
    }
    filters: ClassVar = {
        "account": Filter("account_id", whole_number),
        "q": Filter(narrow=lambda found, value, user: found.matching(value), description="Beginnings of words"),
        "function": Filter("function", one_of(Contact.Function.values)),
        "level": Filter("level", one_of(Contact.Level.values)),
        "status": Filter("status", one_of(Contact.Status.values)),
        "covered_by": Filter("covered_by_id", whole_number),
        "external_id": Filter("external_id", text),
    }
    serializer_class = ContactOut
    queryset = Contact.objects.none()

    def get_queryset(self) -> QuerySet[Contact]:
        valid = Opinion.objects.filter(expires_on__gt=timezone.localdate())
        found = seen_contacts(self.person).select_related("account")
        return found.prefetch_related(Prefetch("opinions", queryset=valid, to_attr="valid_opinions"))

    @extend_schema(request=ContactNew, responses={201: ContactOut})
    def create(self, request: Request) -> Response:
        return self.answer(add_contact(by=self.person, **self.valid(ContactNew)), status=201)

    @extend_schema(request=ContactChange, responses=ContactOut, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        contact = self.get_object()
        seen = require_if_match(request)
        data = self.valid(ContactChange, partial=True)
        changed = change_contact(account=contact.account, contact=contact, revision=seen, by=self.person, **data)
        return self.answer(changed)

    @extend_schema(request=OpinionIn, responses={201: OpinionOut})
    @action(detail=True, methods=["post"])
    def opinions(self, request: Request, pk: str) -> Response:
        contact = self.get_object()
        made = record_opinion(account=contact.account, contact=contact, by=self.person, **self.valid(OpinionIn))
        return Response(OpinionOut(made).data, status=201)
