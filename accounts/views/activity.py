"""The Activity tab."""

from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import account_view
from accounts.models import Account
from accounts.queries.activity import activity
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission

LAST_PAGE = 1000


@account_view(Permission.PROFILE_VIEW)
def activity_list(request: SignedInRequest, account: Account) -> HttpResponse:
    given = request.GET.get("page", "1")
    number = min(max(int(given), 1), LAST_PAGE) if given.isascii() and given.isdigit() and len(given) < 6 else 1
    entries, has_older = activity(account, request.user, number)
    context = account_context(
        request,
        account,
        "accounts:activity-list",
        entries=entries,
        newer=number - 1 if number > 1 else None,
        older=number + 1 if has_older else None,
    )
    return render(request, "accounts/activity_list.html", context)
