"""Pages around surveys: who gets in, what stands there, and the preview that shows what the client sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.merging import merge_accounts
from accounts.models import Account, Contact
from reviews.actions import surveys as actions
from reviews.models import Answer, Invitation, Survey, SurveyTemplate
from sam.core import panels
from sam.core.models import Organisation, OutgoingMail, User
from sam.portal import schedules as portal_schedules

from .conftest import SentSurvey, form, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("same_connection")]
SignIn = Callable[[User], Client]


def url(name: str, survey: Survey, *more: Any) -> str:
    return reverse(f"reviews:{name}", args=[survey.account_id, survey.pk, *more])


def pages(survey: Survey) -> list[tuple[str, str, bool]]:
    """method, address, whether it needs the right to send."""
    return [
        ("get", reverse("reviews:survey-list", args=[survey.account_id]), False),
        ("get", url("survey-detail", survey), False),
        ("get", reverse("reviews:survey-new", args=[survey.account_id]), True),
        ("get", url("survey-preview", survey, "survey"), True),
        ("post", url("survey-send", survey), True),
        ("post", url("survey-close", survey), True),
        ("post", url("survey-discard", survey), True),
        ("post", url("answer-follow-up", survey, 1), True),
    ]


def test_hidden_is_404_and_forbidden_is_403(
    draft: Survey, signed_in: SignIn, bob: User, charlie: User, make_person: Callable[..., User]
) -> None:
    reader = make_person("reader")
    viewer = make_person("viewer")
    for method, address, sending in pages(draft):
        call = lambda user, m=method, a=address: getattr(signed_in(user), m)(a).status_code  # noqa: E731
        assert call(charlie) == 404, address
        assert call(viewer) == 403, address
        assert call(bob) == (403 if sending else 200), address
        assert call(reader) == (403 if sending else 200), address
        assert getattr(Client(), method)(address).status_code == 302
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_survey_of_a_twin_account_is_not_reached(
    draft: Survey,
    signed_in: SignIn,
    alice: User,
    make_account: Callable[..., Account],
    make_person: Callable[..., User],
) -> None:
    twin = make_account("Twin")
    other_lead = make_person("account_manager", on=twin, access="lead")
    browser = signed_in(other_lead)
    for name in ("survey-detail", "survey-send", "survey-preview"):
        more = ("survey",) if name == "survey-preview" else ()
        address = reverse(f"reviews:{name}", args=[twin.pk, draft.pk, *more])
        assert (browser.post if name == "survey-send" else browser.get)(address).status_code == 404


def test_new_survey_names_why_somebody_cannot_be_asked(
    organisation: Organisation, template: SurveyTemplate, account: Account, make_contact: Callable[..., Contact],
    signed_in: SignIn, alice: User,
) -> None:  # fmt: skip
    make_contact(account, "No Address", email="")
    html = signed_in(alice).get(reverse("reviews:survey-new", args=[account.pk])).content.decode()
    assert "Has no e-mail address." in html
    assert "disabled" in html


def test_prepare_and_send_from_the_pages(
    organisation: Organisation, template: SurveyTemplate, contacts: list[Contact], account: Account, signed_in: SignIn,
    alice: User,
) -> None:  # fmt: skip
    browser = signed_in(alice)
    new = reverse("reviews:survey-new", args=[account.pk])
    closes_on = timezone.localdate() + timedelta(days=18)
    typed = {"template": template.pk, "closes_on": closes_on.isoformat(), "review_on": "", "named": "yes"}
    empty = browser.post(new, typed)
    assert empty.status_code == 422
    assert "Choose at least one person." in empty.content.decode()
    late = browser.post(new, {**typed, "closes_on": "2020-01-01", "contacts": [contacts[0].pk]})
    assert late.status_code == 422
    assert "Choose a day after today" in late.content.decode()
    assert f'value="{contacts[0].pk}" id="contact-{contacts[0].pk}" checked' in late.content.decode()
    response = browser.post(new, {**typed, "contacts": [contact.pk for contact in contacts]})
    survey = Survey.objects.get()
    assert response["Location"] == url("survey-detail", survey)
    html = browser.get(response["Location"]).content.decode()
    assert "Send to 3 people" in html.replace("\N{NO-BREAK SPACE}", " ")
    assert "Two minutes for Thalbrook Flow" in html
    assert OutgoingMail.objects.count() == 0
    browser.post(url("survey-send", survey))
    survey.refresh_from_db()
    assert survey.status == "open"
    assert OutgoingMail.objects.count() == 3
    assert "0 of 3" in browser.get(url("survey-detail", survey)).content.decode()


def test_without_imprint_the_page_says_where_to_set_it(
    draft: Survey, organisation: Organisation, signed_in: SignIn, alice: User
) -> None:
    Organisation.objects.update(imprint_url="")
    browser = signed_in(alice)
    assert "Settings, Organisation" in browser.get(url("survey-detail", draft)).content.decode()
    assert "Settings, Organisation" in browser.post(url("survey-send", draft), follow=True).content.decode()
    assert OutgoingMail.objects.count() == 0


KEY = "0123456789abcdef0123"


def test_preview_shows_exactly_the_bytes_that_clients_get(
    sent: SentSurvey, signed_in: SignIn, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sam.portal.views.secrets.token_urlsafe", lambda size: "preview")
    ours = signed_in(alice)
    for who, language in (("anna", "en"), ("karl", "de")):
        browser, page = sent.open(who)
        shown = ours.get(url("survey-preview", sent.survey, "survey") + f"?language={language}")
        assert shown.content == browser.get(page).content
        thanks = ours.get(url("survey-preview", sent.survey, "thanks") + f"?language={language}")
        assert b"answers every comment" in thanks.content or b"auf jeden Kommentar" in thanks.content


def test_preview_before_sending_is_what_is_sent(
    draft: Survey, signed_in: SignIn, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signed_in(alice).get(url("survey-preview", draft, "survey")).content
    actions.send_survey(survey=draft, account=draft.account, by=alice)
    assert signed_in(alice).get(url("survey-preview", draft, "survey")).content == before


def test_later_changes_of_ours_do_not_reach_what_was_published(
    sent: SentSurvey, signed_in: SignIn, alice: User
) -> None:
    Organisation.objects.update(name="Somebody Else")
    User.objects.filter(pk=alice.pk).update(display_name="New Name")
    browser, page = sent.open("anna")
    html = browser.get(page).content.decode()
    assert "Thalbrook Flow" in html
    assert "Somebody Else" not in html
    assert "New Name" not in html


def test_sending_from_the_preview_goes_nowhere(sent: SentSurvey, signed_in: SignIn, alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice, backend="sam.core.authentication.PersonBackend")
    response = browser.post(url("survey-preview", sent.survey, "survey"), form(9), follow=True)
    assert "That was the preview: nothing was sent." in response.content.decode()
    portal_schedules.take_over_submissions()
    assert Answer.objects.count() == 0
    assert signed_in(alice).get(url("survey-preview", sent.survey, "nothing")).status_code == 404


def answered(sent: SentSurvey, who: str, **answers: Any) -> None:
    browser, page = sent.open(who)
    post(browser, page, form(**answers))
    portal_schedules.take_over_submissions()


def test_results_page_shows_score_only_with_n_and_interval(sent: SentSurvey, signed_in: SignIn, alice: User) -> None:
    answered(sent, "anna", nps=10, change="Bring <the> sensor people again.")
    answered(sent, "carla", nps=9)
    html = signed_in(alice).get(url("survey-detail", sent.survey)).content.decode()
    assert "2 of 3" in html
    assert "with n = 2" in html
    assert "Bring &lt;the&gt; sensor people again." in html
    assert "A mean is shown from 4 answers on." in html
    overview = signed_in(alice).get(reverse("reviews:survey-overview")).content.decode()
    assert "n = 2" in overview


def test_low_answer_is_followed_up_on_the_page(sent: SentSurvey, signed_in: SignIn, alice: User) -> None:
    answered(sent, "anna", nps=3)
    browser = signed_in(alice)
    address = url("answer-follow-up", sent.survey, Answer.objects.get().pk)
    refused = browser.post(address, {"note": ""})
    assert refused.status_code == 422
    assert browser.post(address, {"note": "Called, invoice sorted."}).status_code == 302
    html = browser.get(url("survey-detail", sent.survey)).content.decode()
    assert "Called, invoice sorted." in html


def test_overview_lists_own_accounts_only(
    sent: SentSurvey, signed_in: SignIn, alice: User, charlie: User, make_person: Callable[..., User]
) -> None:
    address = reverse("reviews:survey-overview")
    assert "Northgate Mills" in signed_in(alice).get(address).content.decode()
    assert "Northgate Mills" in signed_in(make_person("reader")).get(address).content.decode()
    for nobody in (charlie, make_person("viewer"), make_person("admin")):
        assert "Northgate Mills" not in signed_in(nobody).get(address).content.decode()


def test_account_page_shows_loyalty_with_its_range(sent: SentSurvey, alice: User) -> None:
    answered(sent, "anna", nps=10)
    panel = next(entry for entry in panels.panels() if entry.key == "loyalty")
    context = panel.build(sent.survey.account, alice)
    assert context
    html = render_to_string(panel.template, dict(context))
    assert "NPS +100, between" in html
    assert "with n = 1 (1 of 3 answered)" in html
    figure = next(entry for entry in panels.figures() if entry.key == "loyalty")
    built = figure.build(sent.survey.account, alice)
    assert built
    assert built["value"] == "+100"


def test_lists_keep_their_query_count_when_surveys_grow_tenfold(
    sent: SentSurvey, signed_in: SignIn, alice: User, contacts: list[Contact]
) -> None:
    browser = signed_in(alice)
    survey = sent.survey
    for address in (reverse("reviews:survey-overview"), reverse("reviews:survey-list", args=[survey.account_id])):
        browser.get(address)
        with CaptureQueriesContext(connection) as few:
            browser.get(address)
        for number in range(10):
            actions.enter_past_survey(
                account=survey.account,
                template=survey.template,
                asked_by=alice,
                opened_at=timezone.now() - timedelta(days=200 + number),
                closes_on=timezone.localdate(),
                people=[actions.PastAnswer(contact, {"nps": 9}) for contact in contacts],
                by=None,
            )
        with CaptureQueriesContext(connection) as many:
            browser.get(address)
        assert len(many) == len(few)


def test_surveys_move_when_accounts_merge_and_links_go_on_working(
    sent: SentSurvey, make_account: Callable[..., Account], ingrid: User
) -> None:
    into = make_account("The other one")
    browser, page = sent.open("anna")
    merge_accounts(account=sent.survey.account, into=into, by=ingrid)
    post(browser, page, form(9))
    portal_schedules.take_over_submissions()
    assert Invitation.objects.get(answer__isnull=False).survey.account == into
