from __future__ import annotations

from datetime import UTC, date, datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from sam.core.audit import tracked
from sam.core.authorization.roles import ACCESS_CHOICES, SEAT_ACCESSES
from sam.core.confidentiality import classes

from .account import Account
from .contact import Contact


def access_day() -> date:
    """The day by which seats and terms begin and end: UTC's, the same wherever the reader and the writer sit.

    By each person's own zone, one and the same seat would be open to some readers and closed to others.
    """
    return datetime.now(UTC).date()


class TermQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def open(self) -> TermQuerySet:
        """Begun and not ended. What ends today has ended: access is taken away at once, not at midnight."""
        today = access_day()
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=today), starts_on__lte=today)

    def ended(self) -> TermQuerySet:
        return self.filter(ends_on__lte=access_day())


@tracked()
class TeamSeat(models.Model):
    """A colleague's seat on an account: the role is the field's noun, the access gives permissions."""

    class Role(models.TextChoices):
        LEAD = "account_lead", "Account lead"
        DEPUTY = "deputy", "Deputy"
        SPONSOR = "sponsor", "Executive sponsor"
        FINANCE = "finance_lead", "Finance lead"
        RELATIONSHIP = "relationship_lead", "Relationship lead"
        RESULTS = "results_driver", "Results driver"
        TECHNICAL = "technical_expert", "Technical expert"
        INNOVATOR = "innovator", "Innovator"
        SERVICE = "service_lead", "Service and delivery lead"
        COLLABORATOR = "collaborator", "Collaborator across units"
        PROJECT = "project_manager", "Project manager"
        CONTRACTS = "contracts", "Contracts and legal"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats")
    role = models.CharField(max_length=20, choices=Role.choices)
    access = models.CharField(max_length=12, choices=ACCESS_CHOICES, default="member")
    core = models.BooleanField("core team", default=True)
    allocation = models.PositiveSmallIntegerField("share of time, %", default=10)
    starts_on = models.DateField(default=access_day)
    ends_on = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[TeamSeat]] = models.Manager.from_queryset(TermQuerySet)()

    confidentiality = classes(internal="account user role access core allocation starts_on ends_on revision")

    class Meta:
        ordering = ["account", "-core", "starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "user"], condition=Q(ends_on=None), name="one_open_seat_per_person_and_account"
            ),
            models.CheckConstraint(condition=Q(allocation__lte=100), name="allocation_is_a_percentage"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="seat_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(access__in=list(SEAT_ACCESSES)), name="seat_access_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.account}"


@tracked()
class SponsorTerm(models.Model):
    """An executive sponsor paired with a client executive, with the contact rhythm they agreed."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sponsor_terms")
    sponsor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sponsor_terms")
    peer = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="sponsor_terms")
    cadence_days = models.PositiveSmallIntegerField("in contact at least every … days", default=60)
    starts_on = models.DateField(default=access_day)
    ends_on = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[SponsorTerm]] = models.Manager.from_queryset(TermQuerySet)()

    confidentiality = classes(internal="account sponsor peer cadence_days starts_on ends_on revision")

    class Meta:
        ordering = ["account", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "sponsor"], condition=Q(ends_on=None), name="one_open_term_per_sponsor_and_account"
            ),
            models.CheckConstraint(condition=Q(cadence_days__range=(7, 366)), name="cadence_between_week_and_year"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="term_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sponsor} for {self.account}"
