from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.domain.drivers import COUNTED, DRIVERS, Driver
from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .account import Account, AccountKey


@tracked()
class ActivityRate(models.Model):
    """What one unit of an activity costs in a year, or another yearly rate that the account P&L is computed with."""

    driver = models.CharField(max_length=20, choices=[(key, driver.label) for key, driver in DRIVERS.items()])
    year = models.PositiveSmallIntegerField("calendar year")
    # Money per unit, a fraction or years: the driver says which.
    amount = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.CharField(max_length=3, blank=True)
    variable = models.BooleanField("falls away with the activity", default=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(finance="driver year amount currency variable revision")

    class Meta:
        ordering = ["-year", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["driver", "year"], name="one_activity_rate_per_year"),
            models.CheckConstraint(condition=Q(driver__in=list(DRIVERS)), name="activity_rate_driver_is_known"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="activity_rate_not_negative"),
            models.CheckConstraint(
                condition=Q(driver__in=COUNTED) & ~Q(currency="") | ~Q(driver__in=COUNTED) & Q(currency=""),
                name="activity_rate_of_money_has_a_currency",
            ),
            models.CheckConstraint(
                condition=~Q(driver__in=["capital", "retention", "discount"]) | Q(amount__lte=1),
                name="activity_rate_fraction_at_most_one",
            ),
            models.CheckConstraint(condition=Q(year__gte=1990, year__lte=2200), name="activity_rate_year_is_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.get_driver_display()} {self.year}"

    @property
    def known(self) -> Driver:
        return DRIVERS[self.driver]


class ActivityVolumeQuerySet(models.QuerySet["ActivityVolume"]):
    def within(self, start: object, end: object) -> ActivityVolumeQuerySet:
        """Rows whose period starts in [start, end)."""
        return self.filter(period_start__gte=start, period_start__lt=end)


@tracked()
class ActivityVolume(models.Model):
    """How often an activity was done for an account in one period."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="activity_volumes")
    # The key the row was imported under; empty when somebody typed it.
    key = models.ForeignKey(
        AccountKey, on_delete=models.PROTECT, null=True, blank=True, related_name="activity_volumes"
    )
    period_start = models.DateField()
    months = models.PositiveSmallIntegerField("length in months", default=3)
    driver = models.CharField(max_length=20, choices=[(key, DRIVERS[key].label) for key in COUNTED])
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[ActivityVolume]] = models.Manager.from_queryset(ActivityVolumeQuerySet)()

    confidentiality = classes(finance="account key period_start months driver quantity revision")

    class Meta:
        ordering = ["account", "period_start", "driver"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "key", "period_start", "months", "driver"],
                nulls_distinct=False,
                name="one_volume_per_period_and_driver",
            ),
            models.CheckConstraint(condition=Q(driver__in=COUNTED), name="volume_driver_is_known"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="volume_not_negative"),
            models.CheckConstraint(condition=Q(months__in=[1, 3, 12]), name="volume_covers_month_quarter_or_year"),
            models.CheckConstraint(condition=Q(period_start__day=1), name="volume_starts_on_the_first"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.period_start} {self.driver}"
