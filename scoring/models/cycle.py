from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Account
from sam.core.audit import tracked
from sam.core.confidentiality import classes
from sam.core.models import Job
from scoring.domain.cycle import STEPS, Calendar, Step
from scoring.domain.points import to_decimal

from .round import RatingRound
from .score import KeptScore, billionths, hundredths

# What the action refuses, the database refuses too: a closed list is what the company decided.
CLOSED_CYCLE_STAYS = pgtrigger.Trigger(
    name="closed_cycle_stays",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func="""
        IF OLD.state = 'closed' THEN
            RAISE EXCEPTION 'a closed selection cycle does not change' USING ERRCODE = 'check_violation';
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    """,
)


def while_cycle_is_open(name: str, cycle: str = "{row}.cycle_id") -> pgtrigger.Trigger:
    """Trigger for rows of a cycle: written while it is open, fixed once it is closed."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("found", "text"), ("cycle", "bigint")],
        func=f"""
            IF TG_OP = 'DELETE' THEN cycle := {cycle.format(row="OLD")};
            ELSE cycle := {cycle.format(row="NEW")}; END IF;
            SELECT c.state INTO found FROM scoring_selectioncycle c WHERE c.id = cycle;
            IF found = 'closed' THEN
                RAISE EXCEPTION 'a closed selection cycle does not change' USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,  # noqa: S608 (our own words)
    )


class CycleQuerySet(models.QuerySet["SelectionCycle"]):
    def open(self) -> CycleQuerySet:
        return self.exclude(state=Step.CLOSED)

    def closed(self) -> CycleQuerySet:
        return self.filter(state=Step.CLOSED)


@tracked()
class SelectionCycle(models.Model):
    """The yearly choice of accounts for the programme: screened, nominated, rated, decided, approved, then frozen."""

    class State(models.TextChoices):
        SCREENING = "screening", "Screening"
        NOMINATION = "nomination", "Nomination"
        RATING = "rating", "Rating"
        DECISION = "decision", "Decision"
        APPROVAL = "approval", "Approval"
        CLOSED = "closed", "Closed"

    year = models.PositiveSmallIntegerField("the list's year", unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SCREENING, editable=False)
    opens_on = models.DateField()
    screening_until = models.DateField()
    nomination_until = models.DateField()
    rating_until = models.DateField()
    decision_until = models.DateField()
    approval_until = models.DateField("approved by")
    in_force_on = models.DateField("in force from")
    round = models.ForeignKey(RatingRound, on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    screened_at = models.DateTimeField(null=True, editable=False)
    screened = models.PositiveIntegerField("accounts with a screening value", default=0, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    closed_on = models.DateField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = CycleQuerySet.as_manager()

    confidentiality = classes(
        internal="year state opens_on screening_until nomination_until rating_until decision_until approval_until"
        " in_force_on round screened_at screened opened_by closed_by closed_on revision"
    )

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[step.value for step in STEPS]), name="cycle_state_is_known"),
            models.CheckConstraint(condition=Q(year__range=(2000, 2200)), name="cycle_year_is_a_year"),
            models.CheckConstraint(
                condition=Q(
                    screening_until__gte=F("opens_on"),
                    nomination_until__gte=F("screening_until"),
                    rating_until__gte=F("nomination_until"),
                    decision_until__gte=F("rating_until"),
                    approval_until__gte=F("decision_until"),
                    in_force_on__gte=F("approval_until"),
                ),
                name="cycle_steps_follow_each_other",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False) | (~Q(state="closed") & Q(closed_on=None)),
                name="closed_cycle_has_a_day",
            ),
        ]
        triggers = [CLOSED_CYCLE_STAYS]

    def __str__(self) -> str:
        return f"Cycle {self.year}"

    @property
    def step(self) -> Step:
        return Step(self.state)

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED

    @property
    def calendar(self) -> Calendar:
        return Calendar(
            self.opens_on, self.screening_until, self.nomination_until, self.rating_until, self.decision_until,
            self.approval_until, self.in_force_on,
        )  # fmt: skip


class ScreeningValue(models.Model):
    """How an account stands by the computed criteria of the first half alone: a rank for nominating, never a score.

    Derived and written at once for all accounts, therefore without a trail; its account is not checked by the database.
    """

    cycle = models.ForeignKey(SelectionCycle, on_delete=models.CASCADE, related_name="screening")
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    value = billionths("screening value")
    covered = hundredths()
    whole = hundredths()
    rank = models.PositiveIntegerField()

    confidentiality = classes(internal="cycle account value covered whole rank")

    class Meta:
        ordering = ["cycle", "rank"]
        constraints = [models.UniqueConstraint(fields=["cycle", "account"], name="screened_once_per_cycle")]
        indexes = [models.Index(fields=["cycle", "rank"], name="screening_by_rank")]

    def __str__(self) -> str:
        return f"screening of account {self.account_id}"

    @property
    def points(self) -> Decimal | None:
        return None if self.value is None else to_decimal(self.value)

    @property
    def coverage(self) -> Decimal:
        """Part of the computed weight that is known, 0 to 1."""
        return Decimal(self.covered) / self.whole if self.whole else Decimal(0)


