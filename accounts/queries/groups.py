"""Parents and subsidiaries: who stands above an account and who below it."""

from __future__ import annotations

from django.db import connection

UPWARDS = """
    WITH RECURSIVE above AS (
        SELECT id, parent_id FROM accounts_account WHERE id = %s
        UNION SELECT a.id, a.parent_id FROM accounts_account a JOIN above ON a.id = above.parent_id
    ) SELECT id, parent_id FROM above
"""
DOWNWARDS = """
    WITH RECURSIVE below AS (
        SELECT id, parent_id FROM accounts_account WHERE id = %s
        UNION SELECT a.id, a.parent_id FROM accounts_account a JOIN below ON a.parent_id = below.id
    ) SELECT id, parent_id FROM below
"""


def links_above(account_id: int) -> dict[str, str | None]:
    """The account and everything above it: key to the parent's key, as `accounts.domain.hierarchy` takes it."""
    return _links(UPWARDS, account_id)


def links_below(account_id: int) -> dict[str, str | None]:
    """The account and everything below it, merged accounts too."""
    return _links(DOWNWARDS, account_id)


def _links(sql: str, account_id: int) -> dict[str, str | None]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [account_id])
        return {str(key): str(parent) if parent is not None else None for key, parent in cursor.fetchall()}
