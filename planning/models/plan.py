from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Account
from planning.domain.template import SectionTemplate, section_template
from sam.core.audit import tracked
from sam.core.authorization.permissions import Permission
from sam.core.confidentiality import classes
from sam.core.models import User


class AccountPlanQuerySet(models.QuerySet["AccountPlan"]):
    def visible_to(self, user: User, permission: Permission = Permission.PLAN_VIEW) -> AccountPlanQuerySet:
        """Plans of the accounts on which `user` holds `permission`."""
        return self.filter(account__in=Account.objects.visible_to(user, permission))


@tracked()
class AccountPlan(models.Model):
    """What we want to reach with an account in a year, and how: a few short texts, objectives and actions."""

    class Strategy(models.TextChoices):
        UNDECIDED = "", "Not decided yet"
        GROW = "grow", "Grow"
        SUSTAIN = "sustain", "Sustain"
        DEFEND = "defend", "Defend"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="plans")
    year = models.PositiveSmallIntegerField()
    strategy = models.CharField(max_length=8, choices=Strategy.choices, blank=True, default=Strategy.UNDECIDED)
    opened_on = models.DateField()
    confirmed_on = models.DateField("confirmed as current on", null=True, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[AccountPlan]] = models.Manager.from_queryset(AccountPlanQuerySet)()

    confidentiality = classes(internal="account year strategy opened_on confirmed_on revision")

    class Meta:
        ordering = ["account", "-year"]
        constraints = [
            models.UniqueConstraint(fields=["account", "year"], name="one_plan_per_account_and_year"),
            models.CheckConstraint(condition=Q(year__range=(2000, 2100)), name="plan_year_is_sensible"),
            models.CheckConstraint(
                condition=Q(strategy__in=["", "grow", "sustain", "defend"]), name="plan_strategy_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Plan {self.year}"


@tracked()
class PlanSection(models.Model):
    """One text of a plan. Each save is a new revision; the audit trail keeps them all."""

    plan = models.ForeignKey(AccountPlan, on_delete=models.CASCADE, related_name="sections")
    key = models.CharField(max_length=20)
    text = models.TextField(blank=True, default="")
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    edited_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(internal="plan key text edited_by edited_at revision")

    class Meta:
        ordering = ["plan", "pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="one_text_per_plan_and_section")]

    def __str__(self) -> str:
        return self.template.title

    @property
    def template(self) -> SectionTemplate:
        return section_template(self.key)

    @property
    def account(self) -> Account:
        return self.plan.account
