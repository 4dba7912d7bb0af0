"""The Scorecard tab of an account: result, criteria, ratings, gates, and the decision about its tier."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import reswap, retarget

from accounts.access import account_view
from accounts.models import Account
from accounts.views.shell import account_context
from sam.core.authorization.guards import SignedInRequest, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.charts.dumbbells import dumbbell
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from scoring.actions.ratings import answer_gate, rate_account, withdraw_rating
from scoring.actions.tiers import decide_tier, warning_about
from scoring.forms.fields import NO_TIER, RevisionForm
from scoring.forms.ratings import GateForm, RatingForm
from scoring.forms.tiers import TierForm
from scoring.models import Criterion, GateAnswer, Rating, ScorecardVersion
from scoring.queries.blindness import blind_entry
from scoring.queries.rules import rules_of
from scoring.queries.scorecard import account_scorecard
from scoring.queries.why import why_of
from scoring.views.answers import add_errors, see_other

TAB = "scoring:account-score"


def body_context(request: SignedInRequest, account: Account) -> dict[str, Any]:
    """What the tab shows; `card` is None while no scorecard is live."""
    card = account_scorecard(account, request.user)
    chart = card.chart() if card else None
    return {
        "card": card,
        "chart": dumbbell(chart, label_width=210, width=560) if chart else None,
        "chart_table": chart.table() if chart else None,
        "why": why_of(card) if card else None,
        "may_rate": can(request.user, Permission.RATE, on=account),
        "may_decide": can(request.user, Permission.TIER_DECIDE, on=account),
        "may_read_rules": can(request.user, Permission.SCORE_VIEW),
    }


@require_GET
@account_view(Permission.SCORE_VIEW)
def account_score(request: SignedInRequest, account: Account) -> HttpResponse:
    context = account_context(request, account, TAB, **body_context(request, account))
    return render(request, "scoring/account_score.html", context)


@require_GET
@account_view(Permission.SCORE_VIEW)
def score_panel(request: SignedInRequest, account: Account) -> HttpResponse:
    """The box on the account's overview; without htmx the tab itself."""
    if not wants_partial(request):
        return see_other(TAB, account.pk)
    context = {"account": account, **body_context(request, account)}
    card = context["card"]
    if card:
        chart = card.chart()
        context["chart"] = dumbbell(chart, label_width=230, width=620, row_height=26)
    return render(request, "scoring/_score_panel.html", context)


def _criterion(key: str, *, gate: bool) -> Criterion:
    version = ScorecardVersion.objects.select_related("scorecard").in_use()
    criterion = rules_of(version).by_key(key) if version else None
    if criterion is None or criterion.is_gate != gate or criterion.is_computed:
        raise Http404
    return criterion


@require_http_methods(["GET", "POST"])
@account_view(Permission.RATE)
def rating_edit(request: SignedInRequest, account: Account, key: str) -> HttpResponse:
    """The person's own rating of one criterion: inline with htmx, a page of its own without."""
    criterion = _criterion(key, gate=False)
    own = own_rating(request.user, account, criterion)
    if request.method == "POST":
        form = RatingForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data | {"revision": form.cleaned_data["revision"] or 0}
            try:
                rate_account(account=account, criterion_key=key, by=request.user, **data)
            except (FieldErrors, ActionRefused) as problem:
                add_errors(form, problem)
            else:
                return _saved(request, account, f"{criterion.name}: your rating is saved.")
    else:
        form = RatingForm(initial=_own(own))
    context = {"form": form, "criterion": criterion, "own": own, "levels": _levels(form, criterion)}
    return _form_answer(request, account, "scoring/_rating_form.html", f"#rating-form-{key}", context, criterion.name)


def own_rating(user: User, account: Account, criterion: Criterion) -> Rating | None:
    """The rating that the person may change: the sealed one while a round seals the account."""
    ratings = account.ratings.filter(
        scorecard_id=criterion.version.scorecard_id, criterion_key=criterion.key, rater=user
    )
    return ratings.filter(sealed=blind_entry(account) is not None).first()


def _own(own: Rating | None) -> dict[str, Any]:
    if own is None:
        return {}
    return {"value": own.value, "evidence": own.evidence, "confirmed": own.confirmed, "revision": own.revision}


