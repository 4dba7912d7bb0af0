"""Amounts with a currency, and reading amounts from text.

Amounts fit numeric(18,4): below 100,000,000,000,000 either side of zero, four decimals. Rounding is commercial:
halves go away from zero, once, where an amount is stored or shown; sums are taken before rounding.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import total_ordering
from typing import Literal

DecimalMark = Literal[".", ","]

AMOUNT_LIMIT = Decimal(10) ** 14
AMOUNT_PLACES = 4

_LONGEST = 64
_CURRENCY = re.compile(r"[A-Z]{3}")
_BLANKS = str.maketrans({"\u2212": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2019": "'"})
_PATTERN = (
    r"(?P<whole>[0-9]+|[0-9]{{1,3}}(?P<mark>[{thousands} '])[0-9]{{3}}(?:(?P=mark)[0-9]{{3}})*)?"
    r"(?:[{decimal}](?P<part>[0-9]*))?(?P<power>[eE][+-]?[0-9]{{1,3}})?"
)
_NUMBER: dict[DecimalMark, re.Pattern[str]] = {
    ".": re.compile(_PATTERN.format(thousands=",", decimal=".")),
    ",": re.compile(_PATTERN.format(thousands=".", decimal=",")),
}
_MARK_NAMES: dict[DecimalMark, str] = {".": "point", ",": "comma"}
# Rounding must not depend on the precision of the caller's thread.
_EXACT = Context(prec=200, rounding=ROUND_HALF_UP)


class AmountError(ValueError):
    """A text or number that is no amount. ``code``: empty, not_a_number, decimal_mark, too_large."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class CurrencyMismatch(ValueError):
    """Two amounts in different currencies met without a rate."""


def round_amount(amount: Decimal, places: int = AMOUNT_PLACES) -> Decimal:
    """Rounds commercially (halves away from zero) to ``places`` decimals."""
    return amount.quantize(Decimal(1).scaleb(-places), context=_EXACT)


def to_amount(number: Decimal) -> Decimal:
    """Rounds to four decimals and makes sure that the result fits numeric(18,4); AmountError otherwise."""
    if not number.is_finite():
        raise AmountError("not_a_number", "This is not a number.")
    if abs(number) >= AMOUNT_LIMIT:
        raise AmountError("too_large", "The amount is too large; the limit is 100,000,000,000,000.")
    rounded = round_amount(number)
    if abs(rounded) >= AMOUNT_LIMIT:
        raise AmountError("too_large", "The amount is too large; the limit is 100,000,000,000,000.")
    return rounded


def parse_decimal(text: str, decimal: DecimalMark = ".") -> Decimal:
    """Reads a number as people and ledgers write it; unrounded, below 10**14 either side of zero.

    Accepts thousands marks, blanks or apostrophes between groups of three digits, a sign before or after,
    brackets for negatives, and an exponent. AmountError says what is wrong, above all when the text follows the
    other convention ("1.234,56" where the decimal mark is a point).
    """
    stripped = text.translate(_BLANKS).strip()
    if not stripped:
        raise AmountError("empty", "The amount is empty.")
    if len(stripped) > _LONGEST:
        raise AmountError("not_a_number", f"An amount has at most {_LONGEST} characters.")
    sign, digits = _split_sign(stripped)
    number = _read(digits, decimal)
    if number is None:
        other: DecimalMark = "," if decimal == "." else "."
        if _read(digits, other) is not None:
            found, chosen = _MARK_NAMES[other], _MARK_NAMES[decimal]
            raise AmountError("decimal_mark", f"“{stripped}” has a decimal {found}; the chosen mark is the {chosen}.")
        raise AmountError("not_a_number", f"“{stripped}” is not a number.")
    if abs(number) >= AMOUNT_LIMIT:
        raise AmountError("too_large", f"“{stripped}” is too large; the limit is 100,000,000,000,000.")
    return number.copy_negate() if sign < 0 and number else number


def parse_amount(text: str, decimal: DecimalMark = ".") -> Decimal:
    """``parse_decimal`` rounded to the four decimals that are stored."""
    return to_amount(parse_decimal(text, decimal))


def possible_marks(text: str) -> frozenset[DecimalMark]:
    """The decimal marks under which a text is a number. "711,790" fits both, "711,79" the comma only.

    The marks left over after all texts of a column tell which convention the column follows.
    """
    _, digits = _split_sign(text.translate(_BLANKS).strip()[: _LONGEST + 1])
    return frozenset(mark for mark in _NUMBER if _read(digits, mark) is not None)


def _split_sign(text: str) -> tuple[int, str]:
    if text.startswith("(") and text.endswith(")"):
        return -1, text[1:-1].strip()
    if text[:1] in ("+", "-"):
        return (-1 if text[0] == "-" else 1), text[1:].lstrip()
    if text.endswith("-"):
        return -1, text[:-1].rstrip()
    return 1, text


def _read(digits: str, decimal: DecimalMark) -> Decimal | None:
    match = _NUMBER[decimal].fullmatch(digits)
    if match is None or not (match["whole"] or match["part"]):
        return None
    whole = (match["whole"] or "0").replace(match["mark"] or ",", "")
    return Decimal(f"{whole}.{match['part'] or '0'}{match['power'] or ''}")


def require_currency(code: str) -> str:
    """The ISO 4217 code as given; ValueError unless it is three capital letters."""
    if _CURRENCY.fullmatch(code) is None:
        raise ValueError(f"“{code}” is not a currency code; write three capital letters such as EUR.")
    return code


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (three capital letters). Arithmetic refuses mixed currencies (CurrencyMismatch)."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"Money takes a Decimal, not {type(self.amount).__name__}.")
        require_currency(self.currency)
        to_amount(self.amount)

    def __str__(self) -> str:
        return f"{self.amount:,f} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.amount), self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def rounded(self, places: int = AMOUNT_PLACES) -> "Money":
        return Money(round_amount(self.amount, places), self.currency)

    def convert(self, rate: Decimal, currency: str) -> "Money":
        """This amount in another currency at ``rate`` units of it for one of ours, rounded to four decimals.

        ValueError unless the rate is a positive number.
        """
        if not rate.is_finite() or rate <= 0:
            raise ValueError("A rate is a number above zero.")
        return Money(to_amount(self.amount * rate), currency)

    def _same(self, other: "Money") -> Decimal:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not add up without a rate.")
        return other.amount


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of amounts that are all in ``currency``; zero for none, CurrencyMismatch for another currency."""
    return sum(amounts, Money(Decimal(0), currency))
