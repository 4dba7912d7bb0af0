"""Surveys of an account: the list, a new one, its results, and exactly what the client sees."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.models import Account
from accounts.views.shell import account_context
from reviews.actions import surveys as actions
from reviews.delivery.surveys import Addresses, compose
from reviews.forms.surveys import FollowUpForm, SurveyForm
from reviews.models import Answer, Survey
from reviews.queries.recipients import THROTTLE_DAYS, candidates
from reviews.queries.survey_page import survey_payload
from reviews.queries.surveys import SurveyResults, account_lines, people_of, results, survey_lines
from reviews.registry.surveys import bar_of, signed
from reviews.views.previews import survey_page
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.models import Organisation

OVERVIEW_LENGTH = 100
TAB = "reviews:survey-list"


@page(Permission.SIGNED_IN)
def survey_overview(request: SignedInRequest) -> HttpResponse:
    """All surveys of the accounts whose results the person may see."""
    surveys = (
        Survey.objects.visible_to(request.user)
        .select_related("account", "template", "asked_by")
        .order_by("-opened_on", "-pk")
    )
    lines = survey_lines(surveys[:OVERVIEW_LENGTH])
    context = {
        "lines": lines,
        "open_count": sum(line.survey.is_open for line in lines),
        "to_call": sum(line.to_call for line in lines),
        "more": surveys.count() > OVERVIEW_LENGTH,
    }
    return render(request, "reviews/survey_overview.html", context)


@account_view(Permission.SURVEY_VIEW)
def survey_list(request: SignedInRequest, account: Account) -> HttpResponse:
    context = {
        "lines": [(line, bar_of(line)) for line in account_lines(account)],
    }
    return render(request, "reviews/survey_list.html", account_context(request, account, TAB, **context))


@account_view(Permission.SURVEY_SEND)
def survey_new(request: SignedInRequest, account: Account) -> HttpResponse:
    today = timezone.localdate()
    form = SurveyForm(request.POST or None, account=account, today=today)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                survey = actions.create_survey(account=account, by=request.user, today=today, **form.cleaned_data)
            except FieldErrors as problem:
                for field, texts in problem.errors.items():
                    form.add_error(field if field in form.fields else None, list(texts))
            except ActionRefused as problem:
                form.add_error(None, problem.message)
            else:
                return redirect("reviews:survey-detail", account.pk, survey.pk)
    context = {
        "form": form,
        "candidates": candidates(account, today),
        "throttle": THROTTLE_DAYS,
        "ready": Organisation.objects.current().ready_for_clients,
    }
    return render(request, "reviews/survey_new.html", account_context(request, account, TAB, **context), status=status)


def survey_of(account: Account, survey_id: int) -> Survey:
    surveys = account.surveys.select_related("account", "template", "asked_by", "publication")
    return get_object_or_404(surveys, pk=survey_id)


@account_view(Permission.SURVEY_VIEW)
def survey_detail(request: SignedInRequest, account: Account, survey_id: int) -> HttpResponse:
    return show(request, survey_of(account, survey_id))


def show(request: SignedInRequest, survey: Survey, status: int = 200, problem: str = "", on: int = 0) -> HttpResponse:
    """The page of one survey; `problem` stands at the follow-up form of answer `on`."""
    found = results(survey, request.user)
    context = {
        "survey": survey,
        "results": found,
        "chart": bar_of(found),
        "figures": key_figures(found),
        "people": people_of(survey),
        "ready": Organisation.objects.current().ready_for_clients,
        "problem": problem,
        "problem_on": on,
        "typed": request.POST.get("note", ""),
        "languages": settings.LANGUAGES,
    }
    if survey.is_draft:
        context["mail"] = compose(
            "invitation", survey, "…", "en", Addresses("(a link of their own)", "(a link of their own)")
        )
    whole = account_context(request, survey.account, TAB, **context)
    return render(request, "reviews/survey_detail.html", whole, status=status)


def key_figures(found: SurveyResults) -> list[dict[str, str]]:
    """Response, score and calls; the score never without its n and range."""
    interval, rate = found.nps.interval, found.rate.rate
    spread = f"{signed(interval.low)} to {signed(interval.high)} with n = {found.nps.n}" if interval else ""
    score = found.nps.score
    return [
        {
            "label": "Answered",
            "value": f"{found.answered} of {found.sent}",
            "note": f"{rate:.0%} response".replace("%", "\N{NO-BREAK SPACE}%") if rate is not None else "",
            "tone": "",
        },
        {
            "label": "NPS",
            "value": signed(score) if score is not None else "–",
            "note": spread or "nobody has answered yet",
            "tone": "",
        },
        {
            "label": "Low answers to call",
            "value": str(found.low_open),
            "note": "within two working days" if found.low_open else "none open",
            "tone": "warn" if found.low_open else "",
        },
    ]


@require_POST
@account_view(Permission.SURVEY_SEND)
def survey_send(request: SignedInRequest, account: Account, survey_id: int) -> HttpResponse:
    survey = survey_of(account, survey_id)
    try:
        sent = actions.send_survey(survey=survey, account=account, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, f"{len(sent.asked)} people are asked; their mails are on the way.")
        for contact, reason in sent.left_out:
            messages.warning(request, f"{contact.full_name} was left out. {reason}")
    return redirect("reviews:survey-detail", account.pk, survey.pk)


@require_POST
@account_view(Permission.SURVEY_SEND)
def survey_close(request: SignedInRequest, account: Account, survey_id: int) -> HttpResponse:
    survey = survey_of(account, survey_id)
    try:
        actions.close_survey(survey=survey, account=account, by=request.user)
        messages.success(request, "The survey is closed. The links to it do not work any more.")
    except ActionRefused as problem:
        messages.error(request, problem.message)
    return redirect("reviews:survey-detail", account.pk, survey.pk)


@require_POST
@account_view(Permission.SURVEY_SEND)
def survey_discard(request: SignedInRequest, account: Account, survey_id: int) -> HttpResponse:
    survey = survey_of(account, survey_id)
    try:
        actions.discard_survey(survey=survey, account=account, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return redirect("reviews:survey-detail", account.pk, survey.pk)
    messages.success(request, "The draft is gone.")
    return redirect("reviews:survey-list", account.pk)


@require_POST
@account_view(Permission.SURVEY_SEND)
def answer_follow_up(request: SignedInRequest, account: Account, survey_id: int, answer_id: int) -> HttpResponse:
    survey = survey_of(account, survey_id)
    answer = get_object_or_404(Answer, invitation__survey=survey, pk=answer_id)
    form = FollowUpForm(request.POST)
    if not form.is_valid():
        return show(request, survey, status=422, problem=str(form.errors["note"][0]), on=answer.pk)
    try:
        actions.follow_up(answer=answer, account=account, note=form.cleaned_data["note"], by=request.user)
    except FieldErrors as problem:
        return show(request, survey, status=422, problem=str(problem.errors["note"][0]), on=answer.pk)
    messages.success(request, "The call is noted.")
    return redirect(reverse("reviews:survey-detail", args=[account.pk, survey.pk]) + "#low-answers")


@csrf_exempt  # the client's form carries no token of ours, and what is sent from here goes nowhere
@account_view(Permission.SURVEY_SEND)
def survey_preview(request: SignedInRequest, account: Account, survey_id: int, shown: str) -> HttpResponse:
    """What the client sees: the same template, the same snapshot, the same bytes. Its form goes nowhere."""
    survey = survey_of(account, survey_id)
    if request.method == "POST":
        messages.info(request, "That was the preview: nothing was sent.")
        return redirect("reviews:survey-detail", account.pk, survey.pk)
    payload = survey.publication.payload if survey.publication else survey_payload(survey)
    return survey_page(payload, shown, request.GET.get("language", "en"))
