"""The dry run of a file of contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from accounts.domain.hierarchy import find_cycles
from accounts.domain.import_cells import Level, RowReader
from accounts.domain.import_rows import (
    KnownAccounts,
    Line,
    NewIds,
    Stored,
    Verdict,
    land,
    number_new,
    refuse_repeated,
    settle,
)
from sam.values.texts import fold

FUNCTIONS: Mapping[str, str] = {
    "executive board": "board",
    "board": "board",
    "management": "board",
    "geschaftsfuhrung": "board",
    "vorstand": "board",
    "procurement": "procurement",
    "purchasing": "procurement",
    "einkauf": "procurement",
    "finance": "finance",
    "finanzen": "finance",
    "controlling": "finance",
    "operations": "operations",
    "production": "operations",
    "produktion": "operations",
    "betrieb": "operations",
    "engineering and maintenance": "engineering",
    "engineering": "engineering",
    "maintenance": "engineering",
    "technik": "engineering",
    "instandhaltung": "engineering",
    "quality and safety": "quality",
    "quality": "quality",
    "qualitat": "quality",
    "safety": "quality",
    "it and digital": "it",
    "it": "it",
    "digital": "it",
    "marketing and sales": "marketing",
    "marketing": "marketing",
    "sales": "marketing",
    "vertrieb": "marketing",
    "other": "other",
    "sonstige": "other",
}
LEVELS: Mapping[str, str] = {
    "board": "board",
    "c-level": "board",
    "executive": "board",
    "vorstand": "board",
    "geschaftsfuhrung": "board",
    "vp": "vp",
    "vice president": "vp",
    "bereichsleitung": "vp",
    "director": "director",
    "direktor": "director",
    "head": "director",
    "manager": "manager",
    "abteilungsleitung": "manager",
    "teamleitung": "manager",
    "user": "user",
    "anwender": "user",
    "staff": "user",
    "mitarbeiter": "user",
}
COMPLETE: Mapping[str, Any] = {
    "full_name": "",
    "email": "",
    "phone": "",
    "job_title": "",
    "function": "",
    "level": "",
    "reports_to_id": None,
}
ContactKey: TypeAlias = tuple[int, str]
"""Account id, key of the contact in the source."""


@dataclass(frozen=True, slots=True)
class KnownForContacts:
    """What the check compares with. `others`: (account id, folded name or e-mail) → name, contacts without this key;
    `reports`: contact id → contact id they report to.
    """

    accounts: KnownAccounts
    stored: Mapping[ContactKey, Stored]
    others: Mapping[tuple[int, str], str]
    reports: Mapping[int, int]


def check_contacts(
    rows: Sequence[tuple[int, Sequence[str]]], reader: RowReader, known: KnownForContacts, new_ids: NewIds
) -> list[Line]:
    """A verdict for every (row number, cells): account, key, who reports to whom, look-alikes."""
    lines: list[Line] = []
    bosses: dict[int, str] = {}
    seen: dict[Any, int] = {}
    for number, cells in rows:
        reader.start(cells, number)
        line = Line(number)
        _read(line, reader, known, bosses)
        settle(line, reader, cells)
        column = reader.columns.get("external_id") or reader.columns.get("email", "")
        if line.key and line.account_id is not None:
            refuse_repeated(line, (line.account_id, line.key), column, seen, "key at this account")
        lines.append(line)
    number_new(lines, new_ids)
    _join_lines(lines, bosses, reader, known)
    cells_of = dict(rows)
    for line in lines:
        if line.is_rejected:
            line.cells = cells_of[line.row]
        elif line.seen_revision is not None and line.account_id is not None:
            line.compare(line.data, known.stored[line.account_id, line.key].values)
    return lines


def _read(line: Line, reader: RowReader, known: KnownForContacts, bosses: dict[int, str]) -> None:
    account_key = reader.required("account_external_id", 120, "The account's key")
    email = reader.email("email")
    line.key = reader.line("external_id", 120) or email.lower()[:120]
    if not line.key and not reader.is_bad:
        reader.error("external_id", "missing", "The row has neither a key nor an e-mail address. Give one of them.")
    stated: dict[str, Any] = {
        "full_name": reader.line("full_name", 160),
        "email": email,
        "phone": reader.line("phone", 60),
        "job_title": reader.line("job_title", 120),
        "function": _tolerant(reader, "function", FUNCTIONS, "other"),
        "level": _tolerant(reader, "level", LEVELS, ""),
    }
    stated = {name: value for name, value in stated.items() if value}
    boss = reader.line("reports_to_external_id", 120)
    if boss:
        bosses[line.row] = boss
    if account_key and land(line, account_key, known.accounts, reader) is not None:
        _place(line, stated, reader, known)


def _tolerant(reader: RowReader, name: str, words: Mapping[str, str], otherwise: str) -> str:
    text = reader.line(name, 80)
    if not text:
        return ""
    value = words.get(fold(text))
    if value is None:
        kept = f"It comes in as “{otherwise}”." if otherwise else "It is left empty."
        reader.warn(name, f"unknown_{name}", f"“{text}” is no {name} we know. {kept}")
    return value or otherwise


def _place(line: Line, stated: dict[str, Any], reader: RowReader, known: KnownForContacts) -> None:
    assert line.account_id is not None  # noqa: S101 - land() has set it
    stored = known.stored.get((line.account_id, line.key))
    if stored is not None:
        line.verdict = Verdict.UNCHANGED
        line.target_id, line.seen_revision, line.data = stored.row_id, stored.revision, stated
        return
    if "full_name" not in stated and not reader.is_bad:
        reader.error("full_name", "missing", "The name is missing. A new contact needs one.")
    line.data = {**COMPLETE, **stated}
    for name in ("email", "full_name"):
        twin = known.others.get((line.account_id, fold(str(stated.get(name, "")))))
        if stated.get(name) and twin:
            line.note(
                Level.DUPLICATE,
                reader.columns.get(name, ""),
                "possible_duplicate",
                f"The account has a contact “{twin}” already. This one comes in beside it.",
            )
            return


def _join_lines(lines: list[Line], bosses: Mapping[int, str], reader: RowReader, known: KnownForContacts) -> None:
    """Resolve who reports to whom inside each account; repeats until no more row falls."""
    column = reader.columns.get("reports_to_external_id", "")
    by_key = {
        (line.account_id, line.key): line
        for line in reversed(lines)
        if not any(finding.code == "duplicate_key" for finding in line.findings)
    }
    waiting = [line for line in lines if line.row in bosses]
    while True:
        standing = [line for line in waiting if not line.is_rejected]
        fallen = [line for line in standing if not _resolve(line, bosses[line.row], by_key, column, known)]
        fallen += _reject_circles([line for line in waiting if not line.is_rejected], column, known)
        if not fallen:
            return


def _resolve(
    line: Line, boss: str, by_key: Mapping[tuple[int | None, str], Line], column: str, known: KnownForContacts
) -> bool:
    assert line.account_id is not None  # noqa: S101 - rows without an account are rejected before
    stored = known.stored.get((line.account_id, boss))
    in_file = by_key.get((line.account_id, boss))
    if stored is not None:
        line.data["reports_to_id"] = stored.row_id
    elif in_file is None or in_file.is_rejected:
        why = "is rejected" if in_file else "is not known at this account"
        line.reject(column, "unknown_reports_to", f"The contact “{boss}” {why}.")
        return False
    else:
        line.data["reports_to_id"] = in_file.target_id
    return True


def _reject_circles(standing: list[Line], column: str, known: KnownForContacts) -> list[Line]:
    links: dict[str, str | None] = {str(contact): str(boss) for contact, boss in known.reports.items()}
    links |= {str(line.target_id): str(line.data["reports_to_id"]) for line in standing}
    by_id = {str(line.target_id): line for line in standing}
    fallen = [by_id[place] for circle in find_cycles(links) for place in circle if place in by_id]
    for line in fallen:
        line.reject(column, "circular_reports", "The contact would report to themselves over others.")
    return fallen
