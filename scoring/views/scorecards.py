"""Scorecards: versions, the builder of a draft, publishing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.models import Organisation
from scoring.actions import scorecards
from scoring.domain.library import find
from scoring.forms.criteria import CriterionForm
from scoring.forms.fields import RevisionForm
from scoring.forms.scorecards import DraftForm, LibraryForm, PublishForm, ScorecardForm
from scoring.forms.tiers import tier_forms
from scoring.models import Criterion, Scorecard, ScorecardVersion
from scoring.queries.builder import NOTHING, version_parts
from scoring.queries.measures import proposed_cut_points
from scoring.views.answers import add_errors, see_other

DraftView = Callable[..., HttpResponse]


@require_GET
@page(Permission.SCORE_VIEW)
def scorecard_list(request: SignedInRequest) -> HttpResponse:
    cards = Scorecard.objects.prefetch_related("versions__published_by")
    context = {"cards": cards, "may_configure": can(request.user, Permission.SCORECARD_CONFIGURE)}
    return render(request, "scoring/scorecard_list.html", context)


@require_http_methods(["GET", "POST"])
@page(Permission.SCORECARD_CONFIGURE)
def scorecard_add(request: SignedInRequest) -> HttpResponse:
    form = ScorecardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            version = scorecards.add_scorecard(name=form.cleaned_data["name"], by=request.user)
        except FieldErrors as problem:
            add_errors(form, problem)
        else:
            return to_version(version)
    return render(request, "scoring/scorecard_add.html", {"form": form}, status=422 if form.errors else 200)


def version_or_404(scorecard_id: int, number: int) -> ScorecardVersion:
    versions = ScorecardVersion.objects.select_related("scorecard", "published_by")
    return get_object_or_404(versions, scorecard_id=scorecard_id, number=number)


def to_version(version: ScorecardVersion) -> HttpResponse:
    return see_other("scoring:version-detail", version.scorecard_id, version.number)


@require_GET
@page(Permission.SCORE_VIEW)
def version_detail(request: SignedInRequest, scorecard_id: int, number: int) -> HttpResponse:
    """A version to read; a draft to build, for those who may."""
    return _show(request, version_or_404(scorecard_id, number))


def _show(
    request: SignedInRequest,
    version: ScorecardVersion,
    status: int = 200,
    *,
    typed: Mapping[str, str] = NOTHING,
    errors: Mapping[str, str] = NOTHING,
    **forms: Any,
) -> HttpResponse:
    may_configure = can(request.user, Permission.SCORECARD_CONFIGURE)
    parts = version_parts(version, Organisation.objects.current().reporting_currency, typed, errors)
    context: dict[str, Any] = {"version": version, "parts": parts, "may_configure": may_configure}
    if version.is_draft and may_configure:
        context |= {
            "settings_form": DraftForm.of(version),
            "library_form": LibraryForm(
                taken=[row.key for row in parts.criteria], initial={"revision": version.revision}
            ),
            "tier_forms": tier_forms(version),
            "publish_form": PublishForm(initial={"revision": version.revision}),
            "problems": scorecards.problems(version),
            "check_choices": Criterion.Check.choices,
            "has_global": any(rule.tier == "global" for rule in parts.tiers),
        }
    context |= forms
    template = "scoring/version_draft.html" if "settings_form" in context else "scoring/version_detail.html"
    return render(request, template, context, status=status)


def draft_view(view: DraftView) -> Callable[..., HttpResponseBase]:
    """A write to a draft: the view gets the version and the revision that the form named."""

    @require_POST
    @page(Permission.SCORECARD_CONFIGURE)
    @wraps(view)
    def guarded(request: SignedInRequest, scorecard_id: int, number: int, **more: Any) -> HttpResponse:
        version = version_or_404(scorecard_id, number)
        seen = RevisionForm(request.POST)
        if not seen.is_valid():
            raise Http404
        try:
            return view(request, version, seen.cleaned_data["revision"], **more)
        except ActionRefused as problem:
            messages.error(request, problem.message)
            return to_version(version)

    return guarded


@require_POST
@page(Permission.SCORECARD_CONFIGURE)
def draft_create(request: SignedInRequest, scorecard_id: int) -> HttpResponse:
    scorecard = get_object_or_404(Scorecard, pk=scorecard_id)
    try:
        draft = scorecards.create_draft(scorecard=scorecard, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return see_other("scoring:scorecard-list")
    return to_version(draft)


@draft_view
def draft_settings(request: SignedInRequest, version: ScorecardVersion, revision: int) -> HttpResponse:
    form = DraftForm(request.POST)
    if form.is_valid():
        alpha, minimum = form.shares()
        scorecards.edit_draft(
            version=version, revision=revision, alpha=alpha, minimum_coverage=minimum, by=request.user
        )
        messages.success(request, "Settings saved.")
        return to_version(version)
    return _show(request, version, 422, settings_form=form)


@draft_view
def draft_weights(request: SignedInRequest, version: ScorecardVersion, revision: int) -> HttpResponse:
    """All weights at once, as typed in the table."""
    weights, errors = {}, {}
    for row in version.criteria.exclude(kind=Criterion.Kind.GATE):
        text = request.POST.get(f"weight-{row.key}", "").strip()
        try:
            weights[row.key] = Decimal(text.replace(",", "."))
        except InvalidOperation:
            errors[row.key] = "Give a number."
    if not errors:
        try:
            scorecards.set_weights(version=version, revision=revision, weights=weights, by=request.user)
        except FieldErrors as problem:
            errors = {key: " ".join(texts) for key, texts in problem.errors.items()}
    if not errors:
        messages.success(request, "Weights saved.")
        return to_version(version)
    typed = {name.removeprefix("weight-"): text for name, text in request.POST.items() if isinstance(text, str)}
    return _show(request, version, 422, typed=typed, errors=errors)


@draft_view
def draft_even_out(request: SignedInRequest, version: ScorecardVersion, revision: int) -> HttpResponse:
    scorecards.even_out_weights(version=version, revision=revision, by=request.user)
    messages.success(request, "The weights of each half add up to 100 now.")
    return to_version(version)


@draft_view
def library_add(request: SignedInRequest, version: ScorecardVersion, revision: int) -> HttpResponse:
    form = LibraryForm(request.POST, taken=version.criteria.values_list("key", flat=True))
    if not form.is_valid():
        return _show(request, version, 422, library_form=form)
    ready = [one for key in form.cleaned_data["ready"] if (one := find(key))]
    made = scorecards.add_from_library(version=version, revision=revision, ready=ready, by=request.user)
    messages.success(request, f"{len(made)} added. Look at their weights.")
    return to_version(version)


@draft_view
def tiers_set(request: SignedInRequest, version: ScorecardVersion, revision: int) -> HttpResponse:
    forms = tier_forms(version, request.POST)
    if all([form.is_valid() for form in forms.values()]):  # noqa: C419 (every form is checked, so that all errors show)
        rules = [form.rule(tier) for tier, form in forms.items() if form.cleaned_data["used"]]
        try:
            scorecards.set_tier_rules(version=version, revision=revision, rules=rules, by=request.user)
        except FieldErrors as problem:
            for tier, texts in problem.errors.items():
                forms[tier].add_error(None, list(texts))
        else:
            messages.success(request, "Tiers saved.")
            return to_version(version)
    return _show(request, version, 422, tier_forms=forms, tier_errors=True)


@draft_view
def global_switch(request: SignedInRequest, version: ScorecardVersion, revision: int) -> HttpResponse:
    scorecards.switch_on_global(version=version, revision=revision, by=request.user)
    messages.success(request, "The tier global is in the draft, with its four gates.")
    return to_version(version)


@draft_view
def gate_checks(request: SignedInRequest, version: ScorecardVersion, revision: int) -> HttpResponse:
    """Which gates our own records answer."""
    checks = {
        name.removeprefix("check-"): str(value) for name, value in request.POST.items() if name.startswith("check-")
    }
    try:
        scorecards.set_gate_checks(version=version, revision=revision, checks=checks, by=request.user)
    except FieldErrors:
        messages.error(request, "Choose what answers each gate from the list.")
    else:
        messages.success(request, "Saved: what answers the gates.")
    return to_version(version)


@draft_view
def draft_publish(request: SignedInRequest, version: ScorecardVersion, revision: int) -> HttpResponse:
    form = PublishForm(request.POST)
    if form.is_valid():
        try:
            scorecards.publish(version=version, revision=revision, note=form.cleaned_data["note"], by=request.user)
        except FieldErrors as problem:
            add_errors(form, problem)
        else:
            messages.success(request, f"{version} is live. The portfolio is being scored by it.")
            return to_version(version)
    return _show(request, version, 422, publish_form=form)


@draft_view
def draft_discard(request: SignedInRequest, version: ScorecardVersion, revision: int) -> HttpResponse:
    scorecards.discard_draft(version=version, revision=revision, by=request.user)
    messages.success(request, "The draft is discarded.")
    return see_other("scoring:scorecard-list")


@require_POST
@page(Permission.SCORECARD_CONFIGURE)
def scorecard_use(request: SignedInRequest, scorecard_id: int) -> HttpResponse:
    scorecard = get_object_or_404(Scorecard, pk=scorecard_id)
    form = RevisionForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        scorecards.put_in_use(scorecard=scorecard, revision=form.cleaned_data["revision"], by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, f"“{scorecard}” ranks the portfolio now.")
    return see_other("scoring:scorecard-list")


@require_http_methods(["GET", "POST"])
@page(Permission.SCORECARD_CONFIGURE)
def criterion_new(request: SignedInRequest, scorecard_id: int, number: int) -> HttpResponse:
    version = version_or_404(scorecard_id, number)
    form = CriterionForm(request.POST or None, initial={"revision": version.revision})
    return _criterion_page(request, version, form, None)


@require_http_methods(["GET", "POST"])
@page(Permission.SCORECARD_CONFIGURE)
def criterion_edit(request: SignedInRequest, scorecard_id: int, number: int, key: str) -> HttpResponse:
    version = version_or_404(scorecard_id, number)
    criterion = get_object_or_404(version.criteria, key=key)
    proposal = request.GET.get("propose") == "cuts" and criterion.is_computed
    initial: dict[str, Any] = {"revision": version.revision}
    if proposal:
        initial |= _proposal(request, criterion)
    form = CriterionForm(request.POST or None, criterion=criterion, initial=initial)
    return _criterion_page(request, version, form, criterion)


def _proposal(request: SignedInRequest, criterion: Criterion) -> dict[str, Any]:
    """Cut points that would split our own accounts into fifths, rounded; they are saved only when somebody saves."""
    cuts = proposed_cut_points(criterion.measure)
    if cuts is None:
        messages.warning(request, "There are too few accounts with this figure for a proposal.")
        return {}
    messages.info(request, "These cut points split our own accounts into fifths. Round them as you like, then save.")
    criterion.cut_points = cuts
    criterion.method = Criterion.Method.BANDED
    return {}


def _criterion_page(
    request: SignedInRequest, version: ScorecardVersion, form: CriterionForm, criterion: Criterion | None
) -> HttpResponse:
    if not version.is_draft:
        messages.error(request, scorecards.NOT_A_DRAFT)
        return to_version(version)
    if request.method == "POST" and form.is_valid():
        try:
            if criterion is None:
                scorecards.add_criterion(
                    version=version, revision=form.cleaned_data["revision"], by=request.user, **form.values()
                )
            else:
                scorecards.edit_criterion(
                    version=version,
                    criterion=criterion,
                    revision=form.cleaned_data["revision"],
                    by=request.user,
                    **form.values(),
                )
        except FieldErrors as problem:
            form.add_action_errors(problem.errors.items())
        except ActionRefused as problem:
            add_errors(form, problem)
        else:
            messages.success(request, "The criterion is saved.")
            return to_version(version)
    context = {"version": version, "form": form, "criterion": criterion}
    return render(request, "scoring/criterion_edit.html", context, status=422 if form.errors else 200)


@draft_view
def criterion_remove(request: SignedInRequest, version: ScorecardVersion, revision: int, key: str = "") -> HttpResponse:
    criterion = get_object_or_404(version.criteria, key=key)
    scorecards.remove_criterion(version=version, criterion=criterion, revision=revision, by=request.user)
    messages.success(request, f"{criterion} is out of the draft.")
    return to_version(version)
