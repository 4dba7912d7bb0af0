"""The effect of a draft on real accounts, before it is published."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused
from scoring.actions.preview import start_preview, waiting_preview
from scoring.queries.preview import draft_preview
from scoring.views.answers import see_other
from scoring.views.scorecards import to_version, version_or_404

DIRECTIONS = {"up": "Into a higher tier", "down": "Into a lower tier"}


@require_GET
@page(Permission.SCORE_VIEW)
def version_preview(request: SignedInRequest, scorecard_id: int, number: int) -> HttpResponse:
    version = version_or_404(scorecard_id, number)
    if not version.is_draft:
        return to_version(version)
    direction = request.GET.get("direction", "")
    context = {
        "version": version,
        "found": draft_preview(version, request.user, request.GET.get("page"), direction),
        "job": waiting_preview(version),
        "direction": direction if direction in DIRECTIONS else "",
        "directions": DIRECTIONS,
        "may_configure": can(request.user, Permission.SCORECARD_CONFIGURE),
    }
    return render(request, "scoring/version_preview.html", context)


@require_POST
@page(Permission.SCORECARD_CONFIGURE)
def preview_start(request: SignedInRequest, scorecard_id: int, number: int) -> HttpResponse:
    version = version_or_404(scorecard_id, number)
    try:
        job = start_preview(version=version, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return to_version(version)
    return see_other("core:job-detail", job.pk)
