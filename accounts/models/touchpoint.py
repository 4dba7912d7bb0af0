from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .account import Account
from .contact import Contact


@tracked()
class Touchpoint(models.Model):
    """Somebody of ours was in contact with somebody of theirs: when, how, what was said and promised."""

    class Kind(models.TextChoices):
        VISIT = "visit", "Visit"
        CALL = "call", "Call"
        VIDEO = "video", "Video call"
        MAIL = "mail", "Mail"
        EVENT = "event", "Event"
        WORKSHOP = "workshop", "Workshop"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="touchpoints")
    date = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.CALL)
    summary = models.TextField("what was said", blank=True)
    promised = models.TextField("what was promised", blank=True)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    contacts = models.ManyToManyField(Contact, through="TouchpointContact", related_name="touchpoints")
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, through="TouchpointPerson", related_name="touchpoints")
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Rows that came by import carry a fingerprint of their content, so that the same file changes nothing twice.
    import_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    confidentiality = classes(
        internal="account date kind summary promised minutes logged_by import_key revision contacts people"
    )

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "import_key"], condition=~Q(import_key=""), name="one_touchpoint_per_imported_row"
            ),
        ]
        indexes = [models.Index(fields=["account", "-date"], name="touchpoint_by_account")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.date}"


@tracked()
class TouchpointContact(models.Model):
    """Who of theirs took part."""

    touchpoint = models.ForeignKey(Touchpoint, on_delete=models.CASCADE, related_name="contact_links")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="touchpoint_links")

    confidentiality = classes(internal="touchpoint contact")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["touchpoint", "contact"], name="contact_once_per_touchpoint")]

    def __str__(self) -> str:
        return f"{self.touchpoint_id}/{self.contact_id}"


@tracked()
class TouchpointPerson(models.Model):
    """Who of ours took part."""

    touchpoint = models.ForeignKey(Touchpoint, on_delete=models.CASCADE, related_name="person_links")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="touchpoint_links")

    confidentiality = classes(internal="touchpoint user")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["touchpoint", "user"], name="person_once_per_touchpoint")]

    def __str__(self) -> str:
        return f"{self.touchpoint_id}/{self.user_id}"
