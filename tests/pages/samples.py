"""One of everything that an address can name, made when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import Account, AccountKey, Contact, SavedView, SponsorTerm, TeamSeat, Touchpoint
from reviews.actions.survey_templates import ensure_default_template
from reviews.models import Answer, Invitation, Survey
from sam.core.actions.tokens import create_token
from sam.core.models import ExchangeRate, User


class Samples:
    """`arguments(("account_id", "contact_id"), person)` → the ids of real rows; some belong to the person who asks."""

    def __init__(self, account: Account, lead: User) -> None:
        self.account = account
        self.lead = lead
        self._made: dict[str, Any] = {}

    def arguments(self, names: tuple[str, ...], person: User) -> dict[str, Any]:
        return {name: self.one(name, person) for name in names}

    def one(self, name: str, person: User) -> Any:
        own = OWN.get(name)
        if own is not None:
            return own(self, person)
        if name not in self._made:
            self._made[name] = MAKERS[name](self)
        return self._made[name]


def contact(samples: Samples) -> int:
    return Contact.objects.create(account=samples.account, full_name="Karin Osthoff", email="k@client.example").pk


def seat(samples: Samples) -> int:
    return TeamSeat.objects.get(account=samples.account, user=samples.lead).pk


def term(samples: Samples) -> int:
    return SponsorTerm.objects.create(account=samples.account, sponsor=samples.lead).pk


def touchpoint(samples: Samples, person: User) -> int:
    return Touchpoint.objects.create(account=samples.account, date=date(2026, 3, 1), logged_by=person).pk


def key(samples: Samples) -> int:
    return AccountKey.objects.create(account=samples.account, key="1001").pk


def rate(samples: Samples) -> int:
    return ExchangeRate.objects.create(currency="GBP", into="EUR", quarter_start=date(2026, 1, 1), rate="1.15").pk


def token(samples: Samples, person: User) -> int:
    return create_token(user=person, name="sample", by=person)[0].pk


def view(samples: Samples, person: User) -> int:
    return SavedView.objects.create(user=person, name=f"Mine {SavedView.objects.count()}", query="tier=key").pk


def survey(samples: Samples) -> int:
    """A draft with one person on it, who has answered all the same."""
    made = Survey.objects.create(
        account=samples.account,
        template=ensure_default_template(by=None),
        asked_by=samples.lead,
        closes_on=date(2100, 1, 1),
    )
    invitation = Invitation.objects.create(survey=made, contact_id=samples.one("contact_id", samples.lead))
    Answer.objects.create(invitation=invitation, values={"nps": 3}, received_at=timezone.now(), is_low=True)
    return made.pk


def answer(samples: Samples) -> int:
    return Answer.objects.get(invitation__survey=samples.one("survey_id", samples.lead)).pk


MAKERS: dict[str, Callable[[Samples], Any]] = {
    "account_id": lambda samples: samples.account.pk,
    "contact_id": contact,
    "seat_id": seat,
    "term_id": term,
    "key_id": key,
    "rate_id": rate,
    "survey_id": survey,
    "answer_id": answer,
    "shown": lambda samples: "survey",
    "user_id": lambda samples: samples.lead.pk,
    "quarter": lambda samples: "2026-Q1",
    "kind": lambda samples: "actual",
    "key": lambda samples: "accounts",
    "job_id": lambda samples: 0,
    "batch_id": lambda samples: 0,
}
OWN: dict[str, Callable[[Samples, User], Any]] = {"token_id": token, "view_id": view, "touchpoint_id": touchpoint}
