"""The single door to anything that belongs to an account.

A colleague who may not see the account gets 404, so names do not leak; one who
sees it but lacks the permission gets 403. Whatever lives inside an account is
fetched through the account that this door returned.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from accounts.models import Account
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User


def account_for(user: User, account_id: int, permission: Permission) -> Account:
    """The account, if `user` sees it (else 404) and holds `permission` on it (else 403).

    Whether it `has_units` comes along: pages of a simple account need not look for a group.
    """
    units = Account.objects.filter(parent=OuterRef("pk"))
    accounts = Account.objects.visible_to(user).select_related("owner", "parent").annotate(has_units=Exists(units))
    account = get_object_or_404(accounts, pk=account_id)
    if not can(user, permission, on=account):
        raise PermissionDenied
    return account


def account_view(
    permission: Permission,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Guard of every page under /accounts/<id>/: the view gets the account instead of its id."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def guarded(request: SignedInRequest, account_id: int, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, account_for(request.user, account_id, permission), *args, **kwargs)

        guarded.requires = permission  # type: ignore[attr-defined]
        return guarded

    return decorate
