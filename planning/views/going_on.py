"""Where a page goes after a button, and how a refusal is told."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import Account
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.going_back import own_address


def plan_url(account: Account, year: int | None = None, part: str = "") -> str:
    """Address of the plan page, of a year, at a part of it."""
    query = f"?year={year}" if year is not None else ""
    return f"{reverse('planning:plan-detail', args=[account.pk])}{query}{f'#{part}' if part else ''}"


def go_on(url: str) -> HttpResponse:
    answer = redirect(url)
    answer.status_code = 303
    return answer


def next_url(request: HttpRequest, otherwise: str) -> str:
    """The page the button stood on, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return own_address(request, wanted, otherwise)


def told(request: HttpRequest, problem: ActionRefused | FieldErrors) -> None:
    messages.error(request, sentence_of(problem))


def sentence_of(problem: ActionRefused | FieldErrors) -> str:
    if isinstance(problem, ActionRefused):
        return problem.message
    return " ".join(text for texts in problem.errors.values() for text in texts)
