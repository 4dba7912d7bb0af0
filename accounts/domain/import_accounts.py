"""The dry run of a file of accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.domain.hierarchy import find_cycles
from accounts.domain.import_cells import Level, RowReader
from accounts.domain.import_rows import (
    KnownAccounts,
    KnownKey,
    Line,
    NewIds,
    Stored,
    Verdict,
    number_new,
    refuse_repeated,
    settle,
)
from accounts.domain.names import Resemblance, find_lookalikes
from accounts.domain.places import country_named, currency_codes

TIERS: Mapping[str, str] = {
    "key": "key",
    "key account": "key",
    "schlusselkunde": "key",
    "strategic": "strategic",
    "strategisch": "strategic",
    "strategic account": "strategic",
    "global": "global",
    "global account": "global",
}
STATUSES: Mapping[str, str] = {
    "active": "active",
    "aktiv": "active",
    "prospect": "prospect",
    "interessent": "prospect",
    "lead": "prospect",
    "archived": "archived",
    "archiviert": "archived",
    "inactive": "archived",
    "inaktiv": "archived",
}
COMPLETE: Mapping[str, Any] = {
    "name": "",
    "parent_id": None,
    "tier": "",
    "status": "active",
    "industry": "",
    "region": "",
    "country": "",
    "currency": "",
    "website": "",
    "owner_id": None,
}


@dataclass(frozen=True, slots=True)
class KnownForAccounts:
    """What the check compares with. `parents`: account id → parent id, all that have one; `people`: e-mail in small
    letters → id of an active person; `others`: (id, name) of every live account, for look-alikes.
    """

    accounts: KnownAccounts
    stored: Mapping[int, Stored]
    parents: Mapping[int, int]
    people: Mapping[str, int]
    others: Sequence[tuple[str, str]]
    default_currency: str = "EUR"
    may_decide_tier: bool = False


def check_accounts(
    rows: Sequence[tuple[int, Sequence[str]]], reader: RowReader, known: KnownForAccounts, new_ids: NewIds
) -> list[Line]:
    """A verdict for every (row number, cells): keys, values, parents, circles, look-alikes."""
    lines: list[Line] = []
    parents: dict[int, str] = {}
    seen: dict[Any, int] = {}
    for number, cells in rows:
        reader.start(cells, number)
        line = Line(number)
        _read(line, reader, known, parents)
        settle(line, reader, cells)
        if line.key and refuse_repeated(line, line.key, reader.columns["external_id"], seen, "key"):
            line.cells = cells
        lines.append(line)
    number_new(lines, new_ids)
    cells_of = dict(rows)
    further = _note_further_keys(lines, reader, known)
    _join_groups(lines, {row: key for row, key in parents.items() if row not in further}, reader, known)
    for line in lines:
        if line.account_id is not None and not line.is_rejected and line.row not in further:
            line.compare(line.data, known.stored[line.account_id].values)
    for line in lines:
        if line.is_rejected:
            line.cells = cells_of[line.row]
    _note_lookalikes(lines, reader, known)
    return lines


def _read(line: Line, reader: RowReader, known: KnownForAccounts, parents: dict[int, str]) -> None:
    line.key = reader.required("external_id", 120, "The key")
    found = known.accounts.keys.get(line.key)
    stated: dict[str, Any] = {
        "name": reader.line("name", 200),
        "country": _country(reader),
        "region": reader.line("region", 80),
        "industry": reader.line("industry", 80),
        "currency": _currency(reader),
        "website": reader.website("website"),
        "owner_id": _owner(reader, known),
        "status": reader.choice("status", STATUSES, "status", ("active", "prospect", "archived")),
    }
    parent = reader.line("parent_external_id", 120)
    if parent:
        parents[line.row] = parent
    tier = reader.choice("tier", TIERS, "tier", ("key", "strategic", "global"))
    stated = {name: value for name, value in stated.items() if value not in ("", None)}
    if found is None:
        _read_new(line, stated, tier, reader, known)
    else:
        _read_known(line, found, stated, tier, reader, known)


def _read_new(line: Line, stated: dict[str, Any], tier: str | None, reader: RowReader, known: KnownForAccounts) -> None:
    if "name" not in stated and not reader.is_bad:
        reader.error("name", "missing", "The name is missing. A new account needs one.")
    if tier and not known.may_decide_tier:
        reader.warn("tier", "tier_ignored", "Your role does not decide tiers; the account comes in without one.")
        tier = ""
    line.data = {**COMPLETE, "currency": known.default_currency, **stated, "tier": tier or ""}


def _read_known(
    line: Line,
    found: KnownKey,
    stated: dict[str, Any],
    tier: str | None,
    reader: RowReader,
    known: KnownForAccounts,
) -> None:
    line.account_id, line.key_id, line.key_account_id = found.account_id, found.key_id, found.owner_id
    stored = known.stored.get(found.account_id)
    if stored is None:
        reader.error("external_id", "not_allowed", "This key belongs to an account that you may not see.")
        return
    if not known.accounts.may_write(found.account_id):
        reader.error("external_id", "not_allowed", f"You may not change {stored.values['name']} this way.")
        return
    line.verdict = Verdict.UNCHANGED
    line.target_id, line.seen_revision = stored.row_id, stored.revision
    line.data = stated
    if tier and tier != stored.values["tier"]:
        message = "The tier of an account that SAM knows is decided in SAM, not by import; it stays as it is."
        reader.warn("tier", "tier_ignored", message)


def _country(reader: RowReader) -> str:
    text = reader.line("country", 80)
    if not text:
        return ""
    name = country_named(text)
    if name is None:
        reader.warn("country", "unknown_country", f"“{text}” is no country we know. It is taken over as it stands.")
    return name or text


def _currency(reader: RowReader) -> str:
    code = reader.line("currency", 40).upper()
    if code and code not in currency_codes():
        reader.error("currency", "unknown_currency", f"“{code}” is no currency; write a code such as EUR or GBP.")
        return ""
    return code


def _owner(reader: RowReader, known: KnownForAccounts) -> int | None:
    email = reader.line("owner_email", 254).lower()
    if not email:
        return None
    person = known.people.get(email)
    if person is None:
        reader.error("owner_email", "unknown_owner", f"Nobody here signs in as “{email}”. Invite them first.")
    return person


# --- groups -------------------------------------------------------------------------------------------


def _join_groups(lines: list[Line], parents: Mapping[int, str], reader: RowReader, known: KnownForAccounts) -> None:
    """Resolve parents; reject rows whose parent is unknown or rejected, and circles. Repeats until nothing falls."""
    column = reader.columns.get("parent_external_id", "")
    by_key = {line.key: line for line in reversed(lines) if line.key and not _is_repeat(line)}
    waiting = [line for line in lines if line.row in parents]
    while True:
        standing = [line for line in waiting if not line.is_rejected]
        fallen = [line for line in standing if not _resolve(line, parents, by_key, column, known)]
        fallen += _reject_circles([line for line in waiting if not line.is_rejected], column, known)
        if not fallen:
            return


def _is_repeat(line: Line) -> bool:
    return any(finding.code == "duplicate_key" for finding in line.findings)


def _resolve(
    line: Line, parents: Mapping[int, str], by_key: Mapping[str, Line], column: str, known: KnownForAccounts
) -> bool:
    """Put the parent's id into the row; False and a finding when there is none."""
    key = parents[line.row]
    on_record = known.accounts.keys.get(key)
    in_file = by_key.get(key)
    if on_record is not None and on_record.account_id in known.accounts.names:
        line.data["parent_id"] = on_record.account_id
    elif in_file is None:
        line.reject(column, "unknown_parent", f"No account has the key “{key}”, on record or in this file.")
        return False
    elif in_file.is_rejected:
        line.reject(column, "parent_rejected", f"The parent “{key}” is rejected (row {in_file.row:,}).")
        return False
    else:
        line.data["parent_id"] = in_file.target_id
    return True


