"""Files that no row names: what a worker stored and was killed before it could write its row.

An app says which column names the files of its folder; the clock removes what is named nowhere after a day.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db.models import Model

from sam.core.files import delete_stored
from sam.core.models import OutgoingMail

logger = logging.getLogger(__name__)

# Longer than any job or request takes between storing a file and committing the row that names it.
AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holder:
    """`column` of `model` names the files in `folder`; folders that nobody holds are not ours and stay alone."""

    folder: str
    model: type[Model]
    column: str

    def named(self, names: list[str]) -> set[str]:
        rows = self.model._default_manager.filter(**{f"{self.column}__in": names})
        return set(rows.values_list(self.column, flat=True))


_holders: list[Holder] = []


def register(folder: str, model: type[Model], column: str) -> None:
    holder = Holder(folder, model, column)
    if holder not in _holders:
        _holders.append(holder)


def folders() -> set[str]:
    return {holder.folder for holder in _holders}


def sweep(now: datetime) -> int:
    """Remove files older than a day that no row names, half written ones too; how many."""
    return sum(_remove(name) for folder in sorted(folders()) for name in _orphans(folder, now - AGE))


def _orphans(folder: str, before: datetime) -> Iterator[str]:
    unnamed = set(_stored_in(folder))
    for holder in _holders:
        if holder.folder == folder:
            unnamed -= holder.named(list(unnamed))
    for name in sorted(unnamed):
        try:
            # Asked last and only for the few that are named nowhere: a store on another machine answers each apart.
            is_old = default_storage.get_modified_time(name) < before
        except FileNotFoundError:
            continue
        if is_old and not _is_attached(name):
            yield name


def _stored_in(folder: str) -> list[str]:
    try:
        _, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    return [f"{folder}/{file}" for file in files if file]


def _is_attached(name: str) -> bool:
    return OutgoingMail.objects.filter(sent_at=None, attachments__contains=[{"stored": name}]).exists()


def _remove(name: str) -> bool:
    delete_stored(name)
    logger.warning("removed a file that no row names", extra={"stored": name})
    return True
