"""Actions: the list of all, and on one account add, change, start, finish, reopen, move, drop, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.forms.accounts import initial_of
from accounts.models import Account
from accounts.views.editing import FormPage
from accounts.views.shell import account_context
from planning.access import action_to_work_on
from planning.actions.actions import (
    add_action,
    change_action,
    complete_action,
    delete_action,
    drop_action,
    move_due,
    reopen_action,
    start_action,
)
from planning.forms import ActionForm, DoneForm, MoveForm, RevisionForm
from planning.models import AccountPlan, PlanAction
from planning.queries.action_list import SHOWS, action_list
from planning.queries.action_rows import action_row
from planning.queries.plan_page import latest_plan
from planning.views.going_on import go_on, next_url, plan_url, sentence_of, told
from planning.views.plan import TAB
from sam.core.authorization.guards import SignedInRequest, page, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors

FIELDS = ("title", "our_owner", "their_owner", "due", "section", "objective", "shared", "revision")
Write = Callable[[PlanAction, dict[str, Any]], PlanAction]


@page(Permission.SIGNED_IN)
def action_list_page(request: SignedInRequest) -> HttpResponse:
    """Open actions of all accounts whose plan the person may read; their own come first."""
    show = request.GET.get("show", "all")
    wanted = request.GET.get("account", "")
    found = action_list(
        request.user,
        timezone.localdate(),
        show=show if show in SHOWS else "all",
        account_id=int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) <= 18 else None,
        number=request.GET.get("page"),
    )
    context = {
        "found": found,
        "rows": found.rows,
        "page": found.page,
        "show": show if show in SHOWS else "all",
        "shows": [("all", "All", found.total), ("mine", "Mine", found.mine), ("late", "Late", found.late)],
        "account_id": wanted,
    }
    return render(request, "planning/action_list.html", context)


@account_view(Permission.PLAN_EDIT)
def action_new(request: SignedInRequest, account: Account) -> HttpResponse:
    """`?plan=`, `?section=` and `?objective=` say where the action comes from."""
    plan = _plan_of_request(request, account)
    here = plan_url(account, plan.year if plan else None, "actions")
    start = {
        "our_owner": request.user.pk,
        "section": request.GET.get("section"),
        "objective": request.GET.get("objective"),
    }

    def save(values: dict[str, Any]) -> PlanAction:
        return add_action(account=account, plan=plan, by=request.user, **values)

    return FormPage(
        template="planning/action_form.html",
        context=account_context(request, account, TAB, plan=plan, form_title="New action", cancel_url=here),
        build=lambda data: ActionForm(data, account=account, user=request.user, plan=plan, initial=start),
        save=save,
        done=next_url(request, here),
        message="The action is in the plan.",
    ).answer(request)


@account_view(Permission.PLAN_EDIT)
def action_edit(request: SignedInRequest, account: Account, action_id: int) -> HttpResponse:
    entry = get_object_or_404(account.actions.select_related("plan", "our_owner", "their_owner"), pk=action_id)
    here = next_url(request, plan_url(account, entry.plan.year if entry.plan else None, "actions"))
    return FormPage(
        template="planning/action_form.html",
        context=account_context(
            request, account, TAB, plan=entry.plan, entry=entry, form_title=entry.title, cancel_url=here
        ),
        build=lambda data: ActionForm(
            data,
            account=account,
            user=request.user,
            plan=entry.plan,
            entry=entry,
            initial=initial_of(entry, FIELDS),
        ),
        save=lambda values: change_action(account=account, plan_action=entry, by=request.user, **values),
        done=here,
    ).answer(request)


@require_POST
@account_view(Permission.ACTION_WORK)
def action_start(request: SignedInRequest, account: Account, action_id: int) -> HttpResponse:
    return _work(request, account, action_id, RevisionForm(request.POST), lambda entry, values: start_action(
        account=account, plan_action=entry, revision=values["revision"], by=request.user
    ))  # fmt: skip


@require_POST
@account_view(Permission.ACTION_WORK)
def action_done(request: SignedInRequest, account: Account, action_id: int) -> HttpResponse:
    return _work(request, account, action_id, DoneForm(request.POST), lambda entry, values: complete_action(
        account=account,
        plan_action=entry,
        revision=values["revision"],
        done_on=values["done_on"],
        by=request.user,
    ))  # fmt: skip


@require_POST
@account_view(Permission.ACTION_WORK)
def action_reopen(request: SignedInRequest, account: Account, action_id: int) -> HttpResponse:
    return _work(request, account, action_id, RevisionForm(request.POST), lambda entry, values: reopen_action(
        account=account, plan_action=entry, revision=values["revision"], by=request.user
    ))  # fmt: skip


@require_POST
@account_view(Permission.ACTION_WORK)
def action_move(request: SignedInRequest, account: Account, action_id: int) -> HttpResponse:
    return _work(request, account, action_id, MoveForm(request.POST), lambda entry, values: move_due(
        account=account, plan_action=entry, due=values["due"], revision=values["revision"], by=request.user
    ))  # fmt: skip


@require_POST
@account_view(Permission.ACTION_WORK)
def action_drop(request: SignedInRequest, account: Account, action_id: int) -> HttpResponse:
    return _work(request, account, action_id, RevisionForm(request.POST), lambda entry, values: drop_action(
        account=account, plan_action=entry, revision=values["revision"], by=request.user
    ))  # fmt: skip


@require_POST
@account_view(Permission.PLAN_EDIT)
def action_delete(request: SignedInRequest, account: Account, action_id: int) -> HttpResponse:
    entry = get_object_or_404(account.actions.select_related("plan"), pk=action_id)
    form = RevisionForm(request.POST)
    seen = form.cleaned_data["revision"] if form.is_valid() else -1
    try:
        delete_action(account=account, plan_action=entry, revision=seen, by=request.user)
        messages.success(request, "The action is deleted.")
    except ActionRefused as problem:
        told(request, problem)
    return go_on(next_url(request, plan_url(account, entry.plan.year if entry.plan else None, "actions")))


def _work(request: SignedInRequest, account: Account, action_id: int, form: RevisionForm, write: Write) -> HttpResponse:
    """One button on one action: htmx gets the row as it is now, a plain form its page back."""
    entry = action_to_work_on(request.user, account, action_id)
    problem = ""
    status = 200
    if not form.is_valid():
        problem, status = "Choose a date." if "due" in form.errors else "This did not arrive whole. Try again.", 422
    else:
        try:
            entry = write(entry, form.cleaned_data)
        except ActionRefused as refused:
            problem, status = sentence_of(refused), 409
        except FieldErrors as refused:
            problem, status = sentence_of(refused), 422
    if not wants_partial(request):
        if problem:
            messages.error(request, problem)
        plan = entry.plan
        return go_on(next_url(request, plan_url(account, plan.year if plan else None, "actions")))
    entry = action_to_work_on(request.user, account, action_id)
    context = {
        "row": action_row(entry, request.user, timezone.localdate()),
        "problem": problem,
        "show_account": "show_account" in request.POST,
        "here": next_url(request, reverse("planning:action-list")),
    }
    return render(request, "planning/_action_row.html", context, status=status)


def _plan_of_request(request: SignedInRequest, account: Account) -> AccountPlan | None:
    wanted = request.GET.get("plan", "")
    if not wanted:
        return latest_plan(account)
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 18):
        raise Http404
    return get_object_or_404(account.plans, pk=int(wanted))
