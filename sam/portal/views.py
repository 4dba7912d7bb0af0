"""Client pages: they read a published snapshot and hand in submissions, and know nothing else.

A GET or HEAD never changes a row: mail scanners and link previews follow links. Unknown, expired and revoked links
give one and the same answer.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from sam.core.text import storable
from sam.portal import gate, rendering, tasks
from sam.portal.gate import Snapshot
from sam.portal.publishers import publisher_for

View = Callable[..., HttpResponse]

COOKIE_AGE = 24 * 3600
LARGEST_FORM = 256 * 1024
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
READING = {"GET", "HEAD"}


def client_page(*methods: str) -> Callable[[View], View]:
    """Marks a view behind the client wall: its key is the link's token, so it asks for no permission."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            return view(request, *args, **kwargs)

        guarded.open_because = "client wall: the link's token is the key"  # type: ignore[attr-defined]
        return guarded

    return decorate


def problem(status: int, title: str, text: str) -> HttpResponse:
    """A page that says what happened; it tells nothing about whether a link exists."""
    return HttpResponse(render_to_string("portal/problem.html", {"title": title, "text": text}), status=status)


def unreadable() -> HttpResponse:
    return problem(400, _("That did not work"), _("What you sent could not be read. Go back and try again."))


def unknown() -> HttpResponse:
    """The one answer to a link that is unknown, expired or revoked."""
    return problem(
        404,
        _("This link does not work"),
        _("It may have expired, or it was replaced by a newer one. Please write to the person who sent it to you."),
    )


def cookie_name(public_id: str) -> str:
    """One cookie per link, so that two open links do not overwrite each other."""
    return f"__Host-link-{public_id}" if settings.SECURE else f"sam-link-{public_id}"


@client_page("GET", "HEAD")
def link_open(request: HttpRequest, token: str) -> HttpResponse:
    """Exchange the token for a cookie and go on at a clean address."""
    snapshot = gate.read(token)
    if snapshot is None:
        return unknown()
    response = HttpResponse(status=302)
    response["Location"] = reverse("portal:link-page", args=[snapshot.public_id])
    seconds_left = int((snapshot.expires_at - timezone.now()).total_seconds())
    response.set_cookie(
        cookie_name(snapshot.public_id),
        token,
        max_age=max(1, min(COOKIE_AGE, seconds_left)),
        path="/",
        secure=settings.SECURE,
        httponly=True,
        # Strict would be left out of the redirect that a click in a web mailer starts.
        samesite="Lax",
    )
    return response


def opened(request: HttpRequest, public_id: str) -> tuple[str, Snapshot] | None:
    """Token and snapshot behind the page's cookie. Without a cookie the same question is asked, for the same time."""
    token = request.COOKIES.get(cookie_name(public_id), "")
    snapshot = gate.read(token)
    return (token, snapshot) if snapshot is not None and snapshot.public_id == public_id else None


@client_page("GET", "HEAD", "POST")
def link_page(request: HttpRequest, public_id: str) -> HttpResponse:
    found = opened(request, public_id)
    if found is None:
        return unknown()
    token, snapshot = found
    with translation.override(rendering.language_of(snapshot.language)):
        if request.method in READING:
            return HttpResponse(rendering.render_page(snapshot, key=secrets.token_urlsafe(16)))
        return take_in(request, token, snapshot)


def take_in(request: HttpRequest, token: str, snapshot: Snapshot) -> HttpResponse:
    """Check what was sent, store it as a submission, and say thanks at an address that can be reloaded."""
    refused = refusal(request)
    if refused is not None:
        return refused
    page = publisher_for(snapshot.kind).page(snapshot.purpose)
    if page.read is None:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    reading = page.read(snapshot.payload, request.POST)
    sent_key = request.POST.get("key", "")
    key = sent_key if KEY.fullmatch(sent_key) else secrets.token_urlsafe(16)
    if reading.errors:
        body = rendering.render_page(snapshot, key=key, values=reading.values, errors=reading.errors)
        return HttpResponse(body, status=422)
    answer = gate.submit(token, key, reading.payload)
    if answer["state"] == "unknown":
        return unknown()
    if answer["state"] == "full":
        full = _("This link has taken all it can take. Your last answer counts.")
        return problem(429, _("That was often"), full)
    if answer["state"] == "refused":
        return unreadable()
    if answer["state"] == "taken":
        tasks.wake_up(answer["submission"])
    response = HttpResponse(status=303)
    response["Location"] = reverse("portal:link-done", args=[snapshot.public_id])
    return response


@client_page("GET", "HEAD")
def link_done(request: HttpRequest, public_id: str) -> HttpResponse:
    found = opened(request, public_id)
    return unknown() if found is None else HttpResponse(rendering.render_done(found[1]))


@client_page("POST")
def link_seen(request: HttpRequest, public_id: str) -> HttpResponse:
    """The beacon of a page that a browser has really shown. The answer is the same whatever happened."""
    token = request.COOKIES.get(cookie_name(public_id), "")
    if is_ours(request) and token:
        gate.submit(token, "", None)
    return HttpResponse(status=204)


@client_page("GET", "HEAD")
def link_file(request: HttpRequest, public_id: str, name: str) -> HttpResponse:
    """A file of the published snapshot, as it was when it was published."""
    found = opened(request, public_id)
    file = found[1].payload.get("files", {}).get(name) if found else None
    if file is None:
        return unknown()
    response = HttpResponse(base64.b64decode(file["base64"]), content_type=file["type"])
    response["Content-Disposition"] = f'attachment; filename="{re.sub("[^A-Za-z0-9._-]", "_", name)}"'
    return response


def refusal(request: HttpRequest) -> HttpResponse | None:
    """Why a form is not even read: from another site, too large, not a form, or text that nothing can store."""
    if not is_ours(request):
        foreign = _("This form was sent from another site. Open the link from your mail.")
        return problem(403, _("Not sent"), foreign)
    if request.content_type != "application/x-www-form-urlencoded":
        return unreadable()
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_FORM:
        return problem(413, _("That was too long"), _("Please shorten your text and send it again."))
    try:
        for values in request.POST.lists():
            for value in (values[0], *values[1]):
                storable(value)
    except ValueError:
        return problem(400, _("That did not work"), _("Your text holds a character that cannot be stored."))
    return None


def is_ours(request: HttpRequest) -> bool:
    """Whether the browser says that the form came from our own page.

    With `Referrer-Policy: no-referrer` browsers send `Origin: null`, so an Origin decides only where it names a site;
    beside it stand Sec-Fetch-Site and the cookie, which is not sent with a form of another site.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.get_host()
