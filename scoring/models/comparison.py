from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .scorecard import ScorecardVersion, only_in_a_draft


@tracked()
class Comparison(models.Model):
    """How much more one criterion of a half matters than another, on Saaty's scale; weights come from all of them."""

    version = models.ForeignKey(ScorecardVersion, on_delete=models.CASCADE, related_name="comparisons")
    # The two criteria's keys in order of position; a key that left the draft is not read any more.
    first = models.CharField(max_length=8)
    second = models.CharField(max_length=8)
    # 1: the same. 2 to 9: the first matters that many times as much. -2 to -9: the second does.
    favour = models.SmallIntegerField()

    confidentiality = classes(internal="version first second favour")

    class Meta:
        ordering = ["version", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "first", "second"], name="one_comparison_per_pair"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="comparison_of_two_criteria"),
            models.CheckConstraint(
                condition=Q(favour__range=(1, 9)) | Q(favour__range=(-9, -2)), name="comparison_on_the_scale"
            ),
        ]
        triggers = [only_in_a_draft("comparison_only_in_a_draft")]

    def __str__(self) -> str:
        return f"{self.first} against {self.second}: {self.favour}"
