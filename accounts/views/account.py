"""An account's own pages: overview, new, change, archive, merge, keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template import Context
from django.template.context_processors import csrf
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.actions.accounts import archive_account, change_account, create_account, restore_account
from accounts.actions.keys import add_key, remove_key
from accounts.actions.merging import merge_accounts
from accounts.forms.accounts import AccountForm, KeyForm, MergeForm, initial_of
from accounts.models import Account
from accounts.queries.contacts import touch_map
from accounts.queries.portfolio import NO_FIGURES, AccountFigures, Window, current_window
from accounts.queries.units import Group, group_of
from accounts.views.editing import FormPage
from accounts.views.shell import May, account_context
from sam.core import panels
from sam.core.authorization.guards import SignedInRequest, page, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.charts import Bar, BarsWithPlan, Spark, bars_with_plan, heat_map, spark
from sam.core.errors import ActionRefused
from sam.core.models import Organisation, User
from sam.core.templatetags.ui import plain_number
from sam.core.text import whole_number
from sam.values.periods import Quarter, last_closed_quarter
from sam.values.results import value_of

FIELDS = ("name", "status", "owner", "parent", "industry", "region", "country", "currency", "website", "revision")
MOST_NAMES = 12


@dataclass(frozen=True, slots=True)
class RegisteredPanel:
    title: str
    html: SafeString
    wide: bool


@account_view(Permission.ACCOUNT_VIEW)
def account_detail(request: SignedInRequest, account: Account) -> HttpResponse:
    if account.status == Account.Status.MERGED and account.merged_into_id:
        if can(request.user, Permission.ACCOUNT_VIEW, on=account.merged_into):
            messages.info(request, f"{account} was merged into this account.")
        return redirect("accounts:account-detail", account.merged_into_id)
    user, today = request.user, timezone.localdate()
    if wants_partial(request) and "panel" in request.GET:
        return HttpResponse(_one_panel(request, account, request.GET["panel"]))
    context = account_context(request, account, "accounts:account-detail")
    may: May = context["may"]
    # Read once: the page shell shows it too.
    organisation = Organisation.objects.shown()
    window, group, figures = (
        _figures(account, user, organisation.reporting_currency)
        if may.figures_view
        else (None, group_of(account, user, None), None)
    )
    context |= {
        "organisation": organisation,
        "window": window,
        "group": group,
        "figures": figures,
        "sparks": _sparks(figures) if figures else {},
        "registered_figures": _registered_figures(account, user),
        "revenue_chart": _revenue_chart(figures, window) if figures and window else None,
        "registered_panels": _registered_panels(request, account),
        "figures_url": reverse("accounts:figure-list", args=[account.pk]),
        "parent_seen": account.parent is not None and can(user, Permission.ACCOUNT_VIEW, on=account.parent),
    }
    if may.profile_view:
        people_url = reverse("accounts:contact-list", args=[account.pk])
        heat = touch_map(account, today, people_url)
        context |= {"heat": heat, "heat_svg": heat_map(heat) if heat else None, "people_url": people_url}
    return render(request, "accounts/account_detail.html", context)


def _figures(account: Account, user: User, currency: str) -> tuple[Window, Group, AccountFigures]:
    """The window ends with the last closed quarter, or with the newest one that has figures where that has none."""
    today = timezone.localdate()
    window = current_window(today, last_closed_quarter(today), currency=currency)
    group = group_of(account, user, window)
    if account.pk not in group.figures:
        older = current_window(today, for_accounts=[account.pk], currency=currency)
        if older != window:
            window, group = older, group_of(account, user, older)
    return window, group, group.figures.get(account.pk, NO_FIGURES)


def _sparks(figures: AccountFigures) -> dict[str, SafeString]:
    growth = value_of(figures.growth)
    tone = "brand" if growth is None else "good" if growth >= 0 else "bad"
    return {"revenue": spark(Spark(figures.trend, "Revenue of eight quarters", tone=tone), width=80, height=26)}  # type: ignore[arg-type]


def _revenue_chart(figures: AccountFigures, window: Window) -> BarsWithPlanView | None:
    quarters: tuple[Quarter, ...] = (*window.quarters, window.last.next())
    actual: tuple[Decimal | None, ...] = (*figures.trend, None)
    known = [abs(value) for value in (*actual, *figures.plan) if value is not None]
    if not known:
        return None
    unit, size = amount_unit(max(known), window.currency)
    bars = tuple(
        Bar(quarter.label, _scaled(done, size), _scaled(plan, size))
        for quarter, done, plan in zip(quarters, actual, figures.plan, strict=True)
        if done is not None or plan is not None or quarter != quarters[-1]
    )
    chart = BarsWithPlan(bars, "Revenue against plan", unit, show=_shown)
    return BarsWithPlanView(bars_with_plan(chart), chart.table(), f"{unit}, dark tick is plan")


@dataclass(frozen=True, slots=True)
class BarsWithPlanView:
    svg: SafeString
    table: Any
    note: str


def amount_unit(greatest: Decimal, currency: str) -> tuple[str, Decimal]:
    sign = {"EUR": "€", "GBP": "£", "USD": "$"}.get(currency, f" {currency}")
    if greatest >= 1_000_000:
        return f"M{sign}", Decimal(1_000_000)
    return (f"k{sign}", Decimal(1_000)) if greatest >= 1_000 else (sign.strip(), Decimal(1))


def _scaled(value: Decimal | None, size: Decimal) -> Decimal | None:
    return value / size if value is not None else None


def _shown(value: Any) -> str:
    return plain_number(Decimal(str(value)), 1)


def _registered_figures(account: Account, user: User) -> list[Mapping[str, Any]]:
    found = [figure.build(account, user) for figure in panels.figures() if can(user, figure.permission, on=account)]
    return [entry for entry in found if entry is not None]


def _registered_panels(request: SignedInRequest, account: Account) -> list[RegisteredPanel]:
    found = []
    for panel in panels.panels():
        if not can(request.user, panel.permission, on=account):
            continue
        html = _loads_itself(panel, account) if panel.later else _drawn(request, account, panel)
        if html is not None:
            found.append(RegisteredPanel(panel.title, html, panel.wide))
    return found


def _drawn(request: SignedInRequest, account: Account, panel: panels.Panel) -> SafeString | None:
    """The panel's content. Its template gets the request, but not what only the frame of a page needs."""
    context = panel.build(account, request.user)
    if context is None:
        return None
    shared = {"account": account, "may": May(request.user, account), "request": request, **csrf(request)}
    template: Any = get_template(panel.template)
    drawn: SafeString = template.template.render(Context({**shared, **context}))
    return drawn


