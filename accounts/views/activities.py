"""Typing how often activities happened, and the yearly rates that price them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.actions.activities import set_volumes
from accounts.actions.activity_rates import copy_rates, set_activity_rate
from accounts.domain.drivers import COUNTED, DRIVERS, Driver, Unit
from accounts.forms.activities import ActivityRateForm, CopyRatesForm, VolumeForm
from accounts.models import Account, ActivityRate, ActivityVolume
from accounts.views.editing import FormPage
from accounts.views.figures import quarter_or_404
from accounts.views.imports import see
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import Organisation
from sam.values.periods import Quarter


@account_view(Permission.FIGURES_EDIT)
def volume_edit(request: SignedInRequest, account: Account, quarter: str) -> HttpResponse:
    """The account's activities of one quarter; imported rows are shown and stay as they are."""
    asked = quarter_or_404(quarter)
    stored = list(account.activity_volumes.filter(period_start=asked.start, months=3).select_related("key"))
    typed = {row.driver: row for row in stored if row.key_id is None}
    form, status = VolumeForm(rows=typed), 200
    if request.method == "POST":
        form = VolumeForm(request.POST, rows=typed)
        status = _save(request, account, asked, form)
        if status == 303:
            return see("accounts:volume-edit", account.pk, str(asked))
    context = account_context(
        request,
        account,
        "accounts:figure-list",
        form=form,
        quarter=asked,
        fields=[(form[key], form[f"{key}_revision"]) for key in COUNTED],
        imported=[row for row in stored if row.key_id is not None],
        address=_address(account, asked),
        before=_address(account, asked.previous()),
        after=_address(account, asked.next()),
    )
    return render(request, "accounts/volume_edit.html", context, status=status)


def _save(request: SignedInRequest, account: Account, quarter: Quarter, form: VolumeForm) -> int:
    """303 when it is written; else 422 or 409 with the reason in the form."""
    if not form.is_valid():
        return 422
    try:
        changed = set_volumes(account=account, period=quarter.period, told=form.told, by=request.user)
    except Stale as stale:
        _show_both(form, request.POST.copy(), stale.current)
        return 409
    except ActionRefused as refused:
        form.add_error(None, refused.message)
        return 409
    except FieldErrors as problem:
        for texts in problem.errors.values():
            form.add_error(None, list(texts))
        return 422
    messages.success(request, f"{changed} of {len(COUNTED)} activities changed in {quarter}.")
    return 303


def _show_both(form: VolumeForm, sent: QueryDict, row: ActivityVolume | None) -> None:
    """What is stored now beside what was typed; the next try names the version that the message shows."""
    if row is None:
        form.add_error(None, "Somebody else changed this first. Save again.")
        return
    form.add_error(row.driver, f"Somebody else wrote {row.quantity.normalize():f} first. Save again to replace it.")
    sent[f"{row.driver}_revision"] = str(row.revision)
    form.data = sent


def _address(account: Account, quarter: object) -> str:
    return reverse("accounts:volume-edit", args=[account.pk, str(quarter)])


@page(Permission.RATES_EDIT)
def activity_rate_list(request: SignedInRequest) -> HttpResponse:
    """All drivers, the years beside each other; a year without a rate says so."""
    years = sorted({*ActivityRate.objects.values_list("year", flat=True), timezone.localdate().year}, reverse=True)[:4]
    rates = {(row.driver, row.year): row for row in ActivityRate.objects.filter(year__in=years)}
    rows = [(driver, [(year, rates.get((driver.key, year))) for year in years]) for driver in DRIVERS.values()]
    newest = max((year for _, year in rates), default=years[0])
    context: dict[str, Any] = {
        "years": years,
        "rows": rows,
        "copy": CopyRatesForm(initial={"year": newest, "into": newest + 1}),
    }
    return render(request, "accounts/activity_rate_list.html", context)


@page(Permission.RATES_EDIT)
def activity_rate_edit(request: SignedInRequest, driver: str, year: int) -> HttpResponse:
    known = _driver(driver)
    if not 1990 <= year <= 2200:
        raise Http404
    row = ActivityRate.objects.filter(driver=driver, year=year).first()
    currency = Organisation.objects.current().reporting_currency

    def save(values: dict[str, Any]) -> str:
        set_activity_rate(
            driver=driver,
            year=year,
            amount=values["amount"],
            currency=values.get("currency", ""),
            variable=values.get("variable") if known.unit is Unit.MONEY else None,
            revision=values["revision"],
            by=request.user,
        )
        return f"{known.label} in {year}: saved. Costs to serve from activities are computed anew."

    return FormPage(
        template="accounts/activity_rate_edit.html",
        context={"driver": known, "year": year},
        build=lambda data: ActivityRateForm(data, driver=driver, row=row, currency=currency),
        save=save,
        done=reverse("accounts:activity-rate-list"),
    ).answer(request)


@page(Permission.RATES_EDIT)
@require_POST
def activity_rate_copy(request: SignedInRequest) -> HttpResponse:
    form = CopyRatesForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write two years from 1990 to 2200.")
        return see("accounts:activity-rate-list")
    try:
        made = copy_rates(year=form.cleaned_data["year"], into=form.cleaned_data["into"], by=request.user)
        messages.success(request, f"{made} rates copied to {form.cleaned_data['into']}.")
    except ActionRefused as refused:
        messages.error(request, refused.message)
    return see("accounts:activity-rate-list")


def _driver(key: str) -> Driver:
    if key not in DRIVERS:
        raise Http404
    return DRIVERS[key]
