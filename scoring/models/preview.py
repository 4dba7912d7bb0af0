from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Account
from sam.core.confidentiality import classes
from scoring.domain.points import to_decimal

from .score import billionths
from .scorecard import ScorecardVersion


class Preview(models.Model):
    """What a draft would do to the portfolio, beside what ranks it now; derived, gone with the draft."""

    version = models.OneToOneField(ScorecardVersion, on_delete=models.CASCADE, related_name="preview")
    # The draft as it was then: a later revision makes the preview out of date.
    revision = models.PositiveIntegerField()
    # What ranked the portfolio then; empty before the first version is live.
    compared_with = models.ForeignKey(ScorecardVersion, on_delete=models.CASCADE, null=True, related_name="+")
    quarter_start = models.DateField()
    accounts = models.PositiveIntegerField()
    # criterion key: accounts with a score, and how many of them have the most frequent one
    spread = models.JSONField(default=dict)
    milliseconds = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField()

    confidentiality = classes(
        internal="version revision compared_with quarter_start accounts spread milliseconds computed_at"
    )

    def __str__(self) -> str:
        return f"preview of {self.version_id}"


# The proposed tier differs; no proposal at all is another value than the proposal of no tier.
MOVED = (
    (Q(tier_before__isnull=False, tier_after__isnull=False) & ~Q(tier_before=F("tier_after")))
    | Q(tier_before__isnull=True, tier_after__isnull=False)
    | Q(tier_before__isnull=False, tier_after__isnull=True)
)


class PreviewLine(models.Model):
    """One account of a preview: its scores and the proposed tier before and after, from the same figures and ratings.

    Its keys are not checked by the database, as those of scores are not: 100,000 rows are written at once.
    """

    preview = models.ForeignKey(Preview, on_delete=models.CASCADE, db_constraint=False, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    current_before = billionths("worth today before")
    potential_before = billionths("potential and fit before")
    overall_before = billionths("overall before")
    current_after = billionths("worth today after")
    potential_after = billionths("potential and fit after")
    overall_after = billionths("overall after")
    # None: no proposal. Empty: no tier is proposed.
    tier_before = models.CharField(max_length=12, null=True)
    tier_after = models.CharField(max_length=12, null=True)
    rank_before = models.PositiveIntegerField(null=True)
    rank_after = models.PositiveIntegerField(null=True)
    # Each criterion in whole billionths of a point, in the order of the version's criteria; NaN where unrated.
    points_before = ArrayField(models.FloatField(), default=list)
    points_after = ArrayField(models.FloatField(), default=list)

    confidentiality = classes(
        internal="preview account current_before potential_before overall_before current_after potential_after"
        " overall_after tier_before tier_after rank_before rank_after points_before points_after"
    )

    class Meta:
        ordering = ["preview", F("rank_after").asc(nulls_last=True), "account"]
        constraints = [
            models.UniqueConstraint(fields=["preview", "account"], name="one_preview_line_per_account"),
        ]
        indexes = [
            models.Index(
                fields=["preview"],
                condition=MOVED,
                name="preview_line_moved",
            )
        ]

    def __str__(self) -> str:
        return f"preview of account {self.account_id}"

    @property
    def moves(self) -> bool:
        return self.tier_before != self.tier_after

    @property
    def overall_points_before(self) -> Decimal | None:
        return None if self.overall_before is None else to_decimal(self.overall_before)

    @property
    def overall_points_after(self) -> Decimal | None:
        return None if self.overall_after is None else to_decimal(self.overall_after)
