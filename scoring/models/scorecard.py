from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Account
from sam.core.audit import tracked
from sam.core.confidentiality import classes
from scoring.domain.cycle import USUAL_UNITS

TIERS_FROM_THE_TOP = (Account.Tier.GLOBAL, Account.Tier.STRATEGIC, Account.Tier.KEY)

# What the actions refuse, the database refuses too: a published version is what old scores were computed from.
PUBLISHED_VERSION_STAYS = pgtrigger.Trigger(
    name="published_version_stays",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func="""
        IF OLD.state = 'draft' THEN
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        END IF;
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'a published scorecard version is kept' USING ERRCODE = 'check_violation';
        END IF;
        IF (to_jsonb(NEW) - 'state' - 'revision') <> (to_jsonb(OLD) - 'state' - 'revision')
           OR NOT (NEW.state = OLD.state OR (OLD.state = 'live' AND NEW.state = 'retired')) THEN
            RAISE EXCEPTION 'a published scorecard version does not change' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


def only_in_a_draft(name: str) -> pgtrigger.Trigger:
    """Trigger for rows that belong to a version: written while that version is a draft, fixed afterwards."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("found", "text"), ("version", "bigint")],
        func="""
            IF TG_OP = 'DELETE' THEN version := OLD.version_id; ELSE version := NEW.version_id; END IF;
            SELECT v.state INTO found FROM scoring_scorecardversion v WHERE v.id = version;
            IF found <> 'draft' THEN
                RAISE EXCEPTION 'a published scorecard version does not change' USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )


@tracked()
class Scorecard(models.Model):
    """A named set of criteria for choosing accounts; its versions are kept."""

    name = models.CharField(max_length=80, unique=True)
    # The one scorecard that ranks the portfolio.
    in_use = models.BooleanField(default=False, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(internal="name in_use revision")

    class Meta:
        ordering = ["-in_use", "name"]
        constraints = [
            models.UniqueConstraint(fields=["in_use"], condition=Q(in_use=True), name="one_scorecard_in_use"),
            models.CheckConstraint(condition=~Q(name=""), name="scorecard_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class VersionQuerySet(models.QuerySet["ScorecardVersion"]):
    def in_use(self) -> ScorecardVersion | None:
        """The live version of the scorecard that ranks the portfolio."""
        return self.filter(scorecard__in_use=True, state=ScorecardVersion.State.LIVE).first()


@tracked()
class ScorecardVersion(models.Model):
    """One version of a scorecard: draft until it is published, then live, then retired; only a draft changes."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        RETIRED = "retired", "Retired"

    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT, editable=False)
    alpha = models.DecimalField(
        "share of the current half in the overall score", max_digits=5, decimal_places=4, default=Decimal("0.5")
    )
    minimum_coverage = models.DecimalField(
        "part of a half that must be known", max_digits=5, decimal_places=4, default=Decimal("0.8")
    )
    note = models.TextField("why this version", blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    published_at = models.DateTimeField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[VersionQuerySet] = VersionQuerySet.as_manager()  # type: ignore[assignment]

    confidentiality = classes(
        internal="scorecard number state alpha minimum_coverage note published_by published_at revision"
    )

    class Meta:
        ordering = ["scorecard", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "number"], name="one_version_per_number"),
            models.UniqueConstraint(fields=["scorecard"], condition=Q(state="live"), name="one_live_version"),
            models.UniqueConstraint(fields=["scorecard"], condition=Q(state="draft"), name="one_draft_at_a_time"),
            models.CheckConstraint(condition=Q(state__in=["draft", "live", "retired"]), name="version_state_is_known"),
            models.CheckConstraint(condition=Q(alpha__range=(0, 1)), name="alpha_is_a_share"),
            models.CheckConstraint(condition=Q(minimum_coverage__range=(0, 1)), name="minimum_coverage_is_a_share"),
            models.CheckConstraint(
                condition=Q(state="draft") | (~Q(note="") & Q(published_at__isnull=False)),
                name="published_version_says_why",
            ),
        ]
        triggers = [PUBLISHED_VERSION_STAYS]

    def __str__(self) -> str:
        return f"{self.scorecard.name}, version {self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


@tracked()
class TierRule(models.Model):
    """What a version asks of an account to enter a tier and to stay in it; thresholds in points, 0 to 100."""

    version = models.ForeignKey(ScorecardVersion, on_delete=models.CASCADE, related_name="tier_rules")
    tier = models.CharField(max_length=12, choices=[(tier.value, tier.label) for tier in TIERS_FROM_THE_TOP])
    enter = models.DecimalField("enter from", max_digits=5, decimal_places=2)
    stay = models.DecimalField("stay from", max_digits=5, decimal_places=2)
    enter_half = models.DecimalField("each half to enter", max_digits=5, decimal_places=2, default=Decimal(0))
    stay_half = models.DecimalField("each half to stay", max_digits=5, decimal_places=2, default=Decimal(0))
    gates = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    # Empty: the usual units of the tier.
    units = models.PositiveSmallIntegerField("units of a lead's capacity", null=True, blank=True)

    confidentiality = classes(internal="version tier enter stay enter_half stay_half gates units")

    class Meta:
        ordering = ["version", "-enter", "tier"]
        constraints = [
            models.UniqueConstraint(fields=["version", "tier"], name="one_rule_per_tier"),
            models.CheckConstraint(
                condition=Q(tier__in=[tier.value for tier in TIERS_FROM_THE_TOP]), name="ruled_tier_is_known"
            ),
            models.CheckConstraint(
                condition=Q(enter__range=(0, 100), stay__gte=0, stay__lte=F("enter")), name="stay_not_above_enter"
            ),
            models.CheckConstraint(
                condition=Q(enter_half__range=(0, 100), stay_half__gte=0, stay_half__lte=F("enter_half")),
                name="stay_half_not_above_enter_half",
            ),
        ]
        triggers = [only_in_a_draft("tier_rule_only_in_a_draft")]

    def __str__(self) -> str:
        return f"{self.tier} from {self.enter}"

    @property
    def takes(self) -> int:
        """Units of a lead's capacity (full = 6) that one account of the tier takes."""
        return USUAL_UNITS[self.tier] if self.units is None else self.units
