"""What-if: sliders for weights, halves, thresholds and the cut line; the whole portfolio in its new order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from sam.core.authorization.guards import SignedInRequest, page, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors
from scoring.actions.scorecards import draft_from_what_if
from scoring.domain.what_if import WrongChange
from scoring.forms.what_if import WhatIfForm
from scoring.models import Scorecard, ScorecardVersion
from scoring.queries.rules import rules_of
from scoring.views.answers import see_other

if TYPE_CHECKING:
    from scoring.queries.what_if import WhatIf

DEFAULT_TOP = 10


def scoring_version(scorecard: Scorecard) -> ScorecardVersion | None:
    """The version a what-if starts from: the live one of the scorecard that scores the portfolio."""
    live = scorecard.versions.select_related("scorecard").filter(state=ScorecardVersion.State.LIVE).first()
    return live if live is not None and scorecard.in_use else None


@require_GET
@page(Permission.SCORECARD_CONFIGURE)
def what_if(request: SignedInRequest, scorecard_id: int) -> HttpResponse:
    """The address carries the sliders, so that a what-if can be sent to somebody. Nothing is stored."""
    scorecard = get_object_or_404(Scorecard, pk=scorecard_id)
    version = scoring_version(scorecard)
    if version is None:
        return render(request, "scoring/what_if_none.html", {"scorecard": scorecard})
    form = WhatIfForm(request.GET, rules_of(version))
    found = _asked(form, version, request)
    context = {"scorecard": scorecard, "version": version, "form": form, "found": found}
    status = 422 if form.errors else 200
    template = "scoring/_what_if_result.html" if wants_partial(request) else "scoring/what_if.html"
    return render(request, template, context, status=status)


def _asked(form: WhatIfForm, version: ScorecardVersion, request: SignedInRequest) -> WhatIf | None:
    # NumPy comes with the first what-if, not with the web process.
    from scoring.queries import what_if as portfolio  # noqa: PLC0415 (see above)

    if not form.is_valid():
        return None
    try:
        return portfolio.what_if(version, request.user, form.changes(), form.cleaned_data["top"] or DEFAULT_TOP)
    except WrongChange as problem:
        form.add_wrong(problem)
        return None


@require_POST
@page(Permission.SCORECARD_CONFIGURE)
def what_if_draft(request: SignedInRequest, scorecard_id: int) -> HttpResponse:
    """Save the sliders as the next draft version."""
    scorecard = get_object_or_404(Scorecard, pk=scorecard_id)
    version = scoring_version(scorecard)
    if version is None:
        messages.error(request, "A what-if starts from the scorecard that scores the portfolio. Publish it first.")
        return see_other("scoring:scorecard-list")
    form = WhatIfForm(request.POST, rules_of(version))
    if form.is_valid():
        try:
            draft = draft_from_what_if(scorecard=scorecard, changes=form.changes(), by=request.user)
        except FieldErrors as problem:
            for texts in problem.errors.values():
                form.add_error(None, list(texts))
        except ActionRefused as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, "Saved as a draft. Look at it, then publish it with a note.")
            return see_other("scoring:version-detail", draft.scorecard_id, draft.number)
    found = _asked(form, version, request)
    context = {"scorecard": scorecard, "version": version, "form": form, "found": found}
    return render(request, "scoring/what_if.html", context, status=422)
