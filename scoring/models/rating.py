from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Account
from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .scorecard import Scorecard


@tracked()
class Rating(models.Model):
    """What one of us gives an account on one criterion, 1 to 5, with the evidence; earlier values are in the trail."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="ratings")
    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="ratings")
    criterion_key = models.CharField(max_length=8)
    rater = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ratings")
    value = models.PositiveSmallIntegerField()
    evidence = models.TextField(blank=True)
    confirmed = models.BooleanField("confirmed, not assumed", default=False)
    rated_on = models.DateField()
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(
        internal="account scorecard criterion_key rater value evidence confirmed rated_on revision"
    )

    class Meta:
        ordering = ["account", "criterion_key", "rater"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "scorecard", "criterion_key", "rater"], name="one_rating_per_rater_and_criterion"
            ),
            models.CheckConstraint(condition=Q(value__range=(1, 5)), name="rating_from_1_to_5"),
            models.CheckConstraint(
                condition=~Q(evidence="") | Q(confirmed=False, value__lte=3),
                name="high_or_confirmed_rating_has_evidence",
            ),
        ]
        indexes = [models.Index(fields=["rater", "account"], name="rating_by_rater")]

    def __str__(self) -> str:
        return f"{self.criterion_key} of account {self.account_id}: {self.value}"


@tracked()
class GateAnswer(models.Model):
    """Whether an account passes a gate of the scorecard, with the evidence and the date."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="gate_answers")
    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="gate_answers")
    gate_key = models.CharField(max_length=8)
    passed = models.BooleanField()
    evidence = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_on = models.DateField()
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(internal="account scorecard gate_key passed evidence answered_by answered_on revision")

    class Meta:
        ordering = ["account", "gate_key"]
        constraints = [
            models.UniqueConstraint(fields=["account", "scorecard", "gate_key"], name="one_answer_per_gate"),
            models.CheckConstraint(condition=~Q(evidence="") | Q(passed=False), name="passed_gate_has_evidence"),
        ]

    def __str__(self) -> str:
        return f"{self.gate_key} of account {self.account_id}"
