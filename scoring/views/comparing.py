"""Weights by pairwise comparison: one page for each half of a draft."""

from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors
from scoring.actions import scorecards
from scoring.domain.ahp import LARGEST_RATIO, RANDOM_INDEX_SOURCE
from scoring.forms.fields import RevisionForm
from scoring.models import Criterion
from scoring.queries.comparing import Comparing, comparing
from scoring.views.answers import see_other
from scoring.views.scorecards import to_version, version_or_404

CHOICES = {str(favour) for favour in (*range(1, 10), *range(-9, -1))}


@require_http_methods(["GET", "POST"])
@page(Permission.SCORECARD_CONFIGURE)
def compare(request: SignedInRequest, scorecard_id: int, number: int, half: str) -> HttpResponse:
    """What was compared so far, the weights it gives once all pairs are, and how well the comparisons fit."""
    version = version_or_404(scorecard_id, number)
    if half not in Criterion.Half.values:
        raise Http404
    if not version.is_draft:
        messages.error(request, scorecards.NOT_A_DRAFT)
        return to_version(version)
    found = comparing(version, half)
    problems: list[str] = []
    if request.method == "POST":
        chosen = _read(request, found)
        seen = RevisionForm(request.POST)
        if not seen.is_valid():
            raise Http404
        use = "use" in request.POST
        try:
            scorecards.compare_criteria(
                version=version, revision=seen.cleaned_data["revision"], favours=chosen, use=use,
                by=request.user,
            )  # fmt: skip
        except FieldErrors as problem:
            problems = [text for texts in problem.errors.values() for text in texts]
            version.refresh_from_db()
        except ActionRefused as problem:
            # Somebody else saved the draft meanwhile; what was chosen here stays chosen.
            problems = [problem.message]
        else:
            messages.success(request, "The weights are taken over." if use else "The comparisons are saved.")
            return to_version(version) if use else see_other("scoring:draft-compare", scorecard_id, number, half)
        if problems:
            pairs = tuple(replace(pair, favour=chosen[pair.first.key, pair.second.key]) for pair in found.pairs)
            found = replace(found, pairs=pairs)
    context = {
        "version": version,
        "half": half,
        "found": found,
        "problems": problems,
        "most": LARGEST_RATIO,
        "source": RANDOM_INDEX_SOURCE,
    }
    return render(request, "scoring/version_compare.html", context, status=422 if problems else 200)


def _read(request: SignedInRequest, found: Comparing) -> dict[tuple[str, str], int | None]:
    """The pairs of the page as chosen; a choice that is none takes the comparison back."""
    given = {pair: request.POST.get(pair.name, "") for pair in found.pairs}
    return {(pair.first.key, pair.second.key): int(text) if text in CHOICES else None for pair, text in given.items()}
