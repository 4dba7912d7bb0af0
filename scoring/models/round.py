from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Account
from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .scorecard import Scorecard


@tracked()
class RatingRound(models.Model):
    """A call for ratings until a date: several people rate the same accounts, blind to each other's values."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="rounds")
    name = models.CharField(max_length=80, unique=True)
    opens_on = models.DateField()
    # The last day on which one may rate; the clock closes the round on the day after.
    closes_on = models.DateField("last day to rate")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN, editable=False)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    closed_on = models.DateField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(internal="scorecard name opens_on closes_on state opened_by closed_by closed_on revision")

    class Meta:
        ordering = ["-opens_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="round_has_a_name"),
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="round_closes_after_it_opens"),
            models.CheckConstraint(
                condition=Q(state="open", closed_on=None) | Q(state="closed", closed_on__isnull=False),
                name="closed_round_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class RoundAccountQuerySet(models.QuerySet["RoundAccount"]):
    def blind(self) -> RoundAccountQuerySet:
        """Accounts whose new ratings are sealed: not all raters have finished, and the round is open."""
        return self.filter(revealed_at=None)


@tracked()
class RoundAccount(models.Model):
    """An account in a rating round; blind until all its raters have rated everything, or the round closes."""

    round = models.ForeignKey(RatingRound, on_delete=models.CASCADE, related_name="accounts")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="round_accounts")
    # From then on its raters see each other's values and the values count.
    revealed_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[RoundAccountQuerySet] = RoundAccountQuerySet.as_manager()  # type: ignore[assignment]

    confidentiality = classes(internal="round account revealed_at")

    class Meta:
        ordering = ["round", "account"]
        constraints = [
            models.UniqueConstraint(fields=["round", "account"], name="account_once_per_round"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(revealed_at=None), name="account_blind_in_one_round_only"
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} in {self.round_id}"

    @property
    def is_blind(self) -> bool:
        return self.revealed_at is None


@tracked()
class RoundRater(models.Model):
    """Somebody who is asked to rate an account in a round, and in which capacity."""

    class Capacity(models.TextChoices):
        LEAD = "lead", "Account lead"
        FINANCE = "finance", "Finance"
        OUTSIDE = "outside", "Outside the account team"
        OTHER = "other", "Other"

    entry = models.ForeignKey(RoundAccount, on_delete=models.CASCADE, related_name="raters")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rounds_to_rate")
    capacity = models.CharField(max_length=8, choices=Capacity.choices)
    reminded_on = models.DateField(null=True, editable=False)

    confidentiality = classes(internal="entry user capacity reminded_on")

    class Meta:
        ordering = ["entry", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["entry", "user"], name="rater_once_per_account_and_round"),
            models.CheckConstraint(
                condition=Q(capacity__in=["lead", "finance", "outside", "other"]), name="rater_capacity_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_capacity_display()})"
