"""What surveys add elsewhere: the publisher behind the client wall, panels of the account page, my day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.merging import register_mover
from accounts.models import Account
from reviews.actions import surveys as actions
from reviews.actions.survey_templates import prepare_default_template
from reviews.domain import published
from reviews.domain.survey import LONGEST_TEXT, read_answer, read_items
from reviews.models import Invitation, Survey
from reviews.queries.loyalty import MEASURES
from reviews.queries.programme_loyalty import loyalty_by_group
from reviews.queries.survey_page import survey_payload
from reviews.queries.surveys import account_lines, answers_to_call, latest_nps
from sam.core import day, holdings, navigation, panels, preparation, verification
from sam.core.authorization.permissions import Permission
from sam.core.charts import NpsBar, nps_bar
from sam.core.errors import ActionRefused
from sam.core.models import User
from sam.portal.models import Submission
from sam.portal.publishers import Page, Publisher, Reading
from sam.portal.publishers import register as register_publisher
from sam.values.workdays import add_working_days
from scoring.domain.measures import register as register_measure
from scoring.queries.programme import register_loyalty

# --- behind the client wall: pure reading, then taking over ------------------------------------------------------


def read_survey(payload: Mapping[str, Any], data: QueryDict) -> Reading:
    """The form against the questions of the snapshot. No database here."""
    items = read_items(payload["items"])
    given = {item.key: data.get(item.key, "") for item in items}
    read = read_answer(items, given)
    words = {
        "missing": _("Please choose a number from 0 to 10."),
        "unknown": _("Please choose one of the answers."),
        "too_long": _("Please shorten your text to %(count)s characters.") % {"count": LONGEST_TEXT},
    }
    errors = {key: words[mistake] for key, mistake in read.mistakes.items()}
    return Reading(payload={"answers": dict(read.values)}, errors=errors, values=given)


def read_stop(payload: Mapping[str, Any], data: QueryDict) -> Reading:
    return Reading(payload={"stop": True})


def invitation_of(submission: Submission) -> Invitation:
    link = submission.link
    invitation = (
        Invitation.objects.filter(survey__publication=link.publication, contact__pk=link.recipient_id or 0)
        .select_related("survey__account", "contact")
        .first()
    )
    if invitation is None:
        raise ActionRefused("The person or the survey is not there any more.", code="invitation_gone")
    return invitation


def take_answer(submission: Submission) -> None:
    invitation = invitation_of(submission)
    actions.record_answer(
        invitation=invitation,
        account=invitation.survey.account,
        values=submission.payload.get("answers") or {},
        received_at=submission.received_at,
        submission_id=submission.pk,
        by=None,
    )


def take_stop(submission: Submission) -> None:
    invitation = invitation_of(submission)
    actions.opt_out(invitation=invitation, account=invitation.survey.account, by=None)


SURVEY = Publisher(
    kind=actions.KIND,
    label="Survey",
    build=survey_payload,
    pages=(
        Page(actions.ASK, "portal/survey.html", "portal/survey_thanks.html", read_survey, take_answer),
        Page(actions.STOP, "portal/survey_stop.html", "portal/survey_stopped.html", read_stop, take_stop),
    ),
)

# --- on pages of ours ---------------------------------------------------------------------------------------------


def loyalty_panel(account: Account, user: User) -> Mapping[str, Any]:
    lines = [line for line in account_lines(account, newest=6) if not line.survey.is_draft]
    latest = next((line for line in lines if line.nps.n), None)
    return {"account": account, "lines": lines, "latest": latest, "chart": bar_of(latest) if latest else ""}


def bar_of(line: Any) -> str:
    """The split of the answers with score and interval; `line` is anything with an `nps`."""
    nps = line.nps
    interval = nps.interval
    return nps_bar(
        NpsBar(
            nps.promoters,
            nps.passives,
            nps.detractors,
            nps.score,
            interval.low if interval else None,
            interval.high if interval else None,
            title="How likely they are to recommend us",
        )
    )


def signed(number: float) -> str:
    whole = round(number)
    return f"+{whole}" if whole > 0 else f"−{-whole}" if whole < 0 else "0"


def loyalty_figure(account: Account, user: User) -> Mapping[str, Any] | None:
    """Never a score without n and interval."""
    nps = latest_nps(account)
    if nps is None or nps.score is None or nps.interval is None:
        return {"label": "Loyalty (NPS)", "value": None, "note": "nobody has answered yet", "tone": "", "trend": ""}
    interval = nps.interval
    return {
        "label": "Loyalty (NPS)",
        "value": signed(nps.score),
        "note": f"{signed(interval.low)} to {signed(interval.high)} with n = {nps.n}",
        "tone": "",
        "trend": "",
        "url": reverse("reviews:survey-list", args=[account.pk]),
    }


def day_items(user: User, today: date) -> Iterable[day.Item]:
    for answer, survey in answers_to_call(user):
        due = add_working_days(timezone.localdate(answer.received_at), actions.CALL_WITHIN)
        who = answer.invitation.contact.full_name if survey.named else "Low answer"
        yield day.Item(
            title=f"Call {who}" if survey.named else "Low answer",
            note=f"Low answer at {survey.account.name}",
            url=reverse("reviews:survey-detail", args=[survey.account_id, survey.pk]) + "#low-answers",
            button="Open",
            icon="phone",
            tone="bad" if due < today else "warn",
            due=due,
        )


def open_surveys_of(user: User) -> Iterable[str]:
    surveys = Survey.objects.filter(asked_by=user).exclude(status=Survey.Status.CLOSED)
    return [str(name) for name in surveys.values_list("account__name", flat=True)]


def register() -> None:
    verification.register(published.CASES)
    register_loyalty(loyalty_by_group)
    for measure in MEASURES:
        register_measure(measure)
    register_publisher(SURVEY)
    register_mover(actions.move_surveys)
    holdings.register(holdings.Holding("surveys", "surveys in their name", open_surveys_of, actions.hand_over_surveys))
    preparation.register(preparation.Step("surveys", 50, prepare_default_template))
    navigation.register(
        navigation.Entry(
            "Surveys",
            "reviews:survey-overview",
            "messages",
            Permission.SURVEY_VIEW,
            order=50,
            prefix="/surveys/",
            on_seats=True,
        )
    )
    navigation.register(
        navigation.Entry(
            "Templates",
            "reviews:template-list",
            "list-details",
            Permission.TEMPLATE_CONFIGURE,
            order=82,
            prefix="/settings/templates/",
            section="Settings",
        )
    )
    panels.register_tab(panels.Tab("Surveys", "reviews:survey-list", Permission.SURVEY_VIEW, 60))
    panels.register_panel(
        panels.Panel(
            "loyalty",
            "Loyalty (NPS)",
            Permission.SURVEY_VIEW,
            60,
            "reviews/_loyalty_panel.html",
            loyalty_panel,
            later="reviews:survey-list",
        )
    )
    panels.register_figure(panels.Figure("loyalty", Permission.SURVEY_VIEW, 50, loyalty_figure))
    day.register(day.Source("low-answers", 20, day_items))
