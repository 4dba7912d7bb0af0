"""Settling what raters disagree on."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import account_view
from accounts.models import Account
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors, Stale
from scoring.actions.settling import settle_value, withdraw_settled
from scoring.forms.fields import RevisionForm
from scoring.forms.ratings import SettleForm
from scoring.models import SettledValue
from scoring.queries.scorecard import Line, account_scorecard
from scoring.views.account_score import TAB
from scoring.views.answers import add_errors, see_other


def _line(request: SignedInRequest, account: Account, key: str) -> tuple[Line, int]:
    """The criterion's line on the account's scorecard, and the scorecard's id; 404 for what is not rated."""
    card = account_scorecard(account, request.user, timezone.localdate())
    line = next((line for line in card.lines if line.criterion.key == key), None) if card else None
    if card is None or line is None or not line.criterion.is_rated:
        raise Http404
    return line, card.rules.version.scorecard_id


@require_http_methods(["GET", "POST"])
@account_view(Permission.TIER_DECIDE)
def settled_edit(request: SignedInRequest, account: Account, key: str) -> HttpResponse:
    """The ratings beside each other, and the value that counts instead of their median."""
    line, scorecard = _line(request, account, key)
    settled = SettledValue.objects.filter(account=account, scorecard_id=scorecard, criterion_key=key).first()
    stored = None
    if request.method == "POST":
        form = SettleForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data | {"revision": form.cleaned_data["revision"] or 0}
            try:
                settle_value(account=account, criterion_key=key, by=request.user, **data)
            except Stale as problem:
                stored = problem.current
                form.add_error(None, "Somebody else settled this meanwhile. Both texts are here.")
                form.data = {**request.POST.dict(), "revision": getattr(stored, "revision", 0)}
            except (FieldErrors, ActionRefused) as problem:
                add_errors(form, problem)
            else:
                messages.success(request, f"{line.criterion.name}: the settled value counts now.")
                return see_other(TAB, account.pk)
    else:
        initial = {"value": settled.value, "reason": settled.reason, "revision": settled.revision} if settled else {}
        form = SettleForm(initial=initial)
    context = account_context(request, account, TAB, form=form, line=line, settled=settled, stored=stored)
    return render(request, "scoring/settled_edit.html", context, status=422 if form.errors else 200)


@require_POST
@account_view(Permission.TIER_DECIDE)
def settled_withdraw(request: SignedInRequest, account: Account, key: str) -> HttpResponse:
    settled = get_object_or_404(account.settled_values, criterion_key=key)
    form = RevisionForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        withdraw_settled(account=account, settled=settled, revision=form.cleaned_data["revision"], by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, "The raters' median counts again. The trail keeps what was settled.")
    return see_other(TAB, account.pk)
