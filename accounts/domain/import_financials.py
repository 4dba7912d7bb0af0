"""The dry run of a file of figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from accounts.domain.import_cells import RowReader
from accounts.domain.import_rows import (
    KnownAccounts,
    Line,
    NewIds,
    Stored,
    land,
    number_new,
    refuse_repeated,
    settle,
)
from accounts.domain.places import currency_codes
from accounts.domain.pnl import LABELS, PRICE_LINES, adds_up, price_difference
from sam.values.periods import Period
from sam.values.results import Computed

AMOUNTS = tuple(LABELS)
BASIS = "cost_to_serve_basis"
KIND_WORDS: Mapping[str, str] = {
    "actual": "actual",
    "actuals": "actual",
    "ist": "actual",
    "a": "actual",
    "planned": "planned",
    "plan": "planned",
    "budget": "planned",
    "soll": "planned",
    "forecast": "forecast",
    "fc": "forecast",
    "prognose": "forecast",
    "vorschau": "forecast",
}
FigureKey: TypeAlias = tuple[int, date, int, str]
"""Key id, first day, length in months, kind."""


@dataclass(frozen=True, slots=True)
class KnownForFigures:
    """What the check compares with. `typed`: (account id, first day, months, kind) of figures that somebody typed;
    `is_closed`: whether a period counts as closed.
    """

    accounts: KnownAccounts
    stored: Mapping[FigureKey, Stored]
    typed: frozenset[FigureKey]
    currencies: Mapping[int, str]
    is_closed: Callable[[Period], bool]


def check_financials(
    rows: Sequence[tuple[int, Sequence[str]]], reader: RowReader, known: KnownForFigures, new_ids: NewIds
) -> list[Line]:
    """A verdict for every (row number, cells): account, period, amounts, repeated rows."""
    lines: list[Line] = []
    seen: dict[Any, int] = {}
    for number, cells in rows:
        reader.start(cells, number)
        line = Line(number)
        place = _read(line, reader, known)
        settle(line, reader, cells)
        column = reader.columns.get("account_external_id", "")
        if place is not None and refuse_repeated(line, place, column, seen, "account, period and kind"):
            line.cells = cells
        lines.append(line)
    number_new(lines, new_ids)
    return lines


def _read(line: Line, reader: RowReader, known: KnownForFigures) -> tuple[Any, ...] | None:
    """Fill the row; what it is about, where that much can be read."""
    key = reader.required("account_external_id", 120, "The account's key")
    kind = reader.choice("kind", KIND_WORDS, "kind", ("actual", "planned", "forecast")) or "actual"
    currency = reader.line("currency", 40).upper()
    if currency and currency not in currency_codes():
        reader.error("currency", "unknown_currency", f"“{currency}” is no currency; write a code such as EUR or GBP.")
    amounts = _amounts(reader)
    period = reader.period()
    found = land(line, key, known.accounts, reader) if key else None
    if found is None or period is None:
        return (key, period, kind) if key and period else None
    line.key = f"{key} {period} {kind}"
    if line.account_id is not None and (line.account_id, period.start, period.months, kind) in known.typed:
        message = "Somebody typed figures for this account and period too: both count."
        reader.warn("account_external_id", "typed_figure", message)
    _compare(line, period, kind, currency, amounts, known, reader)
    return key, period, kind


def _amounts(reader: RowReader) -> dict[str, Decimal]:
    before = len(reader.findings)
    amounts = {name: amount for name in AMOUNTS if (amount := reader.amount(name)) is not None}
    if amounts.get("client_spend", Decimal(0)) < 0:
        reader.error(
            "client_spend", "negative_spend", "Client spend is below zero. A client cannot spend less than nothing."
        )
    if amounts.get("cost_to_serve_variable", Decimal(0)) > amounts.get("cost_to_serve", Decimal("Infinity")):
        reader.error(
            "cost_to_serve_variable", "variable_above_whole", "The variable part is larger than the cost to serve."
        )
    if not amounts and len(reader.findings) == before:
        reader.error("revenue", "no_amount", "The row has no amount. Leave it out, or fill in at least one.")
    return amounts


def _compare(
    line: Line,
    period: Period,
    kind: str,
    currency: str,
    amounts: Mapping[str, Decimal],
    known: KnownForFigures,
    reader: RowReader,
) -> None:
    assert line.key_id is not None  # noqa: S101 - land() has set both
    assert line.account_id is not None  # noqa: S101
    stated: dict[str, Any] = {**amounts}
    if currency:
        stated["currency"] = currency
    if "cost_to_serve" in amounts:
        stated[BASIS] = "stated"
    stated["status"] = "closed" if kind != "actual" or known.is_closed(period) else "preliminary"
    stored = known.stored.get((line.key_id, period.start, period.months, kind))
    if stored is not None:
        line.target_id, line.seen_revision = stored.row_id, stored.revision
        if stated.get(BASIS) and stored.values[BASIS] != stated[BASIS]:
            # The part that activities gave does not belong to a stated whole.
            stated.setdefault("cost_to_serve_variable", None)
        line.compare(stated, stored.values)
        _warn_of_lines(line, {**stored.values, **stated}, reader)
        return
    line.data = {
        "period_start": period.start.isoformat(),
        "months": period.months,
        "kind": kind,
        "currency": known.currencies[line.account_id],
        BASIS: "stated",
        **stated,
    }
    _warn_of_lines(line, stated, reader)


def _warn_of_lines(line: Line, values: Mapping[str, Any], reader: RowReader) -> None:
    """Lines that do not add up to revenue are taken as they are, and named."""
    lines: dict[str, Decimal | None] = {name: values.get(name) for name in ("list_revenue", *PRICE_LINES, "revenue")}
    difference = price_difference(**lines)
    if isinstance(difference, Computed) and not adds_up(difference):
        reader.warn(
            "list_revenue",
            "lines_do_not_add_up",
            f"List revenue less the four lines differs from revenue by {difference.value:,.2f}. "
            "Both are kept as they are; the page shows the rest as not explained.",
        )


def revenue_total(lines: Sequence[Line], reader: RowReader, rows: Mapping[int, Sequence[str]]) -> Decimal:
    """Sum of the revenue of every row that is not rejected, for comparing with a control total."""
    total = Decimal(0)
    for line in lines:
        if not line.is_rejected:
            reader.start(rows[line.row])
            total += reader.amount("revenue") or Decimal(0)
    return total
