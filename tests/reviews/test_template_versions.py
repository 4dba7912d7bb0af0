"""Versions of surveys and agendas: a draft is edited and published once; what was made before keeps its version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import Error
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from reviews.actions import agenda_templates, survey_templates
from reviews.actions.agenda_templates import DEFAULTS, agenda_for, ensure_default_agendas
from reviews.actions.reviews import schedule_review
from reviews.actions.survey_templates import ensure_default_template
from reviews.domain.agenda import total_minutes
from reviews.forms.templates import SurveyTemplateForm, stored_values
from reviews.models import AgendaTemplate, Survey, SurveyTemplate
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User

SignIn = Callable[[User], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(make_person: Callable[..., User]) -> User:
    return make_person("admin")


@pytest.fixture
def draft(robin: User) -> SurveyTemplate:
    return survey_templates.draft_survey(template=ensure_default_template(by=None), by=robin)


def filled(template: SurveyTemplate, **changes: Any) -> dict[str, Any]:
    """What a browser sends when somebody saves the draft's form."""
    sent = {f"{name}_{n}": "" for n in (7, 8) for name in ("key", "position", "label_en", "text_en")}
    return {**sent, **stored_values(template), **changes}


# --- agendas ------------------------------------------------------------------------------------------------------


def test_the_agendas_for_first_start_fill_their_meetings() -> None:
    assert {kind: minutes for kind, (minutes, _) in DEFAULTS.items()} == {
        "quarterly": 60, "annual": 120, "internal": 45, "sponsor": 15,
    }  # fmt: skip
    assert [minutes for _, minutes, _ in DEFAULTS["annual"][1]] == [10, 25, 20, 15, 30, 15, 5]
    for agenda in ensure_default_agendas(by=None):
        assert total_minutes(agenda.agenda) == agenda.minutes, agenda


def test_a_sponsor_talk_is_among_ourselves(account: Account, alice: User) -> None:
    talk = schedule_review(account=account, kind="sponsor", on=timezone.localdate(), by=alice, invite=False)
    assert (talk.minutes, talk.is_internal) == (15, True)


def test_a_published_agenda_is_what_new_reviews_start_from_and_planned_ones_keep_theirs(
    account: Account, alice: User, robin: User
) -> None:
    before = schedule_review(account=account, kind="quarterly", on=timezone.localdate(), by=alice, invite=False)
    draft = agenda_templates.draft_agenda(template=agenda_for("quarterly", by=None), by=robin)
    assert agenda_for("quarterly", by=None).version == 1
    changed = agenda_templates.change_agenda_draft(
        template=draft, seen=1, minutes=50, items=[{"title": "Only this", "minutes": 50}], by=robin
    )
    agenda_templates.publish_agenda_draft(template=changed, seen=2, note="Shorter, as clients asked", by=robin)
    after = schedule_review(account=account, kind="quarterly", on=timezone.localdate(), by=alice, invite=False)
    assert [item.title for item in after.items] == ["Only this"]
    before.refresh_from_db()
    assert (before.template.version, len(before.items)) == (1, 7)
    assert list(AgendaTemplate.objects.filter(kind="quarterly").values_list("version", "state", "note")) == [
        (2, "live", "Shorter, as clients asked"),
        (1, "retired", ""),
    ]


def test_an_agenda_longer_than_its_meeting_is_refused_with_the_sum(robin: User) -> None:
    draft = agenda_templates.draft_agenda(template=agenda_for("sponsor", by=None), by=robin)
    with pytest.raises(FieldErrors, match="16 of 15"):
        agenda_templates.change_agenda_draft(
            template=draft, seen=1, minutes=15, items=[{"title": "Long", "minutes": 16}], by=robin
        )


# --- drafts -------------------------------------------------------------------------------------------------------


def test_there_is_one_draft_at_a_time(draft: SurveyTemplate, robin: User) -> None:
    with pytest.raises(ActionRefused, match="draft already"):
        survey_templates.draft_survey(template=ensure_default_template(by=None), by=robin)
    with pytest.raises(IntegrityError), transaction.atomic():
        SurveyTemplate.objects.create(key=draft.key, version=9, title={}, items=[])


