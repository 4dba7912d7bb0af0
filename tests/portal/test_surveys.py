"""Asking clients: who, how often, what they get, what happens with the answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Contact
from reviews import schedules
from reviews.actions import survey_templates
from reviews.actions import surveys as actions
from reviews.domain.survey import CANNOT_SAY, read_answer
from reviews.models import Answer, Invitation, Survey, SurveyTemplate
from reviews.queries.recipients import THROTTLE_DAYS, candidates
from reviews.queries.surveys import answers_to_call, results
from sam.core import day, preparation
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.models import Notification, OutgoingMail, User
from sam.portal import schedules as portal_schedules
from sam.portal.models import Link

from .conftest import SentSurvey, form, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("same_connection")]


def answer(sent: SentSurvey, who: str, **answers: Any) -> None:
    browser, page = sent.open(who)
    assert post(browser, page, form(**answers)).status_code == 303
    portal_schedules.take_over_submissions()


def create(account: Account, template: SurveyTemplate, people: list[Contact], by: User, **more: Any) -> Survey:
    more.setdefault("closes_on", timezone.localdate() + timedelta(days=18))
    return actions.create_survey(account=account, template=template, contacts=people, by=by, **more)


# --- templates --------------------------------------------------------------------------------------------------


def test_default_template_is_there_after_prepare_and_made_once(db: None) -> None:
    for _ in range(2):
        assert "version 1" in next(step for step in preparation.steps() if step.key == "surveys").run()
    template = SurveyTemplate.objects.get()
    assert [item.kind.value for item in template.questions] == ["nps", *["driver"] * 5, "open"]
    for item in template.questions:
        assert item.worded("de") != item.worded("en")


def test_a_change_makes_the_next_version_and_old_surveys_keep_theirs(draft: Survey, alice: User) -> None:
    old = draft.template
    changed = [dict(item) for item in old.items if item["key"] != "innovation"]
    new = survey_templates.publish_template(key=old.key, title=old.title, items=changed, by=alice)
    old.refresh_from_db()
    draft.refresh_from_db()
    assert (old.state, new.state, new.version) == ("retired", "live", 2)
    assert draft.template == old
    assert len(old.questions) == len(new.questions) + 1


def test_template_without_english_or_recommendation_is_refused(db: None) -> None:
    items = [dict(item) for item in survey_templates.DEFAULT_ITEMS]
    for wrong in (items[1:], [*items, items[0]], [{**items[0], "text": {"de": "?"}}, *items[1:]]):
        with pytest.raises(FieldErrors):
            survey_templates.publish_template(key="x", title={"en": "X"}, items=wrong, by=None)
    assert SurveyTemplate.objects.count() == 0


# --- who is asked -----------------------------------------------------------------------------------------------


def test_who_cannot_be_asked_is_named_with_the_reason(
    organisation: Any, template: SurveyTemplate, account: Account, make_contact: Callable[..., Contact], alice: User
) -> None:
    fine = make_contact(account, "Fine Person")
    wrong = [
        make_contact(account, "No Mail", email=""),
        make_contact(account, "Gone Person", status=Contact.Status.LEFT),
        make_contact(account, "Tired Person", no_surveys=True),
        make_contact(account, "Unknown CFO", status=Contact.Status.UNKNOWN),
        make_contact(account, "Second Fine", email=fine.email.upper()),
    ]
    with pytest.raises(FieldErrors) as refused:
        create(account, template, [fine, *wrong], alice)
    said = refused.value.errors["contacts"]
    assert [text.split(":")[0] for text in said] == [person.full_name for person in wrong]
    assert "no e-mail" in said[0]
    assert "left" in said[1]
    assert "not to send surveys" in said[2]
    assert Survey.objects.count() == 0


def test_people_of_another_account_are_refused(
    template: SurveyTemplate, account: Account, make_account: Any, make_contact: Any, alice: User
) -> None:
    with pytest.raises(FieldErrors):
        create(account, template, [make_contact(make_account())], alice)


def test_one_person_is_asked_at_most_every_150_days(sent: SentSurvey, alice: User, contacts: list[Contact]) -> None:
    survey = sent.survey
    with pytest.raises(FieldErrors) as refused:
        create(survey.account, survey.template, contacts, alice)
    assert f"at most every {THROTTLE_DAYS} days" in refused.value.errors["contacts"][0]
    today = timezone.localdate()
    Survey.objects.update(opened_on=today - timedelta(days=149))
    assert not any(found.may_be_asked for found in candidates(survey.account, today))
    Survey.objects.update(opened_on=today - timedelta(days=150))
    assert all(found.may_be_asked for found in candidates(survey.account, today))


def test_throttle_follows_the_address_to_another_account(
    sent: SentSurvey, make_account: Any, make_contact: Any
) -> None:
    same_person = make_contact(make_account(), "Anna again", email="ANNA@client.example")
    (found,) = candidates(same_person.account, timezone.localdate())
    assert "Was asked on" in found.reason


def test_without_names_needs_fifteen_people(draft: Survey, contacts: list[Contact], alice: User) -> None:
    with pytest.raises(FieldErrors, match="at least 15"):
        create(draft.account, draft.template, contacts, alice, named=False)


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_last_day_lies_within_90_days(
    days: int, template: SurveyTemplate, account: Account, contacts: list[Contact], alice: User
) -> None:
    with pytest.raises(FieldErrors) as refused:
        create(account, template, contacts, alice, closes_on=timezone.localdate() + timedelta(days=days))
    assert "closes_on" in refused.value.errors


# --- sending ----------------------------------------------------------------------------------------------------


def test_each_person_gets_one_mail_of_their_own(sent: SentSurvey, alice: User) -> None:
    mails = OutgoingMail.objects.filter(key__startswith="survey-")
    assert {mail.to for mail in mails} == {"anna@client.example", "karl@client.example", "carla@client.example"}
    assert len({*sent.links.values(), *sent.stops.values()}) == 6
    mail = mails.get(to="anna@client.example")
    assert (mail.from_name, mail.reply_to) == ("Alice Lead", alice.email)
    assert mail.subject == "Two minutes for Thalbrook Flow: how are we doing?"
    assert mail.text.startswith("Dear Anna Berg,")
    assert "https://supplier.example/privacy" in mail.text
    assert "<" not in mail.text
    assert mail.attachments == []


def test_mail_speaks_the_persons_language(sent: SentSurvey) -> None:
    mail = OutgoingMail.objects.get(to="karl@client.example")
    assert mail.subject == "Zwei Minuten für Thalbrook Flow: Wie machen wir unsere Sache?"
    assert "Guten Tag Karl Weiss" in mail.text
    assert "Datenschutzhinweise" in mail.text


def test_page_speaks_the_persons_language(sent: SentSurvey) -> None:
    browser, page = sent.open("karl")
    html = browser.get(page).content.decode()
    assert '<html lang="de"' in html
    assert "Was wir zahlen, ist angemessen" in html
    assert "Stimme völlig zu" in html
    assert "Meine Antwort senden" in html
    refused = post(browser, page, {"pricing": "5"}).content.decode()
    assert "Bitte wählen Sie eine Zahl von 0 bis 10." in refused


def test_sending_twice_is_refused_and_mails_nobody_again(sent: SentSurvey, alice: User) -> None:
    before = OutgoingMail.objects.count()
    with pytest.raises(ActionRefused) as refused:
        actions.send_survey(survey=sent.survey, account=sent.survey.account, by=alice)
    assert refused.value.code == "already_sent"
    assert OutgoingMail.objects.count() == before


def test_who_dropped_out_since_the_draft_is_left_out_and_listed(
    draft: Survey, contacts: list[Contact], alice: User
) -> None:
    Contact.objects.filter(pk=contacts[0].pk).update(no_surveys=True)
    result = actions.send_survey(survey=draft, account=draft.account, by=alice)
    assert [contact.full_name for contact in result.asked] == ["Karl Weiss", "Carla Voss"]
    assert result.left_out == ((contacts[0], "Asked us not to send surveys."),)
    assert OutgoingMail.objects.filter(to=contacts[0].email).count() == 0


def test_nobody_left_to_ask_sends_nothing(draft: Survey, alice: User) -> None:
    Contact.objects.update(no_surveys=True)
    with pytest.raises(ActionRefused, match="Nobody on this list"):
        actions.send_survey(survey=draft, account=draft.account, by=alice)
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_sent_survey_cannot_be_discarded_a_draft_can(sent: SentSurvey, alice: User) -> None:
    with pytest.raises(ActionRefused):
        actions.discard_survey(survey=sent.survey, account=sent.survey.account, by=alice)
    again = Survey.objects.create(
        account=sent.survey.account, template=sent.survey.template, asked_by=alice, closes_on=date(2030, 1, 1)
    )
    actions.discard_survey(survey=again, account=again.account, by=alice)
    assert list(Survey.objects.all()) == [sent.survey]


# --- answers ----------------------------------------------------------------------------------------------------


def test_answers_are_taken_over_and_the_last_one_counts(sent: SentSurvey) -> None:
    answer(sent, "anna", nps=3, service=2, change="Answer faster.")
    answer(sent, "anna", nps=10, service=4, pricing=CANNOT_SAY)
    only = Answer.objects.get()
    assert only.values == {"nps": 10, "service": 4, "pricing": CANNOT_SAY}
    assert only.invitation.answered_at == only.received_at
    assert only.invitation.contact.full_name == "Anna Berg"


def test_an_older_submission_that_comes_late_changes_nothing(sent: SentSurvey) -> None:
    invitation = Invitation.objects.get(contact__full_name="Anna Berg")
    now = timezone.now()
    for submission_id, nps in ((7, 9), (5, 1)):
        actions.record_answer(
            invitation=invitation, account=sent.survey.account, values={"nps": nps}, received_at=now,
            submission_id=submission_id, by=None,
        )  # fmt: skip
    assert Answer.objects.get().values == {"nps": 9}


def test_nothing_typed_is_lost_when_a_number_is_missing(sent: SentSurvey) -> None:
    browser, page = sent.open("anna")
    response = post(browser, page, {"service": "4", "change": "Faster <answers> please", "key": "draft-key-1"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "Please choose a number from 0 to 10." in html
    assert 'name="service" value="4" checked' in html
    assert "Faster &lt;answers&gt; please" in html
    assert 'value="draft-key-1"' in html
    assert Answer.objects.count() == 0


@pytest.mark.parametrize(
    "given",
    [{"nps": "11"}, {"nps": "-1"}, {"nps": "9", "service": "6"}, {"nps": "٣"}, {"nps": "9", "change": "x" * 2001}],
)
def test_answers_outside_the_scale_are_refused(sent: SentSurvey, given: dict[str, str]) -> None:
    browser, page = sent.open("anna")
    assert post(browser, page, given).status_code == 422


def test_reading_keeps_only_what_was_asked(template: SurveyTemplate) -> None:
    read = read_answer(template.questions, {"nps": " 7 ", "change": "  ", "service": CANNOT_SAY, "other": "x"})
    assert (read.values, read.mistakes) == ({"nps": 7, "service": CANNOT_SAY}, {})


def test_page_tells_that_an_answer_arrived_and_shows_none_of_it(sent: SentSurvey) -> None:
    answer(sent, "anna", nps=3, change="Only for Alice")
    browser, page = sent.open("anna")
    html = browser.get(page).content.decode()
    assert "Your answer has arrived" in html
    assert "Only for Alice" not in html
    assert "checked" not in html


def test_closing_ends_the_links_but_not_the_way_out(sent: SentSurvey, alice: User) -> None:
    browser, page = sent.open("anna")
    actions.close_survey(survey=sent.survey, account=sent.survey.account, by=alice)
    assert browser.get(page).status_code == post(browser, page, form(9)).status_code == 404
    assert browser.get(sent.stops["anna"]).status_code == 302


def test_clock_closes_after_the_last_day_of_the_lead(sent: SentSurvey, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone="America/Los_Angeles")
    last = sent.survey.closes_on
    still = datetime.combine(last, datetime.min.time(), ZoneInfo("America/Los_Angeles")) + timedelta(hours=23)
    assert schedules.close_due(still) == 0
    assert schedules.close_due(still + timedelta(hours=1)) == 1
    assert schedules.close_due(still + timedelta(hours=1)) == 0


# --- low answers ------------------------------------------------------------------------------------------------


def test_low_answer_reaches_the_lead_at_once_and_once(sent: SentSurvey, alice: User) -> None:
    answer(sent, "anna", nps=6)
    answer(sent, "anna", nps=5)
    answer(sent, "karl", nps=9, pricing=2)
    answer(sent, "carla", nps=7, pricing=3)
    notes = Notification.objects.filter(user=alice).order_by("pk")
    assert [note.title for note in notes] == [
        "Low answer: Anna Berg, Northgate Mills",
        "Low answer: Karl Weiss, Northgate Mills",
    ]
    assert notes[1].text.startswith("Pricing 2.")
    assert OutgoingMail.objects.filter(key__startswith="low-answer-", to=alice.email).count() == 2
    assert [item.title for source in day.sources() for item in source.items(alice, timezone.localdate())] == [
        "Call Anna Berg",
        "Call Karl Weiss",
    ]


def test_noted_call_ends_the_waiting(sent: SentSurvey, alice: User) -> None:
    answer(sent, "anna", nps=2)
    found = Answer.objects.get()
    with pytest.raises(FieldErrors):
        actions.follow_up(answer=found, account=sent.survey.account, note=" ", by=alice)
    actions.follow_up(answer=found, account=sent.survey.account, note="Sorted out the invoice.", by=alice)
    found.refresh_from_db()
    assert (found.followed_up_by, found.follow_up_note) == (alice, "Sorted out the invoice.")
    assert answers_to_call(alice) == []
    answer(sent, "anna", nps=9)
    assert Answer.objects.get().is_low is False


# --- reminders and the way out ----------------------------------------------------------------------------------


def at(sent: SentSurvey, days: int, hour: int = 10) -> datetime:
    zone = ZoneInfo(sent.survey.asked_by.time_zone)
    start = Invitation.objects.filter(sent_at__isnull=False).first()
    assert start
    assert start.sent_at
    return start.sent_at.astimezone(zone).replace(hour=hour, minute=5) + timedelta(days=days)


def reminders() -> list[str]:
    mails = OutgoingMail.objects.filter(key__contains="reminder").order_by("pk")
    return [mail.to.split("@")[0] for mail in mails]


def test_two_reminders_to_those_who_have_not_answered_and_never_a_third(sent: SentSurvey) -> None:
    answer(sent, "anna", nps=9)
    for days, expected in ((3, 0), (4, 2), (4, 0), (5, 0), (9, 0), (10, 2), (10, 0), (11, 0), (17, 0), (18, 0)):
        assert schedules.send_reminders(at(sent, days)) == expected, days
    assert sorted(reminders()) == ["carla", "carla", "karl", "karl"]
    answer_before_second = OutgoingMail.objects.filter(key__contains="second-reminder").count()
    assert answer_before_second == 2


def test_missed_day_is_made_up_and_only_one_reminder_goes_out(sent: SentSurvey) -> None:
    assert schedules.send_reminders(at(sent, 7)) == 3
    assert schedules.send_reminders(at(sent, 12)) == 3
    assert schedules.send_reminders(at(sent, 13)) == 0


def test_after_a_long_gap_one_reminder_is_enough(sent: SentSurvey) -> None:
    assert schedules.send_reminders(at(sent, 12)) == 3
    assert schedules.send_reminders(at(sent, 13)) == 0


def test_nobody_is_reminded_at_night_or_after_the_close(sent: SentSurvey, alice: User) -> None:
    assert schedules.send_reminders(at(sent, 4, hour=3)) == 0
    assert schedules.send_reminders(at(sent, 4, hour=22)) == 0
    assert schedules.send_reminders(at(sent, 19)) == 0
    actions.close_survey(survey=sent.survey, account=sent.survey.account, by=alice)
    assert schedules.send_reminders(at(sent, 4)) == 0


def test_reminders_link_works_and_so_does_the_first(sent: SentSurvey) -> None:
    schedules.send_reminders(at(sent, 4))
    mail = OutgoingMail.objects.get(key__contains="reminder", to="anna@client.example")
    assert mail.subject == "Reminder: two minutes for Thalbrook Flow"
    from .conftest import LINK

    (link, _) = LINK.findall(mail.text)
    assert link != sent.links["anna"]
    answer(sent, "anna", nps=4)
    sent.links["anna"] = link
    answer(sent, "anna", nps=9)
    assert Answer.objects.get().values == {"nps": 9}


def test_way_out_is_one_tap_and_looking_at_it_is_none(
    sent: SentSurvey, contacts: list[Contact], make_account: Any, make_contact: Any
) -> None:
    elsewhere = make_contact(make_account(), "Anna elsewhere", email="Anna@client.example")
    sent.links["stop"] = sent.stops["anna"]
    browser, page = sent.open("stop")
    assert "One tap" in browser.get(page).content.decode()
    contacts[0].refresh_from_db()
    assert contacts[0].no_surveys is False
    response = post(browser, page, {"key": "stop-key-123"})
    assert "sends you no surveys any more" in browser.get(response["Location"]).content.decode()
    portal_schedules.take_over_submissions()
    for contact in (contacts[0], elsewhere):
        before = contact.revision
        contact.refresh_from_db()
        assert (contact.no_surveys, contact.revision) == (True, before + 1)
    assert schedules.send_reminders(at(sent, 4)) == 2
    assert "anna" not in reminders()


def test_every_mail_to_a_client_carries_the_way_out(sent: SentSurvey) -> None:
    schedules.send_reminders(at(sent, 4))
    schedules.send_reminders(at(sent, 10))
    mails = OutgoingMail.objects.filter(key__startswith="survey-")
    assert len(mails) == 9
    stops = set(Link.objects.filter(purpose="survey-stop").values_list("public_id", flat=True))
    assert len(stops) == 9
    for mail in mails:
        assert "Please don't ask me again" in mail.text or "Bitte fragen Sie mich nicht mehr" in mail.text


# --- results ----------------------------------------------------------------------------------------------------


def test_results_give_counts_score_and_interval(sent: SentSurvey, alice: User) -> None:
    answer(sent, "anna", nps=10, pricing=5)
    answer(sent, "karl", nps=3, pricing=CANNOT_SAY)
    found = results(sent.survey, alice)
    assert (found.sent, found.answered) == (3, 2)
    assert (found.nps.promoters, found.nps.passives, found.nps.detractors, found.nps.score) == (1, 0, 1, 0.0)
    assert found.nps.interval
    pricing = next(question for question in found.questions if question.key == "pricing")
    assert (pricing.n, pricing.cannot_say, pricing.mean) == (1, 1, None)
    assert "from 4 on" in pricing.reason


def test_names_stand_beside_answers_for_the_team_only(
    sent: SentSurvey, alice: User, bob: User, make_person: Callable[..., User]
) -> None:
    answer(sent, "anna", nps=10, change="Keep it up.")
    reader = make_person("reader")
    assert [words.who for words in results(sent.survey, bob).words] == ["Anna Berg"]
    assert [words.who for words in results(sent.survey, reader).words] == [""]
    assert results(sent.survey, reader).words[0].text == "Keep it up."


def test_earlier_wave_is_entered_without_any_mail(
    template: SurveyTemplate, account: Account, contacts: list[Contact], alice: User
) -> None:
    opened = timezone.now() - timedelta(days=200)
    survey = actions.enter_past_survey(
        account=account,
        template=template,
        asked_by=alice,
        opened_at=opened,
        closes_on=opened.date() + timedelta(days=18),
        people=[actions.PastAnswer(contacts[0], {"nps": 5}), actions.PastAnswer(contacts[1])],
        by=None,
    )
    found = results(survey, alice)
    assert (found.sent, found.answered, found.nps.detractors, len(found.low)) == (2, 1, 1, 1)
    assert OutgoingMail.objects.count() == Notification.objects.count() == 0
    assert reverse("reviews:survey-detail", args=[account.pk, survey.pk])
