"""Targets of the portfolio by lead, tier and programme; setting one, and forecasting against it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.access import account_view
from accounts.actions.targets import FIRST_YEAR, LAST_YEAR, make_forecast, set_target
from accounts.forms.targets import ForecastForm, TargetForm, wanted
from accounts.models import Account, Measure
from accounts.queries.targets import Goal, account_goals, current_year, goals_of
from accounts.views.editing import FormPage
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User
from sam.values.results import value_of

NOBODY = "Nobody yet"
YEARS_SHOWN = 3


def may_forecast(user: User, account: Account) -> bool:
    """Who leads the account, or keeps its figures."""
    return can(user, Permission.ACCOUNT_EDIT, on=account) or can(user, Permission.FIGURES_EDIT, on=account)


def _amount_order(pick: Callable[[Goal], Decimal | None]) -> Callable[[Goal], tuple[bool, Decimal]]:
    def key(goal: Goal) -> tuple[bool, Decimal]:
        amount = goal.converted(pick(goal))
        return amount is None, amount or Decimal(0)

    return key


def _share_order(pick: Callable[[Goal], Decimal | None]) -> Callable[[Goal], tuple[bool, Decimal]]:
    def key(goal: Goal) -> tuple[bool, Decimal]:
        share = pick(goal)
        return share is None, share or Decimal(0)

    return key


ORDERS: dict[str, Callable[[Goal], Any]] = {
    "name": lambda goal: goal.account.folded_name,
    "lead": lambda goal: str(goal.account.owner or NOBODY),
    "tier": lambda goal: goal.account.tier,
    "target": _amount_order(lambda goal: goal.standing.target),
    "actual": _amount_order(lambda goal: value_of(goal.standing.to_date)),
    "pace": _share_order(lambda goal: value_of(goal.standing.pace)),
    "forecast": _amount_order(lambda goal: goal.standing.forecast),
    "gap": _amount_order(lambda goal: value_of(goal.standing.gap)),
}


def _sorted(goals: tuple[Goal, ...], order: str) -> list[Goal]:
    """Early warnings first unless somebody asks for another order; what is unknown comes last either way."""
    key = ORDERS.get(order.lstrip("-"))
    if key is None:
        return list(goals)
    if not order.startswith("-"):
        return sorted(goals, key=key)
    falling = sorted(goals, key=key, reverse=True)
    return sorted(falling, key=lambda goal: isinstance(key(goal), tuple) and key(goal)[0])


@page(Permission.SIGNED_IN)
def target_list(request: SignedInRequest) -> HttpResponse:
    """Accounts whose figures the person sees, with totals in the reporting currency."""
    today = timezone.localdate()
    newest = current_year(today)
    years = [newest + 1 - back for back in range(YEARS_SHOWN)]
    year = int(asked) if (asked := request.GET.get("year", "")).isdecimal() and int(asked) in years else newest
    measure = request.GET.get("measure", "")
    measure = measure if measure in Measure.values else Measure.REVENUE
    accounts = Account.objects.visible_to(request.user, Permission.FIGURES_VIEW).live()
    found = goals_of(accounts, year, measure, today)
    context = {
        "found": found,
        "goals": _sorted(found.goals, request.GET.get("sort", "")),
        "total": found.total,
        "groups": [
            ("By lead", found.by(lambda goal: str(goal.account.owner or NOBODY))),
            ("By tier", found.by(lambda goal: goal.account.get_tier_display())),
        ],
        "measures": Measure.choices,
        "measure": measure,
        "years": years,
        "sort": request.GET.get("sort", ""),
        "sees_all": can(request.user, Permission.FIGURES_VIEW),
    }
    return render(request, "accounts/target_list.html", context)


@account_view(Permission.FIGURES_EDIT)
def target_edit(request: SignedInRequest, account: Account, year: int, measure: str) -> HttpResponse:
    """The first target of a year, or another one in its place."""
    _known_or_404(year, measure)
    found = account_goals(account, year, timezone.localdate())
    goal = next(one for one in found.goals if one.measure == measure)

    def save(values: dict[str, Any]) -> str:
        set_target(
            account=account,
            year=year,
            measure=measure,
            wanted=wanted(values),
            revision=values["revision"],
            by=request.user,
        )
        return f"{goal.label} target of {found.label} is saved."

    return FormPage(
        template="accounts/target_edit.html",
        context=account_context(request, account, "accounts:figure-list", found=found, goal=goal),
        build=lambda data: TargetForm(data, target=goal.target, currency=goal.currency),
        save=save,
        done=f"{reverse('accounts:figure-list', args=[account.pk])}#target-panel",
    ).answer(request)


@account_view(Permission.FIGURES_VIEW)
def forecast_new(request: SignedInRequest, account: Account, year: int, measure: str) -> HttpResponse:
    """What the lead or finance expects for the year; earlier forecasts stay."""
    if not may_forecast(request.user, account):
        raise PermissionDenied
    _known_or_404(year, measure)
    found = account_goals(account, year, timezone.localdate())
    goal = next(one for one in found.goals if one.measure == measure)

    def save(values: dict[str, Any]) -> str:
        make_forecast(account=account, year=year, measure=measure, by=request.user, **values)
        return f"{goal.label} forecast of {found.label} is saved; the earlier ones stay."

    return FormPage(
        template="accounts/forecast_new.html",
        context=account_context(request, account, "accounts:figure-list", found=found, goal=goal),
        build=lambda data: ForecastForm(data, initial={"currency": goal.currency, "basis": "lead"}),
        save=save,
        done=f"{reverse('accounts:figure-list', args=[account.pk])}#target-panel",
    ).answer(request)


def _known_or_404(year: int, measure: str) -> None:
    if measure not in Measure.values or not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
