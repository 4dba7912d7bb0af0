from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from sam.core import day
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission


@page(Permission.SIGNED_IN)
def my_day(request: SignedInRequest) -> HttpResponse:
    """What needs me now: due and overdue first."""
    today = timezone.localdate()
    items = [item for source in day.sources() for item in source.items(request.user, today)]
    items.sort(key=lambda item: (item.due is None, item.due or today))
    return render(request, "core/my_day.html", {"items": items, "today": today, "now": timezone.localtime()})
