"""From values to places: number types, axis steps, straight-line scales. Pure arithmetic."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

Number = int | float | Decimal
Format = Callable[[Number], str]


def plain(value: Number) -> str:
    """Format of last resort: no trailing zeros, a typographic minus."""
    return f"{float(value):g}".replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True, slots=True)
class Linear:
    """Maps `low … high` to `start … end`. An empty range maps everything to `start`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: Number) -> float:
        if self.high == self.low:
            return self.start
        return self.start + (float(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def clamped(self, value: Number) -> float:
        """The place of the value, held inside the range."""
        return self(min(max(float(value), self.low), self.high))


def known(values: Iterable[Number | None]) -> list[float]:
    """The finite values among them, as floats."""
    return [float(value) for value in values if value is not None and math.isfinite(float(value))]


def nice_ticks(values: Sequence[float], count: int = 4) -> list[float]:
    """About `count` round steps that cover zero and all values: 0, 1, 2, 3. Without values: 0 and 1."""
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if low == high:
        return [0.0, 1.0]
    step = _nice_step((high - low) / count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [index * step for index in range(first, last + 1)]


def _nice_step(raw: float) -> float:
    size = 10.0 ** math.floor(math.log10(raw))
    return next((factor * size for factor in (1, 2, 2.5, 5) if factor * size >= raw * 0.999), 10 * size)
