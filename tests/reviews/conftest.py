"""An account with a planned review, and everything that a pack can show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account, Contact, Figure, SponsorTerm, Touchpoint
from planning.actions.plans import open_plan
from planning.models import Objective, PlanAction, PlanSection
from reviews import documents
from reviews.actions import packs
from reviews.actions.packs import request_pack
from reviews.actions.reviews import hold_review, schedule_review
from reviews.actions.survey_templates import ensure_default_template
from reviews.actions.surveys import PastAnswer, enter_past_survey
from reviews.models import Pack, Review
from sam.core import jobs
from sam.core.models import Organisation, User
from sam.core.pdf import PdfFile, to_pdf
from sam.values.periods import last_closed_quarter, trailing_quarters

TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may depend on the wake-up through the broker."""
    monkeypatch.setattr("sam.core.tasks.run_job.delay", lambda job_id: None)
    monkeypatch.setattr("sam.core.tasks.send_mail.delay", lambda mail_id: None)
    monkeypatch.setattr("sam.portal.tasks.take_over.delay", lambda submission_id: None)


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }


_laid_out: dict[tuple[str, ...], PdfFile] = {}


@pytest.fixture(autouse=True)
def _each_document_is_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same HTML gives the same PDF: WeasyPrint takes seconds, so it works once for each document."""
    real = packs.pdf_of

    def pdf_of(*html: str) -> PdfFile:
        if documents.to_pdf is not to_pdf:
            # A test has broken the renderer: its failure is what it wants to see.
            return real(*html)
        if html not in _laid_out:
            _laid_out[html] = real(*html)
        return _laid_out[html]

    monkeypatch.setattr(packs, "pdf_of", pdf_of)


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
def anna(account: Account, make_contact: Callable[..., Contact]) -> Contact:
    return make_contact(
        account, "Anna Berg", email="anna@client.example", job_title="Head of purchase", function="procurement",
        level="vp",
    )  # fmt: skip


@pytest.fixture
def karl(account: Account, make_contact: Callable[..., Contact]) -> Contact:
    return make_contact(account, "Karl Weiss", email="karl@client.example", function="it", level="manager")


@pytest.fixture
def review(account: Account, alice: User, bob: User, anna: Contact, karl: Contact) -> Review:
    return schedule_review(
        account=account,
        kind="quarterly",
        on=TODAY + timedelta(days=17),
        starts_at=time(10, 0),
        place="Rheinau, works canteen",
        topic="Seals that last",
        people=[bob],
        contacts=[anna, karl],
        decisions_asked=["Pulse at site two", "One seal standard", "The savings list"],
        by=alice,
    )


@pytest.fixture
def past_review(account: Account, alice: User, anna: Contact) -> Review:
    on = TODAY - timedelta(days=80)
    made = schedule_review(
        account=account, kind="quarterly", on=on, place="Rheinau", contacts=[anna], today=on, invite=False, by=alice
    )
    return hold_review(review=made, account=account, seen=1, going_well="They pay on time", today=on, by=alice)


@pytest.fixture
def full_account(
    account: Account, alice: User, bob: User, anna: Contact, karl: Contact, past_review: Review
) -> Account:
    """Something in every drawer: plan, actions, figures, survey, touchpoints, sponsor."""
    plan = open_plan(account=account, year=TODAY.year, by=alice)
    PlanSection.objects.filter(plan=plan, key="goals").update(text="They want fewer stops.")
    PlanSection.objects.filter(plan=plan, key="strategy").update(text="We squeeze them gently.")
    PlanSection.objects.filter(plan=plan, key="risks").update(text="The tender can end this.")
    objective = {"plan": plan, "measure": "Hours a month", "baseline": 34, "target": 20, "current": 26}
    Objective.objects.create(title="Fewer unplanned stops", unit="h", shared=True, **objective)
    Objective.objects.create(title="Raise our prices unseen", unit="%", shared=False, **objective)
    action = {"account": account, "plan": plan, "our_owner": alice, "their_owner": anna}
    for title, days, shared in (
        ("Joint savings list", -2, True),
        ("Order bundling", 30, True),
        ("Find their budget", 5, False),
        ("Call the secretary", -9, False),
    ):
        PlanAction.objects.create(title=title, due=TODAY + timedelta(days=days), shared=shared, **action)
    PlanAction.objects.create(
        title="Seal audit",
        status="done",
        shared=True,
        due=days_from_now(-30),
        done_on=days_from_now(-31),
        **action,
    )
    for number, quarter in enumerate(trailing_quarters(last_closed_quarter(TODAY), 8)):
        amounts = {"revenue": Decimal(1000 + number), "cost_of_goods": Decimal(600), "cost_to_serve": Decimal(111)}
        row = {"account": account, "period_start": quarter.start, "months": 3, "currency": "EUR"}
        Figure.objects.create(kind="actual", **row, **amounts)
        Figure.objects.create(kind="planned", revenue=Decimal(1050), **row)
    touch = Touchpoint.objects.create(account=account, date=TODAY - timedelta(days=3), summary="He is angry")
    touch.contacts.add(anna)
    SponsorTerm.objects.create(account=account, sponsor=bob, peer=anna, starts_on=TODAY - timedelta(days=200))
    survey(account, alice, 6)
    return account


def survey(account: Account, asked_by: User, answers: int) -> None:
    people = [
        Contact.objects.create(account=account, full_name=f"Asked {n}", email=f"asked{n}@client.example")
        for n in range(answers)
    ]
    values = {"nps": 3, "contract": 4, "pricing": 2, "service": 4, "relationship": 5, "innovation": 3}
    enter_past_survey(
        account=account,
        template=ensure_default_template(by=None),
        asked_by=asked_by,
        opened_at=timezone.now() - timedelta(days=60),
        closes_on=TODAY - timedelta(days=42),
        people=[PastAnswer(one, {**values, "change": "Your invoices are a mess"}) for one in people],
        by=None,
    )


@pytest.fixture
def rendered(alice: User) -> Callable[[Review, str], Pack]:
    """rendered(review, "client") → the pack after a worker was there."""

    def render(review: Review, edition: str) -> Pack:
        pack = request_pack(review=review, account=review.account, edition=edition, by=alice)
        assert pack.job_id is not None
        jobs.run(pack.job_id)
        done = Pack.objects.select_related("job", "review__account", "review__organiser").get(pk=pack.pk)
        assert done.status == Pack.Status.DONE, done.problem
        return done

    return render


def days_from_now(days: int) -> date:
    return TODAY + timedelta(days=days)
