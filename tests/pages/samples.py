"""One of everything that an address can name, made when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.actions.dashboard import start_dashboard_draft
from accounts.actions.price_checks import LineEntry
from accounts.actions.price_requests import open_price_request
from accounts.models import Account, AccountKey, Contact, PriceRequest, SavedView, SponsorTerm, TeamSeat, Touchpoint
from planning.actions.plans import open_plan
from planning.models import Objective, PlanAction, PlanSection
from reviews.actions.agenda_templates import agenda_for, draft_agenda
from reviews.actions.reviews import schedule_review
from reviews.actions.survey_templates import draft_survey, ensure_default_template
from reviews.models import Answer, Invitation, Pack, Review, Survey
from sam.core.actions.tokens import create_token
from sam.core.files import store_bytes
from sam.core.models import ExchangeRate, User
from scoring.actions.defaults import load_defaults
from scoring.actions.objectives import add_objective
from scoring.actions.profiles import create_profile_draft
from scoring.actions.rounds import open_round
from scoring.actions.scorecards import create_draft
from scoring.domain.cycle import proposed_calendar
from scoring.models import (
    Candidate,
    KeptScore,
    MutualityEvidence,
    OutcomeWorth,
    Rating,
    RoundRater,
    ScorecardVersion,
    SelectionCycle,
    SettledValue,
)
from tests.pages.matrix import Address


class Samples:
    """`arguments(address, person)` → the ids of real rows for its path; some belong to the person who asks."""

    def __init__(self, account: Account, lead: User) -> None:
        self.account = account
        self.lead = lead
        self._made: dict[str, Any] = {}

    def arguments(self, address: Address, person: User) -> dict[str, Any]:
        return {name: self.one(name, person, address.name) for name in address.arguments}

    def one(self, name: str, person: User, address: str = "") -> Any:
        """The same word may mean another thing elsewhere: `scoring:gate-edit key`, then `scoring: key`, then `key`."""
        app = address.partition(":")[0]
        names = (f"{address} {name}", f"{app}: {name}", name)
        found = next(known for known in names if known in MAKERS or known in OWN)
        if found in OWN:
            return OWN[found](self, person)
        if found not in self._made:
            self._made[found] = MAKERS[found](self)
        return self._made[found]


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


def price_request(samples: Samples) -> int:
    """With a file beside it, as if it had been answered."""
    made = open_price_request(
        account=samples.account, asked_on=date(2026, 3, 2), asked_cut=Decimal("0.04"), starts_on=date(2026, 7, 1),
        lines=[LineEntry("Pumps", Decimal(1000), Decimal("0.04"))], by=samples.lead,
    )  # fmt: skip
    stored = store_bytes(b"%PDF-1.7", folder="price-answers", suffix=".pdf")
    PriceRequest.objects.filter(pk=made.pk).update(stored=stored.name)
    return made.pk


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


def survey_draft(samples: Samples) -> int:
    return draft_survey(template=ensure_default_template(by=None), by=None).pk


def agenda_draft(samples: Samples) -> int:
    return draft_agenda(template=agenda_for("annual", by=None), by=None).pk


def answer(samples: Samples) -> int:
    return Answer.objects.get(invitation__survey=samples.one("survey_id", samples.lead)).pk


def review(samples: Samples) -> int:
    today = timezone.localdate()
    return schedule_review(account=samples.account, kind="quarterly", on=today, by=samples.lead, invite=False).pk


def pack(samples: Samples) -> int:
    """A client edition that was rendered; the internal edition has its own tests."""
    stored = store_bytes(b"%PDF-1.7", folder="packs", suffix=".pdf")
    made = Review.objects.get(pk=samples.one("review_id", samples.lead))
    text = dict.fromkeys(("supplier", "client", "title", "quarter", "place", "topic"), "")
    return Pack.objects.create(
        review=made,
        edition=Pack.Edition.CLIENT,
        requested_at=timezone.now(),
        rendered_at=timezone.now(),
        current=True,
        stored=stored.name,
        sha256=stored.sha256,
        pages=1,
        file_name="sample.pdf",
        content={**text, "held_on": "2026-12-10", "starts_at": None, "minutes": 60, "decisions": [], "agenda": [],
                 "actions": []},
    ).pk  # fmt: skip


def plan(samples: Samples) -> int:
    return open_plan(account=samples.account, year=2026, by=samples.lead).pk


def section(samples: Samples) -> int:
    return PlanSection.objects.filter(plan_id=samples.one("plan_id", samples.lead)).order_by("pk")[0].pk


def goal(samples: Samples) -> int:
    return Objective.objects.create(plan_id=samples.one("plan_id", samples.lead), title="Fewer stops").pk


def plan_action(samples: Samples, person: User) -> int:
    return PlanAction.objects.create(account=samples.account, title="Trial", our_owner=person, due=date(2026, 3, 1)).pk


def scorecard(samples: Samples) -> int:
    version = load_defaults(by=None)
    assert version is not None
    create_draft(scorecard=version.scorecard, by=None)
    return version.scorecard.pk


def draft_number(samples: Samples) -> int:
    drafts = ScorecardVersion.objects.filter(scorecard_id=samples.one("scorecard_id", samples.lead), state="draft")
    return drafts.get().number


def criterion(samples: Samples) -> str:
    samples.one("scorecard_id", samples.lead)
    return "P1"


def gate(samples: Samples) -> str:
    samples.one("scorecard_id", samples.lead)
    return "G1"


def own_rating(samples: Samples, person: User) -> str:
    key = criterion(samples)
    Rating.objects.create(
        account=samples.account,
        scorecard_id=samples.one("scorecard_id", samples.lead),
        criterion_key=key,
        rater=person,
        value=3,
        rated_on=date(2026, 3, 1),
    )
    return key


def settled(samples: Samples) -> str:
    key = criterion(samples)
    card = samples.one("scorecard_id", samples.lead)
    SettledValue.objects.get_or_create(
        account=samples.account,
        scorecard_id=card,
        criterion_key=key,
        defaults={"value": 3, "reason": "Talked over", "settled_by": samples.lead, "settled_on": date(2026, 3, 1)},
    )
    return key


def kept(samples: Samples) -> int:
    version = ScorecardVersion.objects.filter(scorecard_id=samples.one("scorecard_id", samples.lead)).last()
    return KeptScore.objects.create(
        account=samples.account, version=version, occasion="Sample", kept_on=date(2026, 1, 1)
    ).pk


def rating_round(samples: Samples) -> int:
    samples.one("scorecard_id", samples.lead)
    day = timezone.localdate()
    return open_round(name="Sample", accounts=[samples.account], closes_on=day, by=samples.lead).pk


def rater(samples: Samples) -> int:
    samples.one("round_id", samples.lead)
    return RoundRater.objects.values_list("pk", flat=True)[0]


def our_objective(samples: Samples) -> int:
    return add_objective(year=2030, code="O9", text="Fewer, deeper accounts", by=None).pk


def cycle(samples: Samples) -> int:
    """A cycle in the step of decisions, with one candidate."""
    calendar = proposed_calendar(2198)
    made = SelectionCycle.objects.create(
        year=2198, state="decision", **{name: getattr(calendar, name) for name in calendar.__slots__}
    )
    Candidate.objects.create(
        cycle=made, account=samples.account, origin="hand", reason="Grows", nominated_on=date(2026, 10, 5)
    )
    return made.year


def candidate(samples: Samples) -> int:
    return Candidate.objects.get(cycle__year=samples.one("year", samples.lead)).pk


def profile_draft(samples: Samples) -> int:
    return create_profile_draft(source="empty", by=None).pk


def worth(samples: Samples) -> int:
    return OutcomeWorth.objects.create(
        account=samples.account, outcome="Fewer stops", our_amount=1, currency="EUR", basis="Their figures",
        on=date(2026, 3, 1), author=samples.lead,
    ).pk  # fmt: skip


def evidence(samples: Samples) -> int:
    return MutualityEvidence.objects.create(
        account=samples.account, kind="m2", on=date(2026, 3, 1), ours=samples.lead, theirs="The buyer", what="Plan"
    ).pk


def judged_metric(samples: Samples) -> str:
    """A metric that has targets by tier, and a draft to change them in."""
    start_dashboard_draft(by=None)
    return "contribution_margin"


MAKERS: dict[str, Callable[[Samples], Any]] = {
    "plan_id": plan,
    "section_id": section,
    "planning: objective_id": goal,
    "scoring: objective_id": our_objective,
    "profile_id": profile_draft,
    "worth_id": worth,
    "scorecard_id": scorecard,
    "scoring:settled-withdraw key": settled,
    "kept_id": kept,
    "round_id": rating_round,
    "rater_id": rater,
    "number": draft_number,
    "scoring: half": lambda samples: "current",
    "scoring: key": criterion,
    "scoring:gate-edit key": gate,
    "year": cycle,
    "candidate_id": candidate,
    "evidence_id": evidence,
    "account_id": lambda samples: samples.account.pk,
    "contact_id": contact,
    "seat_id": seat,
    "term_id": term,
    "key_id": key,
    "rate_id": rate,
    "price_id": price_request,
    "survey_id": survey,
    "answer_id": answer,
    "template_id": survey_draft,
    "agenda_id": agenda_draft,
    "review_id": review,
    "pack_id": pack,
    "name": lambda samples: "sample.pdf",
    "shown": lambda samples: "survey",
    "user_id": lambda samples: samples.lead.pk,
    "quarter": lambda samples: "2026-Q1",
    "accounts:dashboard-thresholds metric": judged_metric,
    "accounts:dashboard-change metric": judged_metric,
    "metric": lambda samples: "revenue",
    "measure": lambda samples: "revenue",
    "driver": lambda samples: "order",
    "kind": lambda samples: "actual",
    "key": lambda samples: "accounts",
    "job_id": lambda samples: 0,
    "batch_id": lambda samples: 0,
}
OWN: dict[str, Callable[[Samples, User], Any]] = {
    "token_id": token,
    "view_id": view,
    "touchpoint_id": touchpoint,
    "action_id": plan_action,
    "scoring:rating-withdraw key": own_rating,
}
