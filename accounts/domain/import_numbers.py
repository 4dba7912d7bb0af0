"""The dry run of files of activities, of parts of figures, and of exchange rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from accounts.domain.drivers import COUNTED
from accounts.domain.import_cells import RowReader
from accounts.domain.import_rows import KnownAccounts, Line, NewIds, Stored, land, number_new, refuse_repeated, settle
from accounts.domain.places import currency_codes
from sam.values.money import AmountError, parse_decimal
from sam.values.periods import Period

DRIVER_WORDS: Mapping[str, str] = {
    **{key: key for key in COUNTED},
    **{key.replace("_", " "): key for key in COUNTED},
    "orders": "order",
    "auftrag": "order",
    "auftraege": "order",
    "manual order line": "manual_line",
    "manual order lines": "manual_line",
    "manual lines": "manual_line",
    "deliveries": "delivery",
    "lieferung": "delivery",
    "lieferungen": "delivery",
    "express": "express_delivery",
    "express deliveries": "express_delivery",
    "expresslieferung": "express_delivery",
    "returns": "return",
    "retoure": "return",
    "retouren": "return",
    "complaints": "complaint",
    "reklamation": "complaint",
    "reklamationen": "complaint",
    "visits": "visit_day",
    "visit days": "visit_day",
    "technical visit day": "visit_day",
    "technical visits": "visit_day",
    "support": "support_hour",
    "support hours": "support_hour",
    "quotations": "quotation",
    "quotes": "quotation",
    "angebote": "quotation",
    "team": "team_hour",
    "team hours": "team_hour",
    "account team": "team_hour",
}
DIMENSION_WORDS: Mapping[str, str] = {
    "offer": "offer",
    "offers": "offer",
    "product": "offer",
    "product group": "offer",
    "produkt": "offer",
    "sparte": "offer",
    "unit": "unit",
    "units": "unit",
    "site": "unit",
    "standort": "unit",
    "werk": "unit",
}
PartKey: TypeAlias = tuple[Any, ...]
"""Key id, first day, length in months, and what the row is a part of."""


@dataclass(frozen=True, slots=True)
class KnownForParts:
    """What the check compares with. `typed`: (account id, first day, months, part…) of rows that somebody typed;
    `currencies` of the accounts, for kinds with amounts.
    """

    accounts: KnownAccounts
    stored: Mapping[PartKey, Stored]
    typed: frozenset[PartKey]
    currencies: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Part:
    """What a row says beside its account and period. `named`: what makes it unique; `stated`: what it writes."""

    named: Mapping[str, str]
    stated: Mapping[str, Any]
    at_first: Mapping[str, Any]


def check_activities(
    rows: Sequence[tuple[int, Sequence[str]]], reader: RowReader, known: KnownForParts, new_ids: NewIds
) -> list[Line]:
    """A verdict for every (row number, cells): account, period, activity, how many."""
    return _check(rows, reader, known, new_ids, _activity, "account, period and activity")


def check_splits(
    rows: Sequence[tuple[int, Sequence[str]]], reader: RowReader, known: KnownForParts, new_ids: NewIds
) -> list[Line]:
    """A verdict for every (row number, cells): account, period, dimension, name, amounts."""
    return _check(rows, reader, known, new_ids, _split, "account, period and part")


def _check(
    rows: Sequence[tuple[int, Sequence[str]]],
    reader: RowReader,
    known: KnownForParts,
    new_ids: NewIds,
    read: Callable[[RowReader], Part | None],
    what: str,
) -> list[Line]:
    lines: list[Line] = []
    seen: dict[Any, int] = {}
    for number, cells in rows:
        reader.start(cells, number)
        line = Line(number)
        place = _read(line, reader, known, read)
        settle(line, reader, cells)
        column = reader.columns.get("account_external_id", "")
        if place is not None and refuse_repeated(line, place, column, seen, what):
            line.cells = cells
        lines.append(line)
    number_new(lines, new_ids)
    return lines


def _read(
    line: Line, reader: RowReader, known: KnownForParts, read: Callable[[RowReader], Part | None]
) -> tuple[Any, ...] | None:
    key = reader.required("account_external_id", 120, "The account's key")
    part = read(reader)
    period = reader.period()
    found = land(line, key, known.accounts, reader) if key else None
    if part is None or period is None or not key:
        return None
    place = (key, period, *part.named.values())
    if found is None or line.account_id is None:
        return place
    line.key = " ".join(str(each) for each in place)
    if (line.account_id, period.start, period.months, *part.named.values()) in known.typed:
        message = "Somebody typed this for the account and period too: both count."
        reader.warn("account_external_id", "typed_figure", message)
    _compare(line, period, part, known)
    return place


def _compare(line: Line, period: Period, part: Part, known: KnownForParts) -> None:
    stored = known.stored.get((line.key_id, period.start, period.months, *part.named.values()))
    if stored is not None:
        line.target_id, line.seen_revision = stored.row_id, stored.revision
        line.compare(part.stated, stored.values)
        return
    line.data = {"period_start": period.start.isoformat(), "months": period.months, **part.named, **part.at_first}
    if "currency" in line.data and line.account_id is not None:
        line.data["currency"] = known.currencies[line.account_id]
    line.data.update(part.stated)


def _activity(reader: RowReader) -> Part | None:
    driver = reader.choice("driver", DRIVER_WORDS, "activity", COUNTED)
    quantity = reader.amount("quantity")
    if not reader.is_bad:
        if driver is None:
            reader.error("driver", "missing", "The activity is missing.")
        if quantity is None:
            reader.error("quantity", "missing", "The quantity is missing. Nothing happened? Write 0.")
        elif quantity < 0:
            reader.error("quantity", "negative_quantity", "The quantity is below zero.")
    if driver is None or quantity is None:
        return None
    return Part({"driver": driver}, {"quantity": quantity}, {})


def _split(reader: RowReader) -> Part | None:
    dimension = reader.choice("dimension", DIMENSION_WORDS, "dimension", ("offer", "unit"))
    name = reader.required("name", 120, "The name of the part")
    currency = reader.line("currency", 40).upper()
    if currency and currency not in currency_codes():
        reader.error("currency", "unknown_currency", f"“{currency}” is no currency; write a code such as EUR or GBP.")
    amounts = {name: amount for name in ("revenue", "cost_of_goods") if (amount := reader.amount(name)) is not None}
    if not reader.is_bad:
        if dimension is None:
            reader.error("dimension", "missing", "The row does not say whether it is an offer or a unit.")
        elif not amounts:
            reader.error("revenue", "no_amount", "The row has no amount. Leave it out, or fill in at least one.")
    if dimension is None or not name:
        return None
    stated: dict[str, Any] = {**amounts, **({"currency": currency} if currency else {})}
    return Part({"dimension": dimension, "name": name}, stated, {"currency": ""})


@dataclass(frozen=True, slots=True)
class KnownRates:
    """Rates into the reporting currency `into`, by currency and first day of the quarter."""

    into: str
    stored: Mapping[tuple[str, date], Stored]


def check_rates(
    rows: Sequence[tuple[int, Sequence[str]]], reader: RowReader, known: KnownRates, new_ids: NewIds
) -> list[Line]:
    """A verdict for every (row number, cells): currency, quarter, rate."""
    lines: list[Line] = []
    seen: dict[Any, int] = {}
    for number, cells in rows:
        reader.start(cells, number)
        line = Line(number)
        place = _read_rate(line, reader, known)
        settle(line, reader, cells)
        if place is not None and refuse_repeated(
            line, place, reader.columns.get("currency", ""), seen, "currency and quarter"
        ):
            line.cells = cells
        lines.append(line)
    number_new(lines, new_ids)
    return lines


def _read_rate(line: Line, reader: RowReader, known: KnownRates) -> tuple[str, date] | None:
    currency = reader.required("currency", 40, "The currency").upper()
    if currency and currency not in currency_codes():
        reader.error("currency", "unknown_currency", f"“{currency}” is no currency; write a code such as GBP.")
    elif currency == known.into:
        reader.error("currency", "own_currency", f"{known.into} is the reporting currency itself; it needs no rate.")
    if not reader.text("quarter", 40):
        reader.error("quarter", "missing", "The quarter is missing.")
    period = reader.period()
    if period is not None and period.quarter is None:
        reader.error("quarter", "bad_quarter", "Rates count per calendar quarter.")
    rate = _rate(reader)
    if period is None or rate is None or reader.is_bad:
        return None
    place = (currency, period.start)
    line.key = f"{currency} {period}"
    stored = known.stored.get(place)
    if stored is not None:
        line.target_id, line.seen_revision = stored.row_id, stored.revision
        line.compare({"rate": rate}, stored.values)
    else:
        line.data = {
            "currency": currency,
            "reporting": known.into,
            "quarter_start": period.start.isoformat(),
            "rate": rate,
        }
    return place


def _rate(reader: RowReader) -> Decimal | None:
    """Eight decimals, where amounts have four."""
    text = reader.required("rate", 60, "The rate")
    if not text:
        return None
    try:
        rate = parse_decimal(text, reader.options.decimal)
    except AmountError as problem:
        reader.error("rate", problem.code, str(problem))
        return None
    rounded = round(rate, 8)
    if not Decimal("0.00000001") <= rounded < Decimal(10) ** 10:
        reader.error("rate", "bad_rate", "Write a number above zero with at most eight decimals.")
        return None
    return rounded
