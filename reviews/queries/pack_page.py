"""What a client may see of a pack on its page: field by field, the allow-list behind its publication."""

from __future__ import annotations

import base64
from typing import Any

from reviews.models import Pack
from sam.core.files import open_stored
from sam.core.models import Organisation

PDF = "application/pdf"
# Names of ClientEdition; what is not named here stays out of the page, even when the edition grows.
SHOWN = ("supplier", "client", "title", "quarter", "held_on", "starts_at", "minutes", "place", "topic", "decisions")
AGENDA = ("after", "title", "minutes", "who")
ACTION = ("what", "ours", "theirs", "due", "state")


def pack_payload(pack: Pack) -> dict[str, Any]:
    """The snapshot: what the rendered edition says in short, and its file. Raises ValueError for an internal one."""
    if pack.is_internal or not pack.is_done:
        raise ValueError("Only a finished client edition may be published.")
    organisation = Organisation.objects.shown()
    content = pack.content
    with open_stored(pack.stored) as file:
        body = base64.b64encode(file.read()).decode()
    return {
        **{name: content[name] for name in SHOWN},
        "organiser": pack.review.organiser.display_name,
        "agenda": [{name: line[name] for name in AGENDA} for line in content["agenda"]],
        "actions": [{name: line[name] for name in ACTION} for line in content["actions"]],
        "imprint_url": organisation.imprint_url,
        "privacy_url": organisation.privacy_url,
        "file_name": pack.file_name,
        "pages": pack.pages,
        "files": {pack.file_name: {"type": PDF, "base64": body}},
    }
