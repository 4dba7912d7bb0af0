"""The one way a client page becomes bytes; "what the client sees" takes the same way.

Pages are rendered without a request: no context processor can bring in a person, an organisation or a query.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from sam.portal.gate import Snapshot
from sam.portal.publishers import publisher_for


def render_page(
    snapshot: Snapshot,
    *,
    key: str,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    """The page of a link's purpose. `key` makes sending it twice harmless."""
    page = publisher_for(snapshot.kind).page(snapshot.purpose)
    return _render(page.template, snapshot, key=key, values=values or {}, errors=errors or {})


def render_done(snapshot: Snapshot) -> str:
    """What stands after sending: thanks, and what happens next."""
    page = publisher_for(snapshot.kind).page(snapshot.purpose)
    return _render(page.done_template or page.template, snapshot, key="", values={}, errors={})


def _render(template: str, snapshot: Snapshot, **context: Any) -> str:
    shown = {name: value for name, value in snapshot.payload.items() if name != "files"}
    with translation.override(language_of(snapshot.language)):
        return render_to_string(
            template,
            {
                "page": shown,
                "name": snapshot.name,
                "language": language_of(snapshot.language),
                "sent_at": snapshot.sent_at,
                **context,
            },
        )


def language_of(wanted: str) -> str:
    """The nearest language that we have; English otherwise."""
    try:
        return translation.get_supported_language_variant(wanted)
    except LookupError:
        return settings.LANGUAGE_CODE
