"""Rating rounds: who is asked, who has finished, where the raters differ."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Account
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from scoring.actions import rounds
from scoring.forms.fields import RevisionForm
from scoring.forms.ratings import RaterForm, RoundForm
from scoring.models import RatingRound, RoundRater, ScorecardVersion
from scoring.queries.blindness import progress_of
from scoring.queries.disagreements import disagreements, revealed_accounts
from scoring.queries.rules import rules_of
from scoring.views.answers import add_errors, see_other


@require_GET
@page(Permission.TIER_DECIDE)
def round_list(request: SignedInRequest) -> HttpResponse:
    found = RatingRound.objects.select_related("scorecard", "opened_by").annotate(
        asked=Count("accounts"), revealed=Count("accounts", filter=Q(accounts__revealed_at__isnull=False))
    )
    return render(request, "scoring/round_list.html", {"rounds": found[:100]})


@require_http_methods(["GET", "POST"])
@page(Permission.TIER_DECIDE)
def round_new(request: SignedInRequest) -> HttpResponse:
    """Accounts of the programme, and those that the address names, can be asked for."""
    named = [int(text) for text in request.GET.getlist("account") if text.isascii() and text.isdigit()][:500]
    offered = (
        Account.objects.visible_to(request.user)
        .live()
        .filter(~Q(tier=Account.Tier.NONE) | Q(pk__in=named) | Q(ratings__isnull=False))
        .distinct()
        .order_by("name")
    )
    if request.method == "POST":
        form = RoundForm(request.POST, offered=offered)
        if form.is_valid():
            try:
                opened = rounds.open_round(by=request.user, **form.cleaned_data)
            except (FieldErrors, ActionRefused) as problem:
                add_errors(form, problem)
            else:
                messages.success(request, "The round is open and its raters know. Look at who is asked.")
                return see_other("scoring:round-detail", opened.pk)
    else:
        chosen = named or [account.pk for account in offered if account.tier]
        form = RoundForm(offered=offered, initial={"accounts": chosen})
    return render(request, "scoring/round_new.html", {"form": form}, status=422 if form.errors else 200)


def detail_context(request: SignedInRequest, rating_round: RatingRound) -> dict[str, Any]:
    """Progress of every account, and the disagreements of those that are revealed."""
    version = ScorecardVersion.objects.select_related("scorecard").in_use()
    rules = rules_of(version) if version else None
    entries = list(rating_round.accounts.select_related("account", "round").order_by("account__name"))
    parts = progress_of(entries, rules) if rules else []
    differing = disagreements(revealed_accounts(rating_round), rules, timezone.localdate()) if rules else []
    return {
        "round": rating_round,
        "parts": parts,
        "blind_parts": [part for part in parts if part.entry.is_blind],
        "differing": differing,
        "open_ones": sum(one.settled is None for one in differing),
        "finished": sum(not part.entry.is_blind for part in parts),
        "rater_form": RaterForm(people=User.objects.active()),
    }


@require_GET
@page(Permission.TIER_DECIDE)
def round_detail(request: SignedInRequest, round_id: int) -> HttpResponse:
    rating_round = get_object_or_404(RatingRound.objects.select_related("scorecard", "opened_by"), pk=round_id)
    return render(request, "scoring/round_detail.html", detail_context(request, rating_round))


@require_POST
@page(Permission.TIER_DECIDE)
def round_close(request: SignedInRequest, round_id: int) -> HttpResponse:
    rating_round = get_object_or_404(RatingRound, pk=round_id)
    form = RevisionForm(request.POST)
    seen = form.cleaned_data["revision"] if form.is_valid() else 0
    try:
        rounds.close_round(rating_round=rating_round, revision=seen, by=request.user)
    except (ActionRefused, Stale) as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, "The round is closed. What was rated counts and is seen now.")
    return see_other("scoring:round-detail", rating_round.pk)


@require_POST
@page(Permission.TIER_DECIDE)
def rater_add(request: SignedInRequest, round_id: int) -> HttpResponse:
    rating_round = get_object_or_404(RatingRound, pk=round_id)
    form = RaterForm(request.POST, people=User.objects.active())
    if not form.is_valid():
        messages.error(request, "Choose whom to ask, and as what.")
        return see_other("scoring:round-detail", rating_round.pk)
    account = get_object_or_404(Account.objects.visible_to(request.user), pk=form.cleaned_data["account"])
    user, capacity = form.cleaned_data["user"], form.cleaned_data["capacity"]
    try:
        rounds.add_rater(account=account, rating_round=rating_round, user=user, capacity=capacity, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, f"{user} is asked to rate {account.name}.")
    return see_other("scoring:round-detail", rating_round.pk)


@require_POST
@page(Permission.TIER_DECIDE)
def rater_remove(request: SignedInRequest, round_id: int, rater_id: int) -> HttpResponse:
    rating_round = get_object_or_404(RatingRound, pk=round_id)
    raters = RoundRater.objects.select_related("user", "entry__account").filter(entry__round=rating_round)
    rater = get_object_or_404(raters, pk=rater_id)
    account = rater.entry.account
    try:
        rounds.remove_rater(account=account, rating_round=rating_round, user=rater.user, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, f"{rater.user} is not asked to rate {account.name} any more.")
    return see_other("scoring:round-detail", rating_round.pk)
