"""Touchpoints of an account: log, list, change, delete."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.actions.touchpoints import change_touchpoint, delete_touchpoint, log_touchpoint, may_change
from accounts.forms.accounts import TouchpointForm, initial_of
from accounts.models import Account, Touchpoint
from accounts.views.editing import FormPage
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission
from sam.core.text import whole_number

TAB = "accounts:contact-list"
LIST = "accounts:touchpoint-list"
FIELDS = ("kind", "date", "summary", "promised", "minutes", "revision")


@account_view(Permission.PROFILE_VIEW)
def touchpoint_list(request: SignedInRequest, account: Account) -> HttpResponse:
    found = account.touchpoints.prefetch_related("contacts", "people")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    context = account_context(request, account, TAB, page=page)
    context["editable"] = {row.pk for row in page.object_list if may_change(request.user, account, row)}
    return render(request, "accounts/touchpoint_list.html", context)


@account_view(Permission.TOUCHPOINT_LOG)
def touchpoint_new(request: SignedInRequest, account: Account) -> HttpResponse:
    with_whom = [value for value in request.GET.getlist("contact") if whole_number(value) is not None]
    url = reverse("accounts:touchpoint-new", args=[account.pk])
    return FormPage(
        template="accounts/touchpoint_form.html",
        partial="accounts/_touchpoint_form.html",
        context=account_context(request, account, TAB, form_title="Log a touchpoint", button="Log it", form_url=url,
                                cancel_url=reverse(TAB, args=[account.pk])),
        build=lambda data: TouchpointForm(data, account=account, user=request.user, initial={"contacts": with_whom}),
        save=lambda values: log_touchpoint(account=account, by=request.user, **values),
        done=reverse(LIST, args=[account.pk]),
        message="Logged.",
    ).answer(request)  # fmt: skip


@account_view(Permission.TOUCHPOINT_LOG)
def touchpoint_edit(request: SignedInRequest, account: Account, touchpoint_id: int) -> HttpResponse:
    touchpoint = _changeable(request, account, touchpoint_id)
    start = {
        **initial_of(touchpoint, FIELDS),
        "contacts": list(touchpoint.contact_links.values_list("contact_id", flat=True)),
        "people": list(touchpoint.person_links.values_list("user_id", flat=True)),
    }
    url = reverse("accounts:touchpoint-edit", args=[account.pk, touchpoint.pk])
    return FormPage(
        template="accounts/touchpoint_form.html",
        partial="accounts/_touchpoint_form.html",
        context=account_context(request, account, TAB, form_title="Change the touchpoint", form_url=url,
                                cancel_url=reverse(LIST, args=[account.pk])),
        build=lambda data: TouchpointForm(
            data, account=account, user=request.user, touchpoint=touchpoint, initial=start
        ),
        save=lambda values: change_touchpoint(account=account, touchpoint=touchpoint, by=request.user, **values),
        done=reverse(LIST, args=[account.pk]),
    ).answer(request)  # fmt: skip


@require_POST
@account_view(Permission.TOUCHPOINT_LOG)
def touchpoint_delete(request: SignedInRequest, account: Account, touchpoint_id: int) -> HttpResponse:
    touchpoint = _changeable(request, account, touchpoint_id)
    delete_touchpoint(account=account, touchpoint=touchpoint, by=request.user)
    messages.success(request, "Deleted. The trail keeps what it said.")
    return redirect(LIST, account.pk)


def _changeable(request: SignedInRequest, account: Account, touchpoint_id: int) -> Touchpoint:
    touchpoint = get_object_or_404(account.touchpoints, pk=touchpoint_id)
    if not may_change(request.user, account, touchpoint):
        raise PermissionDenied("Somebody else logged this. Ask them or the account's lead to change it.")
    return touchpoint
