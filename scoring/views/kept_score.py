"""A score as of a day in the past, with everything that explains it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import account_view
from accounts.models import Account
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission
from scoring.queries.kept import explained_score
from scoring.views.account_score import TAB


@require_GET
@account_view(Permission.SCORE_VIEW)
def kept_score(request: SignedInRequest, account: Account, kept_id: int) -> HttpResponse:
    kept = get_object_or_404(account.kept_scores.select_related("version__scorecard"), pk=kept_id)
    context = account_context(request, account, TAB, explained=explained_score(kept, account, request.user))
    return render(request, "scoring/kept_score.html", context)
