"""Names of accounts that a person may see."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Account
from sam.core.models import User


def names_of(user: User, ids: Iterable[int]) -> dict[int, str]:
    """Name by id; accounts the person may not see are left out. One query."""
    return dict(Account.objects.visible_to(user).filter(pk__in=list(ids)).values_list("pk", "name"))
