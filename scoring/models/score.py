from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F

from accounts.models import Account
from sam.core.confidentiality import classes
from scoring.domain.points import to_decimal

from .scorecard import ScorecardVersion


def billionths(label: str) -> models.BigIntegerField[int | None, int | None]:
    """A score in whole billionths of a point, empty where not scored: exact, and quick to sort."""
    return models.BigIntegerField(label, null=True)


def hundredths() -> models.PositiveIntegerField[int, int]:
    """Weight in hundredths, so that coverage stays an exact fraction."""
    return models.PositiveIntegerField(default=0)


class Scored(models.Model):
    """The columns of a score, current or kept."""

    current = billionths("worth today")
    potential = billionths("potential and fit")
    overall = billionths("overall")
    current_covered = hundredths()
    current_whole = hundredths()
    potential_covered = hundredths()
    potential_whole = hundredths()
    # None: no proposal, because something is not scored. Empty: the rules propose no tier.
    proposed_tier = models.CharField(max_length=12, null=True)

    class Meta:
        abstract = True

    @property
    def current_points(self) -> Decimal | None:
        return None if self.current is None else to_decimal(self.current)

    @property
    def potential_points(self) -> Decimal | None:
        return None if self.potential is None else to_decimal(self.potential)

    @property
    def overall_points(self) -> Decimal | None:
        return None if self.overall is None else to_decimal(self.overall)

    @property
    def current_coverage(self) -> Decimal:
        return _share(self.current_covered, self.current_whole)

    @property
    def potential_coverage(self) -> Decimal:
        return _share(self.potential_covered, self.potential_whole)

    @property
    def basis(self) -> str:
        """What a list may rank by: "overall", the only scored half, or nothing."""
        if self.overall is not None:
            return "overall"
        if self.current is not None:
            return "current"
        return "potential" if self.potential is not None else ""

    @property
    def proposed_label(self) -> str:
        """The proposed tier in words; empty without a proposal."""
        return "" if self.proposed_tier is None else str(Account.Tier(self.proposed_tier).label)


def _share(part: int, whole: int) -> Decimal:
    return Decimal(part) / whole if whole else Decimal(0)


class AccountScore(Scored):
    """An account's score now: derived, written again at every recompute, therefore without a trail.

    Its keys are not checked by the database: a recompute writes all rows at once, and the check of 100,000 keys
    would take longer than the scoring. A row of an account that is gone is never read and goes at the next recompute.
    """

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="score"
    )
    version = models.ForeignKey(
        ScorecardVersion, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    # Overall, or the only scored half: what lists rank by.
    ranking = billionths("ranks by")
    # What each criterion was scored from, in the order of the version's criteria; NaN where nothing is known.
    values = ArrayField(models.FloatField(), default=list)
    computed_at = models.DateTimeField()

    confidentiality = classes(
        internal="account version current potential overall current_covered current_whole potential_covered"
        " potential_whole proposed_tier ranking computed_at",
        finance="values",
    )

    class Meta:
        ordering = [F("ranking").desc(nulls_last=True), "account_id"]
        indexes = [models.Index(F("ranking").desc(nulls_last=True), "account_id", name="score_by_rank")]

    def __str__(self) -> str:
        return f"score of account {self.account_id}"


class ScoreRun(models.Model):
    """The last recompute of the whole portfolio: what it saw, so that one account can be scored again by the same."""

    version = models.ForeignKey(ScorecardVersion, on_delete=models.CASCADE, related_name="+")
    # The last closed quarter: twelve months end with it.
    quarter_start = models.DateField()
    # Somebody chose the quarter: it stays until somebody chooses again.
    chosen = models.BooleanField(default=False)
    currency = models.CharField("reporting currency", max_length=3)
    accounts = models.PositiveIntegerField()
    scored = models.PositiveIntegerField()
    unconverted = models.PositiveIntegerField("accounts with a missing exchange rate", default=0)
    scope_margin = models.FloatField("average contribution margin of all accounts", null=True)
    # Newest event per watched table: what came later is not in these scores.
    seen = models.JSONField(default=dict)
    milliseconds = models.PositiveIntegerField(default=0)
    computed_at = models.DateTimeField()

    confidentiality = classes(
        internal="version quarter_start chosen currency accounts scored unconverted seen milliseconds computed_at",
        finance="scope_margin",
    )

    class Meta:
        ordering = ["-pk"]
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"scores of {self.quarter_start}"


class KeptScore(Scored):
    """A score as it was when a version was published or a cycle closed, with its inputs, to explain it for ever."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="kept_scores")
    version = models.ForeignKey(ScorecardVersion, on_delete=models.PROTECT, related_name="+")
    occasion = models.CharField(max_length=80)
    kept_on = models.DateField()
    rank = models.PositiveIntegerField(null=True)
    decided_tier = models.CharField(max_length=12, blank=True)
    inputs = models.JSONField(default=dict)

    confidentiality = classes(
        internal="account version occasion kept_on rank decided_tier current potential overall current_covered"
        " current_whole potential_covered potential_whole proposed_tier",
        finance="inputs",
    )

    class Meta:
        ordering = ["account", "-kept_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["account", "occasion"], name="one_kept_score_per_occasion")]

    def __str__(self) -> str:
        return f"{self.occasion}: account {self.account_id}"
