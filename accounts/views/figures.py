"""Typing an account's figures of a quarter, and the exchange rates."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from accounts.access import account_view
from accounts.actions.figures import set_figure, set_rate
from accounts.forms.figures import FigureForm, RateForm
from accounts.models import Account, Figure
from accounts.views.imports import see
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import ExchangeRate, Organisation
from sam.values.periods import Quarter, last_closed_quarter


@account_view(Permission.FIGURES_EDIT)
def figure_edit(request: SignedInRequest, account: Account, quarter: str = "", kind: str = "actual") -> HttpResponse:
    """The account's figures of one quarter: one form per imported row, or one to type them."""
    asked = quarter_or_404(quarter) if quarter else last_closed_quarter(timezone.localdate())
    if kind not in Figure.Kind.values:
        raise Http404
    rows = list(
        account.figures.filter(period_start=asked.start, months=3, kind=kind).select_related("key").order_by("pk")
    )
    sent: FigureForm | None = None
    if request.method == "POST":
        sent = FigureForm(data=request.POST.dict(), account=account, prefix=_prefix(request, rows))
        if sent.is_valid() and _save(request, account, asked, kind, sent):
            messages.success(request, f"Figures of {asked} are saved.")
            return see("accounts:figure-edit", account.pk, str(asked), kind)
    forms = _forms(account, rows, sent)
    context = {
        "account": account,
        "quarter": asked,
        "before": _address(account, asked.previous(), kind),
        "after": _address(account, asked.next(), kind),
        "kind": Figure.Kind(kind),
        "kinds": [(choice, label, _address(account, asked, choice)) for choice, label in Figure.Kind.choices],
        "forms": forms,
        "address": _address(account, asked, kind),
    }
    return render(request, "accounts/figure_edit.html", context, status=200 if sent is None else 422)


def _forms(account: Account, rows: list[Figure], sent: FigureForm | None) -> list[tuple[Figure | None, FigureForm]]:
    shown: list[tuple[Figure | None, FigureForm]] = [
        (row, FigureForm(account=account, figure=row, prefix=str(row.pk))) for row in rows
    ]
    if not shown:
        shown = [(None, FigureForm(account=account, prefix="new"))]
    if sent is not None:
        shown = [(row, sent if form.prefix == sent.prefix else form) for row, form in shown]
        if all(form is not sent for _, form in shown):
            shown.append((None, sent))
    return shown


def _prefix(request: SignedInRequest, rows: list[Figure]) -> str:
    given = request.POST.get("form", "new")
    return given if given in {str(row.pk) for row in rows} else "new"


def _save(request: SignedInRequest, account: Account, quarter: Quarter, kind: str, form: FigureForm) -> bool:
    data = form.cleaned_data
    key = get_object_or_404(account.keys, pk=data["key"]) if data["key"] else None
    try:
        set_figure(
            account=account,
            period=quarter.period,
            kind=kind,
            values=form.values,
            revision=data["revision"],
            by=request.user,
            currency=data["currency"],
            status=data["status"],
            key=key,
        )
    except Stale as stale:
        form.add_error(None, _both(form, stale.current))
    except ActionRefused as refused:
        form.add_error(None, refused.message)
    except FieldErrors as problem:
        for name, texts in problem.errors.items():
            form.add_error(name if name in form.fields else None, list(texts))
    return not form.errors


def _both(form: FigureForm, current: Figure) -> str:
    """What is stored now, beside what the person typed; saving again replaces it."""
    stored = ", ".join(
        f"{form.fields[name].label} {getattr(current, name)}"
        for name in form.values
        if getattr(current, name) != form.values[name]
    )
    # The next try names the version that the message shows.
    form.data = {**form.data, form.add_prefix("revision"): str(current.revision)}
    return f"Somebody else changed this first. Stored now: {stored or 'the same figures'}. Save again to replace it."


def _address(account: Account, quarter: Quarter, kind: str) -> str:
    return reverse("accounts:figure-edit", args=[account.pk, str(quarter), kind])


def quarter_or_404(text: str) -> Quarter:
    try:
        return Quarter.parse(text)
    except ValueError as problem:
        raise Http404 from problem


@page(Permission.RATES_EDIT)
def rate_list(request: SignedInRequest) -> HttpResponse:
    """Rates per quarter into the reporting currency, and a form for one more."""
    into = Organisation.objects.current().reporting_currency
    asked = {name: request.GET.get(name, "") for name in ("currency", "quarter")}
    form = RateForm(request.POST.dict() if request.method == "POST" else None, initial=asked)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if _set_rate(request, form):
            messages.success(request, f"{data['currency']} in {data['quarter']}: {data['rate']} {into}.")
            return see("accounts:rate-list")
    rates = [
        {"rate": rate, "quarter": Quarter.containing(rate.quarter_start)}
        for rate in ExchangeRate.objects.filter(into=into)
    ]
    context: dict[str, Any] = {"form": form, "rates": rates, "into": into}
    return render(request, "accounts/rate_list.html", context, status=422 if form.errors else 200)


@page(Permission.RATES_EDIT)
def rate_edit(request: SignedInRequest, rate_id: int) -> HttpResponse:
    rate = get_object_or_404(ExchangeRate, pk=rate_id)
    quarter = str(Quarter.containing(rate.quarter_start))
    facts = {"currency": rate.currency, "quarter": quarter, "rate": rate.rate, "revision": rate.revision}
    data = {**request.POST.dict(), "currency": rate.currency, "quarter": quarter} if request.method == "POST" else None
    form = RateForm(data, initial=facts)
    if request.method == "POST" and form.is_valid() and _set_rate(request, form):
        messages.success(request, "The rate is saved.")
        return see("accounts:rate-list")
    context = {"form": form, "rate": rate, "quarter": quarter}
    return render(request, "accounts/rate_edit.html", context, status=422 if form.errors else 200)


def _set_rate(request: SignedInRequest, form: RateForm) -> bool:
    data = form.cleaned_data
    try:
        set_rate(
            currency=data["currency"],
            quarter=data["quarter"],
            rate=data["rate"],
            revision=data["revision"],
            by=request.user,
        )
    except Stale as stale:
        form.data = {**form.data, "revision": str(stale.current.revision)}
        form.add_error("rate", f"Somebody else set it to {stale.current.rate}. Save again to replace it.")
    except ActionRefused as refused:
        form.add_error(None, refused.message)
    except FieldErrors as problem:
        for name, texts in problem.errors.items():
            form.add_error(name if name in form.fields else None, list(texts))
    return not form.errors
