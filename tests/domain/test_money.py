from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sam.values.money import (
    AmountError,
    CurrencyMismatch,
    DecimalMark,
    Money,
    parse_amount,
    parse_decimal,
    possible_marks,
    round_amount,
    to_amount,
    total,
)

amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=4)


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("1,234.56", ".", "1234.56"),
        ("1.234,56", ",", "1234.56"),
        ("1234", ".", "1234"),
        ("-77183.600", ".", "-77183.600"),
        ("1 234,5", ",", "1234.5"),
        ("1\u00a0234\u00a0567,5", ",", "1234567.5"),
        ("1'234.50", ".", "1234.50"),
        ("12.50-", ".", "-12.50"),
        ("(12.50)", ".", "-12.50"),
        ("\u22125", ".", "-5"),
        (".5", ".", "0.5"),
        ("7.", ".", "7"),
        ("1.5E+05", ".", "150000"),
        ("-0", ".", "0"),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, mark: DecimalMark, value: str) -> None:
    assert parse_decimal(text, mark) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "mark", "code"),
    [
        ("1.234,56", ".", "decimal_mark"),
        ("711,79", ".", "decimal_mark"),
        ("1,234.56", ",", "decimal_mark"),
        ("711.79", ",", "decimal_mark"),
        ("", ".", "empty"),
        (" \u00a0", ".", "empty"),
        ("NaN", ".", "not_a_number"),
        ("inf", ".", "not_a_number"),
        ("-Infinity", ".", "not_a_number"),
        ("12 34", ".", "not_a_number"),
        ("1 234,567.5", ".", "not_a_number"),
        ("--5", ".", "not_a_number"),
        ("-", ".", "not_a_number"),
        (".", ".", "not_a_number"),
        ("()", ".", "not_a_number"),
        ("1_000", ".", "not_a_number"),
        ("٣", ".", "not_a_number"),
        ("0x10", ".", "not_a_number"),
        ("=1+1", ".", "not_a_number"),
        ("9" * 65, ".", "not_a_number"),
        ("100000000000000", ".", "too_large"),
        ("1e400", ".", "too_large"),
    ],
)
def test_text_that_is_no_amount_is_refused_with_its_reason(text: str, mark: DecimalMark, code: str) -> None:
    with pytest.raises(AmountError) as caught:
        parse_decimal(text, mark)
    assert caught.value.code == code


def test_amount_is_rounded_commercially_to_four_decimals() -> None:
    assert parse_amount("0.00005") == Decimal("0.0001")
    assert parse_amount("-0.00005") == Decimal("-0.0001")
    assert round_amount(Decimal("78.75"), 1) == Decimal("78.8")
    with pytest.raises(AmountError):
        parse_amount("99999999999999.99999")


@pytest.mark.parametrize("number", ["NaN", "sNaN", "Infinity", "-1e14", "1e300"])
def test_number_that_does_not_fit_the_column_is_refused(number: str) -> None:
    with pytest.raises(AmountError):
        to_amount(Decimal(number))
    with pytest.raises(AmountError):
        Money(Decimal(number), "EUR")


def test_column_tells_its_decimal_mark() -> None:
    assert possible_marks("711,790") == {".", ","}
    assert possible_marks("711,79") == {","}
    assert possible_marks("-1,234.5") == {"."}
    assert possible_marks("abc") == frozenset()


@settings(max_examples=60)
@given(amounts)
def test_both_conventions_read_back_what_they_wrote(amount: Decimal) -> None:
    english = f"{amount:,f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert parse_amount(english, ".") == amount
    assert parse_amount(german, ",") == amount


@settings(max_examples=30)
@given(st.lists(amounts, max_size=8))
def test_total_of_one_currency_is_the_exact_sum(numbers: list[Decimal]) -> None:
    found = total((Money(number, "EUR") for number in numbers), "EUR")
    assert found == Money(sum(numbers, Decimal(0)), "EUR")


def test_mixed_currencies_do_not_add_up() -> None:
    euro, pound = Money(Decimal(1), "EUR"), Money(Decimal(1), "GBP")
    for mixed in (lambda: euro + pound, lambda: euro - pound, lambda: euro < pound, lambda: total([pound], "EUR")):
        with pytest.raises(CurrencyMismatch):
            mixed()
    assert euro != pound
    assert pound.convert(Decimal("1.15"), "EUR") + euro == Money(Decimal("2.15"), "EUR")


def test_arithmetic_within_a_currency() -> None:
    two = Money(Decimal(2), "EUR")
    assert (two * 3 - two, -two < two, abs(-two), 2 * two) == (
        Money(Decimal(4), "EUR"),
        True,
        two,
        Money(Decimal(4), "EUR"),
    )
    assert str(Money(Decimal("1234.5"), "EUR")) == "1,234.5 EUR"
    assert max(two, two * 2) == two * 2
    assert Money(Decimal("0.00005"), "EUR").rounded() == Money(Decimal("0.0001"), "EUR")


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity"])
def test_rate_is_a_number_above_zero(rate: str) -> None:
    with pytest.raises(ValueError, match="above zero"):
        Money(Decimal(1), "EUR").convert(Decimal(rate), "GBP")


@pytest.mark.parametrize("code", ["", "eur", "EURO", "E1R", "ÄÖÜ"])
def test_currency_is_three_capital_letters(code: str) -> None:
    with pytest.raises(ValueError, match="currency"):
        Money(Decimal(1), code)


def test_money_takes_no_float() -> None:
    with pytest.raises(TypeError, match="Decimal"):
        Money(1.5, "EUR")  # type: ignore[arg-type]
