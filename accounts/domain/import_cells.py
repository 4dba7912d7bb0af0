"""Cells of an imported row, read into values; what cannot be read is a finding in plain words, never an exception."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit

from sam.values.money import AmountError, DecimalMark, parse_amount, possible_marks
from sam.values.periods import FiscalYear, Month, Period, Quarter
from sam.values.texts import TextError, clean_text, fold

DateOrder = Literal["ymd", "dmy", "mdy"]
FIRST_YEAR, LAST_YEAR = 1900, 2200

_FORMULA = re.compile(r"=|[+\-@][A-Za-z_.]+\(|[+\-@][^|]*\|.*!", re.DOTALL)
_DATE = re.compile(
    r"(?P<first>[0-9]{1,4})(?P<mark>[-./])(?P<second>[0-9]{1,2})(?P=mark)(?P<third>[0-9]{1,4})"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?"
)
_WHOLE = re.compile(r"([0-9]{1,6})(?:\.0+)?")
_QUARTER = re.compile(r"(?:q|qtr|quarter|quartal)?\s*([1-4])(?:\.0+)?(?:\.?\s*(?:quarter|quartal))?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s,;<>()\"]{1,64}@[^@\s.,;<>()\"]+(?:\.[^@\s.,;<>()\"]+)+")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)
_MONTHS = {
    fold(name): number
    for number, names in enumerate(
        (
            "january januar jan jaenner janner",
            "february februar feb feber",
            "march marz maerz mar mrz",
            "april apr",
            "may mai",
            "june juni jun",
            "july juli jul",
            "august aug",
            "september sep sept",
            "october oktober oct okt",
            "november nov",
            "december dezember dec dez",
        ),
        start=1,
    )
    for name in names.split()
}


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about one row. `column` is the file's own name for it, "" for the whole row."""

    level: Level
    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ReadingOptions:
    """How the file writes numbers and dates, and whether its years and quarters are fiscal ones."""

    decimal: DecimalMark = "."
    date_order: DateOrder = "dmy"
    fiscal_year: FiscalYear = field(default_factory=FiscalYear)


class RowReader:
    """Reads the cells of one row after the other by field name.

    A cell that is empty or whose column was not chosen reads as "" or None; a bad one too, with a finding.
    """

    def __init__(self, columns: Sequence[str], mapping: Mapping[str, str], options: ReadingOptions) -> None:
        self.options = options
        self.places = {name: columns.index(column) for column, name in mapping.items() if column in columns}
        self.columns = {name: columns[place] for name, place in self.places.items()}
        self.findings: list[Finding] = []
        # What reading the file already found wrong, by row number.
        self.problems: dict[int, list[Finding]] = {}
        self._row: Sequence[str] = ()

    def start(self, row: Sequence[str], number: int = 0) -> None:
        self._row = row
        self.findings = list(self.problems.get(number, ())) if self.problems else []

    def has(self, name: str) -> bool:
        return name in self.places

    def error(self, name: str, code: str, message: str) -> None:
        column = self.columns.get(name, "")
        if not any(found.code == code and found.column == column for found in self.findings):
            self.findings.append(Finding(Level.ERROR, column, code, message))

    def warn(self, name: str, code: str, message: str) -> None:
        self.findings.append(Finding(Level.WARNING, self.columns.get(name, ""), code, message))

    @property
    def is_bad(self) -> bool:
        return any(finding.level is Level.ERROR for finding in self.findings)

    def text(self, name: str, limit: int) -> str:
        """The cell, cleaned; line ends stay."""
        place = self.places.get(name)
        if place is None:
            return ""
        raw = self._row[place]
        if not raw:
            return ""
        if raw[0] in "=+-@" and _FORMULA.match(raw):
            self.error(name, "formula", "The cell holds a formula. Put its value there instead.")
            return ""
        if raw.isascii() and raw.isprintable():
            text = raw.strip()
        else:
            try:
                text = clean_text(raw)
            except TextError as problem:
                self.error(name, "unreadable_character", f"{problem} Type the text again.")
                return ""
        if len(text) > limit:
            self.error(name, "too_long", f"The text has {len(text):,} characters; at most {limit:,} fit.")
            return ""
        return text

    def line(self, name: str, limit: int) -> str:
        """The cell as one line: line ends and runs of blanks become one blank."""
        text = self.text(name, limit)
        return " ".join(text.split()) if text else ""

    def required(self, name: str, limit: int, what: str) -> str:
        before = len(self.findings)
        text = self.line(name, limit)
        if not text and len(self.findings) == before:
            self.error(name, "missing", f"{what} is missing.")
        return text

    def amount(self, name: str) -> Decimal | None:
        text = self.text(name, 200)
        if not text:
            return None
        try:
            return parse_amount(text, self.options.decimal)
        except AmountError as problem:
            self.error(name, problem.code, str(problem))
            return None

    def date(self, name: str) -> date | None:
        text = self.text(name, 40)
        if not text:
            return None
        try:
            return parse_date(text, self.options.date_order)
        except ValueError as problem:
            self.error(name, "bad_date", str(problem))
            return None

    def whole(self, name: str, most: int) -> int | None:
        text = self.text(name, 40)
        if not text:
            return None
        match = _WHOLE.fullmatch(text)
        if match is None or int(match[1]) > most:
            self.error(name, "bad_number", f"“{text}” is not a whole number from 0 to {most:,}.")
            return None
        return int(match[1])

    def choice(self, name: str, words: Mapping[str, str], what: str, allowed: Iterable[str]) -> str | None:
        """The value behind the cell's word. `words`: folded word → value."""
        text = self.line(name, 80)
        if not text:
            return None
        value = words.get(fold(text))
        if value is None:
            self.error(name, f"unknown_{what}", f"“{text}” is no {what} we know. Use: {', '.join(allowed)}.")
        return value

    def email(self, name: str) -> str:
        text = self.line(name, 254)
        if text and _EMAIL.fullmatch(text) is None:
            self.error(name, "bad_email", f"“{text}” is not an e-mail address.")
            return ""
        return text

    def website(self, name: str) -> str:
        text = self.line(name, 190)
        if not text:
            return ""
        try:
            return parse_website(text)
        except ValueError as problem:
            self.error(name, "bad_website", str(problem))
            return ""

    def period(self) -> Period | None:
        """The period that year and quarter or month name; twelve months for a year alone."""
        year = self._year()
        quarter_text, month_text = self.text("quarter", 40), self.text("month", 40)
        if quarter_text and month_text:
            self.error("month", "quarter_and_month", "The row names a quarter and a month. Leave one empty.")
            return None
        if year is None or self.is_bad:
            return None
        if quarter_text:
            return self._quarter(year, quarter_text)
        return self._month(year, month_text) if month_text else self.options.fiscal_year.period(year)

    def _year(self) -> int | None:
        text = self.required("year", 40, "The year")
        if not text:
            return None
        match = _WHOLE.fullmatch(text)
        if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
            self.error("year", "bad_year", f"“{text}” is no year from {FIRST_YEAR} to {LAST_YEAR}.")
            return None
        return int(match[1])

    def _quarter(self, year: int, text: str) -> Period | None:
        match = _QUARTER.fullmatch(text)
        if match is not None:
            return self.options.fiscal_year.quarter_period(year, int(match[1]))
        named = _parsed(Quarter.parse, text)
        if not isinstance(named, Quarter) or named.year != year:
            self.error("quarter", "bad_quarter", f"“{text}” is no quarter of {year}; write 1, 2, 3 or 4.")
            return None
        return named.period

    def _month(self, year: int, text: str) -> Period | None:
        match = _WHOLE.fullmatch(text)
        number = int(match[1]) if match else _MONTHS.get(fold(text).rstrip("."))
        if number is None:
            named = _parsed(Month.parse, text)
            number = named.number if isinstance(named, Month) and named.year == year else None
        if number is None or not 1 <= number <= 12:
            self.error("month", "bad_month", f"“{text}” is no month of {year}; write 1 to 12.")
            return None
        return Period(date(year, number, 1), 1)


