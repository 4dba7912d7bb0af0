"""What can be imported: kinds, their fields, and which column of a file is probably which field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from sam.values.texts import fold

CLOSE_ENOUGH = 88.0
"""Lowest similarity (0 to 100, normalised edit distance) of a column name and a word for a field."""

_NOT_A_LETTER = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class ImportKind(StrEnum):
    ACCOUNTS = "accounts"
    FINANCIALS = "financials"
    CONTACTS = "contacts"
    TOUCHPOINTS = "touchpoints"


class Shape(StrEnum):
    """What a cell of the field must look like."""

    TEXT = "text"
    AMOUNT = "amount"
    DATE = "date"
    CHOICE = "choice"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a row may say. `words`: what files call it, folded; `required`: no row without it."""

    name: str
    label: str
    words: tuple[str, ...]
    required: bool = False
    shape: Shape = Shape.TEXT
    hint: str = ""


@dataclass(frozen=True, slots=True)
class KindOfImport:
    key: ImportKind
    label: str
    summary: str
    fields: tuple[Field, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


ACCOUNT_KEY_WORDS = _words(
    "account external id, account id, account number, account no, account key, customer id, customer number,"
    " customer no, customer, client id, debtor, debitor, debitorennummer, kundennummer, kunden nr, kundennr, kunde,"
    " kunden id, vendor id, vendor number"
)
_ACCOUNT_KEY = Field(
    "account_external_id", "Account's key", ACCOUNT_KEY_WORDS, required=True, hint="The account's key in the source"
)

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
                    (*_words("external id, id, key, number, nummer, schluessel, schlussel"), *ACCOUNT_KEY_WORDS),
                    required=True,
                    hint="What the source system calls the account",
                ),
                Field(
                    "name",
                    "Name",
                    _words(
                        "name, account name, company, company name, customer name, client name, vendor name,"
                        " firma, firmenname, kundenname, bezeichnung, organisation, organization, unternehmen"
                    ),
                ),
                Field(
                    "parent_external_id",
                    "Key of the parent",
                    _words(
                        "parent external id, parent id, parent, parent account, parent key, group id, mutter,"
                        " muttergesellschaft, konzern, konzernnummer, uebergeordneter kunde, ubergeordneter kunde"
                    ),
                ),
                Field(
                    "country", "Country", _words("country, land, nation, country code, laendercode, landercode, staat")
                ),
                Field("region", "Region", _words("region, area, gebiet, territory, vertriebsgebiet, sales region")),
                Field(
                    "industry", "Industry", _words("industry, sector, branche, industrie, vertical, wirtschaftszweig")
                ),
                Field("currency", "Currency", _words("currency, waehrung, wahrung, currency code, iso currency")),
                Field("website", "Website", _words("website, web site, web, url, homepage, internetseite, webseite")),
                Field(
                    "owner_email",
                    "Owner's e-mail",
                    _words(
                        "owner email, owner e mail, owner, account manager, account owner, key account manager,"
                        " betreuer, verantwortlicher, kundenbetreuer, owner mail"
                    ),
                ),
                Field(
                    "tier",
                    "Decided tier",
                    _words("tier, class, segment, klasse, kategorie, einstufung, abc"),
                    shape=Shape.CHOICE,
                    hint="Only for accounts that are new to SAM",
                ),
                Field("status", "Status", _words("status, state, zustand"), shape=Shape.CHOICE),
            ),
        ),
        KindOfImport(
            ImportKind.FINANCIALS,
            "Figures",
            "Revenue, costs and client spend per month, quarter or year",
            (
                _ACCOUNT_KEY,
                Field(
                    "year",
                    "Year",
                    _words("year, fiscal year, fy, jahr, geschaeftsjahr, geschaftsjahr, calendar year"),
                    required=True,
                    shape=Shape.NUMBER,
                ),
                Field("quarter", "Quarter", _words("quarter, qtr, q, quartal, fiscal quarter"), shape=Shape.NUMBER),
                Field("month", "Month", _words("month, monat, period, periode, fiscal month"), shape=Shape.NUMBER),
                Field(
                    "kind",
                    "Actual, planned or forecast",
                    _words("kind, type, scenario, version, art, szenario, datenart"),
                    shape=Shape.CHOICE,
                    hint="Actual when empty",
                ),
                Field(
                    "currency",
                    "Currency",
                    _words("currency, waehrung, wahrung, currency code"),
                    hint="The account's currency when empty",
                ),
                Field(
                    "revenue",
                    "Revenue",
                    _words(
                        "revenue, net revenue, net sales, sales, turnover, umsatz, nettoumsatz, erloes, erlos, erloese,"
                        " umsatzerloese, amount, betrag, total revenue, revenue net"
                    ),
                    shape=Shape.AMOUNT,
                ),
                Field(
                    "cost_of_goods",
                    "Cost of goods (variable)",
                    _words(
                        "cost of goods, cogs, cost of goods sold, cost of sales, variable cost of goods, variable cost,"
                        " wareneinsatz, herstellkosten, herstellungskosten, materialkosten, variable kosten"
                    ),
                    shape=Shape.AMOUNT,
                ),
                Field(
                    "cost_of_goods_fixed",
                    "Cost of goods (fixed)",
                    _words("cost of goods fixed, fixed cost of goods, fixed cogs, fixed costs, fixkosten"),
                    shape=Shape.AMOUNT,
                ),
                Field(
                    "cost_to_serve",
                    "Cost to serve",
                    _words("cost to serve, service cost, servicekosten, betreuungskosten, vertriebskosten"),
                    shape=Shape.AMOUNT,
                ),
                Field(
                    "client_spend",
                    "Client spend in our categories",
                    _words("client spend, customer spend, wallet, spend, kundenbedarf, einkaufsvolumen, bedarf"),
                    shape=Shape.AMOUNT,
                ),
            ),
        ),
        KindOfImport(
            ImportKind.CONTACTS,
            "Contacts",
            "People at your clients",
            (
                _ACCOUNT_KEY,
                Field(
                    "external_id",
                    "Key of the contact",
                    _words("external id, contact external id, contact id, contact number, id, key, kontaktnummer"),
                    hint="The e-mail address when empty",
                ),
                Field(
                    "full_name",
                    "Name",
                    _words(
                        "full name, name, contact name, contact, ansprechpartner, kontakt, person, vollstaendiger name"
                    ),
                ),
                Field("email", "E-mail", _words("email, e mail, mail, e mail address, email address, e mail adresse")),
                Field(
                    "phone",
                    "Phone",
                    _words("phone, telephone, phone number, tel, telefon, telefonnummer, mobile, mobil"),
                ),
                Field(
                    "job_title",
                    "Job title",
                    _words("job title, title, position, role, stellenbezeichnung, funktionstitel"),
                ),
                Field(
                    "function",
                    "Function",
                    _words("function, department, funktion, abteilung, bereich"),
                    shape=Shape.CHOICE,
                ),
                Field("level", "Level", _words("level, seniority, hierarchy level, ebene, stufe"), shape=Shape.CHOICE),
                Field(
                    "reports_to_external_id",
                    "Key of whom they report to",
                    _words("reports to external id, reports to, manager id, manager, boss, vorgesetzter, berichtet an"),
                ),
            ),
        ),
        KindOfImport(
            ImportKind.TOUCHPOINTS,
            "Touchpoints",
            "Visits, calls and meetings that happened",
            (
                _ACCOUNT_KEY,
                Field(
                    "contact_external_id",
                    "Key of the contact",
                    _words("contact external id, contact id, contact, kontakt, ansprechpartner, kontaktnummer"),
                ),
                Field(
                    "person_email",
                    "Our person's e-mail",
                    _words("person email, user email, employee email, email, e mail, owner email, mitarbeiter, by"),
                ),
                Field(
                    "date", "Date", _words("date, day, datum, tag, meeting date, on"), required=True, shape=Shape.DATE
                ),
                Field(
                    "kind",
                    "Kind",
                    _words("kind, type, channel, art, typ, kanal"),
                    shape=Shape.CHOICE,
                    hint="A call when empty",
                ),
                Field(
                    "summary",
                    "What was said",
                    _words(
                        "summary, notes, note, subject, comment, notiz, betreff, zusammenfassung, inhalt, bemerkung"
                    ),
                ),
                Field(
                    "minutes",
                    "Minutes",
                    _words("minutes, duration, duration minutes, dauer, minuten, dauer minuten"),
                    shape=Shape.NUMBER,
                ),
            ),
        ),
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
