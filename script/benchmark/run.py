"""All parts in their order. A part that cannot be measured says why and does not stop the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable

from django.db import connection

from benchmark import dataset
from benchmark.cpu import parent_of
from benchmark.exports import measure_export
from benchmark.first_visit import measure_first_visit
from benchmark.imports import measure_imports
from benchmark.names import account_names
from benchmark.options import BenchOptions
from benchmark.packs import measure_pack
from benchmark.pages import flatness, measure_pages
from benchmark.results import Finding, Report
from benchmark.scores import measure_scores
from benchmark.server import web_server

Tell = Callable[[str], None]


class Run:
    """One measurement of everything that was asked for."""

    def __init__(self, options: BenchOptions, tell: Tell) -> None:
        self._options = options
        self._tell = tell
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._postmaster = parent_of(cursor.fetchone()[0])

    def into(self, report: Report) -> None:
        names, origin = account_names(max(self._options.sizes))
        report.circumstances["names"] = origin
        # First: the demo company wants an installation that has no scorecard yet.
        self._part(report, "pack", lambda: measure_pack(self._postmaster))
        for size in self._options.sizes:
            if set(self._options.parts) - {"pack"}:
                self._size(report, names[:size])
        report.add(*flatness(report.findings))

    def _size(self, report: Report, names: list[str]) -> None:
        size, postmaster = len(names), self._postmaster
        self._part(report, "imports", lambda: measure_imports(postmaster, names))
        self._tell(f"{size:,} accounts: filling the tables …")
        dataset.fill(names)
        self._part(report, "scores", lambda: measure_scores(postmaster, size))
        with web_server() as server:
            self._part(report, "pages", lambda: measure_pages(server, postmaster, names))
            self._part(report, "export", lambda: measure_export(server, postmaster, size))
            if size == min(self._options.sizes):
                self._part(report, "first-visit", lambda: measure_first_visit(server, size))

    def _part(self, report: Report, part: str, measure: Callable[[], Iterable[Finding]]) -> None:
        if part not in self._options.parts:
            return
        self._tell(f"  {part} …")
        try:
            report.add(*measure())
        except Exception as problem:  # noqa: BLE001 - the other parts are still worth measuring
            traceback.print_exc()
            report.skipped.append(f"{part}: {problem}")
