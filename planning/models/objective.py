from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Account
from planning.domain.progress import objective_progress
from sam.core.audit import tracked
from sam.core.authorization.permissions import Permission
from sam.core.confidentiality import classes
from sam.core.models import User
from sam.values.results import Result

from .plan import AccountPlan


def measured() -> models.DecimalField[Decimal | None, Decimal | None]:
    """A value of the objective's measure, in its unit; empty means not known."""
    return models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)


class ObjectiveQuerySet(models.QuerySet["Objective"]):
    def visible_to(self, user: User, permission: Permission = Permission.PLAN_VIEW) -> ObjectiveQuerySet:
        """Objectives in plans of the accounts on which `user` holds `permission`."""
        return self.filter(plan__account__in=Account.objects.visible_to(user, permission))


@tracked()
class Objective(models.Model):
    """Something that shall be true by a date, told by one measure on its way from baseline to target."""

    plan = models.ForeignKey(AccountPlan, on_delete=models.CASCADE, related_name="objectives")
    title = models.CharField(max_length=200)
    measure = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    baseline = measured()
    target = measured()
    current = measured()
    due = models.DateField("to be reached by", null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="objectives"
    )
    shared = models.BooleanField("agreed with the client, who may see it", default=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[Objective]] = models.Manager.from_queryset(ObjectiveQuerySet)()

    # Only shared objectives may leave the house; whoever publishes filters by `shared`.
    confidentiality = classes(
        client="title measure unit baseline target current due", internal="plan owner shared revision"
    )

    class Meta:
        ordering = ["plan", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="objective_has_a_title")]

    def __str__(self) -> str:
        return self.title

    @property
    def account(self) -> Account:
        return self.plan.account

    @property
    def progress(self) -> Result:
        """The way gone from baseline to target, in whichever direction it lies."""
        return objective_progress(self.baseline, self.target, self.current)