def _levels(form: RatingForm, criterion: Criterion) -> list[dict[str, Any]]:
    """The five radio buttons with their anchor texts."""
    chosen = str(form["value"].value() or "")
    return [
        {"level": level, "anchor": anchor, "chosen": chosen == str(level)}
        for level, anchor in enumerate(criterion.anchors, 1)
    ]


@require_POST
@account_view(Permission.RATE)
def rating_withdraw(request: SignedInRequest, account: Account, key: str) -> HttpResponse:
    ratings = account.ratings.filter(criterion_key=key, rater=request.user).order_by("-sealed")
    rating = ratings.first()
    if rating is None:
        raise Http404
    form = RevisionForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        withdraw_rating(account=account, rating=rating, revision=form.cleaned_data["revision"], by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, "Your rating is withdrawn. The trail keeps it.")
    return see_other(TAB, account.pk)


@require_http_methods(["GET", "POST"])
@account_view(Permission.RATE)
def gate_edit(request: SignedInRequest, account: Account, key: str) -> HttpResponse:
    gate = _criterion(key, gate=True)
    answer = GateAnswer.objects.filter(account=account, scorecard_id=gate.version.scorecard_id, gate_key=key).first()
    if request.method == "POST":
        form = GateForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data | {"revision": form.cleaned_data["revision"] or 0}
            try:
                answer_gate(account=account, gate_key=key, by=request.user, **data)
            except (FieldErrors, ActionRefused) as problem:
                add_errors(form, problem)
            else:
                return _saved(request, account, f"Gate {key} is answered.")
    else:
        initial = {} if answer is None else {
            "passed": "yes" if answer.passed else "no", "evidence": answer.evidence, "revision": answer.revision
        }  # fmt: skip
        form = GateForm(initial=initial)
    context = {"form": form, "gate": gate, "answer": answer}
    return _form_answer(request, account, "scoring/_gate_form.html", f"#gate-form-{key}", context, gate.name)


def _saved(request: SignedInRequest, account: Account, words: str) -> HttpResponse:
    """With htmx the whole scorecard, because the totals changed too; else the tab again."""
    if wants_partial(request):
        context = {"account": account, "said": words, **body_context(request, account)}
        return render(request, "scoring/_account_score_body.html", context)
    messages.success(request, words)
    return see_other(TAB, account.pk)


def _form_answer(
    request: SignedInRequest, account: Account, template: str, target: str, context: dict[str, Any], title: str
) -> HttpResponse:
    """A form: the partial for htmx, a page without; 422 with what was typed when something is wrong."""
    status = 422 if context["form"].errors else 200
    if wants_partial(request):
        answer = render(request, template, {"account": account, **context}, status=status)
        return reswap(retarget(answer, target), "outerHTML") if status == 422 else answer
    page = account_context(request, account, TAB, partial=template, title=title, **context)
    return render(request, "scoring/account_form.html", page, status=status)


@require_http_methods(["GET", "POST"])
@account_view(Permission.TIER_DECIDE)
def tier_decide(request: SignedInRequest, account: Account) -> HttpResponse:
    """Proposal beside decision, the form, and every decision before."""
    card = account_scorecard(account, request.user)
    tiers = [*(card.rules.tier_keys if card else ["strategic", "key"]), account.tier]
    warning = ""
    if request.method == "POST":
        form = TierForm(request.POST, tiers=tiers)
        if form.is_valid():
            warning = warning_about(account, form.cleaned_data["tier"])
            try:
                decision = decide_tier(account=account, by=request.user, **form.cleaned_data)
            except Stale as problem:
                account.refresh_from_db()
                form.add_error(None, f"{problem.message} The account is “{account.get_tier_display()}” now.")
                form.data = {**request.POST.dict(), "revision": account.revision}
            except (FieldErrors, ActionRefused) as problem:
                add_errors(form, problem)
            else:
                messages.success(request, f"Decided: {decision.get_tier_display()}.")
                if warning:
                    messages.warning(request, warning)
                return see_other(TAB, account.pk)
    else:
        proposed = card.proposal.tier if card and card.proposal.scored else account.tier
        form = TierForm(tiers=tiers, initial={"tier": proposed or NO_TIER, "revision": account.revision})
    decisions = account.tier_decisions.select_related("decided_by")
    context = account_context(request, account, TAB, form=form, card=card, decisions=decisions)
    return render(request, "scoring/tier_decide.html", context, status=422 if form.errors else 200)
