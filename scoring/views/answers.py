"""Answers that several pages of scoring give."""

from __future__ import annotations

from typing import Any

from django.forms import BaseForm
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url

from sam.core.errors import ActionRefused, FieldErrors


def see_other(to: str, *args: Any) -> HttpResponse:
    """After a POST: load another page (303)."""
    answer = HttpResponseRedirect(resolve_url(to, *args))
    answer.status_code = 303
    return answer


def add_errors(form: BaseForm, problem: FieldErrors | ActionRefused) -> None:
    """What an action said no with, at the fields of the form."""
    if isinstance(problem, ActionRefused):
        form.add_error(None, problem.message)
        return
    for name, texts in problem.errors.items():
        form.add_error(name if name in form.fields else None, list(texts))
