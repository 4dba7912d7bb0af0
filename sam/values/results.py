"""A figure that was computed from named inputs, or the reason why it could not be."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

Input: TypeAlias = tuple[str, Decimal]


@dataclass(frozen=True, slots=True)
class Computed:
    """A value with the inputs it came from, so that every number can explain itself."""

    value: Decimal
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True)
class Missing:
    """Not computable; ``reason`` completes the sentence "not computable because …"."""

    reason: str


Result: TypeAlias = Computed | Missing


def value_of(result: Result) -> Decimal | None:
    """The value, or None where the result is missing."""
    return result.value if isinstance(result, Computed) else None


def first_missing(**inputs: Decimal | None) -> Missing | None:
    """Names the first unknown input (underscores read as spaces); None when all are known."""
    for name, value in inputs.items():
        if value is None:
            return Missing(f"{name.replace('_', ' ')} is unknown")
    return None
