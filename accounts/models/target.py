from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .account import Account


class Measure(models.TextChoices):
    """What a target or a forecast is about."""

    REVENUE = "revenue", "Revenue"
    CONTRIBUTION = "contribution", "Contribution"


def quarter_amount() -> models.DecimalField[Decimal, Decimal]:
    return models.DecimalField(max_digits=18, decimal_places=4)


class TargetQuerySet(models.QuerySet["Target"]):
    def current(self) -> TargetQuerySet:
        """Those that count now; the others were replaced and stay readable."""
        return self.filter(superseded_on=None)


@tracked()
class Target(models.Model):
    """What an account is to bring in a fiscal year, quarter by quarter. A changed target keeps the old one as a row."""

    class Spread(models.TextChoices):
        LAST_YEAR = "last_year", "As last year’s quarters"
        EVEN = "even", "The same every quarter"
        OWN = "own", "Typed by quarter"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="targets")
    # The calendar year in which the fiscal year begins.
    year = models.PositiveSmallIntegerField("fiscal year")
    measure = models.CharField(max_length=12, choices=Measure.choices)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    spread = models.CharField(max_length=9, choices=Spread.choices, default=Spread.LAST_YEAR)
    quarter_1 = quarter_amount()
    quarter_2 = quarter_amount()
    quarter_3 = quarter_amount()
    quarter_4 = quarter_amount()
    # Why this amount; on a changed target, why it was changed.
    reason = models.CharField(max_length=300, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="targets_set"
    )
    set_on = models.DateField(default=timezone.localdate)
    # The day on which another one took its place; empty while it counts.
    superseded_on = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[Target]] = models.Manager.from_queryset(TargetQuerySet)()

    confidentiality = classes(
        finance="account year measure currency amount spread quarter_1 quarter_2 quarter_3 quarter_4 reason set_by"
        " set_on superseded_on revision"
    )

    class Meta:
        ordering = ["account", "-year", "measure", F("superseded_on").desc(nulls_first=True), "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "year", "measure"],
                condition=Q(superseded_on=None),
                name="one_current_target_per_year_and_measure",
            ),
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="target_measure_is_known"),
            models.CheckConstraint(condition=Q(year__gte=1990, year__lte=2200), name="target_year_is_sane"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="target_not_negative"),
            models.CheckConstraint(condition=Q(spread__in=["last_year", "even", "own"]), name="target_spread_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.measure} {self.year}"

    @property
    def quarters(self) -> tuple[Decimal, ...]:
        return (self.quarter_1, self.quarter_2, self.quarter_3, self.quarter_4)


@tracked()
class Forecast(models.Model):
    """What somebody expects for the whole year, and on what ground. The latest one counts, earlier ones stay."""

    class Basis(models.TextChoices):
        RUN_RATE = "run_rate", "Run rate"
        ORDERS = "orders", "Orders"
        PIPELINE = "pipeline", "Pipeline"
        LEAD = "lead", "Lead’s call"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="forecasts")
    year = models.PositiveSmallIntegerField("fiscal year")
    measure = models.CharField(max_length=12, choices=Measure.choices)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    basis = models.CharField(max_length=8, choices=Basis.choices)
    note = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="forecasts_made"
    )
    made_on = models.DateField(default=timezone.localdate)

    confidentiality = classes(finance="account year measure currency amount basis note made_by made_on")

    class Meta:
        ordering = ["account", "-year", "measure", "-made_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="forecast_measure_is_known"),
            models.CheckConstraint(condition=Q(year__gte=1990, year__lte=2200), name="forecast_year_is_sane"),
            models.CheckConstraint(
                condition=Q(basis__in=["run_rate", "orders", "pipeline", "lead"]), name="forecast_basis_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.measure} {self.year}"
