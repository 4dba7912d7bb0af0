from django.http import HttpResponse
from django.shortcuts import render

from accounts.models import Account
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission


@page(Permission.SIGNED_IN)
def account_list(request: SignedInRequest) -> HttpResponse:
    return render(request, "accounts/account_list.html", {"accounts": Account.objects.visible_to(request.user)[:50]})
