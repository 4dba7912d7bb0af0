"""The pages of a selection cycle that are read: overview, candidates, screening, years side by side, the list."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.views.shell import TabLink
from sam.core.authorization.guards import SignedInRequest, page, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.files import open_stored
from scoring.domain.cycle import Step, list_year, opening_day
from scoring.models import CycleDocument, SelectionCycle
from scoring.queries import cycle as queries

PAGE_SIZE = 50
PDF = "application/pdf"


def cycle_of(request: SignedInRequest, year: int) -> SelectionCycle:
    """The cycle of a year for people who see any of its candidates. PermissionDenied for others, 404 without one."""
    if not queries.may_see_any(request.user):
        raise PermissionDenied
    return get_object_or_404(
        SelectionCycle.objects.select_related("round", "opened_by", "closed_by", "document__job"), year=year
    )


def tabs_of(request: SignedInRequest, cycle: SelectionCycle) -> list[TabLink]:
    names = (
        ("Overview", "scoring:cycle-detail"),
        ("Candidates", "scoring:cycle-candidates"),
        ("Screening", "scoring:cycle-screening"),
        ("Years side by side", "scoring:cycle-years"),
        ("Approval", "scoring:cycle-approval"),
    )
    found = [(label, reverse(name, args=[cycle.year])) for label, name in names]
    return [TabLink(label, url, request.path == url) for label, url in found]


def base_context(request: SignedInRequest, cycle: SelectionCycle) -> dict[str, Any]:
    """What every page of a cycle shows."""
    may_run = can(request.user, Permission.TIER_DECIDE)
    return {
        "cycle": cycle,
        "tabs": tabs_of(request, cycle),
        "may_run": may_run and not cycle.is_closed,
        "sees_all": queries.may_see_all(request.user),
    }


@require_GET
@page(Permission.SIGNED_IN)
def cycle_list(request: SignedInRequest) -> HttpResponse:
    """History: every cycle, the open one first, and the next one when it is time."""
    if not queries.may_see_any(request.user):
        raise PermissionDenied
    today = timezone.localdate()
    year = list_year(today)
    known = set(SelectionCycle.objects.values_list("year", flat=True))
    running = SelectionCycle.objects.open().exists()
    context = {
        "cycles": queries.cycle_lines(),
        "may_see_results": can(request.user, Permission.PORTFOLIO_FIGURES),
        "may_open": can(request.user, Permission.TIER_DECIDE) and not running,
        "due": None if running or year in known else year,
        "next_year": year if year not in known else year + 1,
        "next_opens": opening_day(year if year not in known else year + 1),
    }
    return render(request, "scoring/cycle_list.html", context)


@require_GET
@page(Permission.SIGNED_IN)
def cycle_detail(request: SignedInRequest, year: int) -> HttpResponse:
    """Where are we, what is next, who is late."""
    cycle = cycle_of(request, year)
    today = timezone.localdate()
    rows = queries.rows_of(cycle, queries.candidates_for(cycle, request.user), request.user)
    context = base_context(request, cycle) | {
        "steps": queries.step_lines(cycle, today),
        "next": queries.NEXT[cycle.step],
        "counts": queries.counts_of(rows),
        "obstacles": obstacles_of(cycle) if queries.may_see_all(request.user) else [],
        "loads": queries.capacity(rows, queries.live_rules_or_none()) if loads_shown(request, cycle) else [],
        "document": getattr(cycle, "document", None),
        "top": queries.suggested_top(cycle),
    }
    return render(request, "scoring/cycle_detail.html", context)


def obstacles_of(cycle: SelectionCycle) -> list[queries.Obstacle]:
    """What keeps the list from going on, in the steps where that is the question."""
    if cycle.step is Step.DECISION:
        return queries.undecided_obstacles(cycle)
    return queries.open_obstacles(cycle) if cycle.step is Step.APPROVAL else []


def loads_shown(request: SignedInRequest, cycle: SelectionCycle) -> bool:
    """Load of the leads: for people who see the whole list, while it can still change."""
    return queries.may_see_all(request.user) and not cycle.is_closed


@require_GET
@page(Permission.SIGNED_IN)
def cycle_candidates(request: SignedInRequest, year: int) -> HttpResponse:
    """Last year, screening, score, marks, proposal and decision of every candidate the person may see."""
    cycle = cycle_of(request, year)
    shown = request.GET.get("show", "")
    rows = queries.rows_of(cycle, queries.candidates_for(cycle, request.user), request.user)
    context = base_context(request, cycle) | {
        "rows": queries.narrowed(rows, shown),
        "counts": queries.counts_of(rows),
        "shown": shown if shown in queries.SHOWN else "",
        "choices": queries.SHOWN.items(),
        "may_decide": can(request.user, Permission.TIER_DECIDE) and cycle.step is Step.DECISION,
    }
    template = "scoring/_cycle_table.html" if wants_partial(request) else "scoring/cycle_candidates.html"
    return render(request, template, context)


@require_GET
@page(Permission.SIGNED_IN)
def cycle_screening(request: SignedInRequest, year: int) -> HttpResponse:
    """Everybody by screening value, which is no score."""
    cycle = cycle_of(request, year)
    shown = Paginator(queries.screening_page(cycle, request.user), PAGE_SIZE).get_page(request.GET.get("page"))
    candidates = dict(cycle.candidates.values_list("account_id", "pk"))
    context = base_context(request, cycle) | {
        "page": shown,
        "lines": [(row, row.account_id in candidates) for row in shown.object_list],
    }
    template = "scoring/_cycle_screening.html" if wants_partial(request) else "scoring/cycle_screening.html"
    return render(request, template, context)


@require_GET
@page(Permission.SIGNED_IN)
def cycle_years(request: SignedInRequest, year: int) -> HttpResponse:
    """Three lists side by side."""
    cycle = cycle_of(request, year)
    cycles, lines = queries.side_by_side(cycle, request.user)
    context = base_context(request, cycle) | {"cycles": cycles, "lines": lines}
    return render(request, "scoring/cycle_years.html", context)


@require_GET
@page(Permission.SIGNED_IN)
def cycle_file(request: SignedInRequest, year: int) -> HttpResponseBase:
    """The frozen list as PDF, for people who see every score or approve lists."""
    cycle = cycle_of(request, year)
    if not queries.may_see_all(request.user):
        raise PermissionDenied
    return file_answer(cycle)


def file_answer(cycle: SelectionCycle) -> FileResponse:
    """The finished file as a download that no cache keeps. Raises Http404 while there is none."""
    document = CycleDocument.objects.filter(cycle=cycle).first()
    if document is None or not document.is_done:
        raise Http404
    try:
        file = open_stored(document.stored)
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(file, as_attachment=True, filename=document.file_name, content_type=PDF)
    answer["Cache-Control"] = "no-store"
    return answer