def _parsed(parse: Callable[[str], Quarter | Month], text: str) -> Quarter | Month | None:
    try:
        return parse(text)
    except ValueError:
        return None


def parse_date(text: str, order: DateOrder = "dmy") -> date:
    """A day as files write it: 2011-12-09, 9.12.2011, and with slashes or dashes by `order`; a time is dropped.

    ValueError in words for a day that does not exist, years of two digits, and years before 1900 or after 2200.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"“{text}” is not a date; write it like 2011-12-09.")
    first, second, third = match["first"], match["second"], match["third"]
    if len(first) == 4:
        year, month, day = first, second, third
    elif match["mark"] == "." or order != "mdy":
        day, month, year = first, second, third
    else:
        month, day, year = first, second, third
    if len(year) != 4:
        raise ValueError(f"“{text}” has a year of {len(year)} digits; write four, like 2011-12-09.")
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValueError(f"The year {year} in “{text}” is outside {FIRST_YEAR} to {LAST_YEAR}.")
    try:
        return date(int(year), int(month), int(day))
    except ValueError as problem:
        raise ValueError(f"“{text}” is no day of the calendar.") from problem


def parse_website(text: str) -> str:
    """The address with https:// where no scheme stands; ValueError unless it is http or https with a host."""
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError as problem:
        raise ValueError(f"“{text}” is not a web address.") from problem
    if parts.scheme not in {"http", "https"} or parts.username or " " in address:
        raise ValueError(f"“{text}” is not a web address.")
    try:
        plain = host.encode("idna").decode("ascii")
    except UnicodeError as problem:
        raise ValueError(f"“{text}” is not a web address.") from problem
    if _HOST.fullmatch(plain) is None:
        raise ValueError(f"“{text}” is not a web address.")
    return address


def likely_mark(texts: Iterable[str]) -> DecimalMark:
    """The decimal mark that most of the amounts need; the point when they leave it open."""
    only: dict[DecimalMark, int] = {".": 0, ",": 0}
    for text in texts:
        marks = possible_marks(text)
        if len(marks) == 1:
            only[next(iter(marks))] += 1
    return "," if only[","] > only["."] else "."


def likely_order(texts: Iterable[str]) -> DateOrder:
    """Day first or month first, as most of the dates need it; day first when they leave it open."""
    votes = {"dmy": 0, "mdy": 0}
    for text in texts:
        match = _DATE.fullmatch(text.strip())
        if match is None or len(match["first"]) == 4 or match["mark"] == ".":
            continue
        if int(match["first"]) > 12:
            votes["dmy"] += 1
        elif int(match["second"]) > 12:
            votes["mdy"] += 1
    return "mdy" if votes["mdy"] > votes["dmy"] else "dmy"
