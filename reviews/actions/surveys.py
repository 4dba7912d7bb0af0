"""Asking clients: prepare, send, remind, take answers over, close, follow up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Contact
from reviews.delivery.surveys import Addresses, post_invitation, post_reminder
from reviews.domain.survey import Value, low_items, read_answer
from reviews.models import Answer, Invitation, Survey, SurveyTemplate
from reviews.queries.recipients import judged
from reviews.queries.survey_page import lead_of
from sam.core.actions.messages import first_time, notify, post_mail
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.models import User
from sam.portal.actions import issue_link, publish, refuse_without_notices
from sam.portal.models import Link, Publication
from sam.values.workdays import add_working_days

KIND = "survey"
ASK, STOP = "survey", "survey-stop"
LONGEST_OPEN_DAYS = 90
MOST_RECIPIENTS = 200
# Below this many invited people an answer without a name would still be somebody's.
FEWEST_WITHOUT_NAMES = 15
# The way out of our mails works longer than any survey.
STOP_LINK_DAYS = 730
CALL_WITHIN = 2


@dataclass(frozen=True, slots=True)
class Sent:
    """What sending did: who was asked, and who was left out with the reason."""

    survey: Survey
    asked: tuple[Contact, ...]
    left_out: tuple[tuple[Contact, str], ...]


@action("prepared a survey")
def create_survey(
    *,
    account: Account,
    template: SurveyTemplate,
    contacts: Iterable[Contact],
    closes_on: date,
    by: User | None,
    asked_by: User | None = None,
    review_on: date | None = None,
    named: bool = True,
    today: date | None = None,
) -> Survey:
    """A draft in the name of `asked_by` (default: the account's lead). Raises FieldErrors with every reason at once."""
    day = today or timezone.localdate()
    people = list({contact.pk: contact for contact in contacts}.values())
    errors: dict[str, list[str]] = {}
    if template.state != SurveyTemplate.State.LIVE:
        errors["template"] = ["This version is not in use. Choose the current one."]
    if not day < closes_on <= day + timedelta(days=LONGEST_OPEN_DAYS):
        errors["closes_on"] = [f"Choose a day after today, within {LONGEST_OPEN_DAYS} days."]
    if review_on is not None and review_on <= day:
        errors["review_on"] = ["Choose a day after today, or leave it empty."]
    problems = contact_problems(account, people, day)
    if not named and len(people) < FEWEST_WITHOUT_NAMES:
        problems.append(f"Without names at least {FEWEST_WITHOUT_NAMES} people must be asked.")
    if problems:
        errors["contacts"] = problems
    if errors:
        raise FieldErrors(errors)
    asking = asked_by or lead_of(account) or by
    if asking is None:
        raise ActionRefused("Nobody leads this account yet. Put a lead on its team first.", code="no_lead")
    survey = Survey.objects.create(
        account=account,
        template=template,
        asked_by=asking,
        closes_on=closes_on,
        review_on=review_on,
        named=named,
        created_by=by,
    )
    Invitation.objects.bulk_create([Invitation(survey=survey, contact=contact) for contact in people])
    return survey


def contact_problems(account: Account, people: list[Contact], day: date) -> list[str]:
    """Why these people cannot be asked together, one sentence each."""
    if not people:
        return ["Choose at least one person."]
    if len(people) > MOST_RECIPIENTS:
        return [f"A survey goes to at most {MOST_RECIPIENTS} people."]
    if any(contact.account_id != account.pk for contact in people):
        return ["Choose people of this account."]
    return [f"{found.contact.full_name}: {found.reason}" for found in judged(people, day) if found.reason]


@action("discarded a survey draft")
def discard_survey(*, survey: Survey, account: Account, by: User | None) -> None:
    """Drop a draft that was never sent."""
    deleted, _ = Survey.objects.filter(pk=survey.pk, status=Survey.Status.DRAFT).delete()
    if not deleted:
        raise ActionRefused("This survey was sent. It can be closed, not discarded.", code="already_sent")


@action("sent a survey")
def send_survey(*, survey: Survey, account: Account, by: User | None, at: datetime | None = None) -> Sent:
    """Publish the questions and mail everybody a link of their own, once.

    Who may not be asked any more since the draft was made is left out, with the reason. Raises ActionRefused when it
    was sent before, when nobody is left, or while imprint or privacy notice are missing. `at` is for loading a story.
    """
    refuse_without_notices()
    now = at or timezone.now()
    zone = ZoneInfo(survey.asked_by.time_zone)
    today = now.astimezone(zone).date()
    claimed = Survey.objects.filter(pk=survey.pk, status=Survey.Status.DRAFT).update(
        status=Survey.Status.OPEN, opened_on=today, revision=F("revision") + 1
    )
    if not claimed:
        raise ActionRefused("This survey was sent already.", code="already_sent")
    if survey.closes_on <= today:
        raise ActionRefused("Its last day for answers has passed. Prepare a new one.", code="closes_in_the_past")
    survey.refresh_from_db()
    invitations = list(survey.invitations.select_related("contact"))
    reasons = {found.contact.pk: found.reason for found in judged([one.contact for one in invitations], today)}
    asked = [one for one in invitations if not reasons[one.contact_id]]
    if not asked:
        raise ActionRefused("Nobody on this list can be asked now.", code="nobody_to_ask")
    survey.publication = publish(kind=KIND, subject=survey, by=by, account=account)
    survey.save(update_fields=["publication"])
    for invitation in invitations:
        if reason := reasons[invitation.contact_id]:
            invitation.not_sent_because = reason[:200]
        else:
            invitation.sent_at = now
            post_invitation(survey=survey, invitation=invitation, addresses=_links(survey, invitation, by))
    Invitation.objects.bulk_update(invitations, ["sent_at", "not_sent_because"])
    left_out = tuple((one.contact, reasons[one.contact_id]) for one in invitations if reasons[one.contact_id])
    return Sent(survey, tuple(one.contact for one in asked), left_out)


def _links(survey: Survey, invitation: Invitation, by: User | None) -> Addresses:
    """Two fresh links for one mail. Earlier ones keep working: nobody minds which mail a person finds."""
    if survey.publication is None:
        raise ActionRefused("Send the survey first.", code="not_sent")
    zone = ZoneInfo(survey.asked_by.time_zone)
    after_close = datetime.combine(survey.closes_on + timedelta(days=1), time.min, tzinfo=zone)
    contact = invitation.contact
    urls = {
        purpose: issue_link(
            publication=survey.publication,
            purpose=purpose,
            recipient_id=contact.pk,
            recipient_email=contact.email,
            recipient_name=contact.full_name,
            language=contact.language,
            expires_at=expires_at,
            by=by,
            account=survey.account,
        ).url
        for purpose, expires_at in (
            (ASK, after_close),
            (STOP, after_close + timedelta(days=STOP_LINK_DAYS)),
        )
    }
    return Addresses(survey=urls[ASK], stop=urls[STOP])


@action("reminded somebody of a survey")
def remind(*, invitation: Invitation, account: Account, second: bool, by: User | None) -> bool:
    """One of the two reminders, unless it went out, was answered or was stopped meanwhile; whether it went out."""
    field = "reminded_again_at" if second else "reminded_at"
    due = Invitation.objects.to_remind().filter(pk=invitation.pk, **{f"{field}__isnull": True})
    if not due.update(**{field: timezone.now()}):
        return False
    survey = invitation.survey
    post_reminder(survey=survey, invitation=invitation, addresses=_links(survey, invitation, by), second=second)
    return True


@action("closed a survey")
def close_survey(*, survey: Survey, account: Account, by: User | None) -> None:
    """No more answers. The links to the questions stop working; the way out of our mails keeps working."""
    closed = Survey.objects.filter(pk=survey.pk, status=Survey.Status.OPEN).update(
        status=Survey.Status.CLOSED, revision=F("revision") + 1
    )
    if not closed:
        raise ActionRefused("Only an open survey can be closed.", code="not_open")
    Link.objects.filter(publication=survey.publication, purpose=ASK, revoked_at=None).update(revoked_at=timezone.now())


@action("took over an answer")
def record_answer(
    *,
    invitation: Invitation,
    account: Account,
    values: Mapping[str, object],
    received_at: datetime,
    by: User | None,
    submission_id: int = 0,
) -> Answer:
    """Keep what was answered; the newest submission counts, an older one that comes late changes nothing.

    Raises ActionRefused for values that the survey's questions do not know.
    """
    invitation = (
        Invitation.objects.select_for_update(of=["self"]).select_related("survey__template").get(pk=invitation.pk)
    )
    questions = invitation.survey.template.questions
    read = read_answer(questions, {key: str(value) for key, value in values.items()})
    if read.mistakes:
        raise ActionRefused(f"Not an answer to these questions: {', '.join(sorted(read.mistakes))}.", code="unreadable")
    known = Answer.objects.filter(invitation=invitation).first()
    if known is not None and known.submission_id > submission_id:
        return known
    answer = known or Answer(invitation=invitation)
    answer.values = dict(read.values)
    answer.received_at = received_at
    answer.submission_id = submission_id
    answer.is_low = bool(low_items(questions, read.values))
    answer.save()
    Invitation.objects.filter(pk=invitation.pk).update(answered_at=received_at)
    if answer.is_low and answer.followed_up_on is None:
        tell_lead(invitation, read.values)
    return answer


def tell_lead(invitation: Invitation, values: Mapping[str, Value]) -> None:
    """A low answer reaches the lead at once, by bell and mail, one time per person and survey."""
    if not first_time(rule="low-answer", period=str(invitation.pk)):
        return
    survey = Survey.objects.select_related("account", "asked_by", "template").get(pk=invitation.survey_id)
    lead = lead_of(survey.account) or survey.asked_by
    who = invitation.contact.full_name if survey.named else "Somebody"
    low = ", ".join(f"{item.named('en')} {values[item.key]}" for item in low_items(survey.template.questions, values))
    url = reverse("reviews:survey-detail", args=[survey.account_id, survey.pk])
    due = add_working_days(timezone.localdate(), CALL_WITHIN)
    title = f"Low answer: {who}, {survey.account.name}"
    notify(user=lead, title=title, text=f"{low}. Call by {due:%d %b}.", url=url, account_id=survey.account_id)
    post_mail(
        key=f"low-answer-{invitation.pk}",
        to=lead.email,
        subject=title,
        text=f"{low}.\n\nPlease call by {due:%d %b} and note what came of it:\n{settings.BASE_URL}{url}\n",
    )


@action("took over a request not to be asked again")
def opt_out(*, invitation: Invitation, account: Account, by: User | None) -> None:
    """Never send surveys to this person again, under whatever account the same address stands."""
    contact = invitation.contact
    same = Contact.objects.filter(email__iexact=contact.email) if contact.email else Contact.objects.none()
    asked = (same | Contact.objects.filter(pk=contact.pk)).filter(no_surveys=False)
    asked.update(no_surveys=True, revision=F("revision") + 1)
    stopped = Invitation.objects.filter(pk=invitation.pk, opted_out_at=None).update(opted_out_at=timezone.now())
    lead = lead_of(account)
    if stopped and lead is not None:
        notify(
            user=lead,
            title=f"{contact.full_name} asked us not to send surveys",
            url=reverse("reviews:survey-detail", args=[account.pk, invitation.survey_id]),
            account_id=account.pk,
        )


@action("followed up a low answer")
def follow_up(*, answer: Answer, account: Account, note: str, by: User, on: date | None = None) -> None:
    """Note the call: what came of it. Raises FieldErrors without a note."""
    if not note.strip():
        raise FieldErrors({"note": "Write in a few words what came of the call."})
    Answer.objects.filter(pk=answer.pk).update(
        followed_up_on=on or timezone.localdate(), followed_up_by=by, follow_up_note=note.strip()[:300]
    )


def move_surveys(account: Account, into: Account) -> tuple[str, int]:
    """Part of merging two accounts; the caller is the action."""
    moved = Survey.objects.filter(account=account).update(account=into, revision=F("revision") + 1)
    Publication.objects.filter(kind=KIND, account_id=account.pk).update(account_id=into.pk)
    return "surveys", moved


@action("handed over surveys")
def hand_over_surveys(*, from_user: User, to_user: User, by: User | None) -> int:
    """Drafts and open surveys go on in another person's name; what was sent keeps the name it was sent with."""
    return (
        Survey.objects.filter(asked_by=from_user)
        .exclude(status=Survey.Status.CLOSED)
        .update(asked_by=to_user, revision=F("revision") + 1)
    )


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """One person asked in an earlier wave; no values: did not answer."""

    contact: Contact
    values: Mapping[str, Value] | None = None
    answered_at: datetime | None = None
    followed_up_on: date | None = None


@action("entered an earlier survey")
def enter_past_survey(
    *,
    account: Account,
    template: SurveyTemplate,
    asked_by: User,
    opened_at: datetime,
    closes_on: date,
    people: Iterable[PastAnswer],
    by: User | None,
) -> Survey:
    """A wave that was asked before this product was there: nothing is sent, nobody is told."""
    questions = template.questions
    survey = Survey.objects.create(
        account=account,
        template=template,
        status=Survey.Status.CLOSED,
        asked_by=asked_by,
        opened_on=opened_at.date(),
        closes_on=closes_on,
        created_by=by,
    )
    past = list(people)
    invitations = Invitation.objects.bulk_create(
        Invitation(
            survey=survey,
            contact=one.contact,
            sent_at=opened_at,
            answered_at=(one.answered_at or opened_at) if one.values is not None else None,
        )
        for one in past
    )
    Answer.objects.bulk_create(
        _past_answer(invitation, one, bool(low_items(questions, one.values)), asked_by)
        for invitation, one in zip(invitations, past, strict=True)
        if one.values is not None
    )
    return survey


def _past_answer(invitation: Invitation, past: PastAnswer, is_low: bool, called_by: User) -> Answer:
    called_on = past.followed_up_on if is_low else None
    return Answer(
        invitation=invitation,
        values=dict(past.values or {}),
        received_at=invitation.answered_at or timezone.now(),
        is_low=is_low,
        followed_up_on=called_on,
        followed_up_by=called_by if called_on else None,
    )
