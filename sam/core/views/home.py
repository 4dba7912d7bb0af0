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
    late = sum(1 for item in items if item.due is not None and item.due < today)
    context = {"items": items, "late": late, "today": today, "now": timezone.localtime()}
    return render(request, "core/my_day.html", context)