@tracked()
class Candidate(models.Model):
    """An account that a cycle decides about: who nominated it and why, and how it stood when it was nominated."""

    class Origin(models.TextChoices):
        LIST = "list", "On last year's list"
        SCREENING = "screening", "Best by screening"
        MARK = "mark", "Marked"
        HAND = "hand", "Nominated by hand"

    cycle = models.ForeignKey(SelectionCycle, on_delete=models.CASCADE, related_name="candidates")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="candidacies")
    origin = models.CharField(max_length=10, choices=Origin.choices)
    reason = models.TextField()
    nominated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    nominated_on = models.DateField()
    screening = billionths("screening value")
    screening_rank = models.PositiveIntegerField(null=True)
    # How the cycle before ended for it; empty when it was no candidate.
    last_outcome = models.CharField(max_length=5, blank=True)
    last_tier = models.CharField(max_length=12, blank=True)
    # Frozen at closing.
    kept = models.ForeignKey(KeptScore, on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    marks = models.JSONField(default=list, editable=False)

    confidentiality = classes(
        internal="cycle account origin reason nominated_by nominated_on screening screening_rank last_outcome"
        " last_tier kept marks"
    )

    class Meta:
        ordering = ["cycle", "screening_rank", "account"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "account"], name="candidate_once_per_cycle"),
            models.CheckConstraint(condition=~Q(reason=""), name="candidate_has_a_reason"),
        ]
        triggers = [while_cycle_is_open("candidate_of_an_open_cycle")]

    def __str__(self) -> str:
        return f"account {self.account_id} in cycle {self.cycle_id}"


@tracked()
class CandidateDecision(models.Model):
    """In, watch or out: the tier, the reason, who decided, and for whoever goes out how it is served from then on."""

    class Outcome(models.TextChoices):
        IN = "in", "In"
        WATCH = "watch", "Watch"
        OUT = "out", "Out"

    candidate = models.OneToOneField(Candidate, on_delete=models.CASCADE, related_name="decision")
    outcome = models.CharField(max_length=5, choices=Outcome.choices)
    tier = models.CharField(max_length=12, choices=Account.Tier.choices, blank=True)
    reason = models.TextField()
    ends_on = models.DateField("holds until", null=True, blank=True)
    # What the rules suggested on that day; None where there was no score.
    suggested_outcome = models.CharField(max_length=5, blank=True, editable=False)
    suggested_tier = models.CharField(max_length=12, null=True, editable=False)
    served_by = models.CharField("who serves it afterwards", max_length=160, blank=True)
    client_hears = models.TextField("what the client hears", blank=True)
    moves_by = models.DateField("moved by", null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField()
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(
        internal="candidate outcome tier reason ends_on suggested_outcome suggested_tier served_by client_hears"
        " moves_by decided_by decided_on revision"
    )

    class Meta:
        ordering = ["candidate"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="candidate_decision_has_a_reason"),
            models.CheckConstraint(
                condition=(Q(outcome="in") & ~Q(tier="")) | Q(outcome="watch") | Q(outcome="out", tier=""),
                name="in_has_a_tier_and_out_has_none",
            ),
            models.CheckConstraint(
                condition=Q(tier__in=["", "key", "strategic", "global"]), name="candidate_tier_is_known"
            ),
        ]
        triggers = [
            while_cycle_is_open(
                "decision_of_an_open_cycle",
                "(SELECT k.cycle_id FROM scoring_candidate k WHERE k.id = {row}.candidate_id)",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: candidate {self.candidate_id}"

    @property
    def has_transition_plan(self) -> bool:
        return bool(self.served_by and self.client_hears and self.moves_by)

    @property
    def is_complete(self) -> bool:
        """An account that goes out needs to know who serves it, what its people hear, and by when."""
        return self.outcome != self.Outcome.OUT or self.has_transition_plan

    @property
    def against_rules(self) -> bool:
        """Another tier than the rules suggested, or one where they suggested nothing."""
        return self.suggested_tier is not None and self.suggested_tier != self.tier


@tracked()
class CycleApproval(models.Model):
    """What a member of the sponsor group says to the list: asked, then approved or objected, with a word."""

    class Verdict(models.TextChoices):
        ASKED = "", "Asked"
        APPROVED = "approved", "Approved"
        OBJECTED = "objected", "Objected"

    cycle = models.ForeignKey(SelectionCycle, on_delete=models.CASCADE, related_name="approvals")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cycle_approvals")
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True, default=Verdict.ASKED)
    word = models.TextField("a word", blank=True)
    asked_on = models.DateField()
    given_on = models.DateField(null=True)

    confidentiality = classes(internal="cycle person verdict word asked_on given_on")

    class Meta:
        ordering = ["cycle", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "person"], name="asked_once_per_cycle"),
            models.CheckConstraint(
                condition=Q(verdict="", given_on=None)
                | Q(verdict__in=["approved", "objected"], given_on__isnull=False),
                name="verdict_has_a_day",
            ),
            models.CheckConstraint(condition=~Q(verdict="objected") | ~Q(word=""), name="objection_says_why"),
        ]
        triggers = [while_cycle_is_open("approval_of_an_open_cycle")]

    def __str__(self) -> str:
        return f"{self.person_id} on cycle {self.cycle_id}"


class CycleDocument(models.Model):
    """The frozen list as a PDF: one per closed cycle, rendered by a worker, again when the file is lost."""

    cycle = models.OneToOneField(SelectionCycle, on_delete=models.CASCADE, related_name="document")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    stored = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveIntegerField(default=0)
    file_name = models.CharField(max_length=120, blank=True)
    rendered_at = models.DateTimeField(null=True)

    confidentiality = classes(internal="cycle job stored sha256 pages file_name rendered_at")

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_done(self) -> bool:
        return self.rendered_at is not None
