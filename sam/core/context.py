"""What every page needs: navigation, organisation, bell, theme. One query each for bell and organisation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from sam.core import navigation
from sam.core.models import Organisation, User


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
    shared = {"organisation": SimpleLazyObject(Organisation.objects.shown), "mailbox": settings.MAILBOX}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {**shared, "navigation": (), "unread_count": 0, "theme": "system", "shortcuts": True}
    return {
        **shared,
        "navigation": links(request, user),
        "unread_count": SimpleLazyObject(lambda: unread(user)),
        "theme": user.theme,
        "shortcuts": user.shortcuts,
    }


def links(request: HttpRequest, user: User) -> tuple[NavigationLink, ...]:
    """What the person may open now; which entries these are is asked anew at every request."""
    entries = tuple(navigation.entries_for(user))
    longest = max((e.prefix for e in entries if _is_under(request.path, e.prefix)), key=len, default="")
    return _links(entries, longest)


@lru_cache(maxsize=512)
def _links(entries: tuple[navigation.Entry, ...], longest: str) -> tuple[NavigationLink, ...]:
    """Addresses hold for as long as the process lives."""
    return tuple(
        NavigationLink(e.label, reverse(e.url_name), e.icon, e.prefix == longest, e.section, e.on_phone)
        for e in entries
    )


def _is_under(path: str, prefix: str) -> bool:
    return path == prefix if prefix == "/" else path.startswith(prefix)


def unread(user: User) -> int:
    return Organisation.objects.frame(user.pk).unread
