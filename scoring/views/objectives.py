"""Our objectives of the year."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused, FieldErrors, Stale
from scoring.actions import objectives
from scoring.forms.scorecards import ObjectiveForm
from scoring.models import Objective
from scoring.queries.advice import objective_page
from scoring.views.answers import add_errors, see_other


@require_http_methods(["GET"])
@page(Permission.SCORE_VIEW)
def objective_list(request: SignedInRequest) -> HttpResponse:
    context = {
        "found": objective_page(),
        "may_configure": can(request.user, Permission.SCORECARD_CONFIGURE),
    }
    return render(request, "scoring/objective_list.html", context)


@require_http_methods(["GET", "POST"])
@page(Permission.SCORECARD_CONFIGURE)
def objective_new(request: SignedInRequest) -> HttpResponse:
    form = ObjectiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            objectives.add_objective(year=data["year"], code=data["code"], text=data["text"], by=request.user)
        except FieldErrors as problem:
            add_errors(form, problem)
        else:
            messages.success(request, f"{data['code']} is added.")
            return see_other("scoring:objective-list")
    return render(request, "scoring/objective_edit.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@page(Permission.SCORECARD_CONFIGURE)
def objective_edit(request: SignedInRequest, objective_id: int) -> HttpResponse:
    objective = get_object_or_404(Objective, pk=objective_id)
    form = ObjectiveForm(request.POST or None, instance=objective)
    stored = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        fresh = get_object_or_404(Objective, pk=objective_id)
        try:
            objectives.edit_objective(
                objective=fresh,
                revision=data["revision"] or 0,
                year=data["year"],
                code=data["code"],
                text=data["text"],
                dropped=data["dropped"],
                by=request.user,
            )
        except Stale as problem:
            stored = problem.current
            add_errors(form, problem)
        except FieldErrors as problem:
            add_errors(form, problem)
        else:
            messages.success(request, f"{data['code']} is saved.")
            return see_other("scoring:objective-list")
    context = {"form": form, "objective": objective, "stored": stored}
    return render(request, "scoring/objective_edit.html", context, status=422 if form.errors else 200)


@require_POST
@page(Permission.SCORECARD_CONFIGURE)
def objective_remove(request: SignedInRequest, objective_id: int) -> HttpResponse:
    objective = get_object_or_404(Objective, pk=objective_id)
    try:
        objectives.remove_objective(objective=objective, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, "The objective is removed.")
    return see_other("scoring:objective-list")
