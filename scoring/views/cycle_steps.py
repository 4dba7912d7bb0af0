"""What is done in a selection cycle: opening, dates, steps, nomination, decisions, approval, closing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.views.editing import FormPage
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused, FieldErrors
from scoring.actions import cycle as actions
from scoring.actions.cycle_list import start_list
from scoring.actions.screening import start_screening
from scoring.domain.cycle import Step, list_year, proposed_calendar
from scoring.forms.cycle import (
    AskApprovalForm,
    CandidateForm,
    CycleChangeForm,
    CycleForm,
    NominateByRuleForm,
    NominateForm,
    VerdictForm,
)
from scoring.forms.fields import NO_TIER, RevisionForm
from scoring.models import Candidate, SelectionCycle
from scoring.queries import cycle as queries
from scoring.views.answers import add_errors, see_other
from scoring.views.cycle import base_context, cycle_of, obstacles_of

DETAIL, CANDIDATES, APPROVAL = "scoring:cycle-detail", "scoring:cycle-candidates", "scoring:cycle-approval"
# What each step button calls, and what it says afterwards.
STEPS: dict[str, tuple[Any, str]] = {
    "nomination": (actions.start_nomination, "Nomination is open."),
    "rating": (actions.start_rating, "The candidates are with the raters."),
    "decision": (actions.start_decision, "Decisions are open."),
    "back": (actions.take_back, "The list is back in decision; the sponsors will be asked again."),
    "close": (actions.close_cycle, "The cycle is closed. The list is frozen, and a worker makes the PDF of it."),
}


@require_http_methods(["GET", "POST"])
@page(Permission.TIER_DECIDE)
def cycle_new(request: SignedInRequest) -> HttpResponse:
    """Open the next cycle, with the usual dates filled in."""
    year = list_year(timezone.localdate())
    if SelectionCycle.objects.filter(year=year).exists():
        year += 1
    calendar = proposed_calendar(year)
    initial = {"year": year} | {name: getattr(calendar, name) for name in calendar.__slots__}

    def save(values: dict[str, Any]) -> SelectionCycle:
        dates = CycleForm(request.POST)
        dates.is_valid()
        return actions.open_cycle(year=values["year"], calendar=dates.calendar(), by=request.user)

    return FormPage(
        template="scoring/cycle_form.html",
        context={"title": "Open a selection cycle", "button": "Open the cycle"},
        build=lambda data: CycleForm(data, initial=initial),
        save=save,
        done=lambda cycle: reverse(DETAIL, args=[cycle.year]),
        message="The cycle is open. A worker screens all accounts.",
    ).answer(request)


@require_http_methods(["GET", "POST"])
@page(Permission.TIER_DECIDE)
def cycle_dates(request: SignedInRequest, year: int) -> HttpResponse:
    cycle = cycle_of(request, year)
    calendar = cycle.calendar
    initial = {"revision": cycle.revision} | {name: getattr(calendar, name) for name in calendar.__slots__}

    def save(values: dict[str, Any]) -> str:
        dates = CycleChangeForm(request.POST)
        dates.is_valid()
        actions.set_dates(cycle=cycle, revision=values["revision"], calendar=dates.calendar(), by=request.user)
        return "The dates are changed."

    return FormPage(
        template="scoring/cycle_form.html",
        context={"title": f"Dates of the {cycle}", "button": "Save", "cycle": cycle},
        build=lambda data: CycleChangeForm(data, initial=initial),
        save=save,
        done=reverse(DETAIL, args=[cycle.year]),
    ).answer(request)


@require_POST
@page(Permission.TIER_DECIDE)
def cycle_step(request: SignedInRequest, year: int) -> HttpResponse:
    """The buttons that take the cycle to its next step, back to decision, or close it."""
    cycle = cycle_of(request, year)
    form = RevisionForm(request.POST)
    action, words = STEPS.get(request.POST.get("step", ""), (None, ""))
    if action is None or not form.is_valid():
        messages.error(request, "Choose a step of this cycle.")
        return see_other(DETAIL, cycle.year)
    try:
        action(cycle=cycle, revision=form.cleaned_data["revision"], by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, words)
    return see_other(DETAIL, cycle.year)


@require_POST
@page(Permission.TIER_DECIDE)
def cycle_screen(request: SignedInRequest, year: int) -> HttpResponse:
    """Screen again, by the scores as they are now."""
    cycle = cycle_of(request, year)
    try:
        job = start_screening(cycle=cycle, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
        job = None
    return see_other("core:job-detail", job.pk) if job else see_other(DETAIL, cycle.year)


@require_http_methods(["GET", "POST"])
@page(Permission.TIER_DECIDE)
def cycle_nominate(request: SignedInRequest, year: int) -> HttpResponse:
    """By rule and by hand, on one page."""
    cycle = cycle_of(request, year)
    by_rule = request.POST.get("how") == "rule"
    rule_form = NominateByRuleForm(
        request.POST if request.method == "POST" and by_rule else None,
        initial={"top": queries.suggested_top(cycle), "marked": True},
    )
    hand_form = NominateForm(request.POST if request.method == "POST" and not by_rule else None, user=request.user)
    form = rule_form if by_rule else hand_form
    if request.method == "POST" and form.is_valid():
        try:
            if by_rule:
                made = actions.nominate_by_rule(cycle=cycle, by=request.user, **rule_form.cleaned_data)
                words = f"{len(made)} accounts nominated." if made else "Whom the rule names is a candidate already."
            else:
                one = actions.nominate(cycle=cycle, by=request.user, **hand_form.cleaned_data)
                words = f"{one.account.name} is a candidate."
        except (FieldErrors, ActionRefused) as problem:
            add_errors(form, problem)
        else:
            messages.success(request, words)
            return see_other(CANDIDATES, cycle.year)
    context = base_context(request, cycle) | {"rule_form": rule_form, "hand_form": hand_form}
    context["at_nomination"] = cycle.step is Step.NOMINATION
    return render(request, "scoring/cycle_nominate.html", context, status=422 if form.errors else 200)


def candidate_of(cycle: SelectionCycle, candidate_id: int) -> Candidate:
    rows = cycle.candidates.select_related("account__owner", "decision__decided_by", "nominated_by", "kept")
    return get_object_or_404(rows, pk=candidate_id)


@require_http_methods(["GET", "POST"])
@page(Permission.TIER_DECIDE)
def candidate_decide(request: SignedInRequest, year: int, candidate_id: int) -> HttpResponse:
    """The decision about one account, with last year beside this year and what its lead would carry."""
    cycle = cycle_of(request, year)
    candidate = candidate_of(cycle, candidate_id)
    rows = queries.rows_of(cycle, queries.candidates_for(cycle, request.user), request.user)
    row = next(one for one in rows if one.candidate.pk == candidate.pk)
    rules = queries.live_rules_or_none()
    tiers = [*(rules.tier_keys if rules else ["strategic", "key"]), candidate.account.tier]
    later = [one for one in rows[rows.index(row) + 1 :] + rows[: rows.index(row)] if one.is_open]

    def save(values: dict[str, Any]) -> str:
        decision = actions.decide_candidate(cycle=cycle, candidate=candidate, by=request.user, **values)
        if not decision.is_complete:
            return f"{candidate.account.name}: out. The transition plan is still missing."
        return f"{candidate.account.name}: {queries.result_words(decision.outcome, decision.tier).lower()}."

    loads = [load for load in queries.capacity(rows, rules) if load.lead.pk == candidate.account.owner_id]
    context = base_context(request, cycle) | {
        "candidate": candidate,
        "row": row,
        "loads": loads,
        "upcoming": later[:1],
        "years": queries.years_of(candidate.account, cycle),
        "can_decide": cycle.step is Step.DECISION,
        "may_withdraw": not cycle.is_closed and actions.can_be_withdrawn(candidate),
        "opens_account": can(request.user, Permission.SCORE_VIEW, on=candidate.account),
    }
    return FormPage(
        template="scoring/candidate_decide.html",
        context=context,
        build=lambda data: CandidateForm(data, tiers=tiers, initial=decision_initial(row)),
        save=save,
        done=reverse(CANDIDATES, args=[cycle.year]),
    ).answer(request)


def decision_initial(row: queries.Row) -> dict[str, Any]:
    """The decision as it stands; without one what the rules suggest."""
    decision = row.decision
    if decision is None:
        suggestion = row.suggestion
        if suggestion is None:
            return {"tier": row.account.tier or NO_TIER, "revision": 0}
        return {"outcome": suggestion.outcome, "tier": suggestion.tier or NO_TIER, "revision": 0}
    names = ("outcome", "reason", "ends_on", "served_by", "client_hears", "moves_by", "revision")
    return {name: getattr(decision, name) for name in names} | {"tier": decision.tier or NO_TIER}


@require_POST
@page(Permission.TIER_DECIDE)
def candidate_withdraw(request: SignedInRequest, year: int, candidate_id: int) -> HttpResponse:
    cycle = cycle_of(request, year)
    candidate = candidate_of(cycle, candidate_id)
    name = candidate.account.name
    try:
        actions.withdraw_nomination(cycle=cycle, candidate=candidate, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, f"{name} is no candidate any more. The trail keeps the nomination.")
    return see_other(CANDIDATES, cycle.year)


@require_GET
@page(Permission.SIGNED_IN)
def cycle_approval(request: SignedInRequest, year: int) -> HttpResponse:
    return show_approval(request, cycle_of(request, year))


def show_approval(request: SignedInRequest, cycle: SelectionCycle, **more: Any) -> HttpResponse:
    """Who was asked and what they said, the list they speak about, and the form for whoever is asked."""
    approvals = list(cycle.approvals.select_related("person"))
    own = next((approval for approval in approvals if approval.person_id == request.user.pk), None)
    rows = queries.rows_of(cycle, queries.candidates_for(cycle, request.user), request.user)
    context = base_context(request, cycle) | {
        "approvals": approvals,
        "own": own,
        "rows": rows,
        "loads": queries.capacity(rows, queries.live_rules_or_none()) if not cycle.is_closed else [],
        "obstacles": obstacles_of(cycle) if queries.may_see_all(request.user) else [],
        "at_approval": cycle.step is Step.APPROVAL,
        "at_decision": cycle.step is Step.DECISION,
    }
    if own is not None and cycle.step is Step.APPROVAL:
        context["verdict_form"] = VerdictForm(initial={"verdict": own.verdict, "word": own.word})
    if context["may_run"] and cycle.step is Step.DECISION:
        context["ask_form"] = AskApprovalForm(people=actions.approvers(), initial={"revision": cycle.revision})
    context |= more
    status = 422 if any(getattr(form, "errors", None) for form in more.values()) else 200
    return render(request, "scoring/cycle_approval.html", context, status=status)


@require_POST
@page(Permission.TIER_DECIDE)
def cycle_ask(request: SignedInRequest, year: int) -> HttpResponse:
    """Send the list to the sponsors."""
    cycle = cycle_of(request, year)
    form = AskApprovalForm(request.POST, people=actions.approvers())
    if form.is_valid():
        try:
            actions.ask_approval(cycle=cycle, by=request.user, **form.cleaned_data)
        except (FieldErrors, ActionRefused) as problem:
            add_errors(form, problem)
        else:
            messages.success(request, "The sponsors have been asked.")
            return see_other(APPROVAL, cycle.year)
    return show_approval(request, cycle, ask_form=form)


@require_POST
@page(Permission.CYCLE_APPROVE)
def cycle_verdict(request: SignedInRequest, year: int) -> HttpResponse:
    cycle = cycle_of(request, year)
    form = VerdictForm(request.POST)
    if form.is_valid():
        try:
            actions.give_verdict(cycle=cycle, by=request.user, **form.cleaned_data)
        except (FieldErrors, ActionRefused) as problem:
            add_errors(form, problem)
        else:
            messages.success(request, "Your word stands beside the list. Thank you.")
            return see_other(APPROVAL, cycle.year)
    return show_approval(request, cycle, verdict_form=form)


@require_POST
@page(Permission.TIER_DECIDE)
def cycle_document(request: SignedInRequest, year: int) -> HttpResponse:
    """Make the PDF of a closed list again, when the first try failed."""
    cycle = cycle_of(request, year)
    try:
        start_list(cycle=cycle, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    return see_other(DETAIL, cycle.year)
