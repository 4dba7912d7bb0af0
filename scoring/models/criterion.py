from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from sam.core.audit import tracked
from sam.core.confidentiality import classes
from scoring.domain.measures import Measure, measure_of

from .objective import Objective
from .scorecard import ScorecardVersion, only_in_a_draft


@tracked()
class Criterion(models.Model):
    """One question of a scorecard version: rated by people, computed from data, or a gate that is passed or not."""

    class Half(models.TextChoices):
        CURRENT = "current", "Worth today"
        POTENTIAL = "potential", "Potential and fit"

    class Family(models.TextChoices):
        PARTNER = "partner", "They want to partner"
        PRIORITY = "priority", "They are a priority for us"
        GIVES = "gives", "They give us value"
        SEES = "sees", "They see value in us"

    class Kind(models.TextChoices):
        RATED = "rated", "Rated by people"
        COMPUTED = "computed", "Computed from data"
        GATE = "gate", "Gate, passed or not"

    class Method(models.TextChoices):
        BANDED = "banded", "Bands"
        PERCENTILE = "percentile", "Percentile among all accounts"
        LINEAR = "linear", "Between two values"

    class Check(models.TextChoices):
        PEOPLE = "", "Answered by people, with evidence"
        MUTUALITY = "mutuality", "Mutuality: told, and shown by the client's own acts"
        REGIONS = "regions", "Regions of the account and its units: three or more"
        PURCHASE_LEAD = "purchase_lead", "Contacts: a procurement lead at director level or above"
        FULL_PEOPLE = "full_people", "Team seats: two full people or more"
        BOARD_SPONSOR = "board_sponsor", "Sponsor terms: somebody of our board"

    version = models.ForeignKey(ScorecardVersion, on_delete=models.CASCADE, related_name="criteria")
    key = models.CharField(max_length=8)
    position = models.PositiveSmallIntegerField(default=0)
    half = models.CharField(max_length=10, choices=Half.choices, blank=True)
    family = models.CharField(max_length=10, choices=Family.choices, blank=True)
    name = models.CharField(max_length=160)
    weight = models.DecimalField(max_digits=7, decimal_places=2, default=0)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # A key of the register of measures (scoring.domain.measures); one that is not registered any more is unknown.
    measure = models.CharField(max_length=40, blank=True)
    method = models.CharField(max_length=10, choices=Method.choices, blank=True)
    # In the measure's own unit: reporting currency, fractions, points of margin, days, … Four that part five bands,
    # or the two values between which the points rise from 0 to 100.
    cut_points = ArrayField(models.DecimalField(max_digits=18, decimal_places=6), default=list, blank=True)
    low_is_good = models.BooleanField("a low value is good", default=False)
    anchors = ArrayField(models.CharField(max_length=240, blank=True), default=list, blank=True)
    objective = models.ForeignKey(Objective, on_delete=models.PROTECT, null=True, blank=True, related_name="criteria")
    checked_by = models.CharField("what answers a gate", max_length=14, choices=Check.choices, blank=True, default="")
    valid_months = models.PositiveSmallIntegerField("a rating counts for … months", default=12)

    confidentiality = classes(
        internal="version key position half family name weight kind measure method low_is_good anchors objective"
        " checked_by valid_months",
        finance="cut_points",
    )

    class Meta:
        ordering = ["version", "position", "key"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="one_criterion_per_key"),
            models.CheckConstraint(condition=~Q(key="") & ~Q(name=""), name="criterion_has_key_and_name"),
            models.CheckConstraint(
                condition=Q(kind="gate", half="", weight=0)
                | Q(kind__in=["rated", "computed"], half__in=["current", "potential"], weight__gt=0, weight__lte=10000),
                name="criterion_weighs_in_a_half_and_a_gate_does_not",
            ),
            models.CheckConstraint(
                condition=(Q(kind="computed") & ~Q(measure="") & ~Q(method=""))
                | (~Q(kind="computed") & Q(measure="", method="", cut_points=[])),
                name="only_a_computed_criterion_has_a_measure",
            ),
            models.CheckConstraint(
                condition=~Q(method="banded") | Q(cut_points__len=4), name="bands_have_four_cut_points"
            ),
            models.CheckConstraint(
                condition=~Q(method="linear") | Q(cut_points__len=2), name="linear_runs_between_two_values"
            ),
            models.CheckConstraint(
                condition=Q(kind="gate") | Q(checked_by=""), name="only_a_gate_is_checked_by_records"
            ),
            models.CheckConstraint(condition=Q(valid_months__range=(1, 60)), name="ratings_are_valid_for_a_while"),
        ]
        triggers = [only_in_a_draft("criterion_only_in_a_draft")]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"

    @property
    def is_gate(self) -> bool:
        return self.kind == self.Kind.GATE

    @property
    def is_rated(self) -> bool:
        return self.kind == self.Kind.RATED

    @property
    def is_computed(self) -> bool:
        return self.kind == self.Kind.COMPUTED

    @property
    def measured_by(self) -> Measure:
        """The measure behind a computed criterion; a stand-in that says so when nothing registers it any more."""
        return measure_of(self.measure)
