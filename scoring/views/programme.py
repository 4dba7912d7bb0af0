"""What the programme brought, told so that nobody claims more than the numbers carry."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.queries.portfolio import current_window
from accounts.views.concentration import tab_links
from sam.core.authorization.guards import SignedInRequest, page, wants_partial
from sam.core.authorization.permissions import Permission
from sam.values.periods import Quarter
from scoring.domain.programme import BAND, FEWEST
from scoring.forms.programme import ProgrammeForm
from scoring.queries.measures import quarters_with_figures
from scoring.queries.programme import START, TIERS, programme


@require_GET
@page(Permission.PORTFOLIO_FIGURES)
def programme_results(request: SignedInRequest) -> HttpResponse:
    """Strategic against key against the rest; what the address leaves open is the newest window and its first day."""
    today = timezone.localdate()
    quarters = quarters_with_figures(today)
    given = {"quarter": str(quarters[0]), "tiers": START} | {key: text for key, text in request.GET.items() if text}
    form = ProgrammeForm(given, quarters)
    context: dict[str, Any] = {"tabs": tab_links(request), "form": form, "fewest": FEWEST, "band": BAND}
    if form.is_valid():
        window = current_window(today, Quarter.parse(form.cleaned_data["quarter"]))
        found = programme(request.user, window, form.cleaned_data["tiers"])
        context |= {"found": found, "window": window, "tiers_words": TIERS[found.tiers]}
    template = "scoring/_programme_result.html" if wants_partial(request) else "scoring/programme.html"
    return render(request, template, context, status=200 if form.is_valid() else 422)
