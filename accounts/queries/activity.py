"""What happened on an account: one entry per action, with what changed in it, from the audit trail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Model

from accounts.models import (
    Account,
    AccountKey,
    Contact,
    Figure,
    Opinion,
    SponsorTerm,
    TeamSeat,
    Touchpoint,
)
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User

# What an account's activity tells, and the permission that the content needs.
WATCHED: dict[type[Model], Permission] = {
    Account: Permission.ACCOUNT_VIEW,
    AccountKey: Permission.PROFILE_VIEW,
    Contact: Permission.PROFILE_VIEW,
    Opinion: Permission.OPINION_VIEW,
    TeamSeat: Permission.PROFILE_VIEW,
    SponsorTerm: Permission.PROFILE_VIEW,
    Touchpoint: Permission.PROFILE_VIEW,
    Figure: Permission.FIGURES_VIEW,
}
SILENT = {"id", "revision", "folded_name", "search", "created_at", "import_key", "source", "external_id"}
MOST_CHANGES = 12
PAGE = 30


@dataclass(frozen=True, slots=True)
class Change:
    """One row that an action touched. `fields`: name, value before, value after (None where there was none)."""

    what: str
    name: str
    done: str
    fields: tuple[tuple[str, str | None, str | None], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One action: who, what, when, and the rows it touched; `more` rows are not listed."""

    person: str
    verb: str
    at: datetime
    changes: tuple[Change, ...]
    more: int


CONTEXTS = """
    SELECT id, created_at, metadata FROM pghistory_context WHERE id IN (
        SELECT id FROM (
            SELECT id, created_at FROM pghistory_context WHERE metadata->>'account' = %(account)s
            ORDER BY created_at DESC LIMIT %(most)s
        ) named
        UNION
        SELECT pgh_context_id FROM (
            SELECT pgh_context_id FROM accounts_accountevent
            WHERE pgh_obj_id = %(id)s AND pgh_context_id IS NOT NULL ORDER BY pgh_id DESC LIMIT %(most)s
        ) rows
    ) ORDER BY created_at DESC, id OFFSET %(offset)s LIMIT %(limit)s
"""


def activity(account: Account, user: User, page: int = 1) -> tuple[list[Entry], bool]:
    """A page of entries, newest first, and whether there are older ones. The number of queries is constant."""
    offset = (page - 1) * PAGE
    with connection.cursor() as cursor:
        cursor.execute(
            CONTEXTS,
            {
                "account": str(account.pk),
                "id": account.pk,
                "most": offset + PAGE + 1,
                "offset": offset,
                "limit": PAGE + 1,
            },
        )
        contexts = cursor.fetchall()
    shown = contexts[:PAGE]
    changes = _changes(account, user, [row[0] for row in shown])
    return [_entry(row, changes.get(str(row[0]), [])) for row in shown], len(contexts) > PAGE


def _entry(row: tuple[Any, datetime, Any], changes: list[Change]) -> Entry:
    _, at, metadata = row
    known = _loaded(metadata)
    return Entry(
        person=str(known.get("person", "unknown")),
        verb=str(known.get("verb", "changed something")),
        at=at,
        changes=tuple(changes[:MOST_CHANGES]),
        more=max(0, len(changes) - MOST_CHANGES),
    )


Row = tuple[type[Model], Any, str, Mapping[str, Any], Mapping[str, Any] | None]
Names = Mapping[tuple[type[Model], int], str]


def _changes(account: Account, user: User, context_ids: list[Any]) -> dict[str, list[Change]]:
    if not context_ids:
        return {}
    rows = [
        row
        for model, permission in WATCHED.items()
        if can(user, permission, on=account)
        for row in _events(model, account, context_ids)
    ]
    names = _names(rows, user)
    found: dict[str, list[Change]] = {}
    for row in rows:
        found.setdefault(str(row[1]), []).append(_change(row, names))
    return found


SCOPES = {
    Account: "e.pgh_obj_id = %(id)s",
    Opinion: "e.contact_id IN (SELECT id FROM accounts_contact WHERE account_id = %(id)s)",
}


def _events(model: type[Model], account: Account, context_ids: list[Any]) -> Iterable[Row]:
    """Events of the contexts with the version before each, in one query per model."""
    table = model.pgh_event_model._meta.db_table  # type: ignore[attr-defined]
    sql = f"""
        SELECT e.pgh_context_id, e.pgh_label, to_jsonb(e), to_jsonb(b)
        FROM {table} e LEFT JOIN LATERAL (
            SELECT * FROM {table} p WHERE p.pgh_obj_id = e.pgh_obj_id AND p.pgh_id < e.pgh_id
            ORDER BY p.pgh_id DESC LIMIT 1
        ) b ON e.pgh_label LIKE 'update%%'
        WHERE e.pgh_context_id = ANY(%(contexts)s) AND {SCOPES.get(model, "e.account_id = %(id)s")}
        ORDER BY e.pgh_id LIMIT 2000
    """  # noqa: S608 - table names of our own models
    with connection.cursor() as cursor:
        cursor.execute(sql, {"id": account.pk, "contexts": context_ids})
        rows = cursor.fetchall()
    for context_id, label, after, before in rows:
        yield model, context_id, label.partition("_")[0], _loaded(after), _loaded(before) if before else None


def _names(rows: list[Row], user: User) -> Names:
    """Names behind the ids in the rows: people, contacts, and accounts that the person may see."""
    wanted: dict[type[Model], set[int]] = {User: set(), Contact: set(), Account: set()}
    for model, _, _, after, before in rows:
        for field in model._meta.concrete_fields:
            related = field.related_model
            if isinstance(related, type) and related in wanted:
                values = (after.get(field.attname), (before or {}).get(field.attname))
                wanted[related].update(value for value in values if value is not None)
    found: dict[tuple[type[Model], int], str] = {}
    for model, ids in wanted.items():
        if ids:
            seen = Account.objects.visible_to(user) if model is Account else model._default_manager.all()
            found.update(((model, row.pk), str(row)) for row in seen.filter(pk__in=ids))
    return found


def _loaded(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else json.loads(value)


DONE = {"insert": "added", "update": "changed", "delete": "removed"}


def _change(row: Row, names: Names) -> Change:
    model, _, label, after, before = row
    fields: list[tuple[str, str | None, str | None]] = []
    for field in model._meta.concrete_fields:
        if field.name in SILENT or field.attname not in after:
            continue
        new, old = after[field.attname], (before or {}).get(field.attname)
        title = str(field.verbose_name)
        if label == "update":
            if before is not None and new != old:
                fields.append((title, _words(field, old, names), _words(field, new, names)))
        elif new not in (None, "", False) and field.name != "account":
            shown = _words(field, new, names)
            fields.append((title, None, shown) if label == "insert" else (title, shown, None))
    name = str(after.get("name") or after.get("full_name") or "")
    return Change(str(model._meta.verbose_name), name, DONE.get(label, label), tuple(fields))


def _words(field: Any, value: Any, names: Names) -> str:
    if value is None or value == "":
        return "–"
    if field.is_relation:
        return names.get((field.related_model, value), "somebody or something that is gone")
    choices = dict(field.flatchoices or ())
    if value in choices:
        return str(choices[value])
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
