"""No view of the site may be reached without naming the permission it needs."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

# dotted view -> why nobody has to be signed in
OPEN_TO_ALL: dict[str, str] = {
    "sam.core.views.health.alive": "asked by machines that watch the installation",
    "sam.core.views.health.ready": "asked by machines that watch the installation; says yes or no per part",
    "sam.core.views.organisation.logo": "stands on client pages and on the sign-in page",
    "sam.core.views.organisation.set_up": "makes the first admin; refuses as soon as anybody exists",
    "sam.core.views.messages.mailbox": "exists on one's own machine only (DEBUG without a mail server)",
    "sam.core.views.messages.mailbox_mail": "exists on one's own machine only (DEBUG without a mail server)",
}
# modules whose views guard themselves, and how
OPEN_MODULES = {
    "allauth.": "sign-in, reset and second factor: allauth asks for the session itself",
    "django.views.generic.base.RedirectView": "allauth's old addresses lead to its new ones",
    "drf_spectacular.views": "IsAuthenticated by the API's default",
}


def entries(patterns: Any = None) -> Iterator[tuple[str, Any]]:
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLPattern):
            view = entry.callback
            name = getattr(view, "view_class", getattr(view, "cls", view))
            yield f"{name.__module__}.{name.__qualname__}", view
        else:
            yield from entries(entry.url_patterns)


def test_every_view_names_its_permission() -> None:
    bare = [
        name
        for name, view in entries()
        if name not in OPEN_TO_ALL
        and not name.startswith(tuple(OPEN_MODULES))
        and not name.startswith("sam.portal.")
        and not hasattr(view, "requires")
        and not hasattr(getattr(view, "cls", None), "permissions")
        and not hasattr(getattr(view, "cls", None), "requires")
    ]
    assert bare == []


def test_every_api_action_names_its_permission() -> None:
    undeclared = [
        f"{name}.{action}"
        for name, view in entries()
        if hasattr(view, "actions") and view.actions
        for action in view.actions.values()
        if action not in view.cls.permissions
    ]
    assert undeclared == []


def test_open_list_has_no_stale_entries() -> None:
    assert set(OPEN_TO_ALL) <= {name for name, _ in entries()}
