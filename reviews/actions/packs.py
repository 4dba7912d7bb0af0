"""Review packs: ask for one, render it, read it, share the client's edition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Contact
from reviews.delivery.packs import PackAddresses, post_pack_link
from reviews.documents import as_json, client_html, internal_html, pdf_of
from reviews.domain.filenames import pack_filename
from reviews.models import Pack, PackShare, Review
from reviews.queries.client_edition import client_edition
from reviews.queries.internal_pages import internal_pages
from sam.core.actions.jobs import enqueue
from sam.core.actions.messages import notify
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.files import StoredFile, delete_stored, store_bytes
from sam.core.jobs import Progress
from sam.core.models import User
from sam.core.pdf import PdfFile
from sam.portal.actions import issue_link, publish, refuse_without_notices
from sam.portal.models import Link

JOB_KIND = "pack"
KIND = "review-pack"
READ, STOP = "review-pack", "review-pack-stop"
FOLDER = "packs"
LINK_DAYS = 30
# The way out of our mails works longer than any pack.
STOP_LINK_DAYS = 730
MOST_RECIPIENTS = 40


@action("asked for a review pack")
def request_pack(*, review: Review, account: Account, edition: str, by: User) -> Pack:
    """Start rendering; a pack of that edition that is under way already is given back.

    Raises FieldErrors for an unknown edition, ActionRefused for a review that was called off and for a client's
    edition of a meeting among ourselves.
    """
    if edition not in Pack.Edition.values:
        raise FieldErrors({"edition": "Choose internal or client."})
    locked = Review.objects.select_for_update(of=["self"]).get(pk=review.pk)
    if locked.status == Review.Status.CANCELLED:
        raise ActionRefused("This review was called off.", code="cancelled")
    if edition == Pack.Edition.CLIENT and locked.is_internal:
        raise ActionRefused("A meeting among ourselves has no client edition.", code="internal_review")
    newest = Pack.objects.filter(review=locked, edition=edition).select_related("job").first()
    if newest is not None and newest.is_under_way:
        return newest
    pack = Pack.objects.create(review=locked, edition=edition, requested_by=by, requested_at=timezone.now())
    pack.job = enqueue(JOB_KIND, {"pack": pack.pk}, by=by)
    pack.save(update_fields=["job"])
    return pack


def render_pack(*, pack_id: int, progress: Progress) -> Pack:
    """The worker's part: read, lay out, store, make current. Done twice it does nothing the second time.

    The file is written before the row that names it, so that a pack is either there whole or not there.
    Raises ActionRefused in words for the person who waits.
    """
    pack = Pack.objects.select_related("review__account", "review__organiser", "requested_by").get(pk=pack_id)
    if pack.is_done:
        return pack
    review, reader = pack.review, pack.requested_by
    # Asked again here: a right may have gone while the work waited.
    if reader is None or not can(reader, Permission.PACK_RENDER, on=review.account):
        raise ActionRefused("You may not render packs of this account any more.", code="forbidden", status=403)
    today = timezone.localdate()
    progress(5, "Reading the account")
    edition = client_edition(review, today)
    inside = internal_pages(review, reader, today) if pack.is_internal else None
    html = client_html(edition) if inside is None else internal_html(edition, inside)
    progress(25, "Laying out the pages")
    pdf = pdf_of(html)
    progress(90, "Storing the file")
    stored = store_bytes(pdf.content, folder=FOLDER, suffix=".pdf")
    try:
        return finish_pack(
            pack=pack,
            account=review.account,
            stored=stored,
            pdf=pdf,
            content={} if pack.is_internal else as_json(edition),
            by=reader,
        )
    except BaseException:
        delete_stored(stored.name)
        raise


@action("rendered a review pack")
def finish_pack(
    *, pack: Pack, account: Account, stored: StoredFile, pdf: PdfFile, content: dict[str, object], by: User
) -> Pack:
    """The file becomes the one current pack of its review and edition."""
    review = Review.objects.select_for_update(of=["self"]).get(pk=pack.review_id)
    fresh = Pack.objects.get(pk=pack.pk)
    if fresh.is_done:
        raise ActionRefused("Another worker rendered this pack.", code="already_rendered")
    Pack.objects.filter(review=review, edition=fresh.edition, current=True).update(current=False)
    fresh.rendered_at = timezone.now()
    fresh.current = True
    fresh.stored, fresh.sha256, fresh.size, fresh.pages = stored.name, stored.sha256, stored.size, pdf.pages
    fresh.file_name = pack_filename(account.name, review.date, internal=fresh.is_internal)
    fresh.content = content
    fresh.save()
    notify(
        user=by,
        title=f"{fresh.get_edition_display()} is ready: {account.name}",
        text=f"{fresh.file_name}, {fresh.pages} pages",
        url=reverse("reviews:review-detail", args=[account.pk, review.pk]) + "#packs",
        account_id=account.pk,
    )
    return fresh


@action("read a review pack")
def note_reading(*, pack: Pack, account: Account, by: User) -> None:
    """Somebody other than its author read it. The author's own reading does not count; the first reader stays."""
    if pack.requested_by_id != by.pk:
        Pack.objects.rendered().filter(pk=pack.pk, read_by=None).update(read_by=by)


