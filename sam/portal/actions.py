"""What goes out to clients, and what comes back: publishing, links, taking over."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Model
from django.urls import reverse
from django.utils import timezone

from sam.core.audit import action
from sam.core.errors import ActionRefused
from sam.core.models import Organisation, User
from sam.portal import tokens
from sam.portal.models import Link, Publication, Submission
from sam.portal.publishers import publisher_for

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A fresh link with its address. The address holds the token and exists only here: send it, don't store it."""

    link: Link
    url: str


def checksum(payload: dict[str, Any]) -> str:
    """SHA-256 of the payload in its canonical form (keys sorted, no spaces)."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@action("published for the client")
def publish(*, kind: str, subject: Model, by: User | None, account: Model | None = None) -> Publication:
    """Freeze what the client may see of `subject`. Raises LookupError for an unknown kind."""
    payload = publisher_for(kind).build(subject)
    return Publication.objects.create(
        kind=kind,
        subject_id=subject.pk,
        account_id=account.pk if account else None,
        payload=payload,
        sha256=checksum(payload),
        published_by=by,
        published_at=timezone.now(),
    )


@action("withdrew what was published")
def withdraw(*, publication: Publication, by: User | None, account: Model | None = None) -> None:
    """Close every link to a publication on the next request."""
    Publication.objects.filter(pk=publication.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())


@action("gave a client a link")
def issue_link(
    *,
    publication: Publication,
    purpose: str,
    recipient_email: str,
    expires_at: datetime,
    by: User | None,
    recipient_id: int | None = None,
    recipient_name: str = "",
    language: str = "en",
    account: Model | None = None,
) -> IssuedLink:
    """A one-person link to a publication.

    Raises ActionRefused while imprint or privacy notice are missing, and LookupError for an unknown purpose.
    """
    refuse_without_notices()
    if purpose not in {page.purpose for page in publisher_for(publication.kind).pages}:
        raise LookupError(f"{publication.kind} has no page for {purpose!r}")
    token = tokens.new_token()
    link = Link.objects.create(
        public_id=tokens.new_public_id(),
        purpose=purpose,
        digest=tokens.digest(token),
        publication=publication,
        recipient_id=recipient_id,
        recipient_email=recipient_email,
        recipient_name=recipient_name,
        language=language,
        issued_by=by,
        issued_at=timezone.now(),
        expires_at=expires_at,
    )
    return IssuedLink(link, settings.PORTAL_BASE_URL + reverse("portal:link-open", args=[token]))


def refuse_without_notices() -> None:
    """Clients must be able to read who asks and what happens to their data before the first link goes out."""
    if not Organisation.objects.current().ready_for_clients:
        raise ActionRefused(
            "Set the imprint and the privacy notice first: an admin does this under Settings, Organisation. "
            "No client link can be given before.",
            code="imprint_or_privacy_missing",
        )


@action("revoked a client's link")
def revoke_link(*, link: Link, by: User | None, account: Model | None = None) -> None:
    """The link stops working on the next request. Revoking twice changes nothing."""
    Link.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())


def take_over(submission_id: int) -> bool:
    """Let the app act on a submission, once; False when it was done before or cannot be done now.

    What the app refuses is kept with its reason. What fails for another reason stays waiting for the clock.
    """
    waiting = Submission.objects.filter(pk=submission_id, taken_at=None)
    try:
        return _take_over(submission_id=submission_id, by=None)
    except ActionRefused as refused:
        waiting.update(taken_at=timezone.now(), problem=refused.message[:300])
        return False
    except Exception:
        logger.exception("submission not taken over", extra={"submission": submission_id})
        waiting.update(
            attempts=F("attempts") + 1, problem="Something went wrong on our side; tried again by the clock."
        )
        return False


@action("took over what a client sent")
def _take_over(*, submission_id: int, by: User | None) -> bool:
    submission = (
        Submission.objects.select_for_update(of=["self"])
        .select_related("link__publication")
        .filter(pk=submission_id, taken_at=None)
        .first()
    )
    if submission is None:
        return False
    link = submission.link
    page = publisher_for(link.publication.kind).page(link.purpose)
    if page.take_over is None:
        raise ActionRefused("Nothing takes this over.", code="no_handler")
    with transaction.atomic():
        page.take_over(submission)
    Submission.objects.filter(pk=submission_id).update(taken_at=timezone.now(), problem="")
    return True
