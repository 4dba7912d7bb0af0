"""What client pages may ask the database: two functions, over the portal's own connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections

from sam.portal import tokens

PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a client page knows: the link's own words and the published payload."""

    public_id: str
    purpose: str
    kind: str
    language: str
    name: str
    expires_at: datetime
    payload: Mapping[str, Any]
    sha256: str
    sent_at: datetime | None = None


def read(token: str) -> Snapshot | None:
    """What the token opens; None when it is unknown, expired or revoked, which nobody outside can tell apart."""
    for digest in tokens.digests(token):
        found = _call("SELECT portal_read(%s)", [digest])
        if found is not None:
            return Snapshot(
                public_id=found["public_id"],
                purpose=found["purpose"],
                kind=found["kind"],
                language=found["language"],
                name=found["name"],
                expires_at=datetime.fromisoformat(found["expires_at"]),
                payload=found["payload"],
                sha256=found["sha256"],
                sent_at=datetime.fromisoformat(found["sent_at"]) if found["sent_at"] else None,
            )
    return None


def submit(token: str, key: str, payload: Mapping[str, Any] | None) -> dict[str, Any]:
    """Hand something in: `state` is taken, again, seen, refused, full or unknown. No payload: only counted as seen."""
    sent = None if payload is None else json.dumps(payload)
    answer: dict[str, Any] = {"state": "unknown"}
    for digest in tokens.digests(token):
        answer = _call("SELECT portal_submit(%s, %s, %s::jsonb)", [digest, key, sent]) or answer
        if answer["state"] != "unknown":
            break
    return answer


def _call(statement: str, values: list[str | None]) -> dict[str, Any] | None:
    with connections[PORTAL].cursor() as cursor:
        cursor.execute(statement, values)
        (found,) = cursor.fetchone()
    # A raw cursor hands JSON out as text.
    answer: dict[str, Any] | None = json.loads(found) if isinstance(found, str) else found
    return answer
