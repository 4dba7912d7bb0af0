"""The portfolio: which accounts need me; is the list right?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.actions.owners import bulk_assign_owner
from accounts.actions.saved_views import remove_view, save_view
from accounts.forms.accounts import BulkOwnerForm, ViewForm, active_people, add_errors
from accounts.models import Account
from accounts.queries.export import FIGURE_KINDS, KINDS, export_rows, header, sees_figures
from accounts.queries.listing import (
    NAMES,
    PAGE,
    STATUSES,
    TIERS,
    Chosen,
    Row,
    counts_by_tier,
    page_of,
    views_of,
)
from accounts.queries.portfolio import Window, current_window
from accounts.views.portfolio_rows import printed
from accounts.views.shell import May, TabLink
from sam.core import panels
from sam.core.authorization.guards import SignedInRequest, page, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import FieldErrors
from sam.core.models import Organisation, User
from sam.core.spreadsheets import write_csv, write_xlsx
from sam.core.templatetags.ui import CURRENCY_SIGNS, plain_number
from sam.core.text import whole_number
from sam.values.periods import last_closed_quarter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PROGRAMME = (("global", "global"), ("strategic", "strategic"), ("key", "key"))


@dataclass(frozen=True, slots=True)
class ChipLink:
    label: str
    remove_url: str


class CountedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of a list whose length is known already."""

    def __init__(self, count: int) -> None:
        super().__init__(range(count), PAGE)


@page(Permission.SIGNED_IN)
def account_list(request: SignedInRequest) -> HttpResponse:
    user = request.user
    chosen = Chosen.of(request.GET)
    accounts = chosen.narrowed(Account.objects.visible_to(user), user)
    counts = counts_by_tier(accounts, chosen, user)
    listed = CountedPaginator(sum(counts.values())).get_page(request.GET.get("page"))
    # Read once: the page shell shows it too.
    organisation = Organisation.objects.shown()
    window, rows = _page(accounts, user, chosen, organisation.reporting_currency, (listed.number - 1) * PAGE)
    unit = _unit(rows)
    columns = [column for column in panels.columns() if any(can(user, column.permission, on=r.account) for r in rows)]
    shows_figures = any(row.figures for row in rows)
    assigns = any(can(user, Permission.ACCOUNT_EDIT, on=row.account) for row in rows)
    selects = assigns or can(user, Permission.EXPORT)
    context = {
        "rows": rows,
        "printed": printed(rows, columns, user, size=unit.size, figures=shows_figures, selects=selects),
        "columns": columns,
        "page": listed,
        "sentence": _sentence(counts),
        "counts": counts,
        "organisation": organisation,
        "window": window,
        "unit": unit,
        "revenue_label": f"Revenue, {unit.label}{CURRENCY_SIGNS.get(window.currency, window.currency)}",
        "chosen": chosen,
        "chips": _chips(request, chosen),
        "views": _views(request),
        "may": May(user, None),
        "shows_figures": shows_figures,
        "selects": selects,
        "assigns": assigns,
        "query": _query(request.GET),
        "kept": [(name, request.GET[name]) for name in (*NAMES, "sort") if request.GET.get(name) and name != "q"],
    }
    template = "accounts/_account_table.html" if wants_partial(request) else "accounts/account_list.html"
    return render(request, template, context)


def _page(accounts: Any, user: User, chosen: Chosen, currency: str, offset: int) -> tuple[Window, list[Row]]:
    """Rows in the asked window; without one in the last closed quarter's, or in the newest that has figures at all."""
    today = timezone.localdate()
    window = current_window(today, chosen.to or last_closed_quarter(today), currency=currency)
    rows = page_of(accounts, user, window, chosen.sort, offset)
    if chosen.to is None and rows and not any(row.figures and row.figures.partial is not None for row in rows):
        newest = current_window(today, currency=currency)
        if newest != window:
            return newest, page_of(accounts, user, newest, chosen.sort, offset)
    return window, rows


@dataclass(frozen=True, slots=True)
class Unit:
    label: str
    size: Decimal


def _unit(rows: list[Row]) -> Unit:
    """One unit for the whole column: millions as soon as one account has one."""
    known = [abs(row.figures.partial) for row in rows if row.figures and row.figures.partial is not None]
    if max(known, default=Decimal(0)) >= 1_000_000:
        return Unit("M", Decimal(1_000_000))
    return Unit("k", Decimal(1_000)) if max(known, default=Decimal(0)) >= 10_000 else Unit("", Decimal(1))


def _sentence(counts: Mapping[str, int]) -> str:
    parts = [f"{plain_number(Decimal(counts[tier]), 0)} {word}" for tier, word in PROGRAMME if counts.get(tier)]
    others = counts.get("", 0)
    if others:
        parts.append(f"{plain_number(Decimal(others), 0)} {'outside the programme' if parts else 'accounts'}")
    return ", ".join(parts) + "." if parts else "No account here yet."


def _chips(request: SignedInRequest, chosen: Chosen) -> list[ChipLink]:
    words = {
        "tier": f"Tier: {TIERS.get(chosen.tier, '').lower()}",
        "owner": f"Owner: {_owner_words(chosen.owner)}",
        "country": f"Country: {chosen.country}",
        "industry": f"Industry: {chosen.industry}",
        "status": f"Status: {STATUSES.get(chosen.status, '').lower()}",
        "to": f"12 months to {chosen.to.label}" if chosen.to else "",
        "q": f"“{chosen.q}”",
    }
    return [ChipLink(words[name], "?" + _query(request.GET, without=name)) for name in NAMES if getattr(chosen, name)]


