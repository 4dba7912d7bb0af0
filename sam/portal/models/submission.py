from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from sam.core.confidentiality import classes

from .link import Link


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def waiting(self) -> SubmissionQuerySet:
        """Received and not yet taken over, oldest first."""
        return self.filter(taken_at=None).order_by("pk")


class Submission(models.Model):
    """What somebody sent through a link, as it came. An action takes it over; this row stays as it is."""

    link = models.ForeignKey(Link, on_delete=models.PROTECT, related_name="submissions")
    idempotency_key = models.CharField(max_length=64)
    payload = models.JSONField()
    received_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Why the submission changed nothing, in words; empty when it was taken over as sent.
    problem = models.CharField(max_length=300, blank=True, default="")

    objects: ClassVar[models.Manager[Submission]] = models.Manager.from_queryset(SubmissionQuerySet)()

    confidentiality = classes(
        client="payload",
        internal="link received_at taken_at attempts problem",
        secret="idempotency_key",  # noqa: S106 - a class of fields
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["link", "idempotency_key"], name="one_submission_per_idempotency_key")
        ]
        indexes = [models.Index(fields=["id"], condition=Q(taken_at=None), name="submission_waiting")]

    def __str__(self) -> str:
        return f"submission {self.pk}"
