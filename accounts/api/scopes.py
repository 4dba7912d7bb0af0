"""What an id in a body may point at: rows that the person may see, and the permission to write there."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import Account, Contact
from sam.core.api.fields import ScopedPrimaryKeyField
from sam.core.authorization.permissions import Permission
from sam.core.models import User


def seen_accounts(user: User) -> QuerySet[Account]:
    return Account.objects.visible_to(user)


def seen_contacts(user: User) -> QuerySet[Contact]:
    return Contact.objects.filter(account__in=Account.objects.visible_to(user, Permission.PROFILE_VIEW))


def colleagues(_: User) -> QuerySet[User]:
    return User.objects.active().all()


def account_field(permission: Permission | None = None, **options: Any) -> ScopedPrimaryKeyField:
    return ScopedPrimaryKeyField(queryset_for=seen_accounts, permission=permission, **options)


def contact_field(**options: Any) -> Any:
    return ScopedPrimaryKeyField(queryset_for=seen_contacts, **options)


def colleague_field(**options: Any) -> Any:
    return ScopedPrimaryKeyField(queryset_for=colleagues, **options)