def _loads_itself(panel: panels.Panel, account: Account) -> SafeString:
    """A link to the tab that tells the same; with JavaScript the panel takes its place."""
    here, tab = (reverse(name, args=[account.pk]) for name in ("accounts:account-detail", panel.later))
    return format_html(
        '<p hx-get="{}?panel={}" hx-trigger="load" hx-swap="outerHTML"><a class="link" href="{}">{}</a></p>',
        here,
        panel.key,
        tab,
        panel.title,
    )


def _one_panel(request: SignedInRequest, account: Account, key: str) -> SafeString:
    """What a panel that loads itself asks for. 404 for an unknown one, 403 for one the person may not see."""
    panel = next((panel for panel in panels.panels() if panel.key == key), None)
    if panel is None:
        raise Http404
    if not can(request.user, panel.permission, on=account):
        raise PermissionDenied
    return _drawn(request, account, panel) or SafeString("")


# --- new, change --------------------------------------------------------------------------------------


@page(Permission.ACCOUNT_CREATE)
def account_new(request: SignedInRequest) -> HttpResponse:
    return FormPage(
        template="accounts/account_new.html",
        context={
            "form_title": "New account",
            "button": "Create account",
            "cancel_url": reverse("accounts:account-list"),
        },
        build=lambda data: AccountForm(data, user=request.user, initial={"owner": request.user.pk}),
        save=lambda values: create_account(by=request.user, **values),
        done=lambda account: reverse("accounts:account-detail", args=[account.pk]),
        message="The account is there. Next: who is on its team, and who are its people?",
    ).answer(request)


