"""The answer to a price request on one page of paper, for us only."""

from __future__ import annotations

from django.template.loader import render_to_string

from accounts.queries.price_requests import Room
from sam.core.errors import ActionRefused
from sam.core.pdf import PdfFailed, PdfFile, to_pdf

INTERNAL = "INTERNAL"


def answer_html(room: Room) -> str:
    """One HTML document with the mark on it."""
    client = room.request.account.name
    return render_to_string("print/price_answer.html", {"room": room, "mark": f"{INTERNAL} – not for {client}"})


def answer_pdf(room: Room) -> PdfFile:
    """Raises ActionRefused with words for the person who waits."""
    try:
        return to_pdf(answer_html(room))
    except PdfFailed as failed:
        raise ActionRefused(failed.message, code=failed.code) from failed
