"""The portfolio's pages beside the concentration: surprises, matrix, investment against value."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.views.concentration import portfolio_page, tab_links
from sam.core.authorization.guards import SignedInRequest, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.charts import two_by_two
from scoring.domain.cycle import FULL_UNITS
from scoring.domain.investment import FEWEST_PEOPLE, FULL_YEAR_HOURS
from scoring.queries import investment as invested
from scoring.queries import matrix as portfolio_matrix
from scoring.queries import surprises
from scoring.queries.freshness import is_out_of_date
from scoring.queries.ranking import TIERS, last_run


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


@require_GET
@portfolio_page
def matrix(request: SignedInRequest) -> HttpResponse:
    """Worth today against potential; on a phone the list comes first."""
    filters = read_filters(request.GET)
    found = portfolio_matrix.matrix(request.user, filters)
    chart = found.chart
    context = {
        "found": found,
        "filters": filters,
        "svg": two_by_two(chart, width=900, height=480),
        "table": found.table,
        "tiers": TIERS,
    }
    if wants_partial(request):
        return render(request, "scoring/_matrix_result.html", context)
    return render(request, "scoring/matrix.html", context | {"tabs": tab_links(request)})


def read_filters(given: QueryDict) -> portfolio_matrix.Filters:
    """The filters of the address; an unknown value narrows nothing."""
    tier, lead = given.get("tier", ""), given.get("lead", "")
    return portfolio_matrix.Filters(
        tier=tier if tier in {key for key, _ in TIERS} else "",
        region=given.get("region", "").replace("\x00", "").strip()[:80],
        lead=int(lead) if lead.isascii() and lead.isdigit() and len(lead) <= 18 else 0,
    )


@require_GET
@portfolio_page
def investment(request: SignedInRequest) -> HttpResponse:
    """Time and people per account beside contribution, score and the worth of outcomes; who is spread too thin."""
    context = {
        "tabs": tab_links(request),
        "found": invested.investment(request.user),
        "full_units": FULL_UNITS,
        "full_year": FULL_YEAR_HOURS,
        "fewest": FEWEST_PEOPLE,
        "may_edit_rates": can(request.user, Permission.RATES_EDIT),
    }
    return render(request, "scoring/investment.html", context)
