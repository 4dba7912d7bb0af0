"""Scores as whole billionths of a point, so that one account and a hundred thousand give the very same result.

A score runs from 0 to 100 points. Every quotient is rounded once, commercially, to nine decimals; all further
arithmetic is on whole numbers, exact in Python and in 64-bit NumPy alike.
"""

from decimal import Decimal

POINT = 1_000_000_000
FULL = 100 * POINT
PLACES = 9


def quotient(number: int, divisor: int) -> int:
    """number / divisor rounded commercially to a whole number; number 0 or more, divisor above zero."""
    return (2 * number + divisor) // (2 * divisor)


def to_decimal(billionths: int) -> Decimal:
    """Billionths as points with nine decimals."""
    return Decimal(billionths).scaleb(-PLACES)


def at_least(threshold: Decimal) -> int:
    """The smallest score in billionths that reaches a threshold in points."""
    numerator, denominator = threshold.as_integer_ratio()
    return -(-numerator * POINT // denominator)
