from __future__ import annotations

from django.conf import settings
from django.db import models

from sam.core.audit import tracked
from sam.core.confidentiality import classes


@tracked(exclude=["payload"])
class Publication(models.Model):
    """A snapshot for clients: exactly what a client page may show, built from an allow-list and kept as it was."""

    kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    account_id = models.BigIntegerField(null=True)
    payload = models.JSONField()
    sha256 = models.CharField(max_length=64)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    confidentiality = classes(
        client="payload",
        internal="kind subject_id account_id sha256 published_by published_at withdrawn_at",
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "subject_id", "-id"], name="publication_by_subject")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"
