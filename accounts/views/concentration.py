"""The 80/20 page: who carries the business."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.forms.figures import PortfolioForm
from accounts.queries.concentration import (
    LEVELS,
    MEASURES,
    Holding,
    Portfolio,
    Question,
    covered_quarters,
    currencies,
    may_see_portfolio,
    portfolio,
)
from accounts.views.shell import TabLink
from sam.core.authorization.guards import SignedInRequest, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.charts import Number, Pareto, ParetoItem, Whale, chart_table, pareto, whale
from sam.core.models import User
from sam.core.panels import portfolio_tabs
from sam.core.spreadsheets import write_csv
from sam.core.templatetags.ui import money
from sam.values.periods import Quarter, last_closed_quarter, trailing_quarters

BARS = 20
ROWS = 25
MOST_QUARTERS = 40


def portfolio_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Guard: figures of the whole portfolio by role, or of own accounts by seat; others get 403."""

    @login_required
    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may_see_portfolio(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded.requires = Permission.PORTFOLIO_FIGURES  # type: ignore[attr-defined]
    return guarded


def tab_links(request: SignedInRequest) -> list[TabLink]:
    """The tabs of the portfolio's pages; all of them, but those about the whole only for people who see all of it."""
    shown = [tab for tab in portfolio_tabs() if not tab.whole or can(request.user, tab.permission)]
    found = [(tab.label, reverse(tab.url_name)) for tab in shown]
    inside = max((url for _, url in found if request.path.startswith(url)), key=len, default="")
    return [TabLink(label, url, url == inside) for label, url in found]


@portfolio_page
def concentration(request: SignedInRequest) -> HttpResponse:
    """Pareto and whale curve, the sentence that says it, and the accounts behind it."""
    form, question = _asked(request)
    context: dict[str, Any] = {"form": form, "quarters": _choices(request.user, question), "tabs": tab_links(request)}
    if question is not None:
        found = portfolio(request.user, question)
        context |= _shown(found) | {"question": question, "found": found}
        context["csv_url"] = f"{reverse('accounts:concentration-csv')}?{_address(question)}"
    template = "accounts/_concentration_result.html" if wants_partial(request) else "accounts/concentration.html"
    return render(request, template, context, status=200 if question else 422)


@portfolio_page
def concentration_csv(request: SignedInRequest) -> HttpResponseBase:
    """The same accounts, all of them, as a file."""
    _, question = _asked(request)
    if question is None:
        return HttpResponse("The address does not name a period and a measure.", status=400)
    found = portfolio(request.user, question)
    header = ["rank", "external_id", "name", question.measure, "currency", "cumulative share"]
    response = StreamingHttpResponse(write_csv(_rows(found), header), content_type="text/csv; charset=utf-8")
    name = f"concentration-{question.measure}-{question.first}-{question.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(found: Portfolio) -> Iterator[list[object]]:
    total, added = found.ranking.total, Decimal(0)
    for rank, holding in enumerate(found.ranked, start=1):
        added += holding.amount
        share = added / total if total > 0 else None
        yield [rank, holding.external_id, holding.name, holding.amount, found.question.currency, share]


def _asked(request: SignedInRequest) -> tuple[PortfolioForm, Question | None]:
    """What the address asks; what it leaves open is filled in."""
    offered = currencies()
    data = {
        **_defaults(request.user),
        "currency": offered[0],
        **{name: text for name, text in request.GET.items() if text},
    }
    data["first"], data["last"] = request.GET.get("from") or data["first"], request.GET.get("to") or data["last"]
    form = PortfolioForm(data, currencies=offered)
    if not form.is_valid():
        return form, None
    clean = form.cleaned_data
    return form, Question(clean["measure"], clean["first"], clean["last"], clean["currency"], clean["level"])


def _defaults(user: User) -> dict[str, str]:
    """The last four quarters with figures."""
    covered = covered_quarters(user)
    last = covered[1] if covered else last_closed_quarter(timezone.localdate())
    first = trailing_quarters(last)[0]
    if covered and covered[0] > first:
        first = covered[0]
    return {
        "measure": "revenue",
        "first": str(first),
        "last": str(last),
        "level": "account",
    }


def _choices(user: User, question: Question | None) -> list[Quarter]:
    """Quarters to choose from, newest first: those with figures, and those asked for."""
    covered = covered_quarters(user) or (last_closed_quarter(timezone.localdate()),) * 2
    first, last = covered
    if question is not None:
        first, last = min(first, question.first), max(last, question.last)
    return list(Quarter.range(max(first, last.shift(1 - MOST_QUARTERS)), last))[::-1]


def _address(question: Question) -> str:
    return urlencode(
        {
            "measure": question.measure,
            "from": question.first,
            "to": question.last,
            "currency": question.currency,
            "level": question.level,
        }
    )


def _shown(found: Portfolio) -> dict[str, Any]:
    question, result = found.question, found.concentration
    measure = MEASURES[question.measure]

    def amount(value: Number) -> str:
        return str(money(Decimal(str(value)), question.currency))

    ranked = found.ranked
    items = tuple(ParetoItem(_label(holding), holding.amount, _link(holding)) for holding in ranked[:BARS])
    bars = Pareto(items, result.total, f"{measure}, the {len(items)} largest", amount, words=(measure, "Adds up to"))
    curve = Whale(
        tuple(holding.amount for holding in ranked),
        f"{measure}, adding up from the largest to the smallest",
        words=(LEVELS[question.level].lower(), f"share of {measure.lower()}", "peak"),
    )
    deciles = chart_table(
        ("Of all, the first", "hold"),
        [(f"{step * 10} %", _percent(share)) for step, share in enumerate(result.deciles, start=1)],
    )
    return {
        "measure": measure,
        "noun": "groups" if question.level == "group" else "accounts",
        "nouns": "group,groups" if question.level == "group" else "account,accounts",
        "result": result,
        "whale": found.whale,
        "pareto_svg": pareto(bars),
        "pareto_table": bars.table(),
        "whale_svg": whale(curve),
        "deciles": deciles,
        "rows": list(zip(range(1, ROWS + 1), ranked[:ROWS], _shares(found), strict=False)),
        "more": max(0, len(ranked) - ROWS),
    }


def _shares(found: Portfolio) -> Iterator[Decimal | None]:
    """Each account's own share of the total."""
    total = found.ranking.total
    for holding in found.ranked:
        yield holding.amount / total if total > 0 else None


def _label(holding: Holding) -> str:
    return holding.name or "Not visible to you"


def _link(holding: Holding) -> str:
    return reverse("accounts:account-detail", args=[holding.account_id]) if holding.name else ""


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share * 100:.1f} %"
