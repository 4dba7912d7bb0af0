from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .account import Account, AccountKey


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

    class Basis(models.TextChoices):
        """Where the cost to serve comes from: a better figure, or activities times the rates of the year."""

        STATED = "stated", "Stated"
        DRIVERS = "drivers", "From activities"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="figures")
    # The key the row was imported under; empty when somebody typed it.
    key = models.ForeignKey(AccountKey, on_delete=models.PROTECT, null=True, blank=True, related_name="figures")
    period_start = models.DateField()
    months = models.PositiveSmallIntegerField("length in months", default=3)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.ACTUAL)
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.CLOSED)
    currency = models.CharField(max_length=3)
    # List revenue less these four lines is revenue; a row that does not add up is kept and named.
    list_revenue = amount()
    on_invoice_discounts = amount()
    rebates = amount()
    freight = amount()
    payment_terms = amount()
    revenue = amount()
    cost_of_goods = amount()
    cost_of_goods_fixed = amount()
    cost_to_serve = amount()
    cost_to_serve_variable = amount()
    cost_to_serve_basis = models.CharField(
        max_length=7, choices=Basis.choices, default=Basis.STATED, db_default=Basis.STATED
    )
    client_spend = amount()
    receivables = amount()
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[Figure]] = models.Manager.from_queryset(FigureQuerySet)()

    confidentiality = classes(
        finance="account key period_start months kind status currency list_revenue on_invoice_discounts rebates"
        " freight payment_terms revenue cost_of_goods cost_of_goods_fixed cost_to_serve cost_to_serve_variable"
        " cost_to_serve_basis client_spend receivables revision"
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
            models.CheckConstraint(
                condition=Q(cost_to_serve_basis__in=["stated", "drivers"]), name="cost_to_serve_basis_is_known"
            ),
            models.CheckConstraint(condition=Q(client_spend=None) | Q(client_spend__gte=0), name="spend_not_negative"),
        ]
        indexes = [
            models.Index(
                fields=["kind", "period_start"],
                include=["account", "revenue", "currency", "months"],
                name="figure_by_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.period_start} {self.kind}"


@tracked()
class FigureSplit(models.Model):
    """A part of an account's period: revenue and cost of goods of one offer, or of one of the client's units."""

    class Dimension(models.TextChoices):
        OFFER = "offer", "Offer"
        UNIT = "unit", "Unit"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="figure_splits")
    # The key the row was imported under; empty when somebody typed it.
    key = models.ForeignKey(AccountKey, on_delete=models.PROTECT, null=True, blank=True, related_name="figure_splits")
    period_start = models.DateField()
    months = models.PositiveSmallIntegerField("length in months", default=3)
    dimension = models.CharField(max_length=5, choices=Dimension.choices)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    revenue = amount()
    cost_of_goods = amount()
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(
        finance="account key period_start months dimension name currency revenue cost_of_goods revision"
    )

    class Meta:
        ordering = ["account", "period_start", "dimension", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "key", "period_start", "months", "dimension", "name"],
                nulls_distinct=False,
                name="one_split_per_period_and_name",
            ),
            models.CheckConstraint(condition=Q(dimension__in=["offer", "unit"]), name="split_dimension_is_known"),
            models.CheckConstraint(condition=Q(months__in=[1, 3, 12]), name="split_covers_month_quarter_or_year"),
            models.CheckConstraint(condition=Q(period_start__day=1), name="split_starts_on_the_first"),
            models.CheckConstraint(condition=~Q(name=""), name="split_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.period_start} {self.dimension} {self.name}"


def all_costs_of_goods() -> models.expressions.Combinable:
    """Variable plus fixed cost of goods; the fixed part counts nothing where it is not kept apart."""
    return F("cost_of_goods") + Coalesce(F("cost_of_goods_fixed"), Decimal(0))
