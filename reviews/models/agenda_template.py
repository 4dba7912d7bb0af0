from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from reviews.domain.agenda import AgendaItem
from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .template_version import PUBLISHED_STAYS, TemplateVersion, state_rules


class ReviewKind(models.TextChoices):
    """What sort of meeting: with the client every quarter or once a year at length, or among ourselves.

    A sponsor talk is the short one among ourselves in which the sponsor hears what the account needs of them.
    """

    QUARTERLY = "quarterly", "Quarterly review"
    ANNUAL = "annual", "Annual review"
    INTERNAL = "internal", "Internal account review"
    SPONSOR = "sponsor", "Sponsor talk"


# Nobody of the client takes part, and nothing of it is ever shared.
AMONG_OURSELVES = (ReviewKind.INTERNAL, ReviewKind.SPONSOR)


class AgendaTemplateQuerySet(models.QuerySet["AgendaTemplate"]):
    def live(self) -> AgendaTemplateQuerySet:
        """The versions that new reviews start from."""
        return self.filter(state=AgendaTemplate.State.LIVE)


@tracked()
class AgendaTemplate(TemplateVersion):
    """The agenda of one kind of review, as one version. A change makes the next; planned reviews keep their copy."""

    kind = models.CharField(max_length=10, choices=ReviewKind.choices)
    minutes = models.PositiveSmallIntegerField("length of the meeting in minutes")
    # [{"title", "minutes", "who"}]
    items = models.JSONField()

    objects: ClassVar[models.Manager[AgendaTemplate]] = models.Manager.from_queryset(AgendaTemplateQuerySet)()

    confidentiality = classes(
        client="kind items minutes", internal="version state note published_by published_at created_at revision"
    )

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [
            *state_rules("agenda", "kind"),
            models.CheckConstraint(condition=Q(kind__in=ReviewKind.values), name="agenda_kind_is_known"),
            models.CheckConstraint(condition=Q(minutes__range=(5, 480)), name="agenda_between_minutes_and_a_day"),
        ]
        triggers = [PUBLISHED_STAYS]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, version {self.version}"

    @property
    def agenda(self) -> tuple[AgendaItem, ...]:
        return read_agenda(self.items)


def read_agenda(items: list[dict[str, object]]) -> tuple[AgendaItem, ...]:
    """Stored items as values. Raises ValueError or KeyError for what is no agenda."""
    return tuple(AgendaItem(str(item["title"]), int(str(item["minutes"])), str(item.get("who", ""))) for item in items)