def _reject_circles(waiting: list[Line], column: str, known: KnownForAccounts) -> list[Line]:
    links: dict[str, str | None] = {str(child): str(parent) for child, parent in known.parents.items()}
    by_id: defaultdict[str, list[Line]] = defaultdict(list)
    for line in waiting:
        links[str(line.target_id)] = str(line.data["parent_id"])
        by_id[str(line.target_id)].append(line)
    keys = {str(line.target_id): line.key for line in waiting}
    fallen: list[Line] = []
    for circle in find_cycles(links):
        round_trip = (*circle, circle[0])
        named = " → ".join(keys.get(place) or known.accounts.names.get(int(place), "?") for place in round_trip)
        for place in circle:
            for line in by_id.get(place, ()):
                line.reject(column, "circular_parent", f"The account would stand above itself: {named}.")
                fallen.append(line)
    return fallen


# --- further keys and look-alikes -------------------------------------------------------------------------


def _note_further_keys(lines: list[Line], reader: RowReader, known: KnownForAccounts) -> set[int]:
    """Only an account's own key changes its data; rows of its other keys stay without effect. Their row numbers."""
    own: dict[int, tuple[bool, int]] = {}
    landed = [line for line in lines if line.account_id is not None and not line.is_rejected]
    for line in landed:
        found = known.accounts.keys[line.key]
        rank = (found.by_merge, found.key_id)
        own[found.account_id] = min(own.get(found.account_id, rank), rank)
    further: set[int] = set()
    for line in landed:
        found = known.accounts.keys[line.key]
        if not found.by_merge and own[found.account_id][1] == found.key_id:
            continue
        message = (
            f"This is a further key of {known.accounts.names[found.account_id]}: "
            "figures roll up there, its own data stay as they are."
        )
        line.note(Level.WARNING, reader.columns["external_id"], "further_key", message)
        line.data, line.before = {}, None
        further.add(line.row)
    return further


def _note_lookalikes(lines: list[Line], reader: RowReader, known: KnownForAccounts) -> None:
    new = {f"row {line.row}": line for line in lines if line.verdict is Verdict.NEW}
    if not new:
        return
    column = reader.columns.get("name", "")
    names = dict(known.others)
    found = find_lookalikes(((place, str(line.data["name"])) for place, line in new.items()), known.others, limit=1)
    for likeness in found:
        line = new[likeness.key]
        twin = new.get(likeness.known_key)
        other = f"“{twin.data['name']}” in row {twin.row:,}" if twin else f"“{names[likeness.known_key]}” on record"
        same = likeness.resemblance is Resemblance.SAME_NAME
        message = f"May be the same as {other}." if same else f"Looks like {other}."
        line.note(Level.DUPLICATE, column, "possible_duplicate", f"{message} It comes in as its own account.")
