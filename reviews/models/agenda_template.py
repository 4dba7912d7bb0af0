from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from reviews.domain.agenda import AgendaItem
from sam.core.audit import tracked
from sam.core.confidentiality import classes


class ReviewKind(models.TextChoices):
    """What sort of meeting: with the client every quarter or once a year at length, or among ourselves."""

    QUARTERLY = "quarterly", "Quarterly review"
    ANNUAL = "annual", "Annual review"
    INTERNAL = "internal", "Internal account review"


class AgendaTemplateQuerySet(models.QuerySet["AgendaTemplate"]):
    def live(self) -> AgendaTemplateQuerySet:
        """The versions that new reviews start from."""
        return self.filter(state=AgendaTemplate.State.LIVE)


@tracked()
class AgendaTemplate(models.Model):
    """The agenda of one kind of review, as one version. A change makes the next; planned reviews keep their copy."""

    class State(models.TextChoices):
        LIVE = "live", "In use"
        RETIRED = "retired", "Retired"

    kind = models.CharField(max_length=10, choices=ReviewKind.choices)
    version = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State.choices, default=State.LIVE)
    minutes = models.PositiveSmallIntegerField("length of the meeting in minutes")
    # [{"title", "minutes", "who"}]
    items = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[AgendaTemplate]] = models.Manager.from_queryset(AgendaTemplateQuerySet)()

    confidentiality = classes(client="kind items minutes", internal="version state created_at")

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="one_agenda_per_kind_and_version"),
            models.UniqueConstraint(fields=["kind"], condition=Q(state="live"), name="one_live_agenda_per_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=["quarterly", "annual", "internal"]), name="agenda_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(state__in=["live", "retired"]), name="agenda_state_is_known"),
            models.CheckConstraint(condition=Q(minutes__range=(5, 480)), name="agenda_between_minutes_and_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.version}"

    @property
    def agenda(self) -> tuple[AgendaItem, ...]:
        return read_agenda(self.items)


def read_agenda(items: list[dict[str, object]]) -> tuple[AgendaItem, ...]:
    """Stored items as values. Raises ValueError or KeyError for what is no agenda."""
    return tuple(AgendaItem(str(item["title"]), int(str(item["minutes"])), str(item.get("who", ""))) for item in items)
