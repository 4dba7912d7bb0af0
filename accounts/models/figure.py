from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .account import Account, AccountKey
from .kept_year import forgets_years


def amount() -> models.DecimalField[Decimal | None, Decimal | None]:
    """An amount of money in the row's currency; empty means unknown, never zero."""
    return models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)


class FigureQuerySet(models.QuerySet["Figure"]):
    def actual(self) -> FigureQuerySet:
        return self.filter(kind=Figure.Kind.ACTUAL)

    def within(self, start: object, end: object) -> FigureQuerySet:
        """Rows whose period starts in [start, end)."""
        return self.filter(period_start__gte=start, period_start__lt=end)


@tracked()
class Figure(models.Model):
    """An account's figures of one period: what was, what was planned, or what is forecast."""

    class Kind(models.TextChoices):
        ACTUAL = "actual", "Actual"
        PLANNED = "planned", "Planned"
        FORECAST = "forecast", "Forecast"

    class Status(models.TextChoices):
        PRELIMINARY = "preliminary", "Preliminary"
        CLOSED = "closed", "Closed"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="figures")
    # The key the row was imported under; empty when somebody typed it.
    key = models.ForeignKey(AccountKey, on_delete=models.PROTECT, null=True, blank=True, related_name="figures")
    period_start = models.DateField()
    months = models.PositiveSmallIntegerField("length in months", default=3)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.ACTUAL)
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.CLOSED)
    currency = models.CharField(max_length=3)
    revenue = amount()
    cost_of_goods = amount()
    cost_of_goods_fixed = amount()
    cost_to_serve = amount()
    client_spend = amount()
    receivables = amount()
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[Figure]] = models.Manager.from_queryset(FigureQuerySet)()

    confidentiality = classes(
        finance="account key period_start months kind status currency revenue cost_of_goods cost_of_goods_fixed"
        " cost_to_serve client_spend receivables revision"
    )

    class Meta:
        ordering = ["account", "period_start", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "key", "period_start", "months", "kind"],
                nulls_distinct=False,
                name="one_figure_per_period_and_kind",
            ),
            models.CheckConstraint(condition=Q(months__in=[1, 3, 12]), name="figure_covers_month_quarter_or_year"),
            models.CheckConstraint(condition=Q(period_start__day=1), name="figure_starts_on_the_first"),
            models.CheckConstraint(condition=Q(client_spend=None) | Q(client_spend__gte=0), name="spend_not_negative"),
        ]
        indexes = [
            models.Index(
                fields=["kind", "period_start"],
                include=["account", "revenue", "currency", "months"],
                name="figure_by_period",
            ),
        ]
        triggers = forgets_years()

    def __str__(self) -> str:
        return f"{self.account_id} {self.period_start} {self.kind}"


def all_costs_of_goods() -> models.expressions.Combinable:
    """Variable plus fixed cost of goods; the fixed part counts nothing where it is not kept apart."""
    return F("cost_of_goods") + Coalesce(F("cost_of_goods_fixed"), Decimal(0))
