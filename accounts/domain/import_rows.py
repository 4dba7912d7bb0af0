"""What the dry run makes of a row, and the accounts that the rows of a file mean."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from accounts.domain.import_cells import Finding, Level, RowReader

NewIds = Callable[[int], Sequence[int]]
"""Gives as many ids as asked for, to rows that do not exist yet."""


class Verdict(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(slots=True)
class Line:
    """One row of the file. `data`: the fields to write (all for a new row, the differing ones for a changed one);
    `before`: what a changed row held; `cells`: the row as it stood in the file, kept for rejected ones.
    """

    row: int
    key: str = ""
    verdict: Verdict = Verdict.NEW
    account_id: int | None = None
    key_id: int | None = None
    key_account_id: int | None = None
    target_id: int | None = None
    seen_revision: int | None = None
    data: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] | None = None
    cells: Sequence[str] | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_rejected(self) -> bool:
        return self.verdict is Verdict.REJECTED

    def reject(self, column: str, code: str, message: str) -> None:
        self.findings.append(Finding(Level.ERROR, column, code, message))
        self.verdict = Verdict.REJECTED

    def note(self, level: Level, column: str, code: str, message: str) -> None:
        self.findings.append(Finding(level, column, code, message))

    def compare(self, stated: Mapping[str, Any], stored: Mapping[str, Any]) -> None:
        """Changed or unchanged, by the fields that the row states."""
        self.data = {name: value for name, value in stated.items() if value != stored[name]}
        self.before = {name: stored[name] for name in self.data}
        self.verdict = Verdict.CHANGED if self.data else Verdict.UNCHANGED


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that is on record. `account_id` is the account it stands for today, after all merges; `by_merge`: the
    key came to that account with another one.
    """

    key_id: int
    owner_id: int
    account_id: int
    by_merge: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as the database holds it: revision, and the fields that an import can write."""

    row_id: int
    revision: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KnownAccounts:
    """Keys of one source, the accounts behind them that the person may see, and those they may write to.

    `writable` None means every account.
    """

    keys: Mapping[str, KnownKey]
    names: Mapping[int, str]
    writable: Collection[int] | None = None

    def may_write(self, account_id: int) -> bool:
        return self.writable is None or account_id in self.writable


def land(line: Line, key: str, known: KnownAccounts, reader: RowReader) -> KnownKey | None:
    """Put the row on the account its key means; a finding where there is none or the person may not write to it."""
    found = known.keys.get(key)
    if found is None or found.account_id not in known.names:
        reader.error(
            "account_external_id", "unknown_account", f"No account has the key “{key}”. Import accounts first."
        )
        return None
    if not known.may_write(found.account_id):
        name = known.names[found.account_id]
        reader.error("account_external_id", "not_allowed", f"You may not change {name} this way.")
        return None
    line.account_id, line.key_id, line.key_account_id = found.account_id, found.key_id, found.owner_id
    return found


def number_new(lines: Iterable[Line], new_ids: NewIds) -> None:
    """Give every new row the id that it will have."""
    new = [line for line in lines if line.verdict is Verdict.NEW]
    for line, row_id in zip(new, new_ids(len(new)), strict=True):
        line.target_id = row_id


def refuse_repeated(line: Line, key: object, column: str, seen: dict[Any, int], what: str) -> bool:
    """Reject a row whose key stood in the file before; whether it did."""
    first = seen.setdefault(key, line.row)
    if first == line.row:
        return False
    line.reject(column, "duplicate_key", f"Row {first:,} has the same {what}. Keep one of the two.")
    return True


def settle(line: Line, reader: RowReader, cells: Sequence[str]) -> None:
    """Take over what reading the cells found."""
    line.findings += reader.findings
    reader.findings = []
    if any(finding.level is Level.ERROR for finding in line.findings):
        line.verdict = Verdict.REJECTED
        line.cells = cells


def count(lines: Iterable[Line]) -> dict[str, int]:
    """Rows by verdict, rows with a warning, and rows that may be duplicates of something."""
    counts = dict.fromkeys([*Verdict, "warnings", "duplicates"], 0)
    for line in lines:
        counts[line.verdict] += 1
        levels = {finding.level for finding in line.findings}
        counts["warnings"] += Level.WARNING in levels
        counts["duplicates"] += Level.DUPLICATE in levels
    return {str(name): number for name, number in counts.items()}
