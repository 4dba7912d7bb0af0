"""The portfolio's pages beside the concentration: surprises, matrix, investment against value."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.views.concentration import portfolio_page, tab_links
from sam.core.authorization.guards import SignedInRequest
from scoring.queries import surprises
from scoring.queries.freshness import is_out_of_date
from scoring.queries.ranking import last_run


@require_GET
@portfolio_page
def surprise_list(request: SignedInRequest) -> HttpResponse:
    """Who is larger than good, and who is better than large; each with its reason."""
    run = last_run()
    context = {
        "tabs": tab_links(request),
        "found": surprises.surprises(request.user),
        "run": run,
        "out_of_date": is_out_of_date(run),
    }
    return render(request, "scoring/surprise_list.html", context)
