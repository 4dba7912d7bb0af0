"""Importing accounts: dry run and commit as a worker does them, beside COPY into plain tables plus index build."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

from django.db import connection

from accounts.actions.imports.batches import commit_import, start_import
from accounts.models import Account, ImportBatch
from benchmark import dataset
from benchmark.cpu import Meter
from benchmark.dataset import OWNERS, people
from benchmark.results import Finding, Sample
from sam.core import jobs
from sam.core.files import store_bytes

MOST_SECONDS, MOST_RATIO = 5.0, 8.0
SMALL = 10_000
HEADER = ("external_id", "name", "country", "region", "industry", "currency", "owner_email")
MAPPING = {name: name for name in HEADER}
COUNTRIES = ("Canada", "Germany", "France", "Japan", "Poland", "United Kingdom", "United States")
INDUSTRIES = ("Energy", "Food", "Health care", "Machinery", "Retail", "Transport")
TABLES = ("accounts_account", "accounts_accountkey")


def measure_imports(postmaster: int, names: Sequence[str]) -> list[Finding]:
    """Imports everything into empty tables and leaves them filled."""
    dataset.empty()
    people()
    # A worker that has done this before has its code loaded.
    _work(warm := _started(names[:200]))
    _work(commit_import(batch=ImportBatch.objects.get(pk=warm.pk), by=people().lead))
    dataset.empty()
    batch = _started(names)
    meter = Meter(postmaster)
    dry_run = _timed(meter, lambda: _work(batch))
    batch.refresh_from_db()
    if batch.status != ImportBatch.Status.CHECKED or batch.counts.get("new") != len(names):
        raise ValueError(f"the dry run ended as {batch.status}: {batch.problem} {batch.counts}")
    batch = commit_import(batch=batch, by=people().lead)
    merge = _timed(meter, lambda: _work(batch))
    batch.refresh_from_db()
    if batch.status != ImportBatch.Status.DONE or Account.objects.count() != len(names):
        raise ValueError(f"the import ended as {batch.status}: {batch.problem}")
    floor = _floor(meter)
    return _findings(dry_run, merge, floor, len(names))


def _findings(dry_run: Sample, merge: Sample, floor: Sample, accounts: int) -> list[Finding]:
    seconds = (dry_run.wall_ms + merge.wall_ms) / 1000
    goal = MOST_SECONDS if accounts == SMALL else None
    per_second = f"{accounts / dry_run.wall_ms * 1000:,.0f} rows a second"
    title = "COPY into both tables plus their indexes"
    return [
        Finding("imports", "import of accounts, dry run and commit", accounts, seconds, "s", goal),
        Finding("imports", "dry run alone", accounts, dry_run.wall_ms / 1000, "s", None, dry_run, note=per_second),
        Finding(
            "imports", "merge into audited tables", accounts, merge.cpu_ms / floor.cpu_ms, "×", MOST_RATIO, merge,
            floor, title, note=f"wall {merge.wall_ms / floor.wall_ms:.1f} ×",
        ),
    ]  # fmt: skip


def _started(names: Sequence[str]) -> ImportBatch:
    page = io.StringIO()
    writer = csv.writer(page)
    writer.writerow(HEADER)
    for number, name in enumerate(names):
        place = (COUNTRIES[number % len(COUNTRIES)], "", INDUSTRIES[number % len(INDUSTRIES)])
        owner = f"manager{1 + number % OWNERS}@bench.example"
        writer.writerow((f"C{number:06}", name, *place, "EUR", owner))
    stored = store_bytes(page.getvalue().encode(), folder="imports", suffix=".csv")
    return start_import(
        by=people().lead, kind="accounts", stored=stored, filename="bench.csv", mapping=MAPPING, check_at_once=True
    )


def _work(batch: ImportBatch) -> None:
    """What the worker does when it is woken up. Nobody else listens to the queue here."""
    if batch.job_id is None or not jobs.run(batch.job_id):
        raise ValueError("the job of the import did not run")


def _timed(meter: Meter, work: Callable[[], None]) -> Sample:
    with meter.measure() as spent:
        work()
    return Sample.of([spent.wall], spent.python, spent.database)


def _floor(meter: Meter) -> Sample:
    """The same rows by COPY into tables of the same shape without triggers and keys, then the same indexes."""
    rows = {table: _copied_out(table) for table in TABLES}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING GENERATED INCLUDING DEFAULTS)")
    sample = _timed(meter, lambda: _copy_in(rows))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {', '.join(f'bench_{table}' for table in TABLES)}")
    return sample


def _copy_in(rows: dict[str, tuple[str, bytes]]) -> None:
    with connection.cursor() as cursor:
        for table, (columns, content) in rows.items():
            with cursor.copy(f"COPY bench_{table} ({columns}) FROM STDIN") as copy:
                copy.write(content)
        for table in rows:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", [table])
            for (definition,) in cursor.fetchall():
                head, _, tail = definition.partition(f" ON public.{table} ")
                unique = "UNIQUE " if head.startswith("CREATE UNIQUE") else ""
                cursor.execute(f"CREATE {unique}INDEX ON bench_{table} {tail}")


def _copied_out(table: str) -> tuple[str, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            [table],
        )
        columns = cursor.fetchone()[0]
        with cursor.copy(f"COPY (SELECT {columns} FROM {table}) TO STDOUT") as copy:
            return columns, b"".join(bytes(piece) for piece in copy)
