"""A survey that was sent, and the links that lie in the mails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Contact
from reviews.actions import surveys as actions
from reviews.actions.survey_templates import ensure_default_template
from reviews.models import Survey, SurveyTemplate
from sam.core.models import Organisation, OutgoingMail, User

FORM = "application/x-www-form-urlencoded"
LINK = re.compile(r"http://localhost:\d+(/s/\S+/)")


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may depend on the wake-up through the broker: the clock's sweep must be enough."""
    monkeypatch.setattr("sam.portal.tasks.take_over.delay", lambda submission_id: None)
    monkeypatch.setattr("sam.core.tasks.send_mail.delay", lambda mail_id: None)


@pytest.fixture(autouse=True)
def _fresh_limits() -> Iterator[None]:
    """Each test counts from zero."""
    from sam.core import limits

    limits._away_until = 0.0
    forget_limits()
    yield
    forget_limits()


def forget_limits() -> None:
    from django.conf import settings
    from redis import Redis

    with Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter(f"{settings.CACHES['default']['KEY_PREFIX']}:limit:*"):
            client.delete(key)


@pytest.fixture
def same_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests inside one transaction: the same two functions over the application's connection."""
    monkeypatch.setattr("sam.portal.gate.PORTAL", "default")


@pytest.fixture
def organisation(db: None) -> Organisation:
    found, _ = Organisation.objects.update_or_create(
        pk=1,
        defaults={
            "name": "Thalbrook Flow",
            "imprint_url": "https://supplier.example/imprint",
            "privacy_url": "https://supplier.example/privacy",
        },
    )
    return found


@pytest.fixture
def template(db: None) -> SurveyTemplate:
    return ensure_default_template(by=None)


@pytest.fixture
def contacts(account: Account, make_contact: Callable[..., Contact]) -> list[Contact]:
    return [
        make_contact(account, "Anna Berg", email="anna@client.example"),
        make_contact(account, "Karl Weiss", email="karl@client.example", language="de"),
        make_contact(account, "Carla Voss", email="carla@client.example"),
    ]


@dataclass
class SentSurvey:
    survey: Survey
    links: dict[str, str]
    stops: dict[str, str]

    def open(self, who: str, client: Client | None = None) -> tuple[Client, str]:
        """A browser that followed the mail's link, and the clean address it landed on."""
        browser = client or Client()
        response = browser.get(self.links[who])
        assert response.status_code == 302, response.content
        return browser, response["Location"]


def send(survey: Survey, by: User) -> SentSurvey:
    actions.send_survey(survey=survey, account=survey.account, by=by)
    links, stops = {}, {}
    for mail in OutgoingMail.objects.filter(key__startswith=f"survey-{survey.pk}-invitation"):
        who = mail.to.split("@")[0]
        links[who], stops[who] = LINK.findall(mail.text)
    survey.refresh_from_db()
    return SentSurvey(survey, links, stops)


@pytest.fixture
def draft(
    organisation: Organisation, template: SurveyTemplate, account: Account, contacts: list[Contact], alice: User
) -> Survey:
    return actions.create_survey(
        account=account,
        template=template,
        contacts=contacts,
        closes_on=timezone.localdate() + timedelta(days=18),
        by=alice,
    )


@pytest.fixture
def sent(draft: Survey, alice: User) -> SentSurvey:
    return send(draft, alice)


def form(nps: Any = 9, **answers: Any) -> dict[str, str]:
    return {"nps": str(nps), **{key: str(value) for key, value in answers.items()}}


def post(browser: Client, page: str, data: dict[str, str], **headers: str) -> Any:
    return browser.post(page, urlencode(data), content_type=FORM, headers=headers or None)
