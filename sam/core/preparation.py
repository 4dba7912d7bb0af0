"""What must be true after every migrate: apps register a step, `manage.py prepare` runs them all, in order.

Each step is idempotent: running it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """`run()` does the work and returns one line that says what it found or did."""

    key: str
    order: int
    run: Callable[[], str]


_steps: dict[str, Step] = {}


def register(step: Step) -> None:
    _steps[step.key] = step


def steps() -> list[Step]:
    return sorted(_steps.values(), key=lambda step: (step.order, step.key))
