from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Account
from sam.core.audit import tracked
from sam.core.confidentiality import classes
from sam.core.models import User

from .round import RatingRound, RoundAccount
from .scorecard import Scorecard


class RatingQuerySet(models.QuerySet["Rating"]):
    def counted(self) -> RatingQuerySet:
        """Ratings that everybody who sees the account's scores may see, and that scores are computed from."""
        return self.filter(sealed=False)

    def seen_by(self, user: User) -> RatingQuerySet:
        """All that is not the secret of another: while an account is blind in a round, only the person's own."""
        blind = RoundAccount.objects.blind().filter(account=OuterRef("account"))
        return self.filter(Q(rater=user) | Q(~Exists(blind), sealed=False))


@tracked()
class Rating(models.Model):
    """What one of us gives an account on one criterion, 1 to 5, with the evidence; earlier values are in the trail.

    A rating made while the account is blind in a round is sealed: only its rater sees it, and it counts from the
    moment on when all raters have finished or the round closes.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="ratings")
    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="ratings")
    criterion_key = models.CharField(max_length=8)
    rater = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ratings")
    value = models.PositiveSmallIntegerField()
    evidence = models.TextField(blank=True)
    confirmed = models.BooleanField("confirmed, not assumed", default=False)
    rated_on = models.DateField()
    # The round it was asked for in; empty when somebody rated on their own.
    round = models.ForeignKey(RatingRound, on_delete=models.PROTECT, null=True, editable=False, related_name="ratings")
    sealed = models.BooleanField("hidden from others until the round reveals it", default=False, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[RatingQuerySet] = RatingQuerySet.as_manager()  # type: ignore[assignment]

    confidentiality = classes(
        internal="account scorecard criterion_key rater value evidence confirmed rated_on round sealed revision"
    )

    class Meta:
        ordering = ["account", "criterion_key", "rater"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "scorecard", "criterion_key", "rater", "sealed"],
                name="one_rating_per_rater_and_criterion",
            ),
            models.CheckConstraint(condition=Q(sealed=False) | Q(round__isnull=False), name="only_a_round_seals"),
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
