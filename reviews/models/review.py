from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Account, Contact
from planning.models import PlanAction
from reviews.domain.agenda import AgendaItem
from sam.core.audit import tracked
from sam.core.authorization.permissions import Permission
from sam.core.confidentiality import classes
from sam.core.models import User
from sam.values.periods import Quarter

from .agenda_template import AMONG_OURSELVES, AgendaTemplate, ReviewKind, read_agenda


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, user: User, permission: Permission = Permission.REVIEW_VIEW) -> ReviewQuerySet:
        """Reviews that `user` may see; meetings among ourselves need a look into the account's inner life."""
        inside = Account.objects.visible_to(user, Permission.PROFILE_VIEW)
        return self.filter(account__in=Account.objects.visible_to(user, permission)).filter(
            ~Q(kind__in=AMONG_OURSELVES) | Q(account__in=inside)
        )

    def planned(self) -> ReviewQuerySet:
        return self.filter(status=Review.Status.PLANNED)

    def held(self) -> ReviewQuerySet:
        return self.filter(status=Review.Status.HELD)

    def with_client(self) -> ReviewQuerySet:
        return self.exclude(kind__in=AMONG_OURSELVES)


@tracked()
class Review(models.Model):
    """A meeting at which we look at the account: with the client (quarterly, annual) or among ourselves."""

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        HELD = "held", "Held"
        CANCELLED = "cancelled", "Cancelled"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="reviews")
    kind = models.CharField(max_length=10, choices=ReviewKind.choices, default=ReviewKind.QUARTERLY)
    template = models.ForeignKey(AgendaTemplate, on_delete=models.PROTECT, related_name="reviews")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PLANNED)
    date = models.DateField()
    # In the organiser's time zone; empty: the hour is not agreed yet.
    starts_at = models.TimeField("begins at", null=True, blank=True)
    minutes = models.PositiveSmallIntegerField("length in minutes")
    place = models.CharField(max_length=160, blank=True, default="")
    organiser = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="organised_reviews")
    topic = models.CharField("topic in depth", max_length=200, blank=True, default="")
    # [{"title", "minutes", "who"}], copied from the template and then the review's own.
    agenda = models.JSONField(default=list)
    # Up to three texts.
    decisions_asked = models.JSONField(default=list, blank=True)
    # Keys of pack pages.
    pages_left_out = models.JSONField(default=list, blank=True)
    sponsor_briefed_on = models.DateField(null=True, blank=True)
    going_well = models.TextField(blank=True, default="")
    to_improve = models.TextField(blank=True, default="")
    to_change = models.TextField(blank=True, default="")
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, through="ReviewPerson", related_name="reviews")
    contacts = models.ManyToManyField(Contact, through="ReviewContact", related_name="reviews")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[models.Manager[Review]] = models.Manager.from_queryset(ReviewQuerySet)()

    # Client pages take the classes "client" of reviews with the client only; a meeting among ourselves has none.
    confidentiality = classes(
        client="kind date starts_at minutes place organiser topic agenda decisions_asked people contacts",
        internal="account template status pages_left_out sponsor_briefed_on going_well to_improve to_change created_by"
        " created_at revision",
    )

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ReviewKind.values), name="review_kind_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["planned", "held", "cancelled"]), name="review_status_is_known"
            ),
            models.CheckConstraint(condition=Q(minutes__range=(5, 480)), name="review_between_minutes_and_a_day"),
        ]
        indexes = [
            models.Index(fields=["account", "-date"], name="review_by_account"),
            models.Index(fields=["date"], condition=Q(status="planned"), name="review_planned"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.quarter.label}"

    @property
    def quarter(self) -> Quarter:
        return Quarter.containing(self.date)

    @property
    def items(self) -> tuple[AgendaItem, ...]:
        return read_agenda(self.agenda)

    @property
    def is_planned(self) -> bool:
        return self.status == self.Status.PLANNED

    @property
    def is_held(self) -> bool:
        return self.status == self.Status.HELD

    @property
    def is_internal(self) -> bool:
        return self.kind in AMONG_OURSELVES

    @property
    def begins(self) -> datetime | None:
        """The instant it begins, in the organiser's zone; None while the hour is open."""
        if self.starts_at is None:
            return None
        return datetime.combine(self.date, self.starts_at, tzinfo=ZoneInfo(self.organiser.time_zone))

    @property
    def ends(self) -> datetime | None:
        return None if self.begins is None else self.begins + timedelta(minutes=self.minutes)


@tracked()
class ReviewPerson(models.Model):
    """Who of us takes part."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="person_links")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="review_links")

    confidentiality = classes(client="user", internal="review")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "user"], name="person_once_per_review")]

    def __str__(self) -> str:
        return f"{self.review_id}/{self.user_id}"


@tracked()
class ReviewContact(models.Model):
    """Who of theirs takes part."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="contact_links")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="review_links")
    # The review's revision that the last invitation told; empty: not invited by us yet.
    invited_revision = models.PositiveIntegerField(null=True)

    confidentiality = classes(client="contact", internal="review invited_revision")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "contact"], name="contact_once_per_review")]

    def __str__(self) -> str:
        return f"{self.review_id}/{self.contact_id}"


@tracked()
class ReviewDecision(models.Model):
    """Something decided at a review, with who sees to it on either side until when."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="decisions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)
    our_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    their_owner = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    due = models.DateField(null=True, blank=True)
    # The action it became; empty where nobody was named or no date was set.
    action = models.ForeignKey(PlanAction, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    confidentiality = classes(internal="review position text our_owner their_owner due action")

    class Meta:
        ordering = ["review", "position"]
        constraints = [
            models.UniqueConstraint(fields=["review", "position"], name="one_decision_per_place"),
            models.CheckConstraint(condition=~Q(text=""), name="decision_says_something"),
        ]

    def __str__(self) -> str:
        return self.text
