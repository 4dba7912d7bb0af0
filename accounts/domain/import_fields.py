"""What can be imported: kinds, their fields, and which column of a file is probably which field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import fuzz

from accounts.domain.import_kind import ACCOUNT_KEY, ACCOUNT_KEY_WORDS, Field, ImportKind, KindOfImport, Shape, words
from accounts.domain.import_number_kinds import ACTIVITIES, FIGURES, RATES, SPLITS
from sam.values.texts import fold

__all__ = ["KINDS", "Field", "ImportKind", "KindOfImport", "MappingError", "Shape", "check_mapping", "suggest"]

CLOSE_ENOUGH = 88.0
"""Lowest similarity (0 to 100, normalised edit distance) of a column name and a word for a field."""

_NOT_A_LETTER = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


KINDS: Mapping[ImportKind, KindOfImport] = {
    kind.key: kind
    for kind in (
        KindOfImport(
            ImportKind.ACCOUNTS,
            "Accounts",
            "Name, country, group, owner",
            (
                Field(
                    "external_id",
                    "Key",
                    (*words("external id, id, key, number, nummer, schluessel, schlussel"), *ACCOUNT_KEY_WORDS),
                    required=True,
                    hint="What the source system calls the account",
                ),
                Field(
                    "name",
                    "Name",
                    words(
                        "name, account name, company, company name, customer name, client name, vendor name,"
                        " firma, firmenname, kundenname, bezeichnung, organisation, organization, unternehmen"
                    ),
                ),
                Field(
                    "parent_external_id",
                    "Key of the parent",
                    words(
                        "parent external id, parent id, parent, parent account, parent key, group id, mutter,"
                        " muttergesellschaft, konzern, konzernnummer, uebergeordneter kunde, ubergeordneter kunde"
                    ),
                ),
                Field(
                    "country", "Country", words("country, land, nation, country code, laendercode, landercode, staat")
                ),
                Field("region", "Region", words("region, area, gebiet, territory, vertriebsgebiet, sales region")),
                Field(
                    "industry", "Industry", words("industry, sector, branche, industrie, vertical, wirtschaftszweig")
                ),
                Field("currency", "Currency", words("currency, waehrung, wahrung, currency code, iso currency")),
                Field("website", "Website", words("website, web site, web, url, homepage, internetseite, webseite")),
                Field(
                    "owner_email",
                    "Owner's e-mail",
                    words(
                        "owner email, owner e mail, owner, account manager, account owner, key account manager,"
                        " betreuer, verantwortlicher, kundenbetreuer, owner mail"
                    ),
                ),
                Field(
                    "tier",
                    "Decided tier",
                    words("tier, class, segment, klasse, kategorie, einstufung, abc"),
                    shape=Shape.CHOICE,
                    hint="Only for accounts that are new to SAM",
                ),
                Field("status", "Status", words("status, state, zustand"), shape=Shape.CHOICE),
            ),
        ),
        FIGURES,
        KindOfImport(
            ImportKind.CONTACTS,
            "Contacts",
            "People at your clients",
            (
                ACCOUNT_KEY,
                Field(
                    "external_id",
                    "Key of the contact",
                    words("external id, contact external id, contact id, contact number, id, key, kontaktnummer"),
                    hint="The e-mail address when empty",
                ),
                Field(
                    "full_name",
                    "Name",
                    words(
                        "full name, name, contact name, contact, ansprechpartner, kontakt, person, vollstaendiger name"
                    ),
                ),
                Field("email", "E-mail", words("email, e mail, mail, e mail address, email address, e mail adresse")),
                Field(
                    "phone",
                    "Phone",
                    words("phone, telephone, phone number, tel, telefon, telefonnummer, mobile, mobil"),
                ),
                Field(
                    "job_title",
                    "Job title",
                    words("job title, title, position, role, stellenbezeichnung, funktionstitel"),
                ),
                Field(
                    "function",
                    "Function",
                    words("function, department, funktion, abteilung, bereich"),
                    shape=Shape.CHOICE,
                ),
                Field("level", "Level", words("level, seniority, hierarchy level, ebene, stufe"), shape=Shape.CHOICE),
                Field(
                    "reports_to_external_id",
                    "Key of whom they report to",
                    words("reports to external id, reports to, manager id, manager, boss, vorgesetzter, berichtet an"),
                ),
            ),
        ),
        KindOfImport(
            ImportKind.TOUCHPOINTS,
            "Touchpoints",
            "Visits, calls and meetings that happened",
            (
                ACCOUNT_KEY,
                Field(
                    "contact_external_id",
                    "Key of the contact",
                    words("contact external id, contact id, contact, kontakt, ansprechpartner, kontaktnummer"),
                ),
                Field(
                    "person_email",
                    "Our person's e-mail",
                    words("person email, user email, employee email, email, e mail, owner email, mitarbeiter, by"),
                ),
                Field(
                    "date", "Date", words("date, day, datum, tag, meeting date, on"), required=True, shape=Shape.DATE
                ),
                Field(
                    "kind",
                    "Kind",
                    words("kind, type, channel, art, typ, kanal"),
                    shape=Shape.CHOICE,
                    hint="A call when empty",
                ),
                Field(
                    "summary",
                    "What was said",
                    words("summary, notes, note, subject, comment, notiz, betreff, zusammenfassung, inhalt, bemerkung"),
                ),
                Field(
                    "minutes",
                    "Minutes",
                    words("minutes, duration, duration minutes, dauer, minuten, dauer minuten"),
                    shape=Shape.NUMBER,
                ),
            ),
        ),
        ACTIVITIES,
        SPLITS,
        RATES,
    )
}


class MappingError(ValueError):
    """A mapping that cannot be used, in words for the person who made it."""


def suggest(columns: Sequence[str], kind: ImportKind) -> dict[str, str]:
    """Column → field for the columns that look like one; a field goes to one column, the best.

    Exact words come before similar ones, earlier words of a field before later ones, left before right.
    """
    candidates: list[tuple[float, int, int, str, str]] = []
    for place, column in enumerate(columns):
        plain = _plain(column)
        for field in KINDS[kind].fields:
            fitness, rank = _fitness(plain, field)
            if fitness >= CLOSE_ENOUGH:
                candidates.append((-fitness, rank, place, column, field.name))
    mapping: dict[str, str] = {}
    taken: set[str] = set()
    for _, _, _, column, name in sorted(candidates):
        if column not in mapping and name not in taken:
            mapping[column] = name
            taken.add(name)
    return {column: mapping[column] for column in columns if column in mapping}


def check_mapping(mapping: Mapping[str, str], kind: ImportKind, columns: Iterable[str] | None = None) -> None:
    """MappingError for an unknown field, a field given twice, a missing required field, or an unknown column."""
    known = KINDS[kind]
    seen: dict[str, str] = {}
    for column, name in mapping.items():
        if name not in known.names:
            raise MappingError(f"There is no field “{name}” for {known.label.lower()}. Use: {', '.join(known.names)}.")
        if name in seen:
            raise MappingError(f"“{seen[name]}” and “{column}” both stand for “{known.field(name).label}”. Choose one.")
        seen[name] = column
    if columns is not None:
        present = set(columns)
        absent = [column for column in mapping if column not in present]
        if absent:
            raise MappingError(f"The file has no column “{absent[0]}”.")
    missing = [field.label for field in known.fields if field.required and field.name not in seen]
    if missing:
        raise MappingError(f"No column is chosen for: {', '.join(missing)}.")


def _plain(column: str) -> str:
    return " ".join(_NOT_A_LETTER.sub(" ", fold(_CAMEL.sub(" ", column))).split())


def _fitness(plain: str, field: Field) -> tuple[float, int]:
    """(similarity 0 to 100, place of the word) of the field's best word."""
    if plain in field.words:
        return 101.0, field.words.index(plain)
    if len(plain) < 5:
        return 0.0, 0
    score, rank = max(
        ((fuzz.ratio(plain, word), -place) for place, word in enumerate(field.words) if len(word) > 4), default=(0.0, 0)
    )
    return score, -rank
