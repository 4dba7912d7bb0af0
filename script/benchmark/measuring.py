"""The measurement itself, in a process with Django and the servers up."""

import datetime as dt
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import django
from django.conf import settings
from django.db import connection

from benchmark.options import BenchOptions
from benchmark.results import Report


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> None:
    options = BenchOptions.read(arguments)
    django.setup()
    settings.ROOT_URLCONF = "benchmark.urls"
    # After the set-up: everything below reaches for models.
    from benchmark.run import Run  # noqa: PLC0415

    run = Run(options, tell)
    report = Report(circumstances())
    run.into(report)
    path = Path(os.environ["SAM_BENCH_RESULT"])
    report.write(path)
    print(report.table())
    print("\n" + "\n".join(f"{name}: {text}" for name, text in report.circumstances.items()))
    tell(f"The same as JSON: {path}")


def circumstances() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    return {
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        "load when it began": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        "Django": django.get_version(),
        "PostgreSQL": version,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
