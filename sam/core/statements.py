"""Statements as text, for reads that stand on the most visited pages.

Django builds a queryset and its SQL anew at every request, which takes five to ten times the CPU of asking PostgreSQL
for a small answer. Where a page asks such a question each time it is opened, the question is written once as SQL in
`queries/` (our constants in the text, everything else a parameter) and asked here. All else stays a queryset.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection


def ask(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of one statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
