"""Decorators for pages outside an account. Inside an account the door is `accounts.access.account_view`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from sam.core.models import User

from .permissions import Permission
from .policy import can


class SignedInRequest(HttpRequest):
    """A request that has passed a guard: its user is a person of ours."""

    user: User
    htmx: Any


def page(permission: Permission) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let in only people whose role gives `permission` everywhere; others get 403, strangers the sign-in page."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not can(request.user, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.requires = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def wants_partial(request: HttpRequest) -> bool:
    """True when htmx asks for a fragment; boosted navigation wants the whole page."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.boosted
