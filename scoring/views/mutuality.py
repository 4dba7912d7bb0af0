"""The evidence that an account is mutual: read on the score's page, written here."""

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
from scoring.actions.mutuality import add_evidence, edit_evidence, remove_evidence
from scoring.forms.fields import RevisionForm
from scoring.forms.mutuality import EvidenceForm
from scoring.models import MutualityEvidence
from scoring.queries.cycle import live_rules_or_none
from scoring.queries.mutuality import mutuality_view
from scoring.views.answers import see_other

TAB = "scoring:account-score"
DETAIL = "scoring:mutuality-detail"


@require_GET
@account_view(Permission.SCORE_VIEW)
def mutuality_detail(request: SignedInRequest, account: Account) -> HttpResponse:
    """What is there, what expired when, and what would be the next evidence."""
    rules = live_rules_or_none()
    shown = {
        "mutual": mutuality_view(account, rules, timezone.localdate()) if rules else None,
        "may_rate": can(request.user, Permission.RATE, on=account),
    }
    if wants_partial(request):
        return render(request, "scoring/_mutuality_panel.html", {"account": account, **shown})
    context = account_context(request, account, TAB, **shown)
    return render(request, "scoring/mutuality_detail.html", context)


def _form_page(request: SignedInRequest, account: Account, title: str, **options: Any) -> HttpResponse:
    return FormPage(
        template="scoring/mutuality_form.html",
        context=account_context(request, account, TAB, title=title, **options.pop("context", {})),
        done=reverse(DETAIL, args=[account.pk]),
        **options,
    ).answer(request)


@require_http_methods(["GET", "POST"])
@account_view(Permission.RATE)
def evidence_new(request: SignedInRequest, account: Account) -> HttpResponse:
    kinds = {str(kind) for kind in MutualityEvidence.Kind.values}
    kind = request.GET.get("kind", "")
    initial = {"kind": kind if kind in kinds else "told", "on": timezone.localdate(), "ours": request.user.pk}

    def save(values: dict[str, Any]) -> str:
        values.pop("revision")
        add_evidence(account=account, by=request.user, **values)
        return "The evidence is added; the gate is computed again."

    return _form_page(
        request, account, "Add evidence", build=lambda data: EvidenceForm(data, account=account, initial=initial),
        save=save,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@account_view(Permission.RATE)
def evidence_edit(request: SignedInRequest, account: Account, evidence_id: int) -> HttpResponse:
    evidence = get_object_or_404(account.mutuality, pk=evidence_id)
    names = ("kind", "on", "what", "theirs", "document", "revision")
    initial = {name: getattr(evidence, name) for name in names}
    initial |= {"ours": evidence.ours_id, "contact": evidence.contact_id}

    def build(data: Any) -> EvidenceForm:
        return EvidenceForm(data, account=account, also=evidence.ours, initial=initial)

    def save(values: dict[str, Any]) -> str:
        values["revision"] = values["revision"] or 0
        edit_evidence(account=account, evidence=evidence, by=request.user, **values)
        return "The evidence is changed; the gate is computed again."

    return _form_page(
        request, account, "Change evidence", build=build, save=save,
        context={"evidence": evidence},
    )  # fmt: skip


@require_POST
@account_view(Permission.RATE)
def evidence_remove(request: SignedInRequest, account: Account, evidence_id: int) -> HttpResponse:
    evidence = get_object_or_404(account.mutuality, pk=evidence_id)
    form = RevisionForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        remove_evidence(account=account, evidence=evidence, revision=form.cleaned_data["revision"], by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, "The evidence is removed. The trail keeps it.")
    return see_other(DETAIL, account.pk)
