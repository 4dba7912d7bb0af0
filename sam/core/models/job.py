from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from sam.core.confidentiality import classes


class JobQuerySet(models.QuerySet["Job"]):
    def waiting(self) -> JobQuerySet:
        """Queued for a while, or claimed by a worker that stopped beating."""
        now = timezone.now()
        return self.filter(
            models.Q(state=Job.State.QUEUED, published_at__lt=now - timedelta(seconds=20))
            | models.Q(state=Job.State.QUEUED, published_at=None)
            | models.Q(state=Job.State.RUNNING, lease_until__lt=now)
        )


class Job(models.Model):
    """Work that takes longer than a second. This row is the truth; Celery only wakes a worker up."""

    class State(models.TextChoices):
        QUEUED = "queued", "waiting"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"

    kind = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)
    step = models.CharField(max_length=200, blank=True)
    result = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Job]] = models.Manager.from_queryset(JobQuerySet)()

    confidentiality = classes(
        internal="kind arguments state progress step result problem attempts created_by created_at published_at"
        " started_at finished_at lease_until"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=models.Q(progress__lte=100), name="progress_is_a_percentage")]
        indexes = [
            models.Index(
                fields=["state", "lease_until"], condition=models.Q(state__in=["queued", "running"]), name="job_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}

    @property
    def seconds(self) -> int:
        """Elapsed time, for the page."""
        start = self.started_at or self.created_at
        return int(((self.finished_at or timezone.now()) - start).total_seconds())
