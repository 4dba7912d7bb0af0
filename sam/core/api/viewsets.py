"""The base of every API view: each action names its permission, objects come from what the person may see."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, cast

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from sam.core.api.etags import etag_of
from sam.core.api.fields import team_of
from sam.core.api.filters import AllowListFilter, Filter, read_parameters
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import HasTeam, can
from sam.core.models import User


class ActionPermission(BasePermission):
    """Asks the view which permission its action needs; an action that names none is closed to everybody."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        guarded = cast("Guarded", view)
        if guarded.action in (None, "metadata"):
            # No such method here: the answer is 405, and nothing runs.
            return True
        permission = guarded.permissions.get(guarded.action)
        if permission is None:
            return False
        # Hidden is 404 and forbidden 403: where an object is named, it is looked for first.
        return bool(guarded.detail) or guarded.may_enter(permission)

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        guarded = cast("Guarded", view)
        permission = guarded.permissions.get(guarded.action)
        return permission is not None and can(guarded.person, permission, on=guarded.team_of(obj))


class Guarded(GenericViewSet):  # type: ignore[type-arg]
    """Declare `permissions` (action → permission), `serializer_class` and `get_queryset()` scoped to `self.person`.

    `filters` are the query parameters of the list, `parameters` (action → names) those of other actions; any
    other parameter is refused.
    """

    permissions: ClassVar[Mapping[str, Permission]] = {}
    filters: ClassVar[Mapping[str, Filter]] = {}
    parameters: ClassVar[Mapping[str, Collection[str]]] = {}

    permission_classes = [IsAuthenticated, ActionPermission]
    filter_backends = [AllowListFilter]
    metadata_class = None
    lookup_value_regex = "[0-9]{1,18}"

    _authorised: bool = False

    @property
    def person(self) -> User:
        """Who is asking; only inside a view that has let them in."""
        return cast("User", self.request.user)

    def may_enter(self, permission: Permission) -> bool:
        """Whether the person may call an action that names no object (list, create).

        By role here; the accounts' own base also counts the permissions of seats.
        """
        return can(self.person, permission) or permission in self.person.role.on_seat

    def team_of(self, entry: Any) -> HasTeam | None:
        """The account whose team decides about `entry`."""
        return team_of(entry)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action in self.permissions and self.action != "list":
            read_parameters(request, dict.fromkeys(self.parameters.get(self.action, ()), str))

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        super().check_object_permissions(request, obj)
        self._authorised = True

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self.detail and self.action in self.permissions and response.status_code < 300 and not self._authorised:
            raise ImproperlyConfigured(f"{type(self).__name__}.{self.action} answered without checking its object.")
        return super().finalize_response(request, response, *args, **kwargs)

    def valid(self, serializer_class: type[BaseSerializer[Any]] | None = None, **options: Any) -> dict[str, Any]:
        """The request's body after validation. Raises 400."""
        made = serializer_class or self.get_serializer_class()
        serializer = made(data=self.request.data, context=self.get_serializer_context(), **options)
        serializer.is_valid(raise_exception=True)
        return cast("dict[str, Any]", serializer.validated_data)

    def representation(self, entry: Any) -> Any:
        """What the API tells about `entry`; also the `current` of a 412."""
        return self.get_serializer(entry).data

    def answer(self, entry: Any, status: int = 200) -> Response:
        """`entry` as a response, with its revision as ETag."""
        headers = {"ETag": etag_of(entry)} if hasattr(entry, "revision") else {}
        return Response(self.representation(entry), status=status, headers=headers)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(self.get_object())
