"""The base of the API, tried on a small view set of its own: guards, revisions, pages, problems, strict input."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import F
from django.http import Http404
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.test import APIClient

from accounts.models import Account
from sam.core.api.etags import require_if_match
from sam.core.api.fields import JsonTextField, MoneyField, RatioField, ScopedPrimaryKeyField, Strict, plain_decimal
from sam.core.api.filters import Filter, one_of, truth
from sam.core.api.parsers import strict_json
from sam.core.api.problems import problem_of
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors, FileProblem, Stale
from sam.core.models import User

pytestmark = [pytest.mark.urls(__name__)]


class AccountOut(serializers.ModelSerializer[Account]):
    class Meta:
        model = Account
        fields = ("id", "name", "status", "parent", "revision")


class AccountIn(Strict):
    name = serializers.CharField(max_length=200)
    parent = ScopedPrimaryKeyField(
        queryset_for=lambda user: Account.objects.visible_to(user),
        permission=Permission.ACCOUNT_EDIT,
        required=False,
        allow_null=True,
    )
    amount = MoneyField(required=False)
    mapping = JsonTextField(required=False)


class AccountViews(Guarded):
    permissions: ClassVar[dict[str, Permission]] = {
        "list": Permission.ACCOUNT_VIEW,
        "retrieve": Permission.ACCOUNT_VIEW,
        "create": Permission.ACCOUNT_CREATE,
        "partial_update": Permission.ACCOUNT_EDIT,
        "refuse": Permission.ACCOUNT_EDIT,
        "careless": Permission.ACCOUNT_VIEW,
        "clash": Permission.ACCOUNT_VIEW,
    }
    filters: ClassVar[dict[str, Filter]] = {
        "status": Filter("status", one_of(Account.Status.values)),
        "q": Filter(narrow=lambda rows, value, user: rows.matching(value)),
        "has_owner": Filter(narrow=lambda rows, value, user: rows.filter(owner__isnull=not value), read=truth),
    }
    parameters: ClassVar[dict[str, tuple[str, ...]]] = {"refuse": ("dry",)}
    serializer_class = AccountOut

    def get_queryset(self) -> Any:
        return Account.objects.visible_to(self.person)

    def create(self, request: Request) -> Response:
        data = self.valid(AccountIn)
        account = Account.objects.create(name=data["name"], parent=data.get("parent"))
        return self.answer(account, status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        account = self.get_object()
        seen = require_if_match(request)
        data = self.valid(AccountIn)
        rows = Account.objects.filter(pk=account.pk, revision=seen)
        if not rows.update(name=data["name"], revision=F("revision") + 1):
            raise Stale(Account.objects.get(pk=account.pk))
        account.refresh_from_db()
        return self.answer(account)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        self.get_object()
        raise ActionRefused("The account is closed. Open it first.", code="closed")

    @action(detail=True, methods=["get"])
    def careless(self, request: Request, pk: str) -> Response:
        return Response({"name": Account.objects.get(pk=pk).name})

    @action(detail=True, methods=["get"])
    def forgotten(self, request: Request, pk: str) -> Response:
        return self.answer(self.get_object())

    @action(detail=False, methods=["post"])
    def clash(self, request: Request) -> Response:
        with transaction.atomic():
            Account.objects.create(name="")
        return Response({})


router = SimpleRouter()
router.register("things", AccountViews, basename="thing")
# The middleware asks for addresses of the product, so these stay.
urlpatterns = [*router.urls, path("", include("sam.urls"))]

Api = Callable[[User | None], APIClient]


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert body["status"] == status
    assert body["type"] == f"urn:sam:problem:{body['code']}"
    assert body["title"]
    assert body["detail"].endswith((".", "…"))
    return body


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_without_a_token_401_and_how_to_get_in(api: Api) -> None:
    response = api(None).get("/things/")
    assert "Authorization" in problem(response, 401)["detail"]
    assert response["WWW-Authenticate"] == "Token"


def test_hidden_is_404_and_forbidden_403(api: Api, account: Account, bob: User, charlie: User, alice: User) -> None:
    url = f"/things/{account.pk}/"
    body = {"name": "New"}
    assert api(alice).patch(url, body, headers={"If-Match": '"1"'}).status_code == 200
    assert problem(api(bob).patch(url, body, headers={"If-Match": '"2"'}), 403)["code"] == "forbidden"
    hidden = problem(api(charlie).patch(url, body, headers={"If-Match": '"2"'}), 404)
    missing = problem(api(charlie).get("/things/999999999999999999/"), 404)
    assert hidden == missing


def test_action_that_names_no_permission_is_closed_to_everybody(api: Api, account: Account, ingrid: User) -> None:
    assert problem(api(ingrid).get(f"/things/{account.pk}/forgotten/"), 403)["code"] == "forbidden"


def test_action_that_forgets_to_check_its_object_never_answers(api: Api, account: Account, ingrid: User) -> None:
    client = api(ingrid)
    client.raise_request_exception = False
    response = client.get(f"/things/{account.pk}/careless/")
    assert response.status_code == 500
    assert account.name not in response.content.decode()


def test_create_asks_the_role(api: Api, ingrid: User, charlie: User) -> None:
    assert api(ingrid).post("/things/", {"name": "New"}).status_code == 201
    assert problem(api(charlie).post("/things/", {"name": "New"}), 403)


def test_revoked_person_is_out_on_the_next_request(api: Api, account: Account, ingrid: User) -> None:
    assert api(ingrid).get("/things/").status_code == 200
    User.objects.filter(pk=ingrid.pk).update(is_active=False)
    ingrid.refresh_from_db()
    assert api(ingrid).get("/things/").status_code == 403


@pytest.mark.parametrize("method", ["delete", "put", "options"])
def test_method_that_does_not_exist_is_405(api: Api, account: Account, ingrid: User, method: str) -> None:
    assert problem(getattr(api(ingrid), method)(f"/things/{account.pk}/"), 405)["code"] == "method_not_allowed"


def test_permissions_of_actions_can_be_swept() -> None:
    named = set(AccountViews.permissions)
    routed = {name for route in router.get_routes(AccountViews) for name in route.mapping.values()}
    assert {name for name in routed if hasattr(AccountViews, name)} - named == {"forgotten"}


# --- ids in bodies ---------------------------------------------------------------------------------


def test_ids_in_a_body_are_looked_up_among_what_the_person_sees(
    api: Api, make_person: Callable[..., User], make_account: Callable[..., Account]
) -> None:
    own, foreign = make_account("Own"), make_account("Foreign")
    manager = make_person("account_manager", on=own, access="lead")
    user_client = api(manager)
    url = f"/things/{own.pk}/"
    if_match = {"If-Match": '"1"'}
    hidden = problem(user_client.patch(url, {"name": "x", "parent": foreign.pk}, headers=if_match), 400)
    missing = problem(user_client.patch(url, {"name": "x", "parent": 10**15}, headers=if_match), 400)
    assert [error["field"] for error in hidden["errors"]] == ["parent"]
    assert hidden["errors"][0]["code"] == missing["errors"][0]["code"] == "does_not_exist"
    assert user_client.patch(url, {"name": "x", "parent": own.pk}, headers=if_match).status_code == 200


def test_seen_row_without_the_permission_is_403(
    api: Api, make_person: Callable[..., User], make_account: Callable[..., Account]
) -> None:
    own, watched = make_account("Own"), make_account("Watched")
    member = make_person("team_member", on=own, access="lead")
    member.seats.create(account=watched, access="observer", role="technical")
    response = api(member).patch(f"/things/{own.pk}/", {"name": "x", "parent": watched.pk}, headers={"If-Match": '"1"'})
    assert problem(response, 403)


@pytest.mark.parametrize("wrong", [True, 1.5, "1.0", "abc", -1, {}, [], 10**18, "９"])
def test_only_whole_numbers_are_ids(api: Api, account: Account, ingrid: User, wrong: Any) -> None:
    response = api(ingrid).post("/things/", {"name": "x", "parent": wrong}, format="json")
    assert problem(response, 400)["errors"][0]["code"] == "incorrect_type"


# --- revisions -------------------------------------------------------------------------------------


def test_reading_tells_the_revision_and_writing_needs_it(api: Api, account: Account, ingrid: User) -> None:
    client = api(ingrid)
    url = f"/things/{account.pk}/"
    tag = client.get(url)["ETag"]
    assert tag == '"1"'
    assert problem(client.patch(url, {"name": "x"}), 428)["code"] == "precondition_required"
    changed = client.patch(url, {"name": "x"}, headers={"If-Match": tag})
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')


def test_stale_write_is_412_with_the_current_text(api: Api, account: Account, ingrid: User) -> None:
    client = api(ingrid)
    url = f"/things/{account.pk}/"
    client.patch(url, {"name": "First"}, headers={"If-Match": '"1"'})
    response = client.patch(url, {"name": "Second"}, headers={"If-Match": '"1"'})
    body = problem(response, 412)
    assert body["current"]["name"] == "First"
    assert body["current"]["revision"] == 2
    assert response["ETag"] == '"2"'
    account.refresh_from_db()
    assert account.name == "First"


@pytest.mark.parametrize("tag", ["1", 'W/"1"', '"1", "2"', "*", '"x"', '"99999999999999999999"', '"-1"'])
def test_tag_of_another_shape_is_400(api: Api, account: Account, ingrid: User, tag: str) -> None:
    response = api(ingrid).patch(f"/things/{account.pk}/", {"name": "x"}, headers={"If-Match": tag})
    assert "If-Match" in problem(response, 400)["detail"]


# --- lists -----------------------------------------------------------------------------------------


def test_pages_follow_each_other_without_loss_while_rows_come(
    api: Api, ingrid: User, make_account: Callable[..., Account]
) -> None:
    expected = [make_account().pk for _ in range(7)]
    client = api(ingrid)
    page = client.get("/things/?page_size=3").json()
    seen = [row["id"] for row in page["results"]]
    late = make_account("Late").pk
    Account.objects.filter(pk=seen[0]).delete()
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += [row["id"] for row in page["results"]]
    assert seen == [*expected, late]
    assert page["previous"]


@pytest.mark.parametrize("size", ["0", "1001", "-1", "x", "", "1e2", "\u0663"])
def test_page_size_outside_its_range_is_400(api: Api, ingrid: User, size: str) -> None:
    response = api(ingrid).get("/things/", {"page_size": size})
    assert problem(response, 400)["errors"][0]["field"] == "page_size"


@pytest.mark.parametrize("cursor", ["x", "cD1hYmM=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk=", "%00", "é", "bz0tMQ=="])
def test_made_up_cursor_is_400(api: Api, ingrid: User, cursor: str) -> None:
    response = api(ingrid).get("/things/", {"cursor": cursor})
    assert problem(response, 400)["errors"][0]["field"] == "cursor"


def test_filters_narrow_and_unknown_parameters_are_refused_by_name(
    api: Api, ingrid: User, make_account: Callable[..., Account]
) -> None:
    make_account("Alpha")
    make_account("Beta", status="prospect", owner=ingrid)
    client = api(ingrid)

    def names(query: str) -> list[str]:
        return [row["name"] for row in client.get(f"/things/?{query}").json()["results"]]

    assert names("") == ["Alpha", "Beta"]
    assert names("status=prospect") == ["Beta"]
    assert names("q=alp") == ["Alpha"]
    assert names("has_owner=true&page_size=5") == ["Beta"]
    unknown = problem(client.get("/things/?stauts=prospect"), 400)["errors"][0]
    assert unknown["field"] == "stauts"
    assert "status" in unknown["message"]
    assert "active" in problem(client.get("/things/?status=gone"), 400)["errors"][0]["message"]
    assert problem(client.get("/things/?status=active&status=prospect"), 400)["errors"][0]["field"] == "status"


def test_parameters_of_other_actions_are_an_allow_list_too(api: Api, account: Account, ingrid: User) -> None:
    client = api(ingrid)
    assert problem(client.get(f"/things/{account.pk}/?status=active"), 400)["errors"][0]["field"] == "status"
    assert problem(client.post(f"/things/{account.pk}/refuse/?dry=1"), 409)


# --- problems --------------------------------------------------------------------------------------


def test_refused_action_is_409_with_words_and_code(api: Api, account: Account, ingrid: User) -> None:
    body = problem(api(ingrid).post(f"/things/{account.pk}/refuse/"), 409)
    assert (body["code"], body["detail"]) == ("closed", "The account is closed. Open it first.")


def test_unknown_field_is_named(api: Api, ingrid: User) -> None:
    error = problem(api(ingrid).post("/things/", {"name": "x", "nmae": "y"}), 400)["errors"][0]
    assert error["field"] == "nmae"
    assert "name" in error["message"]


def test_what_only_the_database_refuses_is_400_not_500(api: Api, ingrid: User) -> None:
    assert problem(api(ingrid).post("/things/clash/"), 400)["code"] == "invalid"


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": "a\\u0000b"}',
        b'{"name": "\\ud800"}',
        b'{"na\\u0000me": "x"}',
        b'{"name": NaN}',
        b'{"name": Infinity}',
        b'{"name": 1e400}',
        b'{"name": ' + b"9" * 5_000 + b"}",
        b'{"name": 9223372036854775808}',
        b'{"name": "x", "name": "y"}',
        b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"name": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"name": "\xff"}',
        b"{",
        b"",
        b"[]",
        b'"x"',
        b"null",
    ],
)
def test_json_that_cannot_be_kept_is_400_with_words(api: Api, ingrid: User, body: bytes) -> None:
    response = api(ingrid).generic("POST", "/things/", body, content_type="application/json")
    assert problem(response, 400)
    assert not Account.objects.exists()


def test_body_beyond_the_limit_is_413(api: Api, ingrid: User, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert problem(api(ingrid).post("/things/", {"name": "x" * 200}, format="json"), 413)


def test_receiving_a_file_stops_at_the_limit_with_413(api: Api, ingrid: User, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 1000
    body = {"name": "x", "file": SimpleUploadedFile("a.csv", b"x" * 2000)}
    assert problem(api(ingrid).post("/things/", body, format="multipart"), 413)["code"] == "too_big"


def test_other_body_types_are_415(api: Api, ingrid: User) -> None:
    response = api(ingrid).generic("POST", "/things/", b"name=x", content_type="application/x-www-form-urlencoded")
    assert problem(response, 415)


def test_form_with_a_file_may_carry_json_as_text(api: Api, ingrid: User) -> None:
    client = api(ingrid)
    upload = SimpleUploadedFile("a.csv", b"a\n")
    good = client.post("/things/", {"name": "x", "mapping": '{"a": "b"}'}, format="multipart")
    assert good.status_code == 201
    for wrong in ('{"a": NaN}', "[]", '{"a": "\\u0000"}', "{"):
        response = client.post("/things/", {"name": "x", "mapping": wrong}, format="multipart")
        assert problem(response, 400)["errors"][0]["field"] == "mapping"
    assert problem(client.post("/things/", {"name": "x", "file": upload}, format="multipart"), 400)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e30", "1.23456", "1,5", True, [], "9" * 2000, 1e300])
def test_amounts_that_are_none_are_400(api: Api, ingrid: User, amount: Any) -> None:
    response = api(ingrid).post("/things/", {"name": "x", "amount": amount}, format="json")
    assert problem(response, 400)["errors"][0]["field"] == "amount"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404("No Account matches the given query."), 404, "not_found"),
        (PermissionDenied(), 403, "forbidden"),
        (ActionRefused("No.", "held", 403), 403, "held"),
        (FieldErrors({"name": "Too short."}), 400, "invalid"),
        (FileProblem("formula", "A formula.", 3, "revenue"), 400, "formula"),
        (ValidationError({"name": ["Too short."]}), 400, "invalid"),
        (ValidationError("Too short."), 400, "invalid"),
        (RequestDataTooBig("Too much."), 413, "too_big"),
        (Throttled(wait=7), 429, "throttled"),
    ],
)
def test_every_error_has_its_status_and_code(error: Exception, status: int, code: str) -> None:
    told = problem_of(error)
    assert told is not None
    assert (told.status, told.code) == (status, code)
    assert told.detail.strip()
    assert "matches the given query" not in told.detail


def test_places_in_errors_are_told() -> None:
    told = problem_of(FileProblem("formula", "A formula.", 3, "revenue"))
    assert told is not None
    assert told.errors[0] == {
        "field": "file",
        "code": "formula",
        "message": "A formula.",
        "row": 3,
        "column": "revenue",
    }
    nested = problem_of(
        serializers.ValidationError({"contacts": [{}, {"email": ["Wrong."]}], "non_field_errors": ["No."]})
    )
    assert nested is not None
    assert [error["field"] for error in nested.errors] == ["contacts.1.email", None]


def test_throttled_says_when_to_come_back() -> None:
    told = problem_of(Throttled(wait=7))
    assert told is not None
    assert told.headers == {"Retry-After": "7"}


def test_faults_of_the_server_stay_faults_of_the_server() -> None:
    assert problem_of(KeyError("x")) is None


def test_the_schema_knows_filters_fields_and_pages() -> None:
    schema = SchemaGenerator(patterns=router.urls).get_schema(request=None, public=True)
    parameters = {entry["name"] for entry in schema["paths"]["/things/"]["get"]["parameters"]}
    assert parameters == {"status", "q", "has_owner", "cursor", "page_size"}


# --- numbers ---------------------------------------------------------------------------------------


def test_amounts_and_ratios_leave_as_exact_text() -> None:
    assert MoneyField().to_representation(Decimal("1234.5")) == "1234.5000"
    assert RatioField().to_representation(Decimal("1E-7")) == "0.0000001"
    assert RatioField().to_representation(1 / 3) == "0.3333333333333333"
    with pytest.raises(ValueError, match="finite"):
        plain_decimal(float("nan"))


@given(
    st.recursive(st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.text(), st.lists, max_leaves=5)
)
def test_strict_json_reads_what_can_be_kept_and_refuses_the_rest_in_words(value: Any) -> None:
    text = json.dumps(value)
    if "\\u0000" in text or lone_surrogates(value):
        with pytest.raises(ValueError, match=r"The text holds .*\.$"):
            strict_json(text)
    else:
        assert strict_json(text) == value


def lone_surrogates(value: Any) -> bool:
    if isinstance(value, list):
        return any(lone_surrogates(item) for item in value)
    return isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value)


def test_lists_of_ids_are_scoped_one_by_one(
    api: Api, rf: Any, make_person: Callable[..., User], make_account: Callable[..., Account]
) -> None:
    class Picked(Strict):
        accounts = ScopedPrimaryKeyField(queryset_for=lambda user: Account.objects.visible_to(user), many=True)

    own, foreign = make_account("Own"), make_account("Foreign")
    request = rf.post("/")
    request.user = make_person("team_member", on=own)
    good = Picked(data={"accounts": [own.pk]}, context={"request": request})
    assert good.is_valid()
    assert good.validated_data["accounts"] == [own]
    bad = Picked(data={"accounts": [own.pk, foreign.pk]}, context={"request": request})
    assert not bad.is_valid()
    assert bad.errors["accounts"][0].code == "does_not_exist"
