"""Objectives: add, change, remove."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.forms.accounts import initial_of
from accounts.models import Account
from accounts.views.editing import FormPage
from accounts.views.shell import account_context
from planning.actions.objectives import add_objective, change_objective, remove_objective
from planning.forms import ObjectiveForm, RevisionForm
from planning.models import Objective
from planning.views.going_on import go_on, plan_url, told
from planning.views.plan import TAB
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused

FIELDS = ("title", "measure", "unit", "baseline", "target", "current", "due", "owner", "shared", "revision")


@account_view(Permission.PLAN_EDIT)
def objective_new(request: SignedInRequest, account: Account, plan_id: int) -> HttpResponse:
    plan = get_object_or_404(account.plans, pk=plan_id)
    here = plan_url(account, plan.year, "objectives")
    return FormPage(
        template="planning/objective_form.html",
        context=account_context(request, account, TAB, plan=plan, form_title="New objective", cancel_url=here),
        build=lambda data: ObjectiveForm(data, account=account),
        save=lambda values: add_objective(account=account, plan=plan, by=request.user, **values),
        done=here,
        message="The objective is in the plan.",
    ).answer(request)


@account_view(Permission.PLAN_EDIT)
def objective_edit(request: SignedInRequest, account: Account, objective_id: int) -> HttpResponse:
    objective = _objective(account, objective_id)
    here = plan_url(account, objective.plan.year, "objectives")
    return FormPage(
        template="planning/objective_form.html",
        context=account_context(
            request, account, TAB, plan=objective.plan, objective=objective, form_title=objective.title, cancel_url=here
        ),
        build=lambda data: ObjectiveForm(
            data, account=account, objective=objective, initial=initial_of(objective, FIELDS)
        ),
        save=lambda values: change_objective(account=account, objective=objective, by=request.user, **values),
        done=here,
    ).answer(request)


@require_POST
@account_view(Permission.PLAN_EDIT)
def objective_remove(request: SignedInRequest, account: Account, objective_id: int) -> HttpResponse:
    objective = _objective(account, objective_id)
    form = RevisionForm(request.POST)
    seen = form.cleaned_data["revision"] if form.is_valid() else -1
    try:
        remove_objective(account=account, objective=objective, revision=seen, by=request.user)
        messages.success(request, "The objective is removed; its actions stay in the plan.")
    except ActionRefused as problem:
        told(request, problem)
    return go_on(plan_url(account, objective.plan.year, "objectives"))


def _objective(account: Account, objective_id: int) -> Objective:
    return get_object_or_404(Objective.objects.filter(plan__account=account).select_related("plan"), pk=objective_id)
