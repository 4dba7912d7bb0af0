"""Settings of templates: the surveys and agendas with their versions, a draft to edit, publishing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.forms.accounts import add_errors
from accounts.views.editing import FormPage
from reviews.actions import agenda_templates, survey_templates
from reviews.domain.agenda import place, total_minutes
from reviews.forms.templates import AgendaTemplateForm, PublishForm, RevisionForm, SurveyTemplateForm
from reviews.models import AgendaTemplate, SurveyTemplate, TemplateVersion
from reviews.queries.survey_page import sample_payload
from reviews.queries.templates import agenda_versions, survey_versions
from reviews.views.previews import survey_page
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors

LIST = "reviews:template-list"
SURVEY = "reviews:survey-template"
AGENDA = "reviews:agenda-template"


@page(Permission.TEMPLATE_CONFIGURE)
def template_list(request: SignedInRequest) -> HttpResponse:
    context = {"surveys": survey_versions(), "agendas": agenda_versions()}
    return render(request, "reviews/template_list.html", context)


def going_on(url_name: str, *args: Any) -> HttpResponse:
    answer = redirect(url_name, *args)
    answer.status_code = 303
    return answer


def draft_from(request: SignedInRequest, url_name: str, make: Callable[[], TemplateVersion]) -> HttpResponse:
    """The page of the new draft; where there is one already, the list says so."""
    try:
        draft = make()
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return going_on(LIST)
    return going_on(url_name, draft.pk)


def publish_from(
    request: SignedInRequest, template: TemplateVersion, publish: Callable[[int, str], TemplateVersion]
) -> TemplateVersion | PublishForm:
    """What is in use now, or the form that says what is wrong; what was typed stays."""
    form = PublishForm(request.POST)
    if not form.is_valid():
        return form
    try:
        return publish(form.cleaned_data["revision"], form.cleaned_data["note"])
    except FieldErrors as problem:
        add_errors(form, problem)
        return form
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return PublishForm(initial={"revision": template.revision, "note": form.cleaned_data["note"]})


def discard_from(request: SignedInRequest, url_name: str, pk: int, discard: Callable[[int], None]) -> HttpResponse:
    seen = RevisionForm(request.POST)
    if not seen.is_valid():
        raise Http404
    try:
        discard(seen.cleaned_data["revision"])
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return going_on(url_name, pk)
    messages.success(request, "The draft is discarded. The version in use stays as it is.")
    return going_on(LIST)


# --- surveys ------------------------------------------------------------------------------------------------------


@page(Permission.TEMPLATE_CONFIGURE)
def survey_template(request: SignedInRequest, template_id: int) -> HttpResponse:
    """A version to read; a draft to edit."""
    template = get_object_or_404(SurveyTemplate.objects.select_related("published_by"), pk=template_id)
    return show_survey(request, template)


def show_survey(
    request: SignedInRequest, template: SurveyTemplate, publish_form: PublishForm | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "template": template,
        "languages": settings.LANGUAGES,
        "publish_form": publish_form or PublishForm(initial={"revision": template.revision}),
    }
    if not template.is_draft:
        wordings = [
            [item.text.get(code) or item.text["en"] for code, _ in settings.LANGUAGES] for item in template.questions
        ]
        context["questions"] = list(zip(template.questions, wordings, strict=True))
        return render(request, "reviews/survey_template.html", context, status=422 if publish_form else 200)
    if publish_form is not None:
        context["form"] = SurveyTemplateForm(template=template)
        return render(request, "reviews/survey_template_draft.html", context, status=422)

    def save(values: dict[str, Any]) -> None:
        survey_templates.change_survey_draft(
            template=template, seen=values["revision"], title=values["title"], items=values["items"], by=request.user
        )

    return FormPage(
        template="reviews/survey_template_draft.html",
        context=context,
        build=lambda data: SurveyTemplateForm(data, template=template),
        save=save,
        done=reverse(SURVEY, args=[template.pk]),
        message="Draft saved. Look at what the client sees, then publish it.",
    ).answer(request)


@require_POST
@page(Permission.TEMPLATE_CONFIGURE)
def survey_template_draft(request: SignedInRequest, template_id: int) -> HttpResponse:
    template = get_object_or_404(SurveyTemplate, pk=template_id)
    return draft_from(request, SURVEY, lambda: survey_templates.draft_survey(template=template, by=request.user))


@require_POST
@page(Permission.TEMPLATE_CONFIGURE)
def survey_template_publish(request: SignedInRequest, template_id: int) -> HttpResponse:
    template = get_object_or_404(SurveyTemplate, pk=template_id)
    published = publish_from(
        request,
        template,
        lambda seen, note: survey_templates.publish_survey_draft(
            template=template, seen=seen, note=note, by=request.user
        ),
    )
    if isinstance(published, PublishForm):
        return show_survey(request, template, published)
    messages.success(request, f"Version {published.version} is in use. Surveys made before keep their questions.")
    return going_on(SURVEY, published.pk)


@require_POST
@page(Permission.TEMPLATE_CONFIGURE)
def survey_template_discard(request: SignedInRequest, template_id: int) -> HttpResponse:
    template = get_object_or_404(SurveyTemplate, pk=template_id)
    return discard_from(
        request,
        SURVEY,
        template.pk,
        lambda seen: survey_templates.discard_survey_draft(template=template, seen=seen, by=request.user),
    )


@csrf_exempt  # the client's form carries no token of ours, and what is sent from here goes nowhere
@page(Permission.TEMPLATE_CONFIGURE)
def survey_template_preview(request: SignedInRequest, template_id: int, shown: str) -> HttpResponse:
    """What a client would see of this version, in the language that the address names."""
    template = get_object_or_404(SurveyTemplate, pk=template_id)
    if request.method == "POST":
        messages.info(request, "That was the preview: nothing was sent.")
        return redirect(SURVEY, template.pk)
    payload = sample_payload(template, request.user, timezone.localdate())
    return survey_page(payload, shown, request.GET.get("language", "en"))


# --- agendas ------------------------------------------------------------------------------------------------------


@page(Permission.TEMPLATE_CONFIGURE)
def agenda_template(request: SignedInRequest, agenda_id: int) -> HttpResponse:
    """A version to read; a draft to edit."""
    template = get_object_or_404(AgendaTemplate.objects.select_related("published_by"), pk=agenda_id)
    return show_agenda(request, template)


def show_agenda(
    request: SignedInRequest, template: AgendaTemplate, publish_form: PublishForm | None = None
) -> HttpResponse:
    items = template.agenda
    context: dict[str, Any] = {
        "template": template,
        "agenda": place(items),
        "taken": total_minutes(items),
        "free": template.minutes - total_minutes(items),
        "head": ("Order", "Item", "Minutes", "Who"),
        "publish_form": publish_form or PublishForm(initial={"revision": template.revision}),
    }
    if not template.is_draft:
        return render(request, "reviews/agenda_template.html", context, status=422 if publish_form else 200)
    if publish_form is not None:
        context["form"] = AgendaTemplateForm(template=template)
        return render(request, "reviews/agenda_template_draft.html", context, status=422)

    def save(values: dict[str, Any]) -> None:
        agenda_templates.change_agenda_draft(
            template=template,
            seen=values["revision"],
            minutes=values["minutes"],
            items=values["agenda"],
            by=request.user,
        )

    return FormPage(
        template="reviews/agenda_template_draft.html",
        context=context,
        build=lambda data: AgendaTemplateForm(data, template=template),
        save=save,
        done=reverse(AGENDA, args=[template.pk]),
        message="Draft saved.",
    ).answer(request)


@require_POST
@page(Permission.TEMPLATE_CONFIGURE)
def agenda_template_draft(request: SignedInRequest, agenda_id: int) -> HttpResponse:
    template = get_object_or_404(AgendaTemplate, pk=agenda_id)
    return draft_from(request, AGENDA, lambda: agenda_templates.draft_agenda(template=template, by=request.user))


@require_POST
@page(Permission.TEMPLATE_CONFIGURE)
def agenda_template_publish(request: SignedInRequest, agenda_id: int) -> HttpResponse:
    template = get_object_or_404(AgendaTemplate, pk=agenda_id)
    published = publish_from(
        request,
        template,
        lambda seen, note: agenda_templates.publish_agenda_draft(
            template=template, seen=seen, note=note, by=request.user
        ),
    )
    if isinstance(published, PublishForm):
        return show_agenda(request, template, published)
    messages.success(request, f"Version {published.version} is in use. Reviews planned before keep their agenda.")
    return going_on(AGENDA, published.pk)


@require_POST
@page(Permission.TEMPLATE_CONFIGURE)
def agenda_template_discard(request: SignedInRequest, agenda_id: int) -> HttpResponse:
    template = get_object_or_404(AgendaTemplate, pk=agenda_id)
    return discard_from(
        request,
        AGENDA,
        template.pk,
        lambda seen: agenda_templates.discard_agenda_draft(template=template, seen=seen, by=request.user),
    )
