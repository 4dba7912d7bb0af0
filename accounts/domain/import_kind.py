"""Kinds of imports and the shape of their fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ImportKind(StrEnum):
    ACCOUNTS = "accounts"
    FINANCIALS = "financials"
    CONTACTS = "contacts"
    TOUCHPOINTS = "touchpoints"
    ACTIVITIES = "activities"
    SPLITS = "splits"
    RATES = "rates"


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


def words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))


ACCOUNT_KEY_WORDS = words(
    "account external id, account id, account number, account no, account key, customer id, customer number,"
    " customer no, customer, client id, debtor, debitor, debitorennummer, kundennummer, kunden nr, kundennr, kunde,"
    " kunden id, vendor id, vendor number"
)
ACCOUNT_KEY = Field(
    "account_external_id", "Account's key", ACCOUNT_KEY_WORDS, required=True, hint="The account's key in the source"
)
