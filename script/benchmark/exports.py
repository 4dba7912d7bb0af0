"""The whole portfolio as CSV, beside a cursor and csv.writer; and how the web server's memory behaves meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass

from benchmark.cpu import Meter, resident
from benchmark.dataset import people
from benchmark.results import Finding, Sample
from benchmark.server import Browser, Server, session_cookie

TIMES = 3
MOST_RATIO = 1.5
MEGABYTE = 1024 * 1024
# Buffers of one batch; a result held as a whole is many times this at 100,000 rows.
FLAT = 24.0


@dataclass
class Download:
    """What came, and how far the worker's memory rose above where it was before."""

    lines: int = 0
    size: int = 0
    rise: int = 0


def measure_export(server: Server, postmaster: int, accounts: int) -> list[Finding]:
    browser = Browser(server, session_cookie(people().lead))
    meter = Meter(postmaster, server.cpu)
    paths = {"floor": "/floor/export.csv", "export": "/accounts/export.csv"}
    samples: dict[str, Sample] = {}
    downloads: dict[str, Download] = {}
    for path in paths.values():
        _download(browser, server, path)
    for name, path in paths.items():
        walls = []
        with meter.measure() as spent:
            for _ in range(TIMES):
                began = time.perf_counter()
                downloads[name] = _download(browser, server, path)
                walls.append(time.perf_counter() - began)
        samples[name] = Sample.of(walls, spent.python, spent.database)
    browser.close()
    if downloads["export"].lines != accounts + 1:
        raise ValueError(f"the export has {downloads['export'].lines} lines for {accounts} accounts")
    return _findings(samples, downloads, accounts)


def _findings(samples: dict[str, Sample], downloads: dict[str, Download], accounts: int) -> list[Finding]:
    whole = downloads["export"]
    return [
        Finding(
            "export",
            "CSV export of all accounts with figures",
            accounts,
            samples["export"].cpu_ms / samples["floor"].cpu_ms,
            "×",
            MOST_RATIO,
            samples["export"],
            samples["floor"],
            "one statement for the same cells, cursor, csv.writer",
            note=f"{whole.size / MEGABYTE:.1f} MB",
        ),
        Finding(
            "export",
            "CSV export: memory of the web process rises by",
            accounts,
            whole.rise / MEGABYTE,
            "MB",
            FLAT,
            note=f"bare iterator: {downloads['floor'].rise / MEGABYTE:.1f} MB",
        ),
    ]


def _download(browser: Browser, server: Server, path: str) -> Download:
    before = resident(server.worker)
    found = Download()
    for piece in browser.stream(path):
        found.lines += piece.count(b"\n")
        found.size += len(piece)
        found.rise = max(found.rise, resident(server.worker) - before)
    return found
