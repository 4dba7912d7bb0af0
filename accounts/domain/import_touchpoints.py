"""The dry run of a file of touchpoints. A touchpoint has no key: a fingerprint of its content stands for one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.domain.import_cells import RowReader
from accounts.domain.import_rows import (
    KnownAccounts,
    Line,
    NewIds,
    Verdict,
    land,
    number_new,
    refuse_repeated,
    settle,
)

KIND_WORDS: Mapping[str, str] = {
    "visit": "visit",
    "besuch": "visit",
    "meeting": "visit",
    "termin": "visit",
    "call": "call",
    "phone": "call",
    "phone call": "call",
    "anruf": "call",
    "telefonat": "call",
    "video": "video",
    "video call": "video",
    "videocall": "video",
    "videokonferenz": "video",
    "online": "video",
    "mail": "mail",
    "email": "mail",
    "e-mail": "mail",
    "event": "event",
    "messe": "event",
    "veranstaltung": "event",
    "workshop": "workshop",
}
MOST_MINUTES = 14_400


@dataclass(frozen=True, slots=True)
class KnownForTouchpoints:
    """What the check compares with. `contacts`: (account id, key) → id; `fingerprints`: (account id, fingerprint) →
    (id, revision) of touchpoints that came by import.
    """

    accounts: KnownAccounts
    contacts: Mapping[tuple[int, str], int]
    people: Mapping[str, int]
    fingerprints: Mapping[tuple[int, str], tuple[int, int]]
    today: date


def check_touchpoints(
    rows: Sequence[tuple[int, Sequence[str]]], reader: RowReader, known: KnownForTouchpoints, new_ids: NewIds
) -> list[Line]:
    """A verdict for every (row number, cells): new or unchanged, never changed."""
    lines: list[Line] = []
    seen: dict[Any, int] = {}
    for number, cells in rows:
        reader.start(cells, number)
        line = Line(number)
        _read(line, reader, known)
        settle(line, reader, cells)
        column = reader.columns.get("date", "")
        if line.key and refuse_repeated(line, (line.account_id, line.key), column, seen, "content"):
            line.cells = cells
        lines.append(line)
    number_new(lines, new_ids)
    return lines


def _read(line: Line, reader: RowReader, known: KnownForTouchpoints) -> None:
    key = reader.required("account_external_id", 120, "The account's key")
    contact_key = reader.line("contact_external_id", 120)
    email = reader.line("person_email", 254).lower()
    day = _day(reader, known.today)
    kind = reader.choice("kind", KIND_WORDS, "kind", ("visit", "call", "video", "mail", "event", "workshop")) or "call"
    summary = reader.text("summary", 10_000)
    minutes = reader.whole("minutes", MOST_MINUTES)
    person = known.people.get(email)
    if email and person is None:
        reader.error("person_email", "unknown_person", f"Nobody here signs in as “{email}”. Invite them first.")
    found = land(line, key, known.accounts, reader) if key else None
    if found is None or line.account_id is None:
        return
    contact = known.contacts.get((line.account_id, contact_key))
    if contact_key and contact is None:
        message = f"The account has no contact with the key “{contact_key}”. Import contacts first."
        reader.error("contact_external_id", "unknown_contact", message)
    if day is None or reader.is_bad:
        return
    line.key = _fingerprint(key, contact_key, email, day.isoformat(), kind, summary, minutes)
    known_row = known.fingerprints.get((line.account_id, line.key))
    if known_row is not None:
        line.verdict = Verdict.UNCHANGED
        line.target_id, line.seen_revision = known_row
        return
    line.data = {
        "date": day.isoformat(),
        "kind": kind,
        "summary": summary,
        "minutes": minutes,
        "contact_id": contact,
        "user_id": person,
    }


def _day(reader: RowReader, today: date) -> date | None:
    before = len(reader.findings)
    day = reader.date("date")
    if day is None:
        if len(reader.findings) == before:
            reader.error("date", "missing", "The date is missing.")
        return None
    if day > today:
        reader.error("date", "date_in_future", f"{day.isoformat()} has not come yet. Touchpoints lie in the past.")
        return None
    return day


def _fingerprint(*parts: object) -> str:
    """The same for the same content; a separator no cell can hold keeps the parts apart."""
    return hashlib.sha256("\x1f".join("" if part is None else str(part) for part in parts).encode()).hexdigest()
