"""Finance's own view of the portfolio: totals, whale curve, what eats the margin, and the work list of missing data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from accounts.queries.finance import Finance, Row, choices_of, filtered, finance_view
from accounts.queries.finance_gaps import MOST, Gap, Gaps, gaps_of
from accounts.queries.portfolio import current_window
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.charts import Whale, whale
from sam.core.spreadsheets import write_csv
from sam.values.periods import last_closed_quarter
from sam.values.results import Computed, Missing, Result, value_of

PER_PAGE = 25
SHOWN = 6
"""Lines of a kind that are open at once."""
FILTERS = ("tier", "region", "lead")
TIERS = [*((tier.value, tier.label) for tier in Account.Tier if tier.value), ("none", "Not in the programme")]


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of missing data, with its lines and the one button that mends each."""

    title: str
    why: str
    lines: Sequence[tuple[Gap, str]]
    button: str
    more: int

    @property
    def first(self) -> Sequence[tuple[Gap, str]]:
        return self.lines[:SHOWN]

    @property
    def rest(self) -> Sequence[tuple[Gap, str]]:
        return self.lines[SHOWN:]


@page(Permission.PORTFOLIO_FIGURES)
def finance(request: SignedInRequest) -> HttpResponse:
    accounts = _asked(request)
    found = _found(request, accounts)
    shows_all = request.GET.get("show") == "all"
    regions, leads = choices_of(request.user)
    keeps = can(request.user, Permission.FIGURES_EDIT)
    work = _work(gaps_of(accounts, last_closed_quarter(timezone.localdate())), request) if keeps else []
    amounts = found.amounts
    curve = Whale(amounts, "Contribution, adding up from the largest to the smallest", words=WHALE_WORDS)
    context = {
        "found": found,
        "currency": found.window.currency,
        "page": Paginator(found.rows if shows_all else found.beyond, PER_PAGE).get_page(request.GET.get("page")),
        "shows_all": shows_all,
        "whale": found.whale,
        "whale_svg": whale(curve),
        "gross_margin": _gross_margin(found),
        "serve": found.ratio("cost_to_serve"),
        "realisation": found.ratio("revenue", "list_revenue"),
        "days": found.ratio("receivables", "revenue", 365),
        "work": work,
        "work_count": sum(len(one.lines) + one.more for one in work),
        "keeps": keeps,
        "tiers": TIERS,
        "regions": regions,
        "leads": leads,
        "chosen": {name: request.GET.get(name, "") for name in FILTERS},
        "query": _query(request),
    }
    return render(request, "accounts/finance.html", context)


WHALE_WORDS = ("accounts", "share of contribution", "peak")


@page(Permission.PORTFOLIO_FIGURES)
def finance_csv(request: SignedInRequest) -> HttpResponseBase:
    """Every account of the view, the smallest contribution first."""
    found = _found(request, _asked(request))
    response = StreamingHttpResponse(write_csv(_csv_rows(found), CSV_HEADER), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="finance-{found.window.last}.csv"'
    return response


CSV_HEADER = [
    "account", "tier", "region", "lead", "currency", "list revenue", "discounts on the invoice", "rebates", "freight",
    "payment terms", "revenue", "cost of goods", "cost to serve", "contribution", "contribution margin",
    "price realisation", "days sales outstanding", "what eats the margin", "not computable because",
]  # fmt: skip


def _csv_rows(found: Finance) -> Iterator[list[object]]:
    for row in found.rows:
        lines, gross = row.lines, value_of(row.lines.gross_profit)
        goods = None if gross is None or lines.revenue is None else lines.revenue - gross
        yield [
            row.name or "Not visible to you", row.tier, row.region, row.lead, found.window.currency,
            lines.list_revenue, lines.on_invoice_discounts, lines.rebates, lines.freight, lines.payment_terms,
            lines.revenue, goods, lines.cost_to_serve, value_of(row.contribution), value_of(row.margin),
            value_of(row.price_realisation), value_of(row.days_sales_outstanding),
            "; ".join(f"{one.label} {one.share:.3f} of revenue" for one in row.eats), _reason(row),
        ]  # fmt: skip


def _reason(row: Row) -> str:
    return getattr(row.contribution, "reason", "")


def _asked(request: SignedInRequest) -> Any:
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    # Whoever sees the whole portfolio's figures may not see every name: then the rows stand without one.
    return filtered(Account.objects.live(), **chosen)


def _found(request: SignedInRequest, accounts: Any) -> Finance:
    return finance_view(request.user, accounts, current_window(timezone.localdate()))


def _gross_margin(found: Finance) -> tuple[Result, int]:
    known = [row for row in found.known if row.lines.revenue is not None]
    gross = sum((value_of(row.lines.gross_profit) or Decimal(0) for row in known), Decimal(0))
    revenue = sum((row.lines.revenue or Decimal(0) for row in known), Decimal(0))
    return _fraction(gross, revenue), len(known)


def _fraction(part: Decimal, whole: Decimal) -> Result:
    return Computed(part / whole) if whole > 0 else Missing("no account has both figures")


def _query(request: SignedInRequest) -> str:
    return urlencode({name: text for name in FILTERS if (text := request.GET.get(name, ""))})


def _work(gaps: Gaps, request: SignedInRequest) -> list[Work]:
    rates = can(request.user, Permission.RATES_EDIT)
    kinds = [
        ("Closed quarters without figures", "They count as unknown, never as zero, and keep the account out of every "
         "total.", gaps.figures, "Enter figures", _figure_url),
        ("Missing exchange rates", "Figures in these currencies are in no total.", gaps.rates if rates else (),
         "Add the rate", _rate_url),
        ("Lines that do not add up", "List revenue less discounts, rebates, freight and terms differs from revenue.",
         gaps.lines, "Correct", _figure_url),
        ("Cost of goods unknown", "Without it there is no margin and no contribution.", gaps.goods, "Enter the cost",
         _figure_url),
        ("Cost to serve unknown", "Enter how often activities happened, or a better figure.", gaps.serve,
         "Enter activities", _volume_url),
        ("Wallet unknown", "Nobody wrote what the client spends in our categories: no share of wallet.", gaps.wallet,
         "Enter client spend", _last_figure_url),
    ]  # fmt: skip
    return [
        Work(title, why, [(gap, url(gap)) for gap in lines[:MOST]], button, max(0, len(lines) - MOST))
        for title, why, lines, button, url in kinds
        if lines
    ]


def _figure_url(gap: Gap) -> str:
    return reverse("accounts:figure-edit", args=[gap.account_id, str(gap.first)])


def _last_figure_url(gap: Gap) -> str:
    return reverse("accounts:figure-edit", args=[gap.account_id, str(gap.quarters[-1])])


def _volume_url(gap: Gap) -> str:
    return reverse("accounts:volume-edit", args=[gap.account_id, str(gap.first)])


def _rate_url(gap: Gap) -> str:
    return f"{reverse('accounts:rate-list')}?{urlencode({'currency': gap.name, 'quarter': str(gap.first)})}"
