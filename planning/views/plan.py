"""The plan of an account: one page with its texts, objectives and actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.models import Account
from accounts.views.shell import account_context
from planning.actions.plans import confirm_plan, open_plan, set_strategy
from planning.actions.sections import Overlap
from planning.forms import OpenPlanForm, RevisionForm, StrategyForm
from planning.models import AccountPlan
from planning.queries.plan_page import PlanPage, latest_plan, pairs_of, plan_page
from planning.views.going_on import go_on, plan_url, told
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors

TAB = "planning:plan-detail"


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody wrote into a section and could not be stored."""

    section_id: int
    text: str
    base_revision: int


@account_view(Permission.PLAN_VIEW)
def plan_detail(request: SignedInRequest, account: Account) -> HttpResponse:
    """The newest plan that has begun, or that of `?year=`."""
    year = request.GET.get("year", "")
    wanted = int(year) if year.isascii() and year.isdigit() and len(year) <= 4 else None
    if year and wanted is None:
        raise Http404
    plan = latest_plan(account, wanted)
    if plan is None and account.plans.exists():
        raise Http404
    if plan is None:
        this_year = timezone.localdate().year
        context = account_context(request, account, TAB, offered_years=(this_year, this_year + 1))
        return render(request, "planning/plan_missing.html", context)
    return show_plan(request, account, plan)


def show_plan(
    request: SignedInRequest,
    account: Account,
    plan: AccountPlan,
    *,
    overlap: Overlap | None = None,
    typed: Typed | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page. A text that was sent and not stored stands in its field, with `overlap` beside the other one."""
    page = plan_page(account, plan, request.user, timezone.localdate())
    context: dict[str, Any] = {"page": page, "plan": plan, "strategies": AccountPlan.Strategy.choices[1:]}
    if overlap is not None:
        typed = Typed(overlap.section.pk, overlap.mine, overlap.base_revision)
        context |= {"clash_id": overlap.section.pk, **overlap_context(overlap)}
    if typed is not None:
        context["page"] = _with_text(page, typed)
    years = sorted({*page.years, timezone.localdate().year, timezone.localdate().year + 1}, reverse=True)
    context |= {"other_years": [year for year in years if year not in page.years]}
    return render(
        request, "planning/plan_detail.html", account_context(request, account, TAB, **context), status=status
    )


def overlap_context(overlap: Overlap) -> dict[str, Any]:
    """What `planning/_section_conflict.html` needs beside the account."""
    return {"overlap": overlap, "section": overlap.section, "pairs": pairs_of(overlap.conflicts)}


def _with_text(page: PlanPage, typed: Typed) -> PlanPage:
    views = tuple(
        replace(view, text=typed.text, base_revision=typed.base_revision)
        if view.section.pk == typed.section_id
        else view
        for view in page.sections
    )
    return replace(page, sections=views)


@require_POST
@account_view(Permission.PLAN_EDIT)
def plan_open(request: SignedInRequest, account: Account) -> HttpResponse:
    form = OpenPlanForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a year.")
        return go_on(plan_url(account))
    year = form.cleaned_data["year"]
    try:
        open_plan(account=account, year=year, by=request.user)
        messages.success(request, f"The plan for {year} is open. Begin with what forces the client this year.")
    except (ActionRefused, FieldErrors) as problem:
        told(request, problem)
    return go_on(plan_url(account, year))


@require_POST
@account_view(Permission.PLAN_EDIT)
def plan_strategy(request: SignedInRequest, account: Account, plan_id: int) -> HttpResponse:
    form = StrategyForm(request.POST)
    return _write(request, account, plan_id, form, lambda plan, values: set_strategy(
        account=account, plan=plan, strategy=values["strategy"], revision=values["revision"], by=request.user
    ), "")  # fmt: skip


@require_POST
@account_view(Permission.PLAN_EDIT)
def plan_confirm(request: SignedInRequest, account: Account, plan_id: int) -> HttpResponse:
    form = RevisionForm(request.POST)
    return _write(request, account, plan_id, form, lambda plan, values: confirm_plan(
        account=account, plan=plan, revision=values["revision"], by=request.user
    ), "The plan is confirmed as of today.")  # fmt: skip


def _write(
    request: SignedInRequest,
    account: Account,
    plan_id: int,
    form: RevisionForm,
    write: Callable[[AccountPlan, dict[str, Any]], AccountPlan],
    done: str,
) -> HttpResponse:
    plan = get_object_or_404(account.plans, pk=plan_id)
    if not form.is_valid():
        messages.error(request, "This did not arrive whole. Try again.")
        return go_on(plan_url(account, plan.year))
    try:
        write(plan, form.cleaned_data)
        if done:
            messages.success(request, done)
    except (ActionRefused, FieldErrors) as problem:
        told(request, problem)
    return go_on(plan_url(account, plan.year))
