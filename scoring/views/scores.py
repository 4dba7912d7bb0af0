"""The ranking of the portfolio, its recompute, and the rating sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sam.core.authorization.guards import SignedInRequest, page, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.models import Job
from sam.values.periods import Quarter
from scoring.actions.ratings import Rated, rate_many
from scoring.actions.scores import RECOMPUTE, live_rules, start_recompute
from scoring.forms.scorecards import RecomputeForm
from scoring.queries import ranking
from scoring.queries.freshness import is_out_of_date
from scoring.queries.measures import quarters_with_figures
from scoring.queries.sheet import MOST_ACCOUNTS, Cell, Row, accounts_to_rate, asked_accounts, sheet_rows
from scoring.views.answers import see_other


@require_GET
@page(Permission.SIGNED_IN)
def score_list(request: SignedInRequest) -> HttpResponse:
    """All accounts whose scores the person may see, best first."""
    filters = read_filters(request.GET)
    places, shown = ranking.ranking_page(request.user, filters, request.GET.get("page"))
    run = ranking.last_run()
    may_configure = can(request.user, Permission.SCORECARD_CONFIGURE)
    context = {
        "places": places,
        "page": shown,
        "filters": filters,
        "tiers": ranking.TIERS,
        "states": ranking.STATES,
        "run": run,
        "quarter": Quarter.containing(run.quarter_start) if run else None,
        "out_of_date": is_out_of_date(run),
        "may_configure": may_configure,
        "may_run_rounds": can(request.user, Permission.TIER_DECIDE),
        "job": _running_job() if may_configure else None,
    }
    if wants_partial(request):
        return render(request, "scoring/_score_table.html", context)
    if may_configure:
        quarters = quarters_with_figures(timezone.localdate())
        chosen = str(context["quarter"]) if run and run.chosen else ""
        context["recompute_form"] = RecomputeForm(quarters=quarters, initial={"quarter": chosen})
    return render(request, "scoring/score_list.html", context)


def read_filters(given: QueryDict) -> ranking.Filters:
    """The filters of the address; an unknown value narrows nothing."""
    tiers = {key for key, _ in ranking.TIERS}
    states = {key for key, _ in ranking.STATES}
    tier, proposed, state = (given.get(name, "") for name in ("tier", "proposed", "state"))
    return ranking.Filters(
        text=given.get("q", "").strip()[:100],
        tier=tier if tier in tiers else "",
        proposed=proposed if proposed in tiers else "",
        state=state if state in states else "",
    )


def _running_job() -> Job | None:
    since = timezone.now() - timedelta(minutes=15)
    open_states = [Job.State.QUEUED, Job.State.RUNNING]
    return Job.objects.filter(kind=RECOMPUTE, state__in=open_states, created_at__gt=since).order_by("-pk").first()


@require_POST
@page(Permission.SCORECARD_CONFIGURE)
def score_recompute(request: SignedInRequest) -> HttpResponse:
    form = RecomputeForm(request.POST, quarters=quarters_with_figures(timezone.localdate()))
    if not form.is_valid():
        messages.error(request, "Choose one of the quarters in the list.")
        return see_other("scoring:score-list")
    chosen = form.cleaned_data["quarter"]
    try:
        job = start_recompute(by=request.user, quarter=Quarter.parse(chosen) if chosen else None, latest=not chosen)
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return see_other("scoring:score-list")
    return see_other("core:job-detail", job.pk)


@require_http_methods(["GET", "POST"])
@page(Permission.SIGNED_IN)
def rating_sheet(request: SignedInRequest) -> HttpResponse:
    """Accounts by criteria, filled in from the keyboard. Only the person's own ratings; all of them or none."""
    try:
        rules = live_rules()
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return see_other("scoring:score-list")
    given = request.POST if request.method == "POST" else request.GET
    ids = [int(text) for text in given.getlist("account") if text.isascii() and text.isdigit() and len(text) <= 18]
    round_id = given.get("round", "")
    if not ids and round_id.isascii() and round_id.isdigit() and len(round_id) <= 18:
        ids = asked_accounts(request.user, int(round_id)) or ids
    accounts = accounts_to_rate(request.user, ids)
    stored = sheet_rows(request.user, accounts, rules, timezone.localdate())
    status = 200
    if request.method == "POST":
        rows, changed, errors = read_sheet(request.POST, stored)
        if not errors and changed:
            try:
                rate_many(cells=changed, by=request.user)
            except FieldErrors as problem:
                errors = problem.errors
        if not errors:
            words = f"{len(changed)} ratings saved." if changed else "Nothing was changed."
            messages.success(request, words)
            ids_again = "&".join(f"account={account.pk}" for account in accounts)
            return see_other(f"{request.path}?{ids_again}")
        fresh = sheet_rows(request.user, accounts, rules, timezone.localdate())
        stored, status = with_errors(rows, fresh, errors), 422
    context = {
        "rows": stored,
        "criteria": [criterion for criterion in rules.criteria if criterion.is_rated],
        "version": rules.version,
        "most": MOST_ACCOUNTS,
        "problems": status == 422,
        "blind": any(row.entry for row in stored),
    }
    return render(request, "scoring/rating_sheet.html", context, status=status)


def read_sheet(given: QueryDict, stored: Sequence[Row]) -> tuple[list[Row], list[Rated], Mapping[str, Sequence[str]]]:
    """The sheet as typed, the cells that differ from what is stored, and errors by cell name."""
    rows, changed = [], []
    errors: dict[str, Sequence[str]] = {}
    for row in stored:
        cells = []
        for cell in row.cells:
            value = given.get(f"value-{cell.name}", "").strip()
            evidence = given.get(f"evidence-{cell.name}", "").strip()[:2000]
            confirmed = f"confirmed-{cell.name}" in given
            revision = given.get(f"revision-{cell.name}", "")
            typed = replace(
                cell,
                value=value[:4],
                evidence=evidence,
                confirmed=confirmed,
                revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0,
            )
            cells.append(typed)
            if (value, evidence, confirmed) == (cell.value, cell.evidence.strip(), cell.confirmed):
                continue
            if value in {"1", "2", "3", "4", "5"}:
                changed.append(Rated(row.account, cell.criterion.key, int(value), evidence, confirmed, typed.revision))
            elif value or cell.value or evidence:
                errors[cell.name] = ["Give a number from 1 to 5."]
        rows.append(replace(row, cells=tuple(cells)))
    return rows, changed, errors


def with_errors(rows: Sequence[Row], fresh: Sequence[Row], errors: Mapping[str, Sequence[str]]) -> list[Row]:
    """The sheet as typed with what is wrong in each cell; where it changed meanwhile, with what is stored now.

    Such a cell takes the stored revision: saving again puts what was typed in the place of what is stored.
    """
    now = {cell.name: cell for row in fresh for cell in row.cells}
    return [
        replace(
            row, cells=tuple(_with_error(cell, now.get(cell.name), errors.get(cell.name, ())) for cell in row.cells)
        )
        for row in rows
    ]


def _with_error(cell: Cell, stored: Cell | None, texts: Sequence[str]) -> Cell:
    if stored is None or not texts or stored.revision == cell.revision:
        return replace(cell, error=" ".join(texts))
    words = f"Stored meanwhile: {stored.value or 'nothing'}. Save again to put yours in its place."
    return replace(cell, error=words, revision=stored.revision)
