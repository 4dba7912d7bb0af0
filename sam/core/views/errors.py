"""Error pages: what happened and what to do, also for the API and for fragments."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def answer(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        body = {"type": f"urn:sam:problem:{status}", "title": title, "status": status, "detail": detail}
        return JsonResponse(body, status=status, content_type="application/problem+json")
    return render(request, f"{status}.html", {"title": title, "detail": detail}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 400, "That did not work", "The request could not be read. Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 403, "Not allowed", str(exception or "") or "Your role does not allow this here.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(request, 403, "Please send it again", "The page was open for too long. Reload it and send it again.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 404, "Not here", "This page does not exist, or you may not see it.")


def server_error(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """No context processors: they may be what failed."""
    if request.path.startswith("/api/"):
        body = {"type": "urn:sam:problem:500", "title": "Something went wrong", "status": 500}
        return JsonResponse(body, status=500, content_type="application/problem+json")
    return render(None, "500.html", status=500)
