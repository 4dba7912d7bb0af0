"""The ideal customer: the live profile with everybody's fit, the comparison side by side, and the draft."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.views.concentration import portfolio_page, tab_links
from accounts.views.editing import FormPage
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused, FieldErrors
from scoring.actions.profiles import create_profile_draft, discard_profile, edit_profile, publish_profile
from scoring.forms.fields import RevisionForm
from scoring.forms.profiles import ProfileForm, ProfilePublishForm
from scoring.models import IdealProfile
from scoring.queries.profiles import MOST_COMPARED, Fit, FitTable, fit_table, leaders
from scoring.views.answers import add_errors, see_other

PAGE_SIZE = 50
PAGE = "scoring:profile-detail"
DRAFT = "scoring:profile-draft"
TO_BEGIN_WITH = 5


def chosen_ids(text: str) -> list[int]:
    """Account ids of an address such as 1,2,3; at most five, what is no number is left out."""
    parts = (part.strip() for part in text.split(","))
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) <= 18][:MOST_COMPARED]


@require_GET
@portfolio_page
def profile_detail(request: SignedInRequest) -> HttpResponse:
    """What we want, who fits it best, and why; accounts to set side by side."""
    profile = IdealProfile.objects.live()
    context: dict[str, Any] = {
        "tabs": tab_links(request),
        "profile": profile,
        "may_configure": can(request.user, Permission.SCORECARD_CONFIGURE),
        "draft": IdealProfile.objects.draft(),
        "versions": IdealProfile.objects.exclude(state="draft").select_related("published_by"),
        "most": MOST_COMPARED,
    }
    if profile is not None:
        table = fit_table(profile, request.user)
        shown = Paginator(table.fits, PAGE_SIZE).get_page(request.GET.get("page"))
        context |= {"table": table, "page": shown, "fits": shown.object_list}
    return render(request, "scoring/profile_detail.html", context)


@require_GET
@portfolio_page
def profile_compare(request: SignedInRequest) -> HttpResponse:
    """Up to five accounts beside the profile, attribute by attribute; without a choice, the leading ones."""
    profile = IdealProfile.objects.live()
    if profile is None:
        return see_other(PAGE)
    given = ",".join(request.GET.getlist("accounts"))
    asked = chosen_ids(given) or [account.pk for account in leaders(TO_BEGIN_WITH)]
    table = fit_table(profile, request.user, also=asked)
    fits = table.chosen(asked)
    context = {
        "tabs": tab_links(request),
        "profile": profile,
        "table": table,
        "fits": fits,
        "rows": compared(table, fits),
        "chosen": {fit.account.pk for fit in fits},
        "given": bool(given),
        "most": MOST_COMPARED,
        "too_many": len([part for part in given.split(",") if part.strip()]) > MOST_COMPARED,
    }
    return render(request, "scoring/profile_compare.html", context)


def compared(table: FitTable, fits: list[Fit]) -> list[tuple[Any, list[Any]]]:
    """Per attribute its column's head and the cell of each account."""
    return [(column, [fit.cells[place] for fit in fits]) for place, column in enumerate(table.columns)]


@require_POST
@page(Permission.SCORECARD_CONFIGURE)
def profile_draft_new(request: SignedInRequest) -> HttpResponse:
    source = request.POST.get("source", "live")
    try:
        draft = create_profile_draft(source=source, by=request.user)
    except FieldErrors:
        messages.error(request, "Choose where the draft begins: the live profile, the leading accounts, or empty.")
        return see_other(PAGE)
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return see_other(PAGE)
    return see_other(DRAFT, draft.pk)


def _draft(profile_id: int) -> IdealProfile:
    return get_object_or_404(IdealProfile, pk=profile_id, state=IdealProfile.State.DRAFT)


@require_http_methods(["GET", "POST"])
@page(Permission.SCORECARD_CONFIGURE)
def profile_draft(request: SignedInRequest, profile_id: int) -> HttpResponse:
    """What is wanted of each attribute and how much it counts, in one form."""
    draft = _draft(profile_id)
    form: list[ProfileForm] = []

    def build(data: Any) -> ProfileForm:
        form.append(ProfileForm(data, profile=draft))
        return form[-1]

    def save(values: dict[str, Any]) -> str:
        try:
            edit_profile(profile=draft, revision=values["revision"], wanted=form[-1].wanted(), by=request.user)
        except FieldErrors as problem:
            raise ProfileForm.named(problem) from None
        return "The draft is saved."

    return FormPage(
        template="scoring/profile_draft.html",
        context={"tabs": tab_links(request), "profile": draft, "publish_form": _publish_form(draft)},
        build=build,
        save=save,
        done=reverse(DRAFT, args=[draft.pk]),
    ).answer(request)


def _publish_form(draft: IdealProfile) -> ProfilePublishForm:
    return ProfilePublishForm(initial={"revision": draft.revision})


@require_POST
@page(Permission.SCORECARD_CONFIGURE)
def profile_publish(request: SignedInRequest, profile_id: int) -> HttpResponse:
    draft = _draft(profile_id)
    form = ProfilePublishForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            publish_profile(
                profile=draft, revision=form.cleaned_data["revision"], note=form.cleaned_data["note"], by=request.user
            )
        except (FieldErrors, ActionRefused) as problem:
            add_errors(form, problem)
            status = 422 if isinstance(problem, FieldErrors) else 409
        else:
            messages.success(request, f"{draft} is live.")
            return see_other(PAGE)
    context = {"tabs": tab_links(request), "profile": draft, "form": ProfileForm(profile=draft), "publish_form": form}
    return render(request, "scoring/profile_draft.html", context, status=status)


@require_POST
@page(Permission.SCORECARD_CONFIGURE)
def profile_discard(request: SignedInRequest, profile_id: int) -> HttpResponse:
    draft = _draft(profile_id)
    form = RevisionForm(request.POST)
    if not form.is_valid():
        raise Http404
    try:
        discard_profile(profile=draft, revision=form.cleaned_data["revision"], by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return see_other(DRAFT, draft.pk)
    messages.success(request, "The draft is discarded. The trail keeps it.")
    return see_other(PAGE)
