"""The frozen list: kept scores at closing, and the PDF with reasons that a worker makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from sam.core.actions.jobs import enqueue
from sam.core.actions.messages import notify
from sam.core.audit import action
from sam.core.errors import ActionRefused
from sam.core.files import delete_stored, store_bytes
from sam.core.models import Job, User
from scoring.actions.scores import keep_scores
from scoring.documents import file_name, list_pdf
from scoring.models import Candidate, CycleDocument, KeptScore, ScoreRun, SelectionCycle
from scoring.queries.cycle import live_rules_or_none
from scoring.queries.marks import Mark

CYCLE_LIST = "scoring.cycle-list"
FOLDER = "cycles"


def occasion_of(cycle: SelectionCycle) -> str:
    """The occasion under which a cycle keeps scores."""
    return f"Cycle {cycle.year}"


@action("kept the candidates' scores")
def keep_candidates(*, cycle: SelectionCycle, on: date, marks: Mapping[int, Sequence[Mark]], by: User | None) -> None:
    """Each candidate's score with its inputs and rank, and its marks in words, as they are now.

    An account without a score row keeps none; nor does anybody before there is a scorecard.
    """
    rules, run = live_rules_or_none(), ScoreRun.objects.first()
    candidates = list(cycle.candidates.all())
    ids = [candidate.account_id for candidate in candidates]
    occasion = occasion_of(cycle)
    if rules is not None and run is not None:
        keep_scores(rules=rules, run=run, occasion=occasion, kept_on=on, accounts=ids)
    kept = dict(KeptScore.objects.filter(occasion=occasion, account__in=ids).values_list("account_id", "pk"))
    for candidate in candidates:
        candidate.kept_id = kept.get(candidate.account_id)
        candidate.marks = [asdict(mark) for mark in marks.get(candidate.account_id, ())]
    Candidate.objects.bulk_update(candidates, ["kept", "marks"])


@action("asked for the list of a cycle")
def start_list(*, cycle: SelectionCycle, by: User | None) -> CycleDocument:
    """Hand the PDF to a worker; one that is made or under way already is given back.

    ActionRefused while the cycle is open.
    """
    if not cycle.is_closed:
        raise ActionRefused("The list becomes a document when the cycle is closed.", code="open")
    document, _ = CycleDocument.objects.select_for_update().get_or_create(cycle=cycle)
    waiting = document.job is not None and document.job.state in (Job.State.QUEUED, Job.State.RUNNING)
    if document.is_done or waiting:
        return document
    document.job = enqueue(CYCLE_LIST, {"cycle": cycle.pk}, by=by)
    document.save(update_fields=["job"])
    return document


def run_list(job: Job, progress: Callable[[int, str], None]) -> dict[str, Any]:
    """The job behind `start_list`; done twice it does nothing the second time."""
    cycle = SelectionCycle.objects.get(pk=job.arguments["cycle"])
    document = CycleDocument.objects.get(cycle=cycle)
    if not document.is_done:
        progress(20, "Laying out the list")
        pdf = list_pdf(cycle)
        progress(90, "Storing the file")
        stored = store_bytes(pdf.content, folder=FOLDER, suffix=".pdf")
        try:
            finish_list(cycle=cycle, stored=stored.name, sha256=stored.sha256, pages=pdf.pages, by=job.created_by)
        except BaseException:
            delete_stored(stored.name)
            raise
    document.refresh_from_db()
    return {"cycle": cycle.year, "pages": document.pages}


@action("rendered the list of a cycle")
def finish_list(*, cycle: SelectionCycle, stored: str, sha256: str, pages: int, by: User | None) -> CycleDocument:
    """The file becomes the cycle's one document; ActionRefused when another worker was first."""
    changed = CycleDocument.objects.filter(cycle=cycle, rendered_at=None).update(
        stored=stored, sha256=sha256, pages=pages, file_name=file_name(cycle), rendered_at=timezone.now()
    )
    if not changed:
        raise ActionRefused("Another worker rendered this list.", code="already_rendered")
    if by is not None:
        notify(
            user=by,
            title=f"{cycle}: the list is ready",
            text=f"{pages} pages with reasons, internal",
            url=reverse("scoring:cycle-detail", args=[cycle.year]),
        )
    return CycleDocument.objects.get(cycle=cycle)
