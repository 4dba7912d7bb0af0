"""Keeping the twelve months of every account, so that lists and files need not sum them again."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Account, AccountYear
from accounts.models.kept_year import KEEPING_LOCK
from accounts.queries.kept_years import keeping
from accounts.queries.portfolio import current_window
from sam.core.audit import action
from sam.core.models import User

BATCH = 5000


@action("kept twelve months")
def keep_years(*, by: User | None, today: date | None = None, most: int = BATCH) -> int:
    """Sum up to `most` accounts that have no kept row of the current window; how many were kept.

    None are while somebody writes figures or rates: what they write is not to be seen yet, and their trigger has
    already looked for rows to throw away. Whoever writes after us waits for our end and finds our rows.
    """
    window = current_window(today or timezone.localdate())
    current = AccountYear.objects.filter(last_quarter=window.last.start, currency=window.currency)
    unkept = Account.objects.filter(~Exists(current.filter(pk=OuterRef("pk")))).order_by("pk")
    ids = list(unkept.values_list("pk", flat=True)[:most])
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [KEEPING_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        # A statement of its own after the lock: it sees everything that was committed before.
        cursor.execute(*keeping(window, ids))
    return len(ids)


def keep_all_years(*, today: date | None = None) -> int:
    """Batch by batch, each a transaction of its own, until every account is kept or somebody writes."""
    kept = 0
    while found := keep_years(by=None, today=today):
        kept += found
    return kept