def test_who_saves_second_sees_what_is_stored(draft: SurveyTemplate, robin: User) -> None:
    first: dict[str, Any] = {"title": {"en": "First"}, "items": draft.items}
    survey_templates.change_survey_draft(template=draft, seen=1, by=robin, **first)
    with pytest.raises(Stale) as problem:
        survey_templates.change_survey_draft(
            template=draft, seen=1, title={"en": "Second"}, items=draft.items, by=robin
        )
    assert problem.value.current.title == {"en": "First"}


def test_publishing_asks_for_a_reason(draft: SurveyTemplate, robin: User) -> None:
    with pytest.raises(FieldErrors, match="what changed and why"):
        survey_templates.publish_survey_draft(template=draft, seen=1, note="  ", by=robin)
    assert ensure_default_template(by=None).version == 1


def test_a_draft_takes_the_next_free_number_when_another_was_published_meanwhile(
    draft: SurveyTemplate, robin: User
) -> None:
    survey_templates.publish_template(key=draft.key, title=draft.title, items=draft.items, by=robin)
    published = survey_templates.publish_survey_draft(template=draft, seen=1, note="Reworded", by=robin)
    assert published.version == 4
    assert SurveyTemplate.objects.live().get(key=draft.key) == published


def test_a_published_version_does_not_change_and_is_not_deleted(robin: User) -> None:
    live = ensure_default_template(by=None)
    with pytest.raises(ActionRefused, match="does not change"):
        survey_templates.change_survey_draft(template=live, seen=1, title={"en": "X"}, items=live.items, by=robin)
    with pytest.raises(ActionRefused, match="does not change"):
        survey_templates.discard_survey_draft(template=live, seen=1, by=robin)
    for write in (lambda rows: rows.update(title={"en": "X"}), lambda rows: rows.delete()):
        with pytest.raises(Error, match="published template version"), transaction.atomic():
            write(SurveyTemplate.objects.filter(pk=live.pk))


def test_old_surveys_keep_their_questions(account: Account, alice: User, draft: SurveyTemplate, robin: User) -> None:
    old = Survey.objects.create(
        account=account, template=ensure_default_template(by=None), asked_by=alice, closes_on=date(2100, 1, 1)
    )
    survey_templates.publish_survey_draft(template=draft, seen=1, note="Reworded", by=robin)
    old.refresh_from_db()
    assert old.template.version == 1
    assert ensure_default_template(by=None).version == 2


# --- pages --------------------------------------------------------------------------------------------------------


def test_the_list_shows_every_version_with_what_was_made_from_it(
    draft: SurveyTemplate, robin: User, signed_in: SignIn
) -> None:
    ensure_default_agendas(by=None)
    page = signed_in(robin).get(reverse("reviews:template-list")).content.decode()
    for words in ("How are we doing?", "Version 2", "came with the product", "Sponsor talk", "Annual review"):
        assert words in page
    assert reverse("reviews:survey-template", args=[draft.pk]) in page


def test_only_those_who_may_see_templates_in_the_rail(robin: User, alice: User, signed_in: SignIn) -> None:
    url = reverse("reviews:template-list")
    assert url in signed_in(robin).get(reverse("core:my-day")).content.decode()
    assert url not in signed_in(alice).get(reverse("core:my-day")).content.decode()


def test_a_draft_is_edited_published_and_then_only_read(draft: SurveyTemplate, robin: User, signed_in: SignIn) -> None:
    url, browser = reverse("reviews:survey-template", args=[draft.pk]), signed_in(robin)
    sent = filled(draft, label_en_7="Speed", text_en_7="They answer fast.", kind_7="driver", position_7="2")
    assert browser.post(url, {**sent, "label_en_3": "", "text_en_3": "", "label_de_3": "", "text_de_3": ""}).url == url
    draft.refresh_from_db()
    assert [item.key for item in draft.questions] == [
        "nps", "contract", "speed", "pricing", "relationship", "innovation", "change",
    ]  # fmt: skip
    publish = reverse("reviews:survey-template-publish", args=[draft.pk])
    refused = browser.post(publish, {"note": "", "revision": draft.revision})
    assert refused.status_code == 422
    assert browser.post(publish, {"note": "Speed, not service", "revision": draft.revision}).status_code == 303
    page = browser.get(url).content.decode()
    assert "They answer fast." in page
    assert "Speed, not service" in page
    assert "Save draft" not in page


