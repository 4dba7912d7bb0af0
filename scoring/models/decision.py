from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Account
from sam.core.audit import tracked
from sam.core.confidentiality import classes


@tracked()
class TierDecision(models.Model):
    """Who put an account into which tier, when and why: scores propose, people decide. Never changed afterwards."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tier_decisions")
    tier = models.CharField(max_length=12, choices=Account.Tier.choices, blank=True)
    previous = models.CharField(max_length=12, choices=Account.Tier.choices, blank=True)
    # What the rules said then; None where there was no proposal.
    proposed = models.CharField(max_length=12, null=True)
    reason = models.TextField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField()
    ends_on = models.DateField("holds until", null=True, blank=True)

    confidentiality = classes(internal="account tier previous proposed reason decided_by decided_on ends_on")

    class Meta:
        ordering = ["account", "-decided_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="decision_has_a_reason"),
            models.CheckConstraint(
                condition=Q(tier__in=["", "key", "strategic", "global"]), name="decided_tier_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("decided_on")), name="decision_ends_after_it_starts"
            ),
        ]
        triggers = [pgtrigger.Protect(name="decision_stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.get_tier_display()} for account {self.account_id}"

    @property
    def against_proposal(self) -> bool:
        return self.proposed is not None and self.proposed != self.tier

    @property
    def held_words(self) -> str:
        """How a tier that stands against the rules is named, beside its different drawing."""
        if self.ends_on is None:
            return "against the rules, without an end"
        end = f"{self.ends_on.day} {self.ends_on:%b %Y}"
        if self.ends_on <= timezone.localdate():
            return f"against the rules, ended {end}: decide again"
        return f"against the rules until {end}"
