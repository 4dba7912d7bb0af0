"""What every page needs: navigation, organisation, bell, theme. One query each for bell and organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from sam.core import navigation
from sam.core.models import Notification, Organisation, User


@dataclass(frozen=True, slots=True)
class NavigationLink:
    label: str
    url: str
    icon: str
    current: bool
    section: str
    on_phone: bool
    count: int | None = None


def page(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    signed_in = isinstance(user, User) or bool(user and user.is_authenticated)
    return {
        "organisation": SimpleLazyObject(Organisation.objects.current),
        "navigation": links(request, user) if signed_in and user else [],
        "unread_count": SimpleLazyObject(lambda: unread(user)) if signed_in else 0,
        "theme": user.theme if signed_in and user else "system",
        "shortcuts": user.shortcuts if signed_in and user else True,
        "mailbox": settings.MAILBOX,
    }


def links(request: HttpRequest, user: User) -> list[NavigationLink]:
    entries = navigation.entries_for(user)
    longest = max((e.prefix for e in entries if request.path.startswith(e.prefix)), key=len, default="")
    return [
        NavigationLink(e.label, reverse(e.url_name), e.icon, e.prefix == longest, e.section, e.on_phone)
        for e in entries
    ]


def unread(user: User) -> int:
    return Notification.objects.filter(user=user, read_at=None).count()
