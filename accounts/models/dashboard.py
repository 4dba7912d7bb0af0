from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.domain.metrics import BY_KEY
from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .account import Account

METRICS = [(key, definition.name) for key, definition in BY_KEY.items()]
TIERS = [Account.Tier.KEY.value, Account.Tier.STRATEGIC.value, Account.Tier.GLOBAL.value]


class DashboardVersionManager(models.Manager["DashboardVersion"]):
    def in_use(self) -> DashboardVersion | None:
        return self.filter(state="live").first()

    def draft(self) -> DashboardVersion | None:
        return self.filter(state="draft").first()


@tracked()
class DashboardVersion(models.Model):
    """Which metrics an account's numbers show first, and from where on they are amber or red. One is live."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        RETIRED = "retired", "Retired"

    number = models.PositiveSmallIntegerField(unique=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.DRAFT)
    note = models.CharField(max_length=300, blank=True)
    published_on = models.DateField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[DashboardVersionManager] = DashboardVersionManager()

    confidentiality = classes(internal="number state note published_on published_by revision")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="draft"), name="one_dashboard_draft"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="live"), name="one_dashboard_in_use"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "live", "retired"]), name="dashboard_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Dashboard v{self.number}"


@tracked()
class DashboardMetric(models.Model):
    """A metric that is shown first, at its place; a metric without a row stands behind "More"."""

    version = models.ForeignKey(DashboardVersion, on_delete=models.CASCADE, related_name="metrics")
    metric = models.CharField(max_length=24, choices=METRICS)
    position = models.PositiveSmallIntegerField()

    confidentiality = classes(internal="version metric position")

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "metric"], name="one_place_per_dashboard_metric"),
            models.CheckConstraint(condition=Q(metric__in=list(BY_KEY)), name="dashboard_metric_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.metric}"


@tracked()
class DashboardThreshold(models.Model):
    """Target of a metric for one tier; amber and red say how far on the wrong side of it, in the metric's unit."""

    version = models.ForeignKey(DashboardVersion, on_delete=models.CASCADE, related_name="thresholds")
    metric = models.CharField(max_length=24, choices=METRICS)
    tier = models.CharField(max_length=12, choices=[(tier.value, tier.label) for tier in Account.Tier if tier.value])
    target = models.DecimalField(max_digits=12, decimal_places=4)
    amber = models.DecimalField(max_digits=12, decimal_places=4)
    red = models.DecimalField(max_digits=12, decimal_places=4)

    confidentiality = classes(internal="version metric tier target amber red")

    class Meta:
        ordering = ["version", "metric", "tier"]
        constraints = [
            models.UniqueConstraint(fields=["version", "metric", "tier"], name="one_threshold_per_tier"),
            models.CheckConstraint(condition=Q(metric__in=list(BY_KEY)), name="threshold_metric_is_known"),
            models.CheckConstraint(condition=Q(tier__in=TIERS), name="threshold_tier_is_known"),
            models.CheckConstraint(
                condition=Q(amber__gte=0, red__gte=models.F("amber")), name="threshold_red_is_beyond_amber"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.metric} {self.tier}"


@tracked()
class DashboardChange(models.Model):
    """Another target for one account, with its reason; it holds whatever version is live."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="dashboard_changes")
    metric = models.CharField(max_length=24, choices=METRICS)
    target = models.DecimalField(max_digits=12, decimal_places=4)
    reason = models.CharField(max_length=300)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    set_on = models.DateField(default=timezone.localdate)
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(finance="account metric target reason set_by set_on revision")

    class Meta:
        ordering = ["account", "metric"]
        constraints = [
            models.UniqueConstraint(fields=["account", "metric"], name="one_dashboard_change_per_metric"),
            models.CheckConstraint(condition=Q(metric__in=list(BY_KEY)), name="change_metric_is_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="dashboard_change_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.metric}"
