"""The list of a closed cycle on paper."""

from __future__ import annotations

from django.template.loader import render_to_string

from sam.core.errors import ActionRefused
from sam.core.models import Organisation
from sam.core.pdf import PdfFailed, PdfFile, to_pdf
from scoring.domain.cycle import Outcome
from scoring.models import SelectionCycle
from scoring.queries.cycle import frozen_rows

MARK = "INTERNAL – not for clients"


def file_name(cycle: SelectionCycle) -> str:
    return f"selection-{cycle.year}-INTERNAL.pdf"


def list_html(cycle: SelectionCycle) -> str:
    """The frozen list with reasons as one HTML document: what is in, watched and out, and who approved it."""
    rows = frozen_rows(cycle)
    parts = [
        (label, [row for row in rows if row.decision is not None and row.decision.outcome == outcome])
        for outcome, label in ((Outcome.IN, "In"), (Outcome.WATCH, "Watched"), (Outcome.OUT, "Out"))
    ]
    context = {
        "cycle": cycle,
        "mark": MARK,
        "parts": parts,
        "approvals": cycle.approvals.select_related("person"),
        "organisation": Organisation.objects.current(),
    }
    return render_to_string("print/cycle_list.html", context)


def list_pdf(cycle: SelectionCycle) -> PdfFile:
    """Raises ActionRefused with words for the person who waits."""
    try:
        return to_pdf(list_html(cycle))
    except PdfFailed as failed:
        raise ActionRefused(failed.message, code=failed.code) from failed
