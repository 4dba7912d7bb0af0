"""Client pages take a short cut: no session, no person, no default connection.

What stands before this middleware (request id, security headers, static files, Content-Security-Policy) holds for
client pages too; what stands after it never runs for them. So this one also catches what goes wrong there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from sam.core import limits
from sam.portal import views

logger = logging.getLogger(__name__)

PREFIX = "/s/"
# What a process that serves client pages only answers beside them.
ALSO_OPEN = ("/healthz",)

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Frame-Options": "DENY",
}


class PortalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            if settings.PORTAL_ONLY and request.path_info not in ALSO_OPEN:
                return self.closed(request, views.unknown)
            return self.get_response(request)
        return self.closed(request, lambda: answer(request))

    def closed(self, request: HttpRequest, respond: Callable[[], HttpResponse]) -> HttpResponse:
        """Answer in the visitor's language; whatever goes wrong becomes a page that says nothing about us."""
        with translation.override(translation.get_language_from_request(request)):
            try:
                # Checks the Host header against ALLOWED_HOSTS.
                request.get_host()
                response = respond()
            except (SuspiciousOperation, BadRequest, UnreadablePostError):
                response = views.unreadable()
            except (OperationalError, InterfaceError):
                response = views.problem(
                    503, _("Please try again in a moment"), _("We are restarting. Nothing you sent is lost.")
                )
                response["Retry-After"] = "5"
            except Exception:
                logger.exception("client page failed")
                got_request_exception.send(sender=None, request=request)
                response = views.problem(500, _("Something went wrong on our side"), _("Please try again in a moment."))
        for name, value in HEADERS.items():
            response[name] = value
        return response


def answer(request: HttpRequest) -> HttpResponse:
    reads = request.method in views.READING
    limit = settings.PORTAL_READS_PER_MINUTE if reads else settings.PORTAL_SENDS_PER_MINUTE
    if not limits.within("read" if reads else "send", limits.address_of(request), limit):
        response = views.problem(
            429, _("That was often"), _("Too many requests came from your network. Please wait a minute.")
        )
        response["Retry-After"] = str(limits.WINDOW)
        return response
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return views.unknown()
    request.resolver_match = match
    return match.func(request, *match.args, **match.kwargs)  # type: ignore[no-any-return]
