"""Where text becomes numbers and dates: nothing raises, nothing is guessed, everything that was written reads back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.domain.import_cells import (
    Level,
    ReadingOptions,
    RowReader,
    likely_mark,
    likely_order,
    parse_date,
    parse_website,
)
from accounts.domain.import_fields import KINDS, ImportKind, MappingError, check_mapping, suggest
from accounts.domain.places import country_named, currency_codes

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
AMOUNTS = st.decimals(-(10**13), 10**13, places=4, allow_nan=False, allow_infinity=False)
NAMES = ["text", "amount", "date", "choice", "whole", "email", "website", "year", "quarter", "month"]


def reader(decimal: str = ".", order: str = "dmy", columns: list[str] | None = None) -> RowReader:
    columns = columns or ["cell"]
    mapping = {column: column for column in columns}
    return RowReader(columns, mapping, ReadingOptions(decimal=decimal, date_order=order))  # type: ignore[arg-type]


@given(DAYS)
def test_every_day_reads_back_however_it_is_written(day: date) -> None:
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.day}.{day.month}.{day.year:04}") == day
    assert parse_date(f"{day.day:02}/{day.month:02}/{day.year:04}", "dmy") == day
    assert parse_date(f"{day.month}/{day.day}/{day.year:04}", "mdy") == day
    assert parse_date(f"{day.isoformat()}T00:00:00") == day


@given(AMOUNTS, st.sampled_from([".", ","]))
def test_every_amount_reads_back_in_its_own_convention(amount: Decimal, mark: str) -> None:
    text = f"{amount:,f}"
    if mark == ",":
        text = text.translate(str.maketrans(",.", ".,"))
    cells = reader(mark)
    cells.start([text])
    assert cells.amount("cell") == amount
    assert cells.findings == []


@given(st.decimals(Decimal("0.01"), 10**9, places=2))
def test_the_other_convention_is_refused_in_words_never_misread(amount: Decimal) -> None:
    text = f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
    cells = reader(".")
    cells.start([text])
    assert cells.amount("cell") is None
    assert [finding.code for finding in cells.findings] == ["decimal_mark"]


@given(st.text(st.characters(codec=None), max_size=60), st.sampled_from([".", ","]), st.sampled_from(["dmy", "mdy"]))
def test_no_cell_raises_and_a_bad_one_is_a_finding(text: str, mark: str, order: str) -> None:
    cells = reader(mark, order, NAMES)
    cells.start([text] * len(NAMES))
    values = [
        cells.text("text", 40),
        cells.amount("amount"),
        cells.date("date"),
        cells.choice("choice", {"a": "b"}, "choice", ("a",)),
        cells.whole("whole", 1000),
        cells.email("email"),
        cells.website("website"),
        cells.period(),
    ]
    assert all(finding.level is Level.ERROR and finding.message.endswith(".") for finding in cells.findings)
    stored = "".join(value for value in values if isinstance(value, str))
    assert "\x00" not in stored
    stored.encode("utf-8")


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+cmd|' /C calc'!A0", "-HYPERLINK(1)"])
def test_formulas_are_refused(text: str) -> None:
    cells = reader()
    cells.start([text])
    assert cells.text("cell", 100) == ""
    assert [finding.code for finding in cells.findings] == ["formula"]


@pytest.mark.parametrize("text", ["+49 (0) 89 1234", "-5", "@home", "+1", "- none -"])
def test_what_only_starts_like_a_formula_is_text(text: str) -> None:
    cells = reader()
    cells.start([text])
    assert cells.text("cell", 100) == text


@pytest.mark.parametrize(
    "text", ["31.02.2011", "2011-13-01", "1.2.11", "0201-05-01", "9999-12-31", "tomorrow", "1/2-2011"]
)
def test_days_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="“"):
        parse_date(text)


def test_most_of_the_column_decides_about_marks_and_order() -> None:
    assert likely_mark(["1.234,56", "2,5", "1.5"]) == ","
    assert likely_mark(["1,234.56", "2,5"]) == "."
    assert likely_mark([]) == "."
    assert likely_order(["12/31/2011", "01/02/2011"]) == "mdy"
    assert likely_order(["31/12/2011"]) == "dmy"
    assert likely_order(["01/02/2011"]) == "dmy"


@pytest.mark.parametrize(
    "text", ["ftp://x.example", "javascript:alert(1)", "https://", "no host", "http://a b.example", "x"]
)
def test_addresses_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="web address"):
        parse_website(text)


def test_an_address_without_scheme_gets_one() -> None:
    assert parse_website("acme.example/start") == "https://acme.example/start"
    assert parse_website("http://müller.example") == "http://müller.example"


def test_columns_are_suggested_in_english_and_german() -> None:
    assert suggest(["Kundennummer", "Firma", "Land", "Währung", "Colour"], ImportKind.ACCOUNTS) == {
        "Kundennummer": "external_id",
        "Firma": "name",
        "Land": "country",
        "Währung": "currency",
    }
    header = ["account_external_id", "year", "quarter", "currency", "invoiced", "credited", "net_revenue", "invoices"]
    assert suggest(header, ImportKind.FINANCIALS)["net_revenue"] == "revenue"
    assert "invoiced" not in suggest(header, ImportKind.FINANCIALS)


@given(st.lists(st.text(max_size=20), unique=True, max_size=12), st.sampled_from(list(ImportKind)))
def test_a_suggestion_uses_every_field_and_column_at_most_once(columns: list[str], kind: ImportKind) -> None:
    mapping = suggest(columns, kind)
    assert len(set(mapping.values())) == len(mapping)
    assert set(mapping) <= set(columns)


@pytest.mark.parametrize("kind", list(ImportKind))
def test_field_names_suggest_themselves(kind: ImportKind) -> None:
    names = list(KINDS[kind].names)
    assert suggest(names, kind) == {name: name for name in names}


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"a": "colour"}, "no field"),
        ({"a": "external_id", "b": "external_id"}, "both"),
        ({"a": "name"}, "Key"),
        ({"z": "external_id"}, "no column"),
    ],
)
def test_mappings_that_cannot_be_say_why(mapping: dict[str, str], words: str) -> None:
    with pytest.raises(MappingError, match=words):
        check_mapping(mapping, ImportKind.ACCOUNTS, ["a", "b"])


def test_countries_and_currencies_are_known_by_name_and_code() -> None:
    assert country_named("Deutschland") == country_named("de") == country_named("DEU") == "Germany"
    assert country_named("USA") == "United States"
    for unknown in ("EIRE", "Unspecified", "RSA", "European Community"):
        assert country_named(unknown) is None
    assert {"EUR", "GBP", "USD"} <= currency_codes()
    assert "XXQ" not in currency_codes()
