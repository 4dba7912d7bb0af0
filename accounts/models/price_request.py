from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.domain.price_request import AT_RISK, LEVELS
from sam.core.audit import tracked
from sam.core.confidentiality import classes
from sam.core.models import Job

from .account import Account
from .contact import Contact
from .figure import amount


def cut(**options: Any) -> models.DecimalField[Any, Any]:
    """A price reduction as a fraction: 0.04 = 4 % less."""
    return models.DecimalField(max_digits=7, decimal_places=6, **options)


class PriceRequestQuerySet(models.QuerySet["PriceRequest"]):
    def open(self) -> PriceRequestQuerySet:
        return self.filter(state=PriceRequest.State.OPEN)

    def waiting(self) -> PriceRequestQuerySet:
        """Open, and the client has not heard from us yet."""
        return self.open().filter(first_answer_on=None)


@tracked()
class PriceRequest(models.Model):
    """A client asks for a lower price: who, how much, from when until when, and what we answered."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"
        WITHDRAWN = "withdrawn", "Withdrawn"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="price_requests")
    asked_by = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_by_words = models.CharField("asked by, in words", max_length=120, blank=True)
    asked_on = models.DateField()
    asked_cut = cut()
    reason = models.TextField("why they ask", blank=True)
    starts_on = models.DateField("lower price from")
    until = models.DateField("until, or the contract's end", null=True, blank=True)
    currency = models.CharField(max_length=3)
    # The margins come from the twelve months that end with this quarter.
    base_quarter = models.DateField("first day of the last quarter of the base")
    client_spend = amount()
    spend_free = amount()
    spend_free_by = models.DateField(null=True, blank=True)
    volume_at_risk = models.DecimalField(max_digits=4, decimal_places=3, default=AT_RISK)
    answer_due = models.DateField()
    first_answer_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    closed_on = models.DateField("answered or withdrawn on", null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer_text = models.TextField("the answer in words", blank=True)
    # The negotiation plan: where we want to end, and where we walk away.
    target_cut = cut(null=True, blank=True)
    walk_away_cut = cut(null=True, blank=True)
    plan_note = models.TextField("how we go about it", blank=True)
    # The margins with their inputs, as they stood when the answer was signed off.
    frozen = models.JSONField(default=dict)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    stored = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[PriceRequest]] = models.Manager.from_queryset(PriceRequestQuerySet)()

    confidentiality = classes(
        internal="account asked_by asked_by_words asked_on reason answer_due first_answer_on state closed_on"
        " closed_by answer_text plan_note opened_by job stored sha256 revision",
        finance="asked_cut starts_on until currency base_quarter client_spend spend_free spend_free_by volume_at_risk"
        " target_cut walk_away_cut frozen",
    )

    class Meta:
        ordering = ["-asked_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["open", "answered", "withdrawn"]), name="price_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", closed_on=None) | ~Q(state="open") & Q(closed_on__isnull=False),
                name="price_request_closed_has_a_day",
            ),
            models.CheckConstraint(condition=Q(asked_cut__gt=0, asked_cut__lt=1), name="price_cut_asked_is_a_share"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("starts_on")), name="price_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(answer_due__gte=F("asked_on")), name="price_answer_due_after_asked"),
            models.CheckConstraint(
                condition=Q(volume_at_risk__gt=0, volume_at_risk__lte=1), name="price_volume_at_risk_is_a_share"
            ),
            models.CheckConstraint(condition=Q(base_quarter__day=1), name="price_base_starts_on_the_first"),
        ]
        indexes = [
            models.Index(fields=["account", "-asked_on"], name="price_request_by_account"),
            models.Index(fields=["answer_due"], condition=Q(state="open"), name="price_request_open"),
        ]

    def __str__(self) -> str:
        return f"Price request of {self.asked_on}"

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def who(self) -> str:
        """Who asked, in words."""
        name = str(self.asked_by) if self.asked_by else ""
        return ", ".join(part for part in (name, self.asked_by_words) if part) or "the client"


@tracked()
class PriceRequestLine(models.Model):
    """One line of the offer that a price request touches: revenue of twelve months, what was asked and answered."""

    request = models.ForeignKey(PriceRequest, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=120)
    revenue = models.DecimalField("revenue of 12 months", max_digits=18, decimal_places=4)
    asked_cut = cut()
    answered_cut = cut(null=True, blank=True)
    # A clause somewhere else that promises the best price: a cut here is owed there too.
    favoured_account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    favoured_revenue = amount()

    confidentiality = classes(
        client="name answered_cut",
        internal="request position favoured_account",
        finance="revenue asked_cut favoured_revenue",
    )

    class Meta:
        ordering = ["request", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "name"], name="one_price_line_per_name"),
            models.CheckConstraint(condition=~Q(name=""), name="price_line_has_a_name"),
            models.CheckConstraint(condition=Q(revenue__gte=0), name="price_line_revenue_not_negative"),
            models.CheckConstraint(condition=Q(asked_cut__gte=0, asked_cut__lt=1), name="price_line_asked_is_a_share"),
            models.CheckConstraint(
                condition=Q(answered_cut=None) | Q(answered_cut__gt=-1, answered_cut__lt=1),
                name="price_line_answer_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def asked_effect(self) -> Decimal:
        """What the asked cut does to our contribution a year; below zero where it costs us."""
        return Decimal(-self.revenue * self.asked_cut)

    @property
    def price_effect(self) -> Decimal:
        """What our answer does to it; 0 while there is none."""
        return Decimal(-self.revenue * (self.answered_cut or 0))


@tracked()
class GiveGet(models.Model):
    """What we give and what we ask for it, with what the pair is worth to us a year."""

    request = models.ForeignKey(PriceRequest, on_delete=models.CASCADE, related_name="give_gets")
    position = models.PositiveSmallIntegerField(default=1)
    give = models.CharField("we give", max_length=200, blank=True)
    ask = models.CharField("we ask", max_length=200)
    # Contribution a year, beside what the prices of the lines cost; below zero where it costs us.
    value = amount()
    note = models.CharField(max_length=300, blank=True)

    confidentiality = classes(client="give ask", internal="request position note", finance="value")

    class Meta:
        ordering = ["request", "position", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(ask=""), name="give_get_asks_something")]

    def __str__(self) -> str:
        return self.ask


@tracked()
class PriceApproval(models.Model):
    """Somebody was asked to approve what an answer gives away, and what they decided."""

    class Decision(models.TextChoices):
        ASKED = "asked", "Asked"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"

    request = models.ForeignKey(PriceRequest, on_delete=models.CASCADE, related_name="approvals")
    level = models.CharField(max_length=9, choices=[(level.key, level.who) for level in LEVELS])
    # Given away a year in the reporting currency; an answer that gives more needs a new approval.
    effect = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.CharField(max_length=3)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="price_approvals")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_on = models.DateField()
    decision = models.CharField(max_length=8, choices=Decision.choices, default=Decision.ASKED)
    decided_on = models.DateField(null=True, blank=True)
    reason = models.TextField(blank=True)

    confidentiality = classes(
        internal="request person asked_by asked_on decision decided_on reason", finance="level effect currency"
    )

    class Meta:
        ordering = ["request", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "person"], condition=Q(decision="asked"), name="one_open_price_approval_per_person"
            ),
            models.CheckConstraint(
                condition=Q(level__in=[level.key for level in LEVELS]), name="price_approval_level_is_known"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["asked", "approved", "refused"]), name="price_decision_is_known"
            ),
            models.CheckConstraint(
                condition=Q(decision="asked", decided_on=None) | ~Q(decision="asked") & Q(decided_on__isnull=False),
                name="price_decision_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} {self.person}"
