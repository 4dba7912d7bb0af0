"""A published or hand-checkable case: what a formula must give, and what it gives here and now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from sam.values.results import Missing, Result

Value: TypeAlias = Decimal | str
"""A number, or a word where the answer is one ("impossible", the name of a table)."""
Found: TypeAlias = Decimal | float | int | str | Result | None

IMPOSSIBLE = "not computable"


@dataclass(frozen=True, slots=True)
class Case:
    """``expected``: value by name; words must be the same, numbers lie within ``tolerance`` (0 or more, same unit).

    ``compute`` runs the product's own function and gives a value for each name of ``expected``.
    """

    key: str
    title: str
    source: str
    expected: Mapping[str, Value]
    tolerance: Decimal
    compute: Callable[[], Mapping[str, Found]]

    def check(self) -> tuple[Line, ...]:
        """One line for each expected value; what fails or is not given is a line that does not agree."""
        try:
            found = self.compute()
        except Exception as problem:  # noqa: BLE001 - whatever breaks a formula here is the finding
            words = f"failed: {problem.__class__.__name__}: {problem}"
            return tuple(Line(self, name, value, words) for name, value in self.expected.items())
        return tuple(Line(self, name, value, _value(found.get(name))) for name, value in self.expected.items())


@dataclass(frozen=True, slots=True)
class Line:
    """One expected value beside what was found."""

    case: Case
    name: str
    expected: Value
    found: Value

    @property
    def agrees(self) -> bool:
        if isinstance(self.expected, str) or isinstance(self.found, str):
            return self.expected == self.found
        return self.found.is_finite() and abs(self.found - self.expected) <= self.case.tolerance


def _value(found: Found) -> Value:
    if found is None or isinstance(found, Missing):
        return IMPOSSIBLE
    if isinstance(found, str | Decimal):
        return found
    if isinstance(found, float | int):
        return Decimal(str(found))
    return found.value
