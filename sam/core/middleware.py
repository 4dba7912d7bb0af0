"""What every request passes, outermost first (the order stands in settings)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers

from sam.core.audit import person_id, request_id
from sam.core.models import User
from sam.core.models.organisation import one_request

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class RequestIdMiddleware:
    """Gives each request an id that stands in logs and in the audit trail."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id.set(secrets.token_hex(8))
        person_id.set(None)
        with one_request():
            response = self.get_response(request)
        response["X-Request-Id"] = request_id.get()
        return response


class DatabaseDownMiddleware:
    """A database that is away or restarting is a 503 with Retry-After, never a 500."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        response = render(None, "503.html", status=503)
        response["Retry-After"] = "5"
        return response


class CleanInputMiddleware:
    """A NUL byte in a path or query reaches PostgreSQL as an error: it is refused here, with words."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path or "\0" in unquote(request.META.get("QUERY_STRING", "")):
            return HttpResponse("The address contains a character that no address may have.", status=400)
        return self.get_response(request)


class FetchMetadataMiddleware:
    """Beside the CSRF token: a browser that says the request comes from another site may only navigate."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        foreign = request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}
        navigates = request.method in {"GET", "HEAD"} and request.headers.get("Sec-Fetch-Mode") == "navigate"
        returns_from_sign_in = request.path.startswith("/auth/") and request.headers.get("Sec-Fetch-Mode") == "navigate"
        if foreign and not navigates and not returns_from_sign_in:
            raise PermissionDenied("This request came from another site.")
        return self.get_response(request)


class FirstStartMiddleware:
    """Where nobody exists yet, signing in leads to the page that makes the first admin."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == reverse("account_login") and request.method == "GET" and not User.objects.exists():
            return redirect("core:set-up")
        return self.get_response(request)


class PersonMiddleware:
    """The signed-in person's time zone, language and log identity."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user if hasattr(request, "session") and request.session.get("_auth_user_id") else None
        if user is None or not user.is_authenticated:
            return self.get_response(request)
        person_id.set(user.pk)
        with timezone.override(ZoneInfo(user.time_zone)), translation.override(user.locale):
            return self.get_response(request)


class CompressPagesMiddleware(GZipMiddleware):
    """Pages travel compressed, whatever stands in front of us: a list is a tenth of its size then.

    Only finished HTML: compressing would weaken the ETags of the API and hold back streamed files.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class HtmxVaryMiddleware:
    """One address answers page or partial: caches must keep them apart, and signed-in pages stay out of them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        if not request.path.startswith(settings.STATIC_URL) and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response
