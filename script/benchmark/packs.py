"""A review pack of the demo company, from the job's start to the stored file, beside WeasyPrint alone on its HTML."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.core.management import call_command

from benchmark import dataset
from benchmark.cpu import Meter
from benchmark.dataset import people
from benchmark.results import Finding, Sample
from reviews import documents
from reviews.actions.packs import request_pack
from reviews.models import Pack, Review
from sam.core import jobs, pdf
from sam.core.pdf import to_pdf

TIMES = 3
MOST_RATIO = 1.3
ALONE = Path(__file__).with_name("weasyprint_alone.py")


def measure_pack(postmaster: int) -> list[Finding]:
    """Replaces all accounts by the demo company's."""
    dataset.empty()
    call_command("seed_demo", stdout=sys.stderr)
    html, pages, account = _longest()
    meter = Meter(postmaster)
    subject = _timed(meter, lambda: _render(account))
    with TemporaryDirectory() as folder:
        source, order = Path(folder) / "pack.html", Path(folder) / "order.json"
        source.write_text(html)
        order.write_text(json.dumps(pdf._order(html)))
        alone = [sys.executable, str(ALONE), str(order), str(source), f"{folder}/pack.pdf"]
        floor = _timed(meter, lambda: subprocess.run(alone, check=True))
    title = f"internal review pack of {pages} pages"
    return [
        Finding("pack", title, 0, subject.cpu_ms / floor.cpu_ms, "×", MOST_RATIO, subject, floor,
                "WeasyPrint alone, a process of its own", note=f"wall {subject.wall_ms / floor.wall_ms:.2f} ×"),
    ]  # fmt: skip


def _longest() -> tuple[str, int, Review]:
    """The review whose pack has most pages: its HTML, the pages, and itself."""
    found: list[tuple[str, int, Review]] = []
    for review in Review.objects.select_related("account").exclude(status=Review.Status.CANCELLED)[:6]:
        with mock.patch.object(documents, "to_pdf", wraps=to_pdf) as asked:
            pack = _render(review)
        found.append((asked.call_args.args[0], pack.pages, review))
    if not found:
        raise ValueError("the demo company has no review")
    return max(found, key=lambda entry: entry[1])


def _render(review: Review) -> Pack:
    """What a worker does from being woken up to the stored file."""
    pack = request_pack(review=review, account=review.account, edition=Pack.Edition.INTERNAL, by=people().lead)
    if pack.job_id is None or not jobs.run(pack.job_id):
        raise ValueError("the job of the pack did not run")
    done = Pack.objects.get(pk=pack.pk)
    if not done.is_done:
        raise ValueError(f"the pack was not rendered: {done.problem}")
    return done


def _timed(meter: Meter, work: Callable[[], object]) -> Sample:
    walls = []
    with meter.measure() as spent:
        for _ in range(TIMES):
            began = time.perf_counter()
            work()
            walls.append(time.perf_counter() - began)
    return Sample.of(walls, spent.python, spent.database)