@action("shared a review pack with the client")
def share_client_pack(
    *, pack: Pack, account: Account, contacts: Iterable[Contact], by: User, at: datetime | None = None
) -> list[PackShare]:
    """Publish the client's edition as it was rendered, and mail each person a link of their own, once.

    Raises ActionRefused for an internal edition, an unfinished or replaced pack, or while imprint or privacy notice
    are missing; FieldErrors with the reason for each person who cannot get it.
    """
    if pack.edition != Pack.Edition.CLIENT:
        raise ActionRefused("Only the client edition can be shared.", code="internal_edition")
    refuse_without_notices()
    stored = Pack.objects.select_for_update(of=["self"]).select_related("review__organiser", "publication").get(
        pk=pack.pk
    )  # fmt: skip
    if not stored.is_done:
        raise ActionRefused("Render the client edition first.", code="not_rendered")
    if not stored.current:
        raise ActionRefused("A newer client edition was rendered. Share that one.", code="replaced")
    people = list({contact.pk: contact for contact in contacts}.values())
    _check_recipients(account, people)
    if stored.publication is None:
        stored.publication = publish(kind=KIND, subject=stored, by=by, account=account)
        stored.save(update_fields=["publication"])
    now = at or timezone.now()
    known = set(stored.shares.values_list("contact_id", flat=True))
    return [_share(stored, account, contact, by, now) for contact in people if contact.pk not in known]


def _check_recipients(account: Account, people: list[Contact]) -> None:
    problems = []
    if not people:
        problems.append("Choose at least one person.")
    if len(people) > MOST_RECIPIENTS:
        problems.append(f"A pack goes to at most {MOST_RECIPIENTS} people.")
    stopped = set(
        PackShare.objects.filter(contact__in=people, stopped_at__isnull=False).values_list("contact_id", flat=True)
    )
    for contact in people:
        if contact.account_id != account.pk:
            problems.append("Choose people of this account.")
        elif contact.status in (Contact.Status.LEFT, Contact.Status.UNKNOWN):
            problems.append(f"{contact.full_name} is not with the company.")
        elif not contact.email:
            problems.append(f"{contact.full_name} has no e-mail address.")
        elif contact.pk in stopped:
            problems.append(f"{contact.full_name} asked us to send no more packs.")
    if problems:
        raise FieldErrors({"contacts": problems})


def _share(pack: Pack, account: Account, contact: Contact, by: User, now: datetime) -> PackShare:
    expires_at = now + timedelta(days=LINK_DAYS)
    share = PackShare.objects.create(pack=pack, contact=contact, shared_by=by, shared_at=now, expires_at=expires_at)
    urls = {}
    for purpose, ends in ((READ, expires_at), (STOP, now + timedelta(days=STOP_LINK_DAYS))):
        if pack.publication is None:
            raise ActionRefused("Publish the pack first.", code="not_published")
        urls[purpose] = issue_link(
            publication=pack.publication,
            purpose=purpose,
            recipient_id=contact.pk,
            recipient_email=contact.email,
            recipient_name=contact.full_name,
            language=contact.language,
            expires_at=ends,
            by=by,
            account=account,
        ).url
    post_pack_link(share=share, review=pack.review, addresses=PackAddresses(urls[READ], urls[STOP]))
    return share


@action("took a review pack back from the client")
def unshare_pack(*, pack: Pack, account: Account, by: User) -> None:
    """Every link to it stops working on the next request, except the way out of our mails."""
    if pack.publication_id is None:
        raise ActionRefused("This pack was not shared.", code="not_shared")
    Link.objects.filter(publication=pack.publication_id, purpose=READ, revoked_at=None).update(
        revoked_at=timezone.now()
    )


@action("took over a request to get no more packs")
def stop_packs(*, share: PackShare, account: Account, by: User | None) -> None:
    """Send this person no more packs; tell the organiser."""
    if not PackShare.objects.filter(pk=share.pk, stopped_at=None).update(stopped_at=timezone.now()):
        return
    review = share.pack.review
    notify(
        user=review.organiser,
        title=f"{share.contact.full_name} asked us to send no more packs",
        url=reverse("reviews:review-detail", args=[account.pk, review.pk]),
        account_id=account.pk,
    )
