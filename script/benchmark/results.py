"""What was measured: rows of the table on the terminal, and the same as JSON."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """One thing done `n` times: CPU milliseconds each (Python, PostgreSQL), wall milliseconds at the median and p95."""

    n: int
    python_ms: float
    database_ms: float
    wall_ms: float
    p95_ms: float

    @property
    def cpu_ms(self) -> float:
        return self.python_ms + self.database_ms

    @classmethod
    def of(cls, walls: Sequence[float], python: float, database: float) -> "Sample":
        """From wall times and total CPU, all in seconds."""
        n = len(walls)
        ordered = sorted(walls)
        p95 = ordered[min(n - 1, math.ceil(n * 0.95) - 1)]
        return cls(n, python / n * 1e3, database / n * 1e3, statistics.median(walls) * 1e3, p95 * 1e3)


@dataclass(frozen=True, slots=True)
class Finding:
    """A figure with its goal. `value` is compared with `limit` (both in `unit`); no limit: for information only."""

    part: str
    title: str
    accounts: int
    value: float
    unit: str
    limit: float | None = None
    sample: Sample | None = None
    floor: Sample | None = None
    floor_title: str = ""
    queries: int | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        return None if self.limit is None else self.value <= self.limit

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


@dataclass
class Report:
    """Findings of a run and how it was taken."""

    circumstances: dict[str, str]
    findings: list[Finding] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def add(self, *findings: Finding) -> None:
        self.findings.extend(findings)

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {
            "circumstances": self.circumstances,
            "findings": [finding.as_json() for finding in self.findings],
            "skipped": self.skipped,
        }
        path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")

    def table(self) -> str:
        rows = [HEAD, *(_cells(finding) for finding in self.findings)]
        widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
        lines = ["| " + " | ".join(_aligned(row, widths)) + " |" for row in rows]
        rule = ["-" * width if place in TEXT else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
        lines.insert(1, "| " + " | ".join(rule) + " |")
        return "\n".join([*lines, *(f"not measured: {line}" for line in self.skipped)])


HEAD = (
    "what",
    "accounts",
    "value",
    "goal",
    "met",
    "CPU ms",
    "of it SQL",
    "floor CPU ms",
    "wall ms",
    "p95",
    "queries",
    "floor, notes",
)
TEXT = {0, 4, 11}


def _cells(finding: Finding) -> tuple[str, ...]:
    sample, floor = finding.sample, finding.floor
    notes = "; ".join(filter(None, [finding.floor_title, finding.note]))
    return (
        finding.title,
        f"{finding.accounts:,}" if finding.accounts else "",
        f"{shown(finding.value)} {finding.unit}",
        "" if finding.limit is None else f"≤ {shown(finding.limit)}",
        {True: "yes", False: "NO", None: ""}[finding.met],
        shown(sample.cpu_ms) if sample else "",
        shown(sample.database_ms) if sample else "",
        shown(floor.cpu_ms) if floor else "",
        shown(sample.wall_ms) if sample else "",
        shown(sample.p95_ms) if sample and sample.n > 1 else "",
        "" if finding.queries is None else str(finding.queries),
        notes,
    )


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        text.ljust(width) if place in TEXT else text.rjust(width)
        for place, (text, width) in enumerate(zip(row, widths, strict=True))
    ]


def shown(value: float) -> str:
    """Three digits that matter, no more."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
