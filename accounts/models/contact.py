from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from sam.core.audit import tracked
from sam.core.confidentiality import classes

from .account import Account, SimpleVector, beginning_of_words, folded


class ContactQuerySet(models.QuerySet["Contact"]):
    def here(self) -> ContactQuerySet:
        """Still with the client, as far as we know."""
        return self.exclude(status=Contact.Status.LEFT)

    def matching(self, text: str) -> ContactQuerySet:
        """Every word of `text` begins a word of the name, accents and case aside; nobody for a text without words."""
        query = beginning_of_words(text)
        return self.filter(search=query) if query else self.none()


@tracked(exclude=["search"])
class Contact(models.Model):
    """A person at the client, or a place that must be filled ("CFO, unknown yet")."""

    class Function(models.TextChoices):
        BOARD = "board", "Executive board"
        PROCUREMENT = "procurement", "Procurement"
        FINANCE = "finance", "Finance"
        OPERATIONS = "operations", "Operations"
        ENGINEERING = "engineering", "Engineering and maintenance"
        QUALITY = "quality", "Quality and safety"
        IT = "it", "IT and digital"
        MARKETING = "marketing", "Marketing and sales"
        OTHER = "other", "Other"

    class Level(models.TextChoices):
        BOARD = "board", "Board"
        VP = "vp", "VP"
        DIRECTOR = "director", "Director"
        MANAGER = "manager", "Manager"
        USER = "user", "User"

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        LEAVING = "leaving", "Leaving"
        LEFT = "left", "Left"
        UNKNOWN = "unknown", "Not known yet"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contacts")
    source = models.CharField(max_length=40, blank=True, default="")
    external_id = models.CharField(max_length=120, blank=True, default="")
    full_name = models.CharField("name", max_length=160)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    job_title = models.CharField(max_length=120, blank=True)
    function = models.CharField(max_length=12, choices=Function.choices, blank=True)
    level = models.CharField(max_length=10, choices=Level.choices, blank=True)
    reports_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reports")
    covered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="covered_contacts",
        verbose_name="who of us keeps the contact",
    )
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    language = models.CharField("language for mails", max_length=8, default="en")
    no_surveys = models.BooleanField("asked us not to send surveys", default=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    search = models.GeneratedField(
        expression=SimpleVector(folded("full_name")),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects: ClassVar[models.Manager[Contact]] = models.Manager.from_queryset(ContactQuerySet)()

    confidentiality = classes(
        client="full_name email job_title language",
        internal="account source external_id phone function level reports_to covered_by status no_surveys revision"
        " search",
    )

    class Meta:
        ordering = ["account", "full_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "source", "external_id"],
                condition=~Q(external_id=""),
                name="one_contact_per_external_id",
            ),
            models.CheckConstraint(
                condition=~Q(reports_to=F("pk")) | Q(reports_to=None), name="nobody_reports_to_self"
            ),
            models.CheckConstraint(condition=~Q(full_name=""), name="contact_has_a_name"),
        ]
        indexes = [GinIndex(fields=["search"], name="contact_search")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def initials(self) -> str:
        words = [word for word in self.full_name.replace(".", " ").split() if word[0].isalpha()]
        if not words:
            return "?"
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def current(self, today: date) -> OpinionQuerySet:
        """The newest opinion of each kind per contact that has not expired."""
        return (
            self.filter(expires_on__gt=today)
            .order_by("contact_id", "kind", "-recorded_on", "-pk")
            .distinct("contact_id", "kind")
        )


@tracked()
class Opinion(models.Model):
    """What one of us thinks of a client person's part in our work: with author, source, age and end."""

    class Kind(models.TextChoices):
        INFLUENCE = "influence", "Influence (1 follows … 5 decides for the house)"
        STANCE = "stance", "Stance on working with us (−2 … +2)"

    class Source(models.TextChoices):
        TALK = "talk", "Own talk"
        TOLD = "told", "Told by a colleague"
        DOCUMENT = "document", "Document"

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="opinions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.SmallIntegerField()
    confirmed = models.BooleanField(default=False)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.TALK)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_on = models.DateField()
    expires_on = models.DateField()

    objects: ClassVar[models.Manager[Opinion]] = models.Manager.from_queryset(OpinionQuerySet)()

    confidentiality = classes(opinion="contact kind value confirmed source author recorded_on expires_on")

    class Meta:
        ordering = ["contact", "kind", "-recorded_on"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="influence") & Q(value__range=(1, 5))) | (Q(kind="stance") & Q(value__range=(-2, 2))),
                name="opinion_within_its_scale",
            ),
            models.CheckConstraint(condition=Q(expires_on__gt=F("recorded_on")), name="opinion_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.contact_id}"
