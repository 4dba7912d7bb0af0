from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from sam.core.audit import tracked
from sam.core.confidentiality import classes


class ProfileQuerySet(models.QuerySet["IdealProfile"]):
    def live(self) -> IdealProfile | None:
        return self.filter(state=IdealProfile.State.LIVE).first()

    def draft(self) -> IdealProfile | None:
        return self.filter(state=IdealProfile.State.DRAFT).first()


@tracked()
class IdealProfile(models.Model):
    """What our best customer looks like: draft until it is published, then live, then retired; only a draft changes."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        RETIRED = "retired", "Retired"

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT, editable=False)
    note = models.TextField("why this version", blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    published_at = models.DateTimeField(null=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[ProfileQuerySet] = ProfileQuerySet.as_manager()  # type: ignore[assignment]

    confidentiality = classes(internal="number state note published_by published_at revision")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="live"), name="one_live_profile"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="draft"), name="one_profile_draft_at_a_time"),
            models.CheckConstraint(condition=Q(state__in=["draft", "live", "retired"]), name="profile_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="draft") | (~Q(note="") & Q(published_at__isnull=False)),
                name="published_profile_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"Ideal customer, version {self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


@tracked()
class ProfileAttribute(models.Model):
    """One attribute of an ideal profile: the words or the range we want, and how much it counts."""

    profile = models.ForeignKey(IdealProfile, on_delete=models.CASCADE, related_name="attributes")
    # Industry, region, country, currency, or the key of a registered measure.
    key = models.CharField(max_length=40)
    wanted = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    # The wanted range of a measure, both ends within; full amounts in the reporting currency, ratios as fractions.
    low = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    weight = models.DecimalField(max_digits=6, decimal_places=2)

    confidentiality = classes(internal="profile key wanted low high weight")

    class Meta:
        ordering = ["profile", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "key"], name="attribute_once_per_profile"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="attribute_weight_counts"),
            models.CheckConstraint(
                condition=Q(low=None) | Q(high=None) | Q(low__lte=F("high")), name="attribute_range_rises"
            ),
            models.CheckConstraint(
                condition=Q(low=None, high=None) | Q(wanted=[]), name="attribute_wants_words_or_a_range"
            ),
            models.CheckConstraint(condition=~Q(low=None, high=None, wanted=[]), name="attribute_wants_something"),
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.profile_id}"
