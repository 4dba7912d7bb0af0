"""Reviews and their packs over the API: schedule, change, hold, call off; render, watch, fetch, share."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.base import AccountGuarded
from accounts.models import Account, Contact
from reviews.actions import packs as pack_actions
from reviews.actions import reviews as actions
from reviews.models import Pack, Review, ReviewKind
from reviews.queries.pack_page import PDF
from sam.core.api.etags import IF_MATCH, require_if_match
from sam.core.api.fields import ScopedPrimaryKeyField, Strict
from sam.core.api.filters import Filter, iso_date, one_of, whole_number
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.files import open_stored
from sam.core.models import User

PACK_ID = OpenApiParameter("pack_id", OpenApiTypes.INT, OpenApiParameter.PATH, description="Id of a pack.")


class AgendaItemField(Strict):
    title = serializers.CharField(max_length=160)
    minutes = serializers.IntegerField(min_value=1, max_value=480)
    who = serializers.CharField(max_length=80, allow_blank=True, default="")


class ReviewOut(serializers.ModelSerializer[Review]):
    agenda = AgendaItemField(many=True, read_only=True)
    decisions_asked = serializers.ListField(child=serializers.CharField(), read_only=True)
    people: serializers.ManyRelatedField = serializers.PrimaryKeyRelatedField(many=True, read_only=True)  # type: ignore[assignment]
    contacts: serializers.ManyRelatedField = serializers.PrimaryKeyRelatedField(many=True, read_only=True)  # type: ignore[assignment]

    class Meta:
        model = Review
        fields = [
            "id",
            "account",
            "kind",
            "status",
            "date",
            "starts_at",
            "minutes",
            "place",
            "organiser",
            "topic",
            "agenda",
            "decisions_asked",
            "people",
            "contacts",
            "revision",
        ]


def accounts_of(user: User) -> QuerySet[Account]:
    return Account.objects.visible_to(user)


def contacts_of(user: User) -> QuerySet[Contact]:
    return Contact.objects.filter(account__in=Account.objects.visible_to(user, Permission.PROFILE_VIEW))


def people_of(user: User) -> QuerySet[User]:
    """Colleagues who share an account with `user`, and the person; nobody learns other names through an id."""
    seats = Account.objects.visible_to(user, Permission.PROFILE_VIEW)
    return (
        User.objects.active().filter(seats__account__in=seats).distinct()
        | User.objects.active().filter(pk=user.pk).distinct()
    )


class ReviewChange(Strict):
    date = serializers.DateField(required=False)
    starts_at = serializers.TimeField(required=False, allow_null=True, help_text="In the organiser's time zone.")
    minutes = serializers.IntegerField(required=False, min_value=5, max_value=480)
    place = serializers.CharField(required=False, max_length=160, allow_blank=True)
    topic = serializers.CharField(required=False, max_length=200, allow_blank=True)
    agenda = AgendaItemField(many=True, required=False)
    decisions_asked = serializers.ListField(
        child=serializers.CharField(max_length=240), required=False, max_length=actions.MOST_DECISIONS_ASKED
    )
    people = ScopedPrimaryKeyField(queryset_for=people_of, many=True, required=False)
    contacts = ScopedPrimaryKeyField(queryset_for=contacts_of, many=True, required=False)


class ReviewIn(Strict):
    account = ScopedPrimaryKeyField(queryset_for=accounts_of, permission=Permission.REVIEW_EDIT)
    kind = serializers.ChoiceField(choices=ReviewKind.choices, default=ReviewKind.QUARTERLY)
    date = serializers.DateField()
    starts_at = serializers.TimeField(required=False, allow_null=True, help_text="In the organiser's time zone.")
    minutes = serializers.IntegerField(required=False, min_value=5, max_value=480, help_text="Default: the agenda's.")
    place = serializers.CharField(required=False, max_length=160, allow_blank=True)
    topic = serializers.CharField(required=False, max_length=200, allow_blank=True)
    decisions_asked = serializers.ListField(
        child=serializers.CharField(max_length=240), required=False, max_length=actions.MOST_DECISIONS_ASKED
    )
    people = ScopedPrimaryKeyField(queryset_for=people_of, many=True, required=False)
    contacts = ScopedPrimaryKeyField(queryset_for=contacts_of, many=True, required=False)


class DecisionIn(Strict):
    text = serializers.CharField(max_length=200)
    our_owner = ScopedPrimaryKeyField(queryset_for=people_of, required=False, allow_null=True)
    their_owner = ScopedPrimaryKeyField(queryset_for=contacts_of, required=False, allow_null=True)
    due = serializers.DateField(required=False, allow_null=True)


class MinutesIn(Strict):
    going_well = serializers.CharField(required=False, allow_blank=True, max_length=actions.NOTE_LENGTH)
    to_improve = serializers.CharField(required=False, allow_blank=True, max_length=actions.NOTE_LENGTH)
    to_change = serializers.CharField(required=False, allow_blank=True, max_length=actions.NOTE_LENGTH)
    decisions = DecisionIn(many=True, required=False)


class PackIn(Strict):
    edition = serializers.ChoiceField(choices=Pack.Edition.choices)


class ShareIn(Strict):
    contacts = ScopedPrimaryKeyField(queryset_for=contacts_of, many=True, allow_empty=False)


class PackOut(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.IntegerField()
    review = serializers.IntegerField(source="review_id")
    edition = serializers.ChoiceField(choices=Pack.Edition.choices)
    status = serializers.ChoiceField(choices=Pack.Status.choices)
    progress = serializers.IntegerField(help_text="0 to 100.")
    problem = serializers.CharField(help_text="Why it failed, in words; empty otherwise.")
    current = serializers.BooleanField(help_text="The newest finished pack of this edition.")
    file_name = serializers.CharField()
    url = serializers.SerializerMethodField(help_text="Where the file is, with the same authorisation; null before.")
    sha256 = serializers.SerializerMethodField(help_text="Of the file, in hex; null before it is done.")
    pages = serializers.SerializerMethodField(help_text="Null before it is done.")
    shared = serializers.SerializerMethodField()

    def get_url(self, pack: Pack) -> str | None:
        if not pack.is_done:
            return None
        path = reverse("review-pack-file", args=[pack.review_id, pack.pk])
        address: str = self.context["request"].build_absolute_uri(path)
        return address

    def get_sha256(self, pack: Pack) -> str | None:
        return pack.sha256 or None

    def get_pages(self, pack: Pack) -> int | None:
        return pack.pages or None

    def get_shared(self, pack: Pack) -> bool:
        return pack.publication_id is not None


class SharedOut(serializers.Serializer):  # type: ignore[type-arg]
    shared_with = serializers.ListField(child=serializers.IntegerField(), help_text="Contacts who get a link now.")


class ReviewViews(AccountGuarded):
    """Reviews of the accounts that the person sees; meetings among ourselves only for those who look inside."""

    permissions = {
        "list": Permission.REVIEW_VIEW,
        "retrieve": Permission.REVIEW_VIEW,
        "create": Permission.REVIEW_EDIT,
        "partial_update": Permission.REVIEW_EDIT,
        "hold": Permission.REVIEW_EDIT,
        "cancel": Permission.REVIEW_EDIT,
        "packs": Permission.PACK_RENDER,
        "pack": Permission.REVIEW_VIEW,
        "pack_file": Permission.REVIEW_VIEW,
        "pack_share": Permission.SHARE,
    }
    filters = {
        "account": Filter("account_id", whole_number, "Id of an account."),
        "status": Filter("status", one_of(Review.Status.values), "planned, held or cancelled."),
        "kind": Filter("kind", one_of(ReviewKind.values), "quarterly, annual, internal or sponsor."),
        "from": Filter("date__gte", iso_date, "First day."),
        "to": Filter("date__lte", iso_date, "Last day."),
    }
    serializer_class = ReviewOut

    def get_queryset(self) -> QuerySet[Review]:
        if getattr(self, "swagger_fake_view", False):
            return Review.objects.none()
        wanted = Permission.REVIEW_VIEW if self.action == "list" else Permission.ACCOUNT_VIEW
        rows = Review.objects.visible_to(self.person, wanted)
        return rows.select_related("account", "organiser", "template").prefetch_related("people", "contacts")

    @extend_schema(request=ReviewIn, responses={201: ReviewOut})
    def create(self, request: Request) -> Response:
        data = self.valid(ReviewIn)
        on = data.pop("date")
        return self.answer(actions.schedule_review(on=on, by=self.person, **data), status=201)

    @extend_schema(request=ReviewChange, responses={200: ReviewOut}, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        review: Review = self.get_object()
        seen = require_if_match(request)
        data = self.valid(ReviewChange, partial=True)
        actions.change_review(review=review, account=review.account, seen=seen, by=self.person, **data)
        return self.answer(self.get_object())

    @extend_schema(request=MinutesIn, responses={200: ReviewOut}, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str) -> Response:
        """Minutes and decisions. A decision with an owner and a date becomes an action."""
        review: Review = self.get_object()
        seen = require_if_match(request)
        data = self.valid(MinutesIn)
        decided = [actions.Decided(**one) for one in data.pop("decisions", [])]
        actions.hold_review(review=review, account=review.account, seen=seen, decisions=decided, by=self.person, **data)
        return self.answer(self.get_object())

    @extend_schema(request=None, responses={200: ReviewOut}, parameters=[IF_MATCH])
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Everybody who was invited is told."""
        review: Review = self.get_object()
        seen = require_if_match(request)
        actions.cancel_review(review=review, account=review.account, seen=seen, by=self.person)
        return self.answer(self.get_object())

    @extend_schema(request=PackIn, responses={202: PackOut})
    @action(detail=True, methods=["post"])
    def packs(self, request: Request, pk: str) -> Response:
        """Start rendering an edition; one that is under way already is given back."""
        review: Review = self.get_object()
        data = self.valid(PackIn)
        pack = pack_actions.request_pack(review=review, account=review.account, edition=data["edition"], by=self.person)
        return Response(self._pack_body(pack), status=202)

    @extend_schema(responses={200: PackOut}, parameters=[PACK_ID])
    @action(detail=True, methods=["get"], url_path=r"packs/(?P<pack_id>[0-9]{1,18})")
    def pack(self, request: Request, pk: str, pack_id: str) -> Response:
        return Response(self._pack_body(self._pack(pack_id)))

    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY}, parameters=[PACK_ID])
    @action(
        detail=True,
        methods=["get"],
        url_path=r"packs/(?P<pack_id>[0-9]{1,18})/file",
        url_name="pack-file",
    )
    def pack_file(self, request: Request, pk: str, pack_id: str) -> FileResponse:
        pack = self._pack(pack_id)
        if not pack.is_done:
            raise Http404
        response = FileResponse(open_stored(pack.stored), as_attachment=True, filename=pack.file_name, content_type=PDF)
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(request=ShareIn, responses={200: SharedOut}, parameters=[PACK_ID])
    @action(
        detail=True,
        methods=["post"],
        url_path=r"packs/(?P<pack_id>[0-9]{1,18})/share",
        url_name="pack-share",
    )
    def pack_share(self, request: Request, pk: str, pack_id: str) -> Response:
        """Publish the client's edition and mail each person a link; 409 for an internal edition."""
        pack = self._pack(pack_id)
        contacts = self.valid(ShareIn)["contacts"]
        made = pack_actions.share_client_pack(pack=pack, account=pack.review.account, contacts=contacts, by=self.person)
        return Response({"shared_with": [share.contact_id for share in made]})

    def _pack(self, pack_id: str) -> Pack:
        """A pack of this review; the internal edition needs its own permission."""
        review: Review = self.get_object()
        pack = get_object_or_404(review.packs.select_related("job", "review__account"), pk=int(pack_id))
        if pack.is_internal and not can(self.person, Permission.PACK_RENDER, on=review.account):
            raise PermissionDenied
        return pack

    def _pack_body(self, pack: Pack) -> Any:
        return PackOut(pack, context=self.get_serializer_context()).data
