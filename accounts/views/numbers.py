"""The Numbers tab: figures by quarter, gaps named. Entering them is its own page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import account_view
from accounts.models import Account
from accounts.queries.numbers import numbers_of
from accounts.views.shell import account_context, url_if_known
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission
from sam.values.periods import last_closed_quarter


@account_view(Permission.FIGURES_VIEW)
def figure_list(request: SignedInRequest, account: Account) -> HttpResponse:
    numbers = numbers_of(account, last_closed_quarter(timezone.localdate()))
    edit_url = url_if_known("accounts:figure-edit", account.pk)
    return render(
        request,
        "accounts/figure_list.html",
        account_context(request, account, "accounts:figure-list", numbers=numbers, edit_url=edit_url),
    )
