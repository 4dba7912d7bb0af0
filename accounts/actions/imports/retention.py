"""What is left of an import after a month: its counts and what was wrong with it. The file and its rows go."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from accounts.models import ImportBatch, StagedRow
from accounts.queries.imports import LEVELS, causes
from sam.core.audit import action
from sam.core.files import delete_stored
from sam.core.models import User

NEVER_IMPORTED = "Nobody imported this file, and after 30 days it was removed. Send it again."


@action("removed the rows of an old import")
def forget_rows(*, batch: ImportBatch, now: datetime, by: User | None) -> bool:
    """Remove the batch's file and staged rows if it is overdue; whether that was so.

    A check that nobody has acted on ends as failed: without its rows there is nothing to import.
    """
    overdue = ImportBatch.objects.select_for_update().filter(pk=batch.pk).first()
    if overdue is None or not ImportBatch.objects.overdue(now).filter(pk=batch.pk).exists():
        return False
    file = overdue.stored
    overdue.causes = {level: [asdict(cause) for cause in causes(overdue, level)] for level in LEVELS}
    overdue.stored, overdue.sample, overdue.removed_at = "", [], now
    if overdue.status in {ImportBatch.Status.MAPPING, ImportBatch.Status.CHECKED}:
        overdue.status = ImportBatch.Status.FAILED
        overdue.problem_code, overdue.problem = "removed", NEVER_IMPORTED
    overdue.save()
    StagedRow.objects.filter(batch=overdue).delete()
    if file:
        transaction.on_commit(lambda: delete_stored(file))
    return True
