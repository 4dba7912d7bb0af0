"""Packs of a review: ask for one, watch it, fetch it, read it, share the client's edition."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.models import Account
from accounts.views.editing import FormPage
from reviews.actions import packs as actions
from reviews.forms.reviews import ShareForm
from reviews.models import Pack, Review
from reviews.queries.pack_page import PDF, pack_payload
from reviews.views.reviews import form_context, going_on, review_of, url_of
from sam.core.authorization.guards import SignedInRequest, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.files import open_stored
from sam.core.models import User
from sam.portal.gate import Snapshot
from sam.portal.rendering import render_page


def pack_of(review: Review, pack_id: int) -> Pack:
    return get_object_or_404(review.packs.select_related("review__account", "job", "publication"), pk=pack_id)


def authorise(user: User, pack: Pack) -> None:
    """The internal edition needs its own permission; raises PermissionDenied."""
    if pack.is_internal and not can(user, Permission.PACK_RENDER, on=pack.review.account):
        raise PermissionDenied


def file_answer(pack: Pack) -> FileResponse:
    """The finished file as a download that no cache keeps. Raises Http404 while there is none."""
    if not pack.is_done:
        raise Http404
    try:
        file = open_stored(pack.stored)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, as_attachment=True, filename=pack.file_name, content_type=PDF)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@account_view(Permission.PACK_RENDER)
def pack_request(request: SignedInRequest, account: Account, review_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)
    try:
        pack = actions.request_pack(
            review=review, account=account, edition=request.POST.get("edition", ""), by=request.user
        )
    except FieldErrors:
        messages.error(request, "Choose internal or client edition.")
        return going_on(url_of(review, "packs"))
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return going_on(url_of(review, "packs"))
    if wants_partial(request):
        return progress(request, review, pack)
    return going_on(url_of(review, "packs"))


@account_view(Permission.REVIEW_VIEW)
def pack_detail(request: SignedInRequest, account: Account, review_id: int, pack_id: int) -> HttpResponse:
    """How far a pack is: a fragment for the page that watches it, the review's page otherwise."""
    review = review_of(request, account, review_id)
    pack = pack_of(review, pack_id)
    authorise(request.user, pack)
    return progress(request, review, pack) if wants_partial(request) else going_on(url_of(review, "packs"))


def progress(request: SignedInRequest, review: Review, pack: Pack) -> HttpResponse:
    may_render = can(request.user, Permission.PACK_RENDER, on=review.account)
    may_share = can(request.user, Permission.SHARE, on=review.account)
    context = {
        "account": review.account,
        "review": review,
        "pack": pack,
        "may_render": may_render,
        "may_share": may_share,
    }
    return render(request, "reviews/_pack_row.html", context)


@account_view(Permission.REVIEW_VIEW)
def pack_file(request: SignedInRequest, account: Account, review_id: int, pack_id: int) -> HttpResponseBase:
    pack = pack_of(review_of(request, account, review_id), pack_id)
    authorise(request.user, pack)
    return file_answer(pack)


@require_POST
@account_view(Permission.REVIEW_VIEW)
def pack_read(request: SignedInRequest, account: Account, review_id: int, pack_id: int) -> HttpResponse:
    """Tick of the readiness list: somebody other than its author read it."""
    review = review_of(request, account, review_id)
    pack = pack_of(review, pack_id)
    authorise(request.user, pack)
    if pack.requested_by_id == request.user.pk:
        messages.info(request, "You asked for this pack: let somebody else read it too.")
    actions.note_reading(pack=pack, account=account, by=request.user)
    return going_on(url_of(review, "packs"))


@account_view(Permission.SHARE)
def pack_share(request: SignedInRequest, account: Account, review_id: int, pack_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)
    pack = pack_of(review, pack_id)
    if pack.is_internal:
        raise PermissionDenied

    def save(values: dict[str, Any]) -> str:
        made = actions.share_client_pack(pack=pack, account=account, contacts=values["contacts"], by=request.user)
        if not made:
            return "These people had it already."
        return f"Shared. {', '.join(share.contact.full_name for share in made)} get a link by mail."

    invited = list(review.contact_links.values_list("contact_id", flat=True))
    shown_url = reverse("reviews:pack-preview", args=[account.pk, review.pk, pack.pk])
    return FormPage(
        template="reviews/share_form.html",
        context=form_context(
            request,
            account,
            "Share the client edition",
            url_of(review, "packs"),
            review=review,
            pack=pack,
            preview_url=shown_url,
            button="Share",
        ),
        build=lambda data: ShareForm(data, account=account, initial={"contacts": invited}),
        save=save,
        done=url_of(review, "packs"),
    ).answer(request)


@csrf_exempt  # the client's page carries no token of ours, and what is sent from here goes nowhere
@account_view(Permission.SHARE)
def pack_preview(request: SignedInRequest, account: Account, review_id: int, pack_id: int) -> HttpResponse:
    """What the client sees: the same template and the same snapshot that sharing publishes."""
    review = review_of(request, account, review_id)
    pack = pack_of(review, pack_id)
    if pack.is_internal or not pack.is_done:
        raise Http404
    payload = pack.publication.payload if pack.publication else pack_payload(pack)
    snapshot = Snapshot(
        public_id="preview",
        purpose=actions.READ,
        kind=actions.KIND,
        language=request.GET.get("language", "en")[:8],
        name="",
        expires_at=timezone.now() + timedelta(days=1),
        payload=payload,
        sha256="",
    )
    return HttpResponse(render_page(snapshot, key="preview"))


@account_view(Permission.SHARE)
def preview_file(
    request: SignedInRequest, account: Account, review_id: int, pack_id: int, name: str
) -> HttpResponseBase:
    """The link of the preview works as the client's does."""
    pack = pack_of(review_of(request, account, review_id), pack_id)
    if pack.is_internal or name != pack.file_name:
        raise Http404
    return file_answer(pack)


@require_POST
@account_view(Permission.SHARE)
def pack_unshare(request: SignedInRequest, account: Account, review_id: int, pack_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)
    try:
        actions.unshare_pack(pack=pack_of(review, pack_id), account=account, by=request.user)
        messages.success(request, "The links do not work any more.")
    except ActionRefused as problem:
        messages.error(request, problem.message)
    return going_on(url_of(review, "packs"))
