"""Mails to client people about surveys: plain text, in their language, from the lead's name, once per key."""

from __future__ import annotations

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from reviews.models import Invitation, Survey
from sam.core.actions.messages import post_mail
from sam.core.models import Organisation, OutgoingMail
from sam.portal.rendering import language_of


@dataclass(frozen=True, slots=True)
class Addresses:
    """The two links of a mail: to the questions, and to "please don't ask me again"."""

    survey: str
    stop: str


def post_invitation(*, survey: Survey, invitation: Invitation, addresses: Addresses) -> OutgoingMail | None:
    """Ask once. None when this person was asked in this survey before."""
    return _post("invitation", survey, invitation, addresses)


def post_reminder(*, survey: Survey, invitation: Invitation, addresses: Addresses, second: bool) -> OutgoingMail | None:
    """Remind once per reminder."""
    return _post("second-reminder" if second else "reminder", survey, invitation, addresses)


def _post(kind: str, survey: Survey, invitation: Invitation, addresses: Addresses) -> OutgoingMail | None:
    contact = invitation.contact
    mail = compose(kind, survey, contact.full_name, contact.language, addresses)
    return post_mail(
        key=f"survey-{survey.pk}-{kind}-{invitation.pk}",
        to=contact.email,
        subject=mail.subject,
        text=mail.text,
        from_name=survey.asked_by.display_name,
        reply_to=survey.asked_by.email,
    )


@dataclass(frozen=True, slots=True)
class Composed:
    subject: str
    text: str


def compose(kind: str, survey: Survey, name: str, language: str, addresses: Addresses) -> Composed:
    """The mail as the person gets it; also what "what the client sees" shows."""
    organisation = Organisation.objects.current()
    with translation.override(language_of(language)):
        # The mail's whole vocabulary: nothing else of survey, contact or account reaches the template.
        text = render_to_string(
            "reviews/mail/survey_invitation.txt",
            {
                "kind": kind,
                "name": name,
                "supplier": organisation.name,
                "lead": survey.asked_by.display_name,
                "named": survey.named,
                "closes_on": survey.closes_on,
                "survey_url": addresses.survey,
                "stop_url": addresses.stop,
                "privacy_url": organisation.privacy_url,
                "imprint_url": organisation.imprint_url,
            },
        )
        subject = _("Two minutes for %(supplier)s: how are we doing?") % {"supplier": organisation.name}
        if kind != "invitation":
            subject = _("Reminder: two minutes for %(supplier)s") % {"supplier": organisation.name}
    return Composed(subject, text)