def test_a_question_without_english_is_named(draft: SurveyTemplate, robin: User, signed_in: SignIn) -> None:
    url = reverse("reviews:survey-template", args=[draft.pk])
    answer = signed_in(robin).post(url, filled(draft, text_en_2=""))
    assert answer.status_code == 422
    assert "English is needed" in answer.content.decode()


def test_two_people_on_one_draft_see_both_texts(draft: SurveyTemplate, robin: User, signed_in: SignIn) -> None:
    url, browser = reverse("reviews:survey-template", args=[draft.pk]), signed_in(robin)
    mine = filled(draft, text_en_1="My words.")
    browser.post(url, filled(draft, text_en_1="Their words."))
    answer = browser.post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Their words." in page
    assert "My words." in page
    draft.refresh_from_db()
    assert "Their words." in str(draft.items)


def test_rows_keep_their_question_when_the_draft_was_reordered_meanwhile(draft: SurveyTemplate, robin: User) -> None:
    sent = filled(draft)
    turned = SurveyTemplate(key=draft.key, title=draft.title, items=list(reversed(draft.items)))
    form = SurveyTemplateForm(sent, template=turned)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["items"] == draft.items


@pytest.mark.parametrize(("language", "words"), [("en", "How likely are you"), ("de", "Wie wahrscheinlich ist es")])
def test_the_preview_is_the_clients_page_in_each_language(
    language: str, words: str, draft: SurveyTemplate, robin: User, signed_in: SignIn
) -> None:
    url = reverse("reviews:survey-template-preview", args=[draft.pk, "survey"])
    page = signed_in(robin).get(url, {"language": language}).content.decode()
    assert words in page
    assert "{supplier}" not in page
    assert f'lang="{language}"' in page
    assert signed_in(robin).post(url, {"nps": "9"}).status_code == 302


def test_the_agenda_says_its_sum_and_what_is_too_long(robin: User, signed_in: SignIn) -> None:
    draft = agenda_templates.draft_agenda(template=agenda_for("annual", by=None), by=robin)
    url, browser = reverse("reviews:agenda-template", args=[draft.pk]), signed_in(robin)
    assert "120 of 120 minutes" in browser.get(url).content.decode()
    sent = {"revision": "1", "minutes": "90", "title_0": "Everything", "minutes_0": "91", "who_0": "both"}
    answer = browser.post(url, sent)
    assert answer.status_code == 422
    assert "The items take 91 of 90 minutes." in answer.content.decode()
    assert browser.post(url, {**sent, "minutes_0": "80"}).status_code == 303
    assert "80 of 90 minutes, 10 free" in browser.get(url).content.decode()


def test_a_discarded_draft_leaves_the_version_in_use(draft: SurveyTemplate, robin: User, signed_in: SignIn) -> None:
    url = reverse("reviews:survey-template-discard", args=[draft.pk])
    assert signed_in(robin).post(url, {"revision": 1}).status_code == 303
    assert list(SurveyTemplate.objects.values_list("version", "state")) == [(1, "live")]


def test_the_day_of_the_sample_is_never_past(draft: SurveyTemplate, robin: User, signed_in: SignIn) -> None:
    url = reverse("reviews:survey-template-preview", args=[draft.pk, "thanks"])
    assert signed_in(robin).get(url).status_code == 200
    closes = timezone.localdate() + timedelta(days=18)
    page = signed_in(robin).get(reverse("reviews:survey-template-preview", args=[draft.pk, "survey"])).content.decode()
    assert str(closes.year) in page


def test_the_way_back_from_the_previewed_thanks_leads_to_the_questions(
    draft: SurveyTemplate, robin: User, signed_in: SignIn
) -> None:
    thanks = reverse("reviews:survey-template-preview", args=[draft.pk, "thanks"])
    assert 'href="../"' in signed_in(robin).get(thanks).content.decode()
    back = signed_in(robin).get(thanks.removesuffix("thanks/"))
    assert "How likely are you" in back.content.decode()
