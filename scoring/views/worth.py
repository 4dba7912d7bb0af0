"""What outcomes are worth to the client and to us, per account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import account_view
from accounts.models import Account
from accounts.views.editing import FormPage
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused
from scoring.actions.worth import add_worth, edit_worth, remove_worth
from scoring.forms.fields import RevisionForm
from scoring.forms.worth import WorthForm
from scoring.models import OutcomeWorth
from scoring.queries.worth import worth_of
from scoring.views.answers import see_other

TAB = "scoring:account-score"
LIST = "scoring:worth-list"
FIELDS = ("outcome", "client_amount", "our_amount", "currency", "basis", "confirmed", "on", "revision")


@require_GET
@account_view(Permission.FIGURES_VIEW)
def worth_list(request: SignedInRequest, account: Account) -> HttpResponse:
    """Every outcome with what it is worth, what that rests on, and the sum."""
    shown = {"found": worth_of(account), "may_write": may_write(request, account)}
    if wants_partial(request):
        return render(request, "scoring/_worth_panel.html", {"account": account, **shown})
    return render(request, "scoring/worth_list.html", account_context(request, account, TAB, **shown))


def may_write(request: SignedInRequest, account: Account) -> bool:
    return can(request.user, Permission.ACCOUNT_EDIT, on=account)


def _form_page(request: SignedInRequest, account: Account, title: str, **options: Any) -> HttpResponse:
    return FormPage(
        template="scoring/worth_form.html",
        context=account_context(request, account, TAB, title=title, **options.pop("context", {})),
        done=reverse(LIST, args=[account.pk]),
        **options,
    ).answer(request)


@require_http_methods(["GET", "POST"])
@account_view(Permission.ACCOUNT_EDIT)
def worth_new(request: SignedInRequest, account: Account) -> HttpResponse:
    initial = {"currency": account.currency, "on": timezone.localdate()}

    def save(values: dict[str, Any]) -> str:
        values.pop("revision")
        add_worth(account=account, by=request.user, **values)
        return "The outcome is recorded."

    return _form_page(
        request, account, "Record an outcome", build=lambda data: WorthForm(data, initial=initial), save=save
    )


@require_http_methods(["GET", "POST"])
@account_view(Permission.ACCOUNT_EDIT)
def worth_edit(request: SignedInRequest, account: Account, worth_id: int) -> HttpResponse:
    worth = get_object_or_404(account.outcome_worths, pk=worth_id)
    initial = {name: getattr(worth, name) for name in FIELDS}

    def save(values: dict[str, Any]) -> str:
        values["revision"] = values["revision"] or 0
        edit_worth(account=account, worth=worth, by=request.user, **values)
        return "The outcome is changed."

    return _form_page(
        request, account, "Change an outcome", build=lambda data: WorthForm(data, initial=initial), save=save,
        context={"worth": worth},
    )  # fmt: skip


@require_POST
@account_view(Permission.ACCOUNT_EDIT)
def worth_remove(request: SignedInRequest, account: Account, worth_id: int) -> HttpResponse:
    worth: OutcomeWorth = get_object_or_404(account.outcome_worths, pk=worth_id)
    form = RevisionForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        remove_worth(account=account, worth=worth, revision=form.cleaned_data["revision"], by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, "The outcome is removed. The trail keeps it.")
    return see_other(LIST, account.pk)
