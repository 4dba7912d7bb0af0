from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .publication import Publication


class LinkQuerySet(models.QuerySet["Link"]):
    def working(self, now: datetime | None = None) -> LinkQuerySet:
        """Neither expired nor revoked, and the publication behind it not withdrawn."""
        moment = now or timezone.now()
        return self.filter(revoked_at=None, expires_at__gt=moment, publication__withdrawn_at=None)


@tracked(exclude=["digest", "views", "first_used_at", "last_used_at"])
class Link(models.Model):
    """One person's way to one publication. The token is known to the recipient only; here lies its keyed hash."""

    public_id = models.CharField(max_length=24, unique=True)
    purpose = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="links")
    recipient_id = models.BigIntegerField(null=True)
    recipient_email = models.EmailField(blank=True)
    recipient_name = models.CharField(max_length=160, blank=True)
    language = models.CharField(max_length=8, default="en")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    # Counted from the first POST or a script's beacon: mail scanners open links with GET, and that records nothing.
    first_used_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    views = models.PositiveIntegerField(default=0)

    objects: ClassVar[models.Manager[Link]] = models.Manager.from_queryset(LinkQuerySet)()

    confidentiality = classes(
        client="recipient_name recipient_email language public_id expires_at",
        internal="purpose publication recipient_id issued_by issued_at revoked_at first_used_at last_used_at views",
        secret="digest",  # noqa: S106 - a class of fields
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("issued_at")), name="link_expires_after_it_is_issued"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.public_id}"


class LinkView(models.Model):
    """A technical line: a person (not a mail scanner) had the page open, or sent it."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="view_log")
    seen_at = models.DateTimeField()
    sent = models.BooleanField(default=False)

    confidentiality = classes(internal="link seen_at sent")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["link", "-id"], name="link_view_by_link")]

    def __str__(self) -> str:
        return f"{self.link_id} {self.seen_at}"
