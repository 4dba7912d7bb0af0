"""Published cases that this installation recomputes: apps register theirs in `ready()`, `manage.py verify` runs all."""

from __future__ import annotations

from collections.abc import Iterable

from sam.values.cases import Case, Line

_cases: dict[str, Case] = {}


def register(cases: Iterable[Case]) -> None:
    for case in cases:
        _cases[case.key] = case


def cases() -> list[Case]:
    return sorted(_cases.values(), key=lambda case: case.key)


def checked() -> list[tuple[Case, tuple[Line, ...]]]:
    """Every case recomputed now, with its lines."""
    return [(case, case.check()) for case in cases()]
