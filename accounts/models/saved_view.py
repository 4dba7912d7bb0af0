from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from sam.core.audit import tracked
from sam.core.confidentiality import classes


@tracked()
class SavedView(models.Model):
    """A person's own view of the portfolio: a name and the query string of its filters, order and period."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True)

    confidentiality = classes(internal="user name query")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_view_per_name_and_person"),
            models.CheckConstraint(condition=~Q(name=""), name="view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
