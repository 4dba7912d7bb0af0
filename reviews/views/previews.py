"""What the client sees of a survey: the same template and the same way to bytes as behind the client wall."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone

from reviews.actions import surveys as actions
from sam.portal.gate import Snapshot
from sam.portal.rendering import render_done, render_page

PAGES = {
    "survey": (actions.ASK, False),
    "thanks": (actions.ASK, True),
    "stop": (actions.STOP, False),
    "stopped": (actions.STOP, True),
}


def survey_page(payload: Mapping[str, Any], shown: str, language: str) -> HttpResponse:
    """One of the survey's pages in a language; Http404 for a page that there is not. Its form goes nowhere."""
    if shown not in PAGES:
        raise Http404
    purpose, done = PAGES[shown]
    snapshot = Snapshot(
        public_id="preview",
        purpose=purpose,
        kind=actions.KIND,
        language=language[:8],
        name="",
        expires_at=timezone.now() + timedelta(days=1),
        payload=payload,
        sha256="",
    )
    return HttpResponse(render_done(snapshot) if done else render_page(snapshot, key="preview"))
