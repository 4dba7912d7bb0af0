from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sam.values.periods import (
    FiscalYear,
    Month,
    Period,
    Quarter,
    assemble,
    last_closed_quarter,
    period_of,
    trailing_quarters,
)
from sam.values.workdays import add_working_days, working_days_between

days = st.dates(date(1900, 1, 1), date(2999, 12, 31))


def test_quarter_is_written_and_read_the_same_way() -> None:
    assert str(Quarter(2010, 4)) == "2010-Q4"
    assert Quarter.parse("2010-Q4") == Quarter(2010, 4)
    assert Quarter(2010, 4).label == "Q4/10"


@pytest.mark.parametrize(
    "text", ["", "2010", "2010-Q5", "2010-Q0", "10-Q4", "2010Q4", "2010-Q4x", "٢٠١٠-Q4", "0000-Q1"]
)
def test_text_that_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"quarter|year"):
        Quarter.parse(text)


@settings(max_examples=50)
@given(days)
def test_every_day_lies_in_its_quarter_month_and_no_neighbour(day: date) -> None:
    quarter, month = Quarter.containing(day), Month.containing(day)
    assert quarter.start <= day <= quarter.end
    assert month.start <= day <= month.end
    assert month.quarter == quarter
    assert quarter.previous().end < day < quarter.next().start
    assert quarter.previous().next() == quarter
    assert quarter.previous() < quarter < quarter.next()
    assert Quarter.parse(str(quarter)) == quarter
    assert Month.parse(str(month)) == month


def test_range_of_quarters_includes_both_ends() -> None:
    found = Quarter.range(Quarter(2010, 4), Quarter(2011, 4))
    assert [str(quarter) for quarter in found] == ["2010-Q4", "2011-Q1", "2011-Q2", "2011-Q3", "2011-Q4"]
    assert Quarter.range(Quarter(2011, 1), Quarter(2010, 4)) == ()


def test_trailing_quarters_end_with_the_given_one() -> None:
    assert trailing_quarters(Quarter(2026, 3))[0] == Quarter(2025, 4)
    assert len(trailing_quarters(Quarter(2026, 3), 8)) == 8
    with pytest.raises(ValueError, match="At least one"):
        trailing_quarters(Quarter(2026, 3), 0)


def test_last_closed_quarter_is_over() -> None:
    assert last_closed_quarter(date(2026, 11, 23)) == Quarter(2026, 3)
    assert last_closed_quarter(date(2026, 9, 30)) == Quarter(2026, 2)
    assert last_closed_quarter(date(2026, 1, 1)) == Quarter(2025, 4)


def test_period_knows_its_last_day_and_what_it_covers() -> None:
    year, quarter, odd = Period(date(2011, 4, 1), 12), Period(date(2011, 10, 1), 3), Period(date(2011, 11, 1), 3)
    assert year.end == date(2012, 3, 31)
    assert year.days == 366
    assert year.covers(quarter)
    assert not quarter.covers(year)
    assert quarter.overlaps(odd)
    assert not quarter.covers(odd)
    assert year.contains(date(2012, 3, 31))
    assert not year.contains(date(2012, 4, 1))
    assert (str(quarter), str(odd), str(Period(date(2011, 2, 1), 1))) == ("2011-Q4", "2011-11…2012-01", "2011-02")
    assert odd.quarter is None
    assert Period(date(9999, 10, 1), 3).end == date(9999, 12, 31)


@pytest.mark.parametrize(("start", "months"), [(date(2011, 4, 2), 3), (date(2011, 4, 1), 6), (date(9999, 11, 1), 3)])
def test_impossible_periods_are_refused(start: date, months: int) -> None:
    with pytest.raises(ValueError, match=r"period|year"):
        period_of(months, start)


@settings(max_examples=50)
@given(days, st.integers(1, 12))
def test_fiscal_quarter_covers_its_day_for_every_start_month(day: date, start_month: int) -> None:
    fiscal = FiscalYear(start_month)
    year, number = fiscal.quarter_of(day)
    assert fiscal.quarter_period(year, number).contains(day)
    assert fiscal.period(year).covers(fiscal.quarter_period(year, number))


def test_fiscal_years_name_both_calendar_years() -> None:
    april = FiscalYear(4)
    assert april.label(april.year_of(date(2011, 3, 31))) == "FY 2010/11"
    assert april.quarter_of(date(2011, 3, 31)) == (2010, 4)
    assert FiscalYear().label(2026) == "FY 2026"
    with pytest.raises(ValueError, match="1 to 12"):
        FiscalYear(0)


def test_longer_period_is_never_split_and_overlap_never_counted_twice() -> None:
    quarter = Quarter(2026, 1)
    months = quarter.period.each_month
    rows = {quarter.period: Decimal(30), Period(date(2026, 1, 1), 1): Decimal(9)}
    assert assemble(rows, months).total == 30
    split = assemble(rows, months[:2])
    assert (split.total, split.missing) == (Decimal(9), (Month(2026, 2),))


def test_shifted_quarter_rows_are_put_together_with_months() -> None:
    window = Month.range(Month(2026, 1), Month(2026, 4))
    rows = {
        Period(date(2026, 1, 1), 3): Decimal(100),
        Period(date(2026, 1, 1), 1): Decimal(1),
        Period(date(2026, 2, 1), 3): Decimal(30),
    }
    found = assemble(rows, window)
    assert (found.total, found.missing) == (Decimal(31), ())


def test_month_nobody_reported_is_named() -> None:
    found = assemble({}, (Month(2026, 1),))
    assert (found.total, found.missing) == (Decimal(0), (Month(2026, 1),))


def test_working_days_skip_the_weekend() -> None:
    assert add_working_days(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert add_working_days(date(2026, 11, 21), 5) == date(2026, 11, 27)
    assert add_working_days(date(2026, 11, 21), 0) == date(2026, 11, 21)
    with pytest.raises(ValueError, match="0 or more"):
        add_working_days(date(2026, 11, 21), -1)


@settings(max_examples=50)
@given(days, st.integers(1, 40))
def test_working_days_added_are_working_days_between(day: date, count: int) -> None:
    later = add_working_days(day, count)
    assert later.weekday() < 5
    assert working_days_between(day, later) == count
    assert working_days_between(later, day) == 0
