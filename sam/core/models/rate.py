from __future__ import annotations

from django.db import models

from sam.core.audit import tracked
from sam.core.confidentiality import classes


@tracked()
class ExchangeRate(models.Model):
    """What one unit of a currency was worth in the reporting currency during one calendar quarter."""

    currency = models.CharField(max_length=3)
    into = models.CharField("reporting currency", max_length=3)
    quarter_start = models.DateField()
    rate = models.DecimalField(max_digits=18, decimal_places=8)
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(finance="currency into quarter_start rate revision")

    class Meta:
        ordering = ["currency", "-quarter_start"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "into", "quarter_start"], name="one_rate_per_quarter"),
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="rate_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.quarter_start} {self.rate} {self.into}"
