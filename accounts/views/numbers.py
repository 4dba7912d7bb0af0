"""The Numbers tab: P&L with its waterfall, metrics, mix, quarters with their lines, and the rates behind amounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.access import account_view
from accounts.domain.metrics import BY_KEY, Metric
from accounts.domain.pnl import LABELS, NOT_EXPLAINED, PRICE_LINES
from accounts.models import Account
from accounts.queries.account_pnl import Section, account_pnl
from accounts.queries.dashboard import Judged, judged_metrics
from accounts.queries.group_pnl import group_pnl
from accounts.queries.targets import account_goals, current_year
from accounts.views.account import amount_unit
from accounts.views.shell import account_context, url_if_known
from accounts.views.targets import may_forecast
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.charts import ChartTable, Number, Spark, Step, Waterfall, spark, waterfall
from sam.core.templatetags.ui import plain_number
from sam.values.periods import last_closed_quarter
from sam.values.results import Result, value_of

MIX = {"offer": "By offer", "unit": "By unit"}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A waterfall as it stands on the page."""

    section: Section
    svg: SafeString
    table: ChartTable
    unit: str


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric in the table, with its line of eight quarters and the page that explains it."""

    metric: Metric
    judged: Judged
    last: Result
    trend: SafeString
    url: str


@account_view(Permission.FIGURES_VIEW)
def figure_list(request: SignedInRequest, account: Account) -> HttpResponse:
    today = timezone.localdate()
    pnl = account_pnl(account, last_closed_quarter(today))
    first, more = ([_metric_row(one, account) for one in part] for part in judged_metrics(account, pnl.metrics))
    sections = (pnl.year, pnl.quarter) if pnl.numbers.quarters else ()
    return render(
        request,
        "accounts/figure_list.html",
        account_context(
            request,
            account,
            "accounts:figure-list",
            pnl=pnl,
            numbers=pnl.numbers,
            waterfalls=[drawn_waterfall(section, pnl.currency, account) for section in sections],
            metrics=first,
            more_metrics=more,
            may_configure=can(request.user, Permission.PORTFOLIO_FIGURES),
            mix=[(MIX[dimension], found) for dimension, found in pnl.mix.items()],
            group=group_pnl(account, request.user, pnl.last),
            targets=account_goals(account, current_year(today), today),
            may_forecast=may_forecast(request.user, account),
            edit_url=url_if_known("accounts:figure-edit", account.pk),
            volumes_url=reverse("accounts:volume-edit", args=[account.pk, str(pnl.last)]),
        ),
    )


@account_view(Permission.FIGURES_VIEW)
def metric_detail(request: SignedInRequest, account: Account, metric: str) -> HttpResponse:
    """How one number came about: formula, inputs, the quarters it was computed from, and what is missing."""
    if metric not in BY_KEY:
        raise Http404
    pnl = account_pnl(account, last_closed_quarter(timezone.localdate()))
    found = next(one for one in pnl.metrics if one.key == metric)
    context = account_context(
        request,
        account,
        "accounts:figure-list",
        pnl=pnl,
        metric=found,
        rows=list(zip(pnl.rows, found.trend, strict=True))[::-1],
        columns=_columns(found),
    )
    return render(request, "accounts/metric_detail.html", context)


def _metric_row(judged: Judged, account: Account) -> MetricRow:
    metric = judged.metric
    values = tuple(value_of(one) for one in metric.trend)
    return MetricRow(
        metric,
        judged,
        metric.trend[-1],
        spark(Spark(values, f"{metric.name}, eight quarters", tone=_tone(metric, values)), width=96, height=26),
        reverse("accounts:metric-detail", args=[account.pk, metric.key]),
    )


def _tone(metric: Metric, values: tuple[Decimal | None, ...]) -> Any:
    """Green where the last known quarter is better than the one a year before it, red where it is worse."""
    if len(values) < 5 or values[-1] is None or values[-5] is None or values[-1] == values[-5]:
        return "brand"
    return "good" if (values[-1] > values[-5]) is not metric.low_is_good else "bad"


# Lines behind each metric, for the table of the quarters it was computed from.
BEHIND = {
    "revenue": ("list_revenue", "on_invoice_discounts", "rebates", "freight", "payment_terms", "revenue"),
    "growth": ("revenue",),
    "gross_margin": ("revenue", "cost_of_goods", "cost_of_goods_fixed"),
    "cost_to_serve": ("cost_to_serve", "cost_to_serve_variable"),
    "contribution": ("revenue", "cost_of_goods", "cost_of_goods_fixed", "cost_to_serve"),
    "price_realisation": ("list_revenue", "on_invoice_discounts", "rebates", "freight", "payment_terms", "revenue"),
    "share_of_wallet": ("revenue", "client_spend"),
    "days_sales_outstanding": ("receivables", "revenue"),
    "cost_of_receivables": ("receivables",),
}
BEHIND |= dict.fromkeys(
    ("contribution_margin", "pocket_margin", "return_on_investment", "lifetime_value"), BEHIND["contribution"]
)


def _columns(metric: Metric) -> list[tuple[str, str]]:
    return [(name, LABELS[name]) for name in BEHIND[metric.key]]


# The metric that explains a step; every activity is a part of cost to serve.
EXPLAINED_BY = {
    **dict.fromkeys(("list_revenue", *PRICE_LINES, NOT_EXPLAINED), "price_realisation"),
    "revenue": "revenue",
    "cost_of_goods": "gross_margin",
    "gross_profit": "gross_margin",
    "contribution": "contribution",
}


def drawn_waterfall(section: Section, currency: str, account: Account) -> Drawn:
    """The waterfall in the unit that suits its largest step; each step leads to what explains it."""
    bars = section.waterfall.bars
    unit, size = amount_unit(max((abs(bar.amount) for bar in bars), default=Decimal(1)), currency)
    show = _show(size)
    chart = Waterfall(
        tuple(Step(bar.label, bar.amount / size, total=bar.total, href=_explanation(account, bar.key)) for bar in bars),
        f"From {bars[0].label.lower()} to {bars[-1].label.lower()}, {section.label}" if bars else "No figures",
        show=show,
        show_axis=_show_axis,
        word=unit,
    )
    return Drawn(section, waterfall(chart, width=960, height=270), chart.table(), unit)


def _explanation(account: Account, step: str) -> str:
    return reverse("accounts:metric-detail", args=[account.pk, EXPLAINED_BY.get(step, "cost_to_serve")])


def _show_axis(value: Number) -> str:
    """As few decimals as tell the steps apart."""
    tick = Decimal(str(value))
    return plain_number(tick, 0 if tick == tick.to_integral_value() else 1)


def _show(size: Decimal) -> Callable[[Number], str]:
    decimals = 2 if size > 1 else 0
    return lambda value: plain_number(Decimal(str(value)), decimals)
