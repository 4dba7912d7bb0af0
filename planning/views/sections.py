"""Writing, settling, history and restoring of one text."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.models import Account
from accounts.views.shell import account_context
from planning.actions.sections import (
    Overlap,
    Saved,
    resolve_section,
    restore_version,
    save_section,
    settled_text,
)
from planning.domain.differences import word_changes
from planning.domain.words import words_over
from planning.forms import ResolveForm, RestoreForm, SectionForm
from planning.models import PlanSection
from planning.queries.history import history
from planning.views.going_on import go_on, plan_url, sentence_of, told
from planning.views.plan import TAB, Typed, overlap_context, show_plan
from sam.core.authorization.guards import SignedInRequest, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.text import without_unstorable


def _section(account: Account, section_id: int) -> PlanSection:
    rows = PlanSection.objects.filter(plan__account=account).select_related("plan", "edited_by")
    return get_object_or_404(rows, pk=section_id)


@require_POST
@account_view(Permission.PLAN_EDIT)
def section_save(request: SignedInRequest, account: Account, section_id: int) -> HttpResponse:
    """Autosave gets JSON, or the conflict as a partial; a form without JavaScript gets pages."""
    section = _section(account, section_id)
    form = SectionForm(request.POST)
    if not form.is_valid():
        return _refused(request, account, section, "The text did not arrive whole. Save it again.")
    try:
        outcome = save_section(
            account=account,
            section=section,
            text=form.cleaned_data["text"],
            base_revision=form.cleaned_data["base_revision"],
            by=request.user,
        )
    except (ActionRefused, FieldErrors) as problem:
        return _refused(request, account, section, sentence_of(problem))
    return _outcome(request, account, outcome)


@require_POST
@account_view(Permission.PLAN_EDIT)
def section_resolve(request: SignedInRequest, account: Account, section_id: int) -> HttpResponse:
    """Without JavaScript the choice is stored; with it, the field gets the text and saves it as any other."""
    section = _section(account, section_id)
    form = ResolveForm(request.POST)
    if not form.is_valid():
        return _refused(request, account, section, "The choice did not arrive whole. Choose again.")
    values = form.cleaned_data
    versions = {"base_revision": values["base_revision"], "seen_revision": values["seen_revision"]}
    try:
        if wants_partial(request):
            text = settled_text(section=section, mine=values["text"], choices=form.choices(), **versions)
            context = {"section": section, "text": text, "revision": values["seen_revision"]}
            return render(request, "planning/_section_settled.html", context)
        outcome = resolve_section(
            account=account, section=section, mine=values["text"], choices=form.choices(), by=request.user, **versions
        )
    except FieldErrors as problem:
        messages.error(request, sentence_of(problem))
        again = save_section(
            account=account,
            section=section,
            text=values["text"],
            base_revision=values["base_revision"],
            by=request.user,
        )
        return _outcome(request, account, again)
    return _outcome(request, account, outcome)


@account_view(Permission.PLAN_VIEW)
def section_history(request: SignedInRequest, account: Account, section_id: int) -> HttpResponse:
    section = _section(account, section_id)
    entries = [(sitting, word_changes(sitting.before, sitting.last.text)) for sitting in history(section)]
    context = account_context(request, account, TAB, section=section, plan=section.plan, entries=entries)
    return render(request, "planning/section_history.html", context)


@require_POST
@account_view(Permission.PLAN_EDIT)
def section_restore(request: SignedInRequest, account: Account, section_id: int) -> HttpResponse:
    section = _section(account, section_id)
    form = RestoreForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a version.")
        return go_on(plan_url(account, section.plan.year, f"section-{section.key}"))
    try:
        restore_version(account=account, section=section, by=request.user, **form.cleaned_data)
        messages.success(request, f"{section} is back as it was. The newer text stays in its history.")
    except ActionRefused as problem:
        told(request, problem)
    return go_on(plan_url(account, section.plan.year, f"section-{section.key}"))


def _outcome(request: SignedInRequest, account: Account, outcome: Saved | Overlap) -> HttpResponse:
    if isinstance(outcome, Overlap):
        if wants_partial(request):
            context = {"account": account, **overlap_context(outcome)}
            return render(request, "planning/_section_conflict.html", context, status=409)
        return show_plan(request, account, outcome.section.plan, overlap=outcome, status=409)
    section = outcome.section
    if wants_partial(request):
        answer: dict[str, object] = {"revision": section.revision}
        if outcome.differs:
            answer |= {"text": section.text, "note": outcome.note}
        return JsonResponse(answer)
    over = words_over(section.text, section.template.words)
    limit = f" It is {over} words over its limit of {section.template.words}." if over else ""
    note = f" {outcome.note}." if outcome.note else ""
    messages.success(request, f"{section} is saved.{note}{limit}")
    return go_on(plan_url(account, section.plan.year, f"section-{section.key}"))


def _refused(request: SignedInRequest, account: Account, section: PlanSection, sentence: str) -> HttpResponse:
    if wants_partial(request):
        return JsonResponse({"message": f"Not saved: {sentence}"}, status=422)
    messages.error(request, sentence)
    base = request.POST.get("base_revision", "")
    typed = Typed(
        section.pk,
        without_unstorable(request.POST.get("text", section.text)),
        int(base) if base.isascii() and base.isdigit() and len(base) < 10 else section.revision,
    )
    return show_plan(request, account, section.plan, typed=typed, status=422)
