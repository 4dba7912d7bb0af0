from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Account, Contact
from planning.domain.progress import ActionDates, ActionState, action_state
from sam.core.audit import tracked
from sam.core.authorization.permissions import Permission
from sam.core.confidentiality import classes
from sam.core.models import User

from .objective import Objective
from .plan import AccountPlan, PlanSection


class PlanActionQuerySet(models.QuerySet["PlanAction"]):
    def visible_to(self, user: User, permission: Permission = Permission.PLAN_VIEW) -> PlanActionQuerySet:
        """Actions of the accounts on which `user` holds `permission`."""
        return self.filter(account__in=Account.objects.visible_to(user, permission))

    def open(self) -> PlanActionQuerySet:
        """Neither done nor dropped."""
        return self.filter(status__in=PlanAction.OPEN)

    def late(self, today: date) -> PlanActionQuerySet:
        """Open after the due date."""
        return self.open().filter(due__lt=today)

    def kept(self) -> PlanActionQuerySet:
        """All but the dropped ones."""
        return self.exclude(status=PlanAction.Status.DROPPED)


@tracked()
class PlanAction(models.Model):
    """Something somebody of ours, somebody of theirs, or both do until a date."""

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        IN_PROGRESS = "in_progress", "In progress"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"

    OPEN: ClassVar[tuple[str, ...]] = (Status.PLANNED, Status.IN_PROGRESS)

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="actions")
    plan = models.ForeignKey(AccountPlan, on_delete=models.CASCADE, null=True, blank=True, related_name="actions")
    objective = models.ForeignKey(Objective, on_delete=models.SET_NULL, null=True, blank=True, related_name="actions")
    section = models.ForeignKey(PlanSection, on_delete=models.SET_NULL, null=True, blank=True, related_name="actions")
    title = models.CharField("what is to be done", max_length=200)
    our_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name="who of us",
    )
    their_owner = models.ForeignKey(
        Contact,
        # A contact may go with its account, but not alone while somebody counts on it.
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name="who of theirs",
    )
    due = models.DateField()
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.PLANNED)
    done_on = models.DateField(null=True, blank=True)
    moved = models.PositiveSmallIntegerField("times the date was put off", default=0, editable=False)
    shared = models.BooleanField("the client may see it", default=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[PlanAction]] = models.Manager.from_queryset(PlanActionQuerySet)()

    # Only shared actions may leave the house; whoever publishes filters by `shared`.
    confidentiality = classes(
        client="title due status done_on",
        internal="account plan objective section our_owner their_owner moved shared revision",
    )

    class Meta:
        verbose_name = "action"
        ordering = ["due", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="action_has_a_title"),
            models.CheckConstraint(
                condition=Q(our_owner__isnull=False) | Q(their_owner__isnull=False), name="action_has_an_owner"
            ),
            models.CheckConstraint(
                condition=Q(status="done", done_on__isnull=False)
                | Q(status__in=["planned", "in_progress", "dropped"], done_on=None),
                name="done_action_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "due"], name="action_by_account"),
            models.Index(
                fields=["our_owner", "due"],
                condition=Q(status__in=["planned", "in_progress"]),
                name="action_open_by_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def dates(self) -> ActionDates:
        return ActionDates(self.due, self.done_on)

    def state_on(self, today: date) -> ActionState | None:
        """Planned, in progress, late or done; None when it was dropped."""
        if self.status == self.Status.DROPPED:
            return None
        return action_state(self.status == self.Status.IN_PROGRESS, self.dates, today)
