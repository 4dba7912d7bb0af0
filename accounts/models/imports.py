from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.domain.import_fields import KINDS, ImportKind
from sam.core.audit import tracked
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.confidentiality import classes
from sam.core.models import Job, User

from .account import Account

# Who may start an import of a kind: holders of one of these everywhere. Each row is checked against
# the permission on its account on top of that.
STARTED_BY = {
    ImportKind.ACCOUNTS: (Permission.BULK_IMPORT,),
    ImportKind.FINANCIALS: (Permission.FIGURES_EDIT, Permission.BULK_IMPORT),
    ImportKind.CONTACTS: (Permission.BULK_IMPORT,),
    ImportKind.TOUCHPOINTS: (Permission.BULK_IMPORT,),
    ImportKind.ACTIVITIES: (Permission.FIGURES_EDIT, Permission.BULK_IMPORT),
    ImportKind.SPLITS: (Permission.FIGURES_EDIT, Permission.BULK_IMPORT),
    ImportKind.RATES: (Permission.RATES_EDIT,),
}
# A seat that lets somebody keep the figures of its account is enough for these.
BY_SEAT = frozenset({ImportKind.FINANCIALS, ImportKind.ACTIVITIES, ImportKind.SPLITS})
NEEDED_ON_ACCOUNT = {
    ImportKind.ACCOUNTS: Permission.ACCOUNT_EDIT,
    ImportKind.FINANCIALS: Permission.FIGURES_EDIT,
    ImportKind.CONTACTS: Permission.CONTACT_EDIT,
    ImportKind.TOUCHPOINTS: Permission.TOUCHPOINT_LOG,
    ImportKind.ACTIVITIES: Permission.FIGURES_EDIT,
    ImportKind.SPLITS: Permission.FIGURES_EDIT,
    ImportKind.RATES: Permission.RATES_EDIT,
}


def may_import(user: User, kind: str) -> bool:
    """By role; figures also with a seat that lets somebody keep the figures of its account."""
    if any(can(user, permission) for permission in STARTED_BY[ImportKind(kind)]):
        return True
    return kind in BY_SEAT and Account.objects.visible_to(user, Permission.FIGURES_EDIT).exists()


def importable_kinds(user: User) -> list[ImportKind]:
    return [kind for kind in ImportKind if may_import(user, kind)]


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: User) -> ImportBatchQuerySet:
        """Own imports, and those of kinds that the person's role may import everywhere."""
        if not user.is_active:
            return self.none()
        kinds = [kind for kind, needed in STARTED_BY.items() if any(can(user, permission) for permission in needed)]
        return self.filter(Q(created_by=user) | Q(kind__in=kinds))


class ImportBatch(models.Model):
    """One file on its way into SAM: read, checked, imported, and undone when that was wrong."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting"
        MAPPING = "mapping", "Columns to confirm"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked"
        IMPORTING = "importing", "Being imported"
        DONE = "done", "Imported"
        FAILED = "failed", "Failed"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    kind = models.CharField(max_length=12, choices=[(kind.value, KINDS[kind].label) for kind in ImportKind])
    source = models.CharField("source system", max_length=40, default="import")
    filename = models.CharField(max_length=200)
    stored = models.CharField(max_length=200, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveBigIntegerField("size in bytes", default=0)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    # Confirm the columns on the page first, or check at once with what was given or suggested (API).
    check_at_once = models.BooleanField(default=False)
    columns = models.JSONField(default=list)
    header_digest = models.CharField(max_length=64, blank=True)
    sample = models.JSONField(default=list)
    row_count = models.PositiveIntegerField(default=0)
    mapping = models.JSONField(null=True)
    options = models.JSONField(default=dict)
    encoding = models.CharField(max_length=20, blank=True)
    separator = models.CharField(max_length=4, blank=True)
    sheet = models.CharField(max_length=120, blank=True)
    counts = models.JSONField(default=dict)
    kept = models.PositiveIntegerField("rows that undo left as they are", default=0)
    problem_code = models.CharField(max_length=40, blank=True)
    problem = models.TextField(blank=True)
    problem_row = models.PositiveIntegerField(null=True)
    problem_column = models.CharField(max_length=200, blank=True)
    as_of = models.DateField("figures as of", null=True, blank=True)
    control_total = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    found_total = models.DecimalField(max_digits=22, decimal_places=4, null=True)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="imports")
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[ImportBatch]] = models.Manager.from_queryset(ImportBatchQuerySet)()

    confidentiality = classes(
        internal="kind source filename stored sha256 size status check_at_once columns header_digest row_count mapping"
        " options encoding separator sheet counts kept problem_code problem problem_row problem_column as_of job"
        " created_by created_at checked_at done_at undone_at",
        finance="sample control_total found_total",
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in ImportKind]), name="import_kind_is_known"
            ),
        ]
        indexes = [models.Index(fields=["kind", "header_digest", "-id"], name="import_by_header")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} from {self.filename}"

    @property
    def is_busy(self) -> bool:
        """A worker has it, or is about to."""
        return self.status in {self.Status.QUEUED, self.Status.CHECKING, self.Status.IMPORTING, self.Status.UNDOING}

    @property
    def accepted(self) -> int:
        """Rows that the import will write."""
        return int(self.counts.get("new", 0)) + int(self.counts.get("changed", 0))


tracked(exclude=["sample", "counts"])(ImportBatch)


class StagedRow(models.Model):
    """A row of the file as the dry run understood it. Filled by COPY, read by the merge; carries no trail itself."""

    class Verdict(models.TextChoices):
        NEW = "new", "New"
        CHANGED = "changed", "Changed"
        UNCHANGED = "unchanged", "Unchanged"
        REJECTED = "rejected", "Rejected"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    row = models.PositiveIntegerField()
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    key = models.CharField(max_length=240, blank=True)
    account_id = models.BigIntegerField(null=True)
    key_id = models.BigIntegerField(null=True)
    # Who the key belonged to at the dry run: a key that moved since asks for a new one.
    key_account_id = models.BigIntegerField(null=True)
    # Existing rows: their id. New rows: the id they will get, so that the merge needs no second look.
    target_id = models.BigIntegerField(null=True)
    seen_revision = models.PositiveIntegerField(null=True)
    data = models.JSONField(default=dict)
    before = models.JSONField(null=True)
    cells = models.JSONField(null=True)
    findings = models.JSONField(default=list)
    kept = models.BooleanField(default=False)

    confidentiality = classes(
        internal="batch row verdict key account_id key_id key_account_id target_id seen_revision kept",
        finance="data before cells findings",
    )

    class Meta:
        ordering = ["row"]
        indexes = [models.Index(fields=["batch", "verdict", "row"], name="staged_by_verdict")]

    def __str__(self) -> str:
        return f"row {self.row} of {self.batch_id}"
