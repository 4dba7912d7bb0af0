from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Account, Contact
from sam.core.audit import tracked
from sam.core.confidentiality import classes
from sam.core.models import Job
from sam.portal.models import Publication

from .review import Review


class PackQuerySet(models.QuerySet["Pack"]):
    def current(self) -> PackQuerySet:
        """The newest finished pack of each edition."""
        return self.filter(current=True)

    def rendered(self) -> PackQuerySet:
        return self.filter(rendered_at__isnull=False)


@tracked(exclude=["content"])
class Pack(models.Model):
    """The document of a review as one PDF: the internal edition, or the client's, which alone can be shared.

    The job is the truth about the work; a pack is done when its file is there.
    """

    class Edition(models.TextChoices):
        INTERNAL = "internal", "Internal edition"
        CLIENT = "client", "Client edition"

    class Status(models.TextChoices):
        QUEUED = "queued", "waiting"
        RENDERING = "rendering", "being rendered"
        DONE = "done", "ready"
        FAILED = "failed", "failed"

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="packs")
    edition = models.CharField(max_length=8, choices=Edition.choices)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    rendered_at = models.DateTimeField(null=True)
    current = models.BooleanField(default=False)
    # Where the storage keeps the file; the name people see is file_name.
    stored = models.CharField(max_length=200, blank=True, default="")
    file_name = models.CharField(max_length=160, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    size = models.PositiveIntegerField("bytes", default=0)
    pages = models.PositiveSmallIntegerField(default=0)
    # What the client's edition was rendered from: its publication shows the same, whatever changed since.
    content = models.JSONField(default=dict)
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[models.Manager[Pack]] = models.Manager.from_queryset(PackQuerySet)()

    # `content` is filled for the client's edition only.
    confidentiality = classes(
        client="content file_name sha256 pages size",
        internal="review edition job requested_by requested_at rendered_at current stored read_by publication",
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "edition"], condition=Q(current=True), name="one_current_pack_per_edition"
            ),
            models.CheckConstraint(condition=Q(edition__in=["internal", "client"]), name="pack_edition_is_known"),
            models.CheckConstraint(
                condition=Q(rendered_at=None, stored="", current=False)
                | (Q(rendered_at__isnull=False) & ~Q(stored="") & ~Q(sha256="") & Q(pages__gt=0)),
                name="rendered_pack_has_its_file",
            ),
            models.CheckConstraint(
                condition=Q(publication=None) | Q(edition="client"), name="only_the_client_edition_is_published"
            ),
            models.CheckConstraint(
                condition=Q(edition="client") | Q(content={}), name="internal_edition_keeps_no_content"
            ),
        ]
        indexes = [models.Index(fields=["review", "-id"], name="pack_by_review")]

    def __str__(self) -> str:
        return f"{self.get_edition_display()} of review {self.review_id}"

    @property
    def account(self) -> Account:
        return self.review.account

    @property
    def is_internal(self) -> bool:
        return self.edition == self.Edition.INTERNAL

    @property
    def status(self) -> Status:
        if self.rendered_at is not None:
            return self.Status.DONE
        if self.job is None or self.job.state == Job.State.FAILED:
            return self.Status.FAILED
        return self.Status.QUEUED if self.job.state == Job.State.QUEUED else self.Status.RENDERING

    @property
    def is_done(self) -> bool:
        return self.status == self.Status.DONE

    @property
    def is_under_way(self) -> bool:
        return self.status in {self.Status.QUEUED, self.Status.RENDERING}

    @property
    def progress(self) -> int:
        """Percent, 0 to 100."""
        if self.rendered_at is not None:
            return 100
        return self.job.progress if self.job else 0

    @property
    def problem(self) -> str:
        return self.job.problem if self.job and self.status == self.Status.FAILED else ""


@tracked()
class PackShare(models.Model):
    """One person at the client who was given the client's edition."""

    pack = models.ForeignKey(Pack, on_delete=models.CASCADE, related_name="shares")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="pack_shares")
    shared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    shared_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Said "please send me no more packs" through the link in our mail.
    stopped_at = models.DateTimeField(null=True)

    confidentiality = classes(internal="pack contact shared_by shared_at expires_at stopped_at")

    class Meta:
        ordering = ["-shared_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["pack", "contact"], name="pack_shared_once_per_person"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("shared_at")), name="share_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"pack {self.pack_id} for {self.contact_id}"
