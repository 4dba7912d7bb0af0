"""The one-page answer as PDF: ask for it, and the worker's part."""

from __future__ import annotations

from accounts.documents import answer_pdf
from accounts.models import Account, PriceRequest
from accounts.queries.price_requests import room_of
from sam.core.actions.jobs import enqueue
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused
from sam.core.files import delete_stored, store_bytes
from sam.core.jobs import Progress
from sam.core.models import Job, User

JOB_KIND = "price-answer"
FOLDER = "price-answers"


@action("asked for a price answer on paper")
def request_document(*, request: PriceRequest, account: Account, by: User) -> Job:
    """Start rendering; one that is under way is given back. Raises ActionRefused before the answer is signed off."""
    stored = PriceRequest.objects.select_for_update(of=["self"]).select_related("job").get(pk=request.pk)
    if stored.state != PriceRequest.State.ANSWERED:
        raise ActionRefused("Sign the answer off first.", code="not_answered")
    if stored.job is not None and not stored.job.is_over:
        return stored.job
    job = enqueue(JOB_KIND, {"request": stored.pk}, by=by)
    PriceRequest.objects.filter(pk=stored.pk).update(job=job)
    return job


def render_document(*, request_id: int, reader: User | None, progress: Progress) -> PriceRequest:
    """The worker's part: read, lay out, store. Other accounts are not on the page: it may be handed on.

    Raises ActionRefused in words for the person who waits.
    """
    request = PriceRequest.objects.select_related("account", "asked_by", "closed_by").get(pk=request_id)
    if reader is None or not can(reader, Permission.FIGURES_VIEW, on=request.account):
        raise ActionRefused("You may not see the figures of this account any more.", code="forbidden", status=403)
    progress(10, "Reading the account")
    pdf = answer_pdf(room_of(request, reader))
    progress(90, "Storing the file")
    stored = store_bytes(pdf.content, folder=FOLDER, suffix=".pdf")
    try:
        return keep_document(
            request=request, account=request.account, name=stored.name, sha256=stored.sha256, by=reader
        )
    except BaseException:
        delete_stored(stored.name)
        raise


@action("rendered a price answer")
def keep_document(*, request: PriceRequest, account: Account, name: str, sha256: str, by: User | None) -> PriceRequest:
    """The newest file counts."""
    PriceRequest.objects.filter(pk=request.pk).update(stored=name, sha256=sha256)
    request.refresh_from_db()
    return request
