"""What the clock does for accounts."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from accounts.actions.imports.retention import forget_rows
from accounts.actions.kept_years import keep_all_years
from accounts.models import ImportBatch

MOST = 50


@shared_task(name="accounts.schedules.forget_import_rows")
def forget_import_rows() -> int:
    """Files and rows of imports that nobody has touched for 30 days; so many at a time, the rest an hour later."""
    return forget_overdue(timezone.now())


def forget_overdue(now: datetime) -> int:
    overdue = ImportBatch.objects.overdue(now).order_by("pk")[:MOST]
    return sum(forget_rows(batch=batch, now=now, by=None) for batch in overdue)


@shared_task(name="accounts.schedules.keep_years")
def keep_years() -> int:
    """Keep the twelve months of accounts whose figures or rates changed, and of all when a quarter has closed."""
    return keep_all_years()
