"""Months, quarters, reporting periods and fiscal years.

All dates are business dates (no time zone); the last day of a period belongs to it. Years run from 1 to 9999.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal, Self, cast

PeriodLength = Literal[1, 3, 12]
PERIOD_LENGTHS: tuple[PeriodLength, ...] = (12, 3, 1)

_QUARTER = re.compile(r"([0-9]{4})-[Qq]([1-4])")
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def _require_year(year: int) -> None:
    if not MINYEAR <= year <= MAXYEAR:
        raise ValueError(f"The year {year} is outside {MINYEAR} to {MAXYEAR}.")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month; ``number`` 1 to 12, ValueError otherwise. Written "2010-04"."""

    year: int
    number: int

    def __post_init__(self) -> None:
        _require_year(self.year)
        if not 1 <= self.number <= 12:
            raise ValueError(f"A month has a number from 1 to 12, not {self.number}.")

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @classmethod
    def containing(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads "2010-04"; ValueError on anything else."""
        match = _MONTH.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"“{text}” is not a month; write it like 2010-04.")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def range(cls, first: Self, last: Self) -> "tuple[Month, ...]":
        """All months from first to last, both included; empty when last is before first."""
        return tuple(first.shift(step) for step in range(last._ordinal - first._ordinal + 1))

    @property
    def _ordinal(self) -> int:
        return self.year * 12 + self.number - 1

    @property
    def start(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def end(self) -> date:
        return _last_day(self)

    @property
    def quarter(self) -> "Quarter":
        return Quarter(self.year, (self.number + 2) // 3)

    def shift(self, months: int) -> "Month":
        year, index = divmod(self._ordinal + months, 12)
        return Month(year, index + 1)

    def previous(self) -> "Month":
        return self.shift(-1)

    def next(self) -> "Month":
        return self.shift(1)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A calendar quarter; ``number`` 1 to 4, ValueError otherwise. Written "2010-Q4"."""

    year: int
    number: int

    def __post_init__(self) -> None:
        _require_year(self.year)
        if not 1 <= self.number <= 4:
            raise ValueError(f"A quarter has a number from 1 to 4, not {self.number}.")

    def __str__(self) -> str:
        return f"{self.year:04d}-Q{self.number}"

    @classmethod
    def containing(cls, day: date) -> Self:
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads "2010-Q4"; ValueError on anything else."""
        match = _QUARTER.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"“{text}” is not a quarter; write it like 2010-Q4.")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def range(cls, first: Self, last: Self) -> "tuple[Quarter, ...]":
        """All quarters from first to last, both included; empty when last is before first."""
        return tuple(first.shift(step) for step in range(last._ordinal - first._ordinal + 1))

    @property
    def _ordinal(self) -> int:
        return self.year * 4 + self.number - 1

    @property
    def label(self) -> str:
        """Short form for tables and charts: "Q4/10"."""
        return f"Q{self.number}/{self.year % 100:02d}"

    @property
    def first_month(self) -> Month:
        return Month(self.year, self.number * 3 - 2)

    @property
    def start(self) -> date:
        return self.first_month.start

    @property
    def end(self) -> date:
        return _last_day(Month(self.year, self.number * 3))

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def period(self) -> "Period":
        return Period(self.start, 3)

    def shift(self, quarters: int) -> "Quarter":
        year, index = divmod(self._ordinal + quarters, 4)
        return Quarter(year, index + 1)

    def previous(self) -> "Quarter":
        return self.shift(-1)

    def next(self) -> "Quarter":
        return self.shift(1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A stretch of 1, 3 or 12 months from the first day of a month: the period of one figure row.

    ValueError when the start is not the first of a month, the length is another one, or the end is after 9999.
    """

    start: date
    months: PeriodLength

    def __post_init__(self) -> None:
        if self.start.day != 1:
            raise ValueError(f"A period starts on the first day of a month, not on {self.start.isoformat()}.")
        if self.months not in PERIOD_LENGTHS:
            raise ValueError(f"A period lasts 1, 3 or 12 months, not {self.months}.")
        self.first_month.shift(self.months - 1)

    def __str__(self) -> str:
        quarter = self.quarter
        if quarter is not None:
            return str(quarter)
        first, last = self.first_month, self.last_month
        return str(first) if first == last else f"{first}…{last}"

    @property
    def first_month(self) -> Month:
        return Month.containing(self.start)

    @property
    def last_month(self) -> Month:
        return self.first_month.shift(self.months - 1)

    @property
    def end(self) -> date:
        """The last day, which belongs to the period."""
        return self.last_month.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def quarter(self) -> Quarter | None:
        """The calendar quarter that this period is, else None."""
        is_quarter = self.months == 3 and self.start.month in (1, 4, 7, 10)
        return Quarter.containing(self.start) if is_quarter else None

    @property
    def each_month(self) -> tuple[Month, ...]:
        return Month.range(self.first_month, self.last_month)

    def contains(self, day: date) -> bool:
        return self.start <= day <= self.end

    def covers(self, other: "Period") -> bool:
        """True when every day of the other period lies in this one."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Period") -> bool:
        return self.start <= other.end and other.start <= self.end


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """The calendar of fiscal years that begin in ``start_month`` (1 to 12, ValueError otherwise).

    A fiscal year is numbered by the calendar year in which it begins; its label names both years ("FY 2010/11"),
    because half of the world numbers by the end.
    """

    start_month: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.start_month <= 12:
            raise ValueError(f"A fiscal year starts in a month from 1 to 12, not {self.start_month}.")

    def year_of(self, day: date) -> int:
        return day.year if day.month >= self.start_month else day.year - 1

    def quarter_of(self, day: date) -> tuple[int, int]:
        """(fiscal year, fiscal quarter 1 to 4) of a day."""
        return self.year_of(day), (day.month - self.start_month) % 12 // 3 + 1

    def period(self, year: int) -> Period:
        """The twelve months of the fiscal year that begins in the calendar year ``year``."""
        return Period(date(year, self.start_month, 1), 12)

    def quarter_period(self, year: int, number: int) -> Period:
        """The three months of fiscal quarter 1 to 4; ValueError for another number."""
        if not 1 <= number <= 4:
            raise ValueError(f"A quarter has a number from 1 to 4, not {number}.")
        return Period(Month(year, self.start_month).shift(3 * (number - 1)).start, 3)

    def label(self, year: int) -> str:
        return f"FY {year}" if self.start_month == 1 else f"FY {year}/{(year + 1) % 100:02d}"


@dataclass(frozen=True, slots=True)
class Assembly:
    """A total over months put together from rows of several lengths, with the months nobody reported."""

    total: Decimal
    used: tuple[Period, ...]
    missing: tuple[Month, ...]


def assemble(amounts: Mapping[Period, Decimal], months: Sequence[Month]) -> Assembly:
    """Adds rows of 1, 3 and 12 months over consecutive ``months`` without counting any month twice.

    A row is used whole or not at all: a longer period is never split. Where rows overlap (a quarter and its
    months), the choice leaves the fewest months uncovered, then uses the fewest rows.
    """
    count = len(months)
    # best[i]: (months uncovered, rows used, row taken at i or None) for months[i:]
    best: list[tuple[int, int, Period | None]] = [(0, 0, None)] * (count + 1)
    for index in range(count - 1, -1, -1):
        choice: tuple[int, int, Period | None] = (best[index + 1][0] + 1, best[index + 1][1], None)
        for length in PERIOD_LENGTHS:
            if index + length > count:
                continue
            row = Period(months[index].start, length)
            after = best[index + length]
            if row in amounts and (after[0], after[1] + 1) < choice[:2]:
                choice = (after[0], after[1] + 1, row)
        best[index] = choice
    used: list[Period] = []
    missing: list[Month] = []
    index = 0
    while index < count:
        taken = best[index][2]
        if taken is None:
            missing.append(months[index])
            index += 1
        else:
            used.append(taken)
            index += taken.months
    return Assembly(sum((amounts[row] for row in used), Decimal(0)), tuple(used), tuple(missing))


def last_closed_quarter(today: date) -> Quarter:
    """The last calendar quarter that ended before today."""
    return Quarter.containing(today).previous()


@lru_cache(maxsize=256)
def trailing_quarters(last: Quarter, count: int = 4) -> tuple[Quarter, ...]:
    """``count`` quarters (1 or more) that end with ``last``, oldest first."""
    if count < 1:
        raise ValueError(f"At least one quarter is needed, not {count}.")
    return Quarter.range(last.shift(1 - count), last)


def period_of(months: int, start: date) -> Period:
    """A period from plain numbers, as stored in a row; ValueError as for Period."""
    return Period(start, cast("PeriodLength", months))


def _last_day(month: Month) -> date:
    if month == Month(MAXYEAR, 12):
        return date.max
    return month.shift(1).start - timedelta(days=1)