@account_view(Permission.ACCOUNT_EDIT)
def account_edit(request: SignedInRequest, account: Account) -> HttpResponse:
    here = reverse("accounts:account-detail", args=[account.pk])
    return FormPage(
        template="accounts/account_form.html",
        context=account_context(request, account, "", form_title="Change the account", cancel_url=here),
        build=lambda data: AccountForm(data, user=request.user, account=account, initial=initial_of(account, FIELDS)),
        save=lambda values: change_account(account=account, by=request.user, **values),
        done=here,
    ).answer(request)


@require_POST
@account_view(Permission.ACCOUNT_EDIT)
def account_archive(request: SignedInRequest, account: Account) -> HttpResponse:
    """Archive, or bring back what is archived."""
    archived = account.status == Account.Status.ARCHIVED
    write = restore_account if archived else archive_account
    done = f"{account} is active again." if archived else f"{account} is archived. It is no longer in lists and counts."
    return _do(request, account, lambda seen: write(account=account, revision=seen, by=request.user), done)


def _do(request: SignedInRequest, account: Account, write: Any, done: str) -> HttpResponse:
    """A button that names the revision it saw; refusals are told, nothing else happens."""
    seen = whole_number(request.POST.get("revision", ""))
    try:
        write(-1 if seen is None else seen)
        messages.success(request, done)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    return redirect("accounts:account-detail", account.pk)


@account_view(Permission.ACCOUNT_EDIT)
def account_merge(request: SignedInRequest, account: Account) -> HttpResponse:
    seen = Account.objects.visible_to(request.user, Permission.ACCOUNT_EDIT).live().exclude(pk=account.pk)
    return FormPage(
        template="accounts/account_merge.html",
        context=account_context(request, account, "", form_title=f"Merge {account}", button="Merge",
                                cancel_url=reverse("accounts:account-detail", args=[account.pk])),
        build=lambda data: MergeForm(data, seen=seen),
        save=lambda values: merge_accounts(account=account, into=values["into"], by=request.user).sentence,
        done=lambda _: reverse("accounts:account-detail", args=[account.pk]),
    ).answer(request)  # fmt: skip


# --- keys ---------------------------------------------------------------------------------------------


@account_view(Permission.PROFILE_VIEW)
def key_list(request: SignedInRequest, account: Account) -> HttpResponse:
    return render(
        request, "accounts/key_list.html", account_context(request, account, "", form=KeyForm(), **_keys(account))
    )


@require_POST
@account_view(Permission.ACCOUNT_EDIT)
def key_add(request: SignedInRequest, account: Account) -> HttpResponse:
    return FormPage(
        template="accounts/key_list.html",
        context=account_context(request, account, "", **_keys(account)),
        build=KeyForm,
        save=lambda values: add_key(account=account, by=request.user, **values),
        done=reverse("accounts:key-list", args=[account.pk]),
        message="The key is added: rows under it land here.",
    ).answer(request)


@require_POST
@account_view(Permission.ACCOUNT_EDIT)
def key_remove(request: SignedInRequest, account: Account, key_id: int) -> HttpResponse:
    try:
        remove_key(account=account, key=get_object_or_404(account.keys, pk=key_id), by=request.user)
        messages.success(request, "The key is removed.")
    except ActionRefused as problem:
        messages.error(request, problem.message)
    return redirect("accounts:key-list", account.pk)


def _keys(account: Account) -> dict[str, Any]:
    return {"keys": account.keys.all()}


@page(Permission.SIGNED_IN)
def account_names(request: SignedInRequest) -> HttpResponse:
    """Suggestions for a field that takes an account: options with name and number."""
    typed = next((str(value) for name, value in request.GET.items() if name in {"parent", "into", "account"}), "")
    found = Account.objects.visible_to(request.user).live().matching(typed.partition(" (#")[0])[:MOST_NAMES]
    return render(request, "accounts/_account_names.html", {"found": found if typed.strip() else []})
