from __future__ import annotations

from django.db import models
from django.db.models import Q

from sam.core.audit import tracked
from sam.core.confidentiality import classes


@tracked()
class Objective(models.Model):
    """What our own company wants to reach in a year; every criterion names the objective it serves."""

    year = models.PositiveSmallIntegerField()
    code = models.CharField("short name", max_length=8)
    text = models.CharField("objective", max_length=240)
    dropped = models.BooleanField("no longer pursued", default=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(internal="year code text dropped revision")

    class Meta:
        ordering = ["-year", "code"]
        constraints = [
            models.UniqueConstraint(fields=["year", "code"], name="one_objective_per_code_and_year"),
            models.CheckConstraint(condition=Q(year__range=(2000, 2200)), name="objective_year_is_plausible"),
            models.CheckConstraint(condition=~Q(text="") & ~Q(code=""), name="objective_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"
