"""One way for every form page: what was typed is never lost, whoever was first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.forms.accounts import add_errors
from sam.core.authorization.guards import wants_partial
from sam.core.errors import ActionRefused, FieldErrors, Stale


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that somebody else changed meanwhile: the stored value and the typed one."""

    label: str
    stored: str
    typed: str


@dataclass(frozen=True, slots=True)
class FormPage:
    """`build(data)` makes the form, `save(values)` calls the action and returns the message, `done` is where to go on.

    `done` may be a function of what `save` returned, when that is not a message but an object.
    """

    template: str
    context: Mapping[str, Any]
    build: Callable[[Any], forms.Form]
    save: Callable[[dict[str, Any]], Any]
    done: str | Callable[[Any], str]
    message: str = "Saved."
    partial: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def answer(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self._show(request, self.build(None), 200)
        form = self.build(request.POST)
        if not form.is_valid():
            return self._show(request, form, 422)
        try:
            saved = self.save(form.cleaned_data)
        except FieldErrors as problem:
            add_errors(form, problem)
            return self._show(request, form, 422)
        except Stale as problem:
            return self._show_stale(request, form, problem)
        except ActionRefused as problem:
            form.add_error(None, problem.message)
            return self._show(request, form, 409)
        messages.success(request, self.message if not isinstance(saved, str) else saved)
        return self._go_on(request, self.done if isinstance(self.done, str) else self.done(saved))

    def _go_on(self, request: HttpRequest, url: str) -> HttpResponse:
        if not wants_partial(request):
            answer = redirect(url)
            answer.status_code = 303
            return answer
        # A form in a dialog leaves the person on the page it was opened from.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"} if self.partial else {"HX-Redirect": url})

    def _show(self, request: HttpRequest, form: forms.Form, status: int, **more: Any) -> HttpResponse:
        template = self.partial if self.partial and wants_partial(request) else self.template
        return render(request, template, {**self.context, **self.extra, "form": form, **more}, status=status)

    def _show_stale(self, request: HttpRequest, typed: forms.Form, problem: Stale) -> HttpResponse:
        """The typed values stay in the form; saving again overwrites knowingly, because both texts are shown."""
        data = request.POST.copy()
        data["revision"] = str(problem.current.revision)
        form = self.build(data)
        form.is_valid()
        differences = _differences(typed, problem.current)
        return self._show(request, form, 409, stale=problem.message, differences=differences)


def _differences(form: forms.Form, current: Any) -> list[Difference]:
    """Field by field. A form whose fields are not the object's own has `stored_values(current)`, by field name."""
    values = form.stored_values(current) if hasattr(form, "stored_values") else None
    found = []
    for bound in form.visible_fields():
        known = hasattr(current, bound.name) if values is None else True
        if not known or bound.name not in form.cleaned_data:
            continue
        value = getattr(current, bound.name) if values is None else values.get(bound.name)
        stored, typed = _words(bound, value), _words(bound, form.cleaned_data[bound.name])
        if stored != typed:
            found.append(Difference(str(bound.label), stored, typed))
    return found


def _words(bound: forms.BoundField, value: Any) -> str:
    if hasattr(value, "all"):
        return ", ".join(str(one) for one in value.all())
    if value is None or value == "":
        return "–"
    choices = getattr(bound.field, "choices", None)
    if isinstance(choices, list):
        return str(dict(choices).get(value, value))
    return str(value)
