"""What a client may see of a survey: field by field, the allow-list behind its publication."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from accounts.models import Account, TeamSeat
from reviews.models import Survey, SurveyTemplate
from sam.core.models import Organisation, User
from sam.values.workdays import add_working_days

# Working days after the close in which the lead answers every comment.
ANSWER_WITHIN = 10
KEPT_MONTHS = 36
SAMPLE_OPEN_DAYS = 18


def survey_payload(survey: Survey) -> dict[str, Any]:
    """The snapshot: who asks, why, who sees the answer, for how long, and the questions in every language."""
    organisation = Organisation.objects.current()
    sponsor = sponsor_of(survey.account)
    supplier = organisation.name
    return {
        "supplier": supplier,
        "client": survey.account.name,
        "imprint_url": organisation.imprint_url,
        "privacy_url": organisation.privacy_url,
        "lead": survey.asked_by.display_name,
        "sponsor": sponsor.display_name if sponsor else "",
        "named": survey.named,
        "closes_on": survey.closes_on.isoformat(),
        "review_on": survey.review_on.isoformat() if survey.review_on else "",
        "answered_by": add_working_days(survey.closes_on, ANSWER_WITHIN).isoformat(),
        "kept_months": KEPT_MONTHS,
        "title": dict(survey.template.title),
        "items": questions_of(survey.template, supplier),
    }


def questions_of(template: SurveyTemplate, supplier: str) -> list[dict[str, Any]]:
    """The questions in every language, with the name of the company that asks."""
    return [
        {
            "key": item.key,
            "kind": item.kind.value,
            "text": {language: wording.replace("{supplier}", supplier) for language, wording in item.text.items()},
            "label": dict(item.label),
        }
        for item in template.questions
    ]


def sample_payload(template: SurveyTemplate, lead: User, today: date) -> dict[str, Any]:
    """A template as a client would see it if `lead` asked today: no account, no sponsor, no review day."""
    organisation = Organisation.objects.current()
    closes = today + timedelta(days=SAMPLE_OPEN_DAYS)
    return {
        "supplier": organisation.name,
        "client": "",
        "imprint_url": organisation.imprint_url,
        "privacy_url": organisation.privacy_url,
        "lead": lead.display_name,
        "sponsor": "",
        "named": True,
        "closes_on": closes.isoformat(),
        "review_on": "",
        "answered_by": add_working_days(closes, ANSWER_WITHIN).isoformat(),
        "kept_months": KEPT_MONTHS,
        "title": dict(template.title),
        "items": questions_of(template, organisation.name),
    }


def sponsor_of(account: Account) -> User | None:
    """The executive sponsor whose term is open; the earliest where there are two."""
    term = account.sponsor_terms.open().select_related("sponsor").order_by("starts_on", "pk").first()
    return term.sponsor if term else None


def lead_of(account: Account) -> User | None:
    """Who leads the account now: an open seat with the lead's access that is not a deputy's, else the owner."""
    seats = account.seats.open().filter(access="lead").exclude(role=TeamSeat.Role.DEPUTY)
    seat = seats.select_related("user").order_by("-core", "starts_on", "pk").first()
    return seat.user if seat else account.owner
