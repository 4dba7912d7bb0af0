"""Configuring the dashboard of account numbers once, and another target for a single account."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.actions.dashboard import (
    discard_dashboard_draft,
    publish_dashboard,
    set_dashboard_change,
    set_dashboard_metrics,
    set_thresholds,
    start_dashboard_draft,
)
from accounts.domain.dashboard import may_have_threshold
from accounts.domain.metrics import BY_KEY, Definition
from accounts.forms.dashboard import (
    TIERS,
    DashboardChangeForm,
    MetricOrderForm,
    PublishForm,
    ThresholdForm,
    size_of,
    unit_of,
)
from accounts.models import Account, DashboardVersion
from accounts.queries.dashboard import dashboard_of, preview
from accounts.views.editing import FormPage
from accounts.views.imports import see
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can


@page(Permission.PORTFOLIO_FIGURES)
def dashboard_detail(request: SignedInRequest) -> HttpResponse:
    """What is in use, and beside it the draft with its effect on the accounts of the programme."""
    live = dashboard_of(DashboardVersion.objects.in_use())
    version = DashboardVersion.objects.draft()
    draft = dashboard_of(version) if version else None
    context = {
        "live": live,
        "draft": draft,
        "shown": draft or live,
        "tiers": TIERS,
        "effect": preview(live, draft or live, timezone.localdate()),
        "may_edit": can(request.user, Permission.RATES_EDIT),
        "earlier": DashboardVersion.objects.filter(state="retired").select_related("published_by"),
    }
    return render(request, "accounts/dashboard_detail.html", context)


@page(Permission.RATES_EDIT)
@require_POST
def dashboard_draft(request: SignedInRequest) -> HttpResponse:
    draft = start_dashboard_draft(by=request.user)
    messages.success(request, f"Version {draft.number} is a draft: nothing changes until you put it into use.")
    return see("accounts:dashboard-detail")


@page(Permission.RATES_EDIT)
@require_POST
def dashboard_discard(request: SignedInRequest) -> HttpResponse:
    discard_dashboard_draft(by=request.user)
    messages.success(request, "The draft is discarded.")
    return see("accounts:dashboard-detail")


def _no_draft() -> HttpResponse:
    """On to the page whose button begins a draft: a question changes nothing, so no message waits either."""
    return see("accounts:dashboard-detail")


@page(Permission.RATES_EDIT)
def dashboard_metrics(request: SignedInRequest) -> HttpResponse:
    """Which metrics come first, in which order."""
    version = DashboardVersion.objects.draft()
    if version is None:
        return _no_draft()
    draft = dashboard_of(version)
    forms: list[MetricOrderForm] = []

    def build(data: Any) -> MetricOrderForm:
        forms.append(MetricOrderForm(data, board=draft))
        return forms[-1]

    def save(values: dict[str, Any]) -> str:
        set_dashboard_metrics(version=version, metrics=forms[-1].order, revision=values["revision"], by=request.user)
        return "The order is saved in the draft."

    return FormPage(
        template="accounts/dashboard_metrics.html",
        context={"draft": draft},
        build=build,
        save=save,
        done=reverse("accounts:dashboard-detail"),
    ).answer(request)


@page(Permission.RATES_EDIT)
def dashboard_thresholds(request: SignedInRequest, metric: str) -> HttpResponse:
    """Target, amber and red of one metric by tier."""
    known, version = _judged_or_404(metric), DashboardVersion.objects.draft()
    if version is None:
        return _no_draft()
    draft = dashboard_of(version)
    forms: list[ThresholdForm] = []

    def build(data: Any) -> ThresholdForm:
        forms.append(ThresholdForm(data, metric=known, board=draft))
        return forms[-1]

    def save(values: dict[str, Any]) -> str:
        set_thresholds(
            version=version,
            metric=metric,
            limits=forms[-1].limits,
            revision=values["revision"],
            by=request.user,
        )
        return f"{known.name}: thresholds are saved in the draft."

    return FormPage(
        template="accounts/dashboard_thresholds.html",
        context={"draft": draft, "metric": known, "unit": unit_of(known)},
        build=build,
        save=save,
        done=reverse("accounts:dashboard-detail"),
    ).answer(request)


@page(Permission.RATES_EDIT)
def dashboard_publish(request: SignedInRequest) -> HttpResponse:
    """Put the draft into use, with a note that says what changes."""
    version = DashboardVersion.objects.draft()
    if version is None:
        return _no_draft()
    draft, live = dashboard_of(version), dashboard_of(DashboardVersion.objects.in_use())

    def save(values: dict[str, Any]) -> str:
        publish_dashboard(version=version, by=request.user, **values)
        return f"Version {version.number} of the dashboard is in use."

    return FormPage(
        template="accounts/dashboard_publish.html",
        context={"draft": draft, "effect": preview(live, draft, timezone.localdate())},
        build=lambda data: PublishForm(data, initial={"revision": version.revision}),
        save=save,
        done=reverse("accounts:dashboard-detail"),
    ).answer(request)


@account_view(Permission.FIGURES_EDIT)
def dashboard_change(request: SignedInRequest, account: Account, metric: str) -> HttpResponse:
    """Another target of a metric for this account, with its reason."""
    known = _judged_or_404(metric)
    live = dashboard_of(DashboardVersion.objects.in_use())
    change = account.dashboard_changes.filter(metric=metric).select_related("set_by").first()

    def save(values: dict[str, Any]) -> str:
        typed: Decimal | None = values["target"]
        target = None if typed is None else typed / size_of(known)
        made = set_dashboard_change(
            account=account,
            metric=metric,
            target=target,
            reason=values["reason"],
            revision=values["revision"],
            by=request.user,
        )
        return f"{known.name}: this account has its own target." if made else f"{known.name}: the tier’s target counts."

    return FormPage(
        template="accounts/dashboard_change.html",
        context=account_context(
            request,
            account,
            "accounts:figure-list",
            metric=known,
            limit=live.limit(metric, account.tier),
            change=change,
        ),
        build=lambda data: DashboardChangeForm(data, metric=known, change=change),
        save=save,
        done=f"{reverse('accounts:figure-list', args=[account.pk])}#metric-table",
    ).answer(request)


def _judged_or_404(metric: str) -> Definition:
    if metric not in BY_KEY or not may_have_threshold(metric):
        raise Http404
    return BY_KEY[metric]