def _owner_words(owner: str) -> str:
    if owner in {"me", "none", ""}:
        return {"me": "me", "none": "nobody", "": ""}[owner]
    found = User.objects.filter(pk=int(owner)).first()
    return str(found) if found else "somebody who is gone"


def _query(given: QueryDict, without: str = "") -> str:
    kept = given.copy()
    for name in {*given} - {*NAMES, "sort"} | {"page", without}:
        kept.pop(name, None)
    return kept.urlencode()


def _views(request: SignedInRequest) -> list[TabLink]:
    """The built-in views, then the person's own; the one that the address shows is current."""
    here, base = _query(request.GET), reverse("accounts:account-list")
    own = views_of(request.user)
    listed = [("All", ""), ("Mine", "owner=me"), ("Without owner", "owner=none"), *own]
    return [TabLink(name, f"{base}?{query}" if query else base, query == here) for name, query in listed]


# --- filters, saved views -------------------------------------------------------------------------------


@page(Permission.SIGNED_IN)
def account_filters(request: SignedInRequest) -> HttpResponse:
    """The filters with their values; as a fragment inside "Add filter", as a page without JavaScript."""
    seen = Account.objects.visible_to(request.user).live()
    context = {
        "chosen": Chosen.of(request.GET),
        "q": request.GET.get("q", ""),
        "sort": request.GET.get("sort", ""),
        "tiers": TIERS.items(),
        "statuses": STATUSES.items(),
        "owners": active_people(None),
        "countries": seen.exclude(country="").order_by("country").values_list("country", flat=True).distinct(),
        "industries": seen.exclude(industry="").order_by("industry").values_list("industry", flat=True).distinct(),
    }
    template = "accounts/_account_filters.html" if wants_partial(request) else "accounts/account_filters.html"
    return render(request, template, context)


@require_POST
@page(Permission.SIGNED_IN)
def view_save(request: SignedInRequest) -> HttpResponse:
    form = ViewForm(request.POST)
    if form.is_valid():
        query = _query(QueryDict(form.cleaned_data["query"].lstrip("?")))
        try:
            view = save_view(name=form.cleaned_data["name"], query=query, by=request.user)
        except FieldErrors as problem:
            add_errors(form, problem)
        else:
            messages.success(request, f"View “{view}” is saved.")
            return redirect(f"{reverse('accounts:account-list')}?{view.query}")
    return render(request, "accounts/view_form.html", {"form": form}, status=422)


@page(Permission.SIGNED_IN)
def view_list(request: SignedInRequest) -> HttpResponse:
    return render(request, "accounts/view_list.html", {"views": request.user.saved_views.all()})


@require_POST
@page(Permission.SIGNED_IN)
def view_remove(request: SignedInRequest, view_id: int) -> HttpResponse:
    view = get_object_or_404(request.user.saved_views, pk=view_id)
    remove_view(view=view, by=request.user)
    messages.success(request, f"View “{view}” is removed.")
    return redirect("accounts:view-list")


# --- several at once ------------------------------------------------------------------------------------


@require_POST
@page(Permission.SIGNED_IN)
def bulk_owner(request: SignedInRequest) -> HttpResponse:
    """First shows whom to choose for the ticked accounts, then names the owner of all of them."""
    form = BulkOwnerForm(request.POST)
    editable = Account.objects.visible_to(request.user, Permission.ACCOUNT_EDIT).live()
    chosen = editable.filter(pk__in=[value for value, _ in form.fields["account"].choices])  # type: ignore[attr-defined]
    if "owner" in request.POST and form.is_valid():
        done = bulk_assign_owner(
            account_ids=form.cleaned_data["account"], owner=form.cleaned_data["owner"], by=request.user
        )
        refused = f" {done.refused} you may not edit stayed as they were." if done.refused else ""
        messages.success(request, f"{form.cleaned_data['owner']} owns {done.changed} more accounts.{refused}")
        return redirect("accounts:account-list")
    if "owner" not in request.POST:
        form = BulkOwnerForm(request.POST)
        form.is_bound = False
    context = {"form": form, "accounts": chosen, "asked": len(form.fields["account"].choices)}  # type: ignore[attr-defined]
    return render(request, "accounts/bulk_owner.html", context, status=422 if form.is_bound else 200)


# --- export -----------------------------------------------------------------------------------------------


@page(Permission.EXPORT)
def account_export(request: SignedInRequest, form: str) -> HttpResponseBase:
    """This view as a file; ticked accounts only where some were ticked. CSV is streamed from a cursor."""
    user, today = request.user, timezone.localdate()
    chosen = Chosen.of(request.GET)
    accounts = chosen.narrowed(Account.objects.visible_to(user), user)
    ticked = [value for value in request.POST.getlist("account") if whole_number(value) is not None]
    if ticked:
        accounts = accounts.filter(pk__in=ticked[:5000])
    window = current_window(today, chosen.to)
    figures = sees_figures(user)
    rows = export_rows(accounts, user, window, chosen.sort, figures=figures)
    columns = header(window, figures=figures)
    name = f"accounts-{today.isoformat()}.{form}"
    if form == "csv":
        answer: HttpResponseBase = StreamingHttpResponse(
            write_csv(rows, columns), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
    kinds = (*KINDS, *FIGURE_KINDS) if figures else KINDS
    file = write_xlsx(rows, columns, column_kinds=kinds, sheet_name="Accounts")  # type: ignore[arg-type]
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
