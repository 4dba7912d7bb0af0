from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Account
from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .round import RatingRound
from .scorecard import Scorecard

HALVES = [Decimal(step) / 2 for step in range(2, 11)]


@tracked()
class SettledValue(models.Model):
    """What counts for a criterion instead of the raters' median, because they differed; with the reason.

    It counts as long as a rating of its day would, and goes when a later round brings new ratings; the trail keeps it.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="settled_values")
    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="settled_values")
    criterion_key = models.CharField(max_length=8)
    # 1 to 5 in halves.
    value = models.DecimalField(max_digits=2, decimal_places=1)
    reason = models.TextField()
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    settled_on = models.DateField()
    round = models.ForeignKey(RatingRound, on_delete=models.PROTECT, null=True, related_name="settled_values")
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(
        internal="account scorecard criterion_key value reason settled_by settled_on round revision"
    )

    class Meta:
        ordering = ["account", "criterion_key"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "scorecard", "criterion_key"], name="one_settled_value_per_criterion"
            ),
            models.CheckConstraint(condition=Q(value__in=HALVES), name="settled_value_in_halves_from_1_to_5"),
            models.CheckConstraint(condition=~Q(reason=""), name="settled_value_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_key} of account {self.account_id} settled at {self.value}"
