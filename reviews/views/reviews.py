"""Reviews: the list across accounts, those of an account, one from its preparation to its minutes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import account_view
from accounts.models import Account
from accounts.views.editing import FormPage
from accounts.views.shell import account_context
from reviews.actions import reviews as actions
from reviews.delivery.calendars import calendar_entry
from reviews.domain.agenda import minutes_left, place, total_minutes
from reviews.domain.pages import PACK_PAGES
from reviews.forms.reviews import AgendaForm, DecisionsAskedForm, MinutesForm, PagesForm, ReviewForm
from reviews.models import Pack, Review
from reviews.queries.readiness import prepared
from reviews.queries.reviews import packs_of, reviews_of, shares_of, upcoming_reviews, visible_reviews
from sam.core.authorization.guards import SignedInRequest, page
from sam.core.authorization.permissions import Permission
from sam.core.errors import ActionRefused, Stale
from sam.core.files import safe_filename
from sam.core.models import Organisation

TAB = "reviews:review-list"
DETAIL = "reviews:review-detail"


@page(Permission.SIGNED_IN)
def review_overview(request: SignedInRequest) -> HttpResponse:
    """The next reviews of all accounts the person may see."""
    today = timezone.localdate()
    inside = set(
        Account.objects.visible_to(request.user, Permission.PROFILE_VIEW)
        .filter(reviews__status=Review.Status.PLANNED)
        .values_list("pk", flat=True)
    )
    context = {"lines": upcoming_reviews(request.user, today), "inside": inside, "today": today}
    return render(request, "reviews/review_overview.html", context)


@account_view(Permission.REVIEW_VIEW)
def review_list(request: SignedInRequest, account: Account) -> HttpResponse:
    found = reviews_of(account, request.user, timezone.localdate())
    return render(request, "reviews/review_list.html", account_context(request, account, TAB, reviews=found))


def form_context(request: SignedInRequest, account: Account, title: str, url: str, **more: Any) -> dict[str, Any]:
    return account_context(request, account, TAB, form_title=title, cancel_url=url, **more)


@account_view(Permission.REVIEW_EDIT)
def review_new(request: SignedInRequest, account: Account) -> HttpResponse:
    def save(values: dict[str, Any]) -> Review:
        on = values.pop("date")
        return actions.schedule_review(account=account, on=on, by=request.user, **values)

    return FormPage(
        template="reviews/review_form.html",
        context=form_context(
            request, account, "Schedule a review", reverse(TAB, args=[account.pk]), button="Schedule and invite"
        ),
        build=lambda data: ReviewForm(data, account=account),
        save=save,
        done=lambda review: reverse(DETAIL, args=[account.pk, review.pk]),
        message="Scheduled. Our people get it into their calendars.",
    ).answer(request)


def review_of(request: SignedInRequest, account: Account, review_id: int) -> Review:
    rows = visible_reviews(account, request.user).select_related("account", "organiser", "template")
    return get_object_or_404(rows, pk=review_id)


def url_of(review: Review, anchor: str = "") -> str:
    return reverse(DETAIL, args=[review.account_id, review.pk]) + (f"#{anchor}" if anchor else "")


def going_on(url: str) -> HttpResponse:
    """After a form was sent: a page that can be reloaded."""
    answer = redirect(url)
    answer.status_code = 303
    return answer


@account_view(Permission.REVIEW_VIEW)
def review_detail(request: SignedInRequest, account: Account, review_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)
    context = account_context(request, account, TAB)
    may = context["may"]
    items = review.items
    context |= {
        "review": review,
        "today": timezone.localdate(),
        "prepared": prepared([review], timezone.localdate())[0] if review.is_planned else None,
        "people": list(review.people.order_by("display_name")),
        "guests": list(review.contact_links.select_related("contact").order_by("contact__full_name")),
        "agenda": place(items),
        "agenda_minutes": total_minutes(items),
        "minutes_left": minutes_left(items, review.minutes),
        "pages": [entry for entry in PACK_PAGES if may.pack_render or not entry.internal],
        "packs": packs_of(review, internal=may.pack_render),
        "editions": editions(review),
        "shares": shares_of(review) if may.profile_view else [],
        "decisions": list(review.decisions.select_related("our_owner", "their_owner", "action")),
        "ready_for_clients": Organisation.objects.current().ready_for_clients,
    }
    return render(request, "reviews/review_detail.html", context)


def editions(review: Review) -> list[tuple[str, str]]:
    """What can be rendered: a meeting among ourselves has no client edition."""
    known = [(Pack.Edition.CLIENT.value, "client edition"), (Pack.Edition.INTERNAL.value, "internal edition")]
    return known[1:] if review.is_internal else known


@account_view(Permission.REVIEW_EDIT)
def review_edit(request: SignedInRequest, account: Account, review_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)

    def save(values: dict[str, Any]) -> None:
        seen = values.pop("revision")
        actions.change_review(review=review, account=account, seen=seen, by=request.user, **values)

    return FormPage(
        template="reviews/review_form.html",
        context=form_context(request, account, "Day, place, people", url_of(review), review=review),
        build=lambda data: ReviewForm(data, account=account, review=review),
        save=save,
        done=url_of(review),
        message="Saved. Who is concerned gets a new calendar entry.",
    ).answer(request)


@account_view(Permission.REVIEW_EDIT)
def review_agenda(request: SignedInRequest, account: Account, review_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)

    def save(values: dict[str, Any]) -> None:
        actions.change_review(
            review=review, account=account, seen=values["revision"], agenda=values["agenda"], by=request.user
        )

    return FormPage(
        template="reviews/rows_form.html",
        context=form_context(
            request,
            account,
            "Agenda",
            url_of(review),
            review=review,
            head=("Order", "Item", "Minutes", "Who"),
            note=f"{total_minutes(review.items)} of {review.minutes} minutes so far. Empty an item to take it out.",
        ),
        build=lambda data: AgendaForm(data, items=review.items, initial={"revision": review.revision}),
        save=save,
        done=url_of(review, "agenda"),
    ).answer(request)


@account_view(Permission.REVIEW_EDIT)
def review_decisions(request: SignedInRequest, account: Account, review_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)

    def save(values: dict[str, Any]) -> None:
        actions.change_review(
            review=review, account=account, seen=values["revision"], decisions_asked=values["asked"], by=request.user
        )

    return FormPage(
        template="reviews/review_form.html",
        context=form_context(request, account, "Decisions we ask for", url_of(review), review=review),
        build=lambda data: DecisionsAskedForm(data, review=review),
        save=save,
        done=url_of(review, "decisions"),
    ).answer(request)


@account_view(Permission.REVIEW_EDIT)
def review_pages(request: SignedInRequest, account: Account, review_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)

    def save(values: dict[str, Any]) -> None:
        actions.change_review(
            review=review, account=account, seen=values["revision"], pages_left_out=values["left_out"], by=request.user
        )

    return FormPage(
        template="reviews/review_form.html",
        context=form_context(request, account, "Pages of the pack", url_of(review), review=review),
        build=lambda data: PagesForm(data, review=review),
        save=save,
        done=url_of(review, "pages"),
    ).answer(request)


@account_view(Permission.REVIEW_EDIT)
def review_hold(request: SignedInRequest, account: Account, review_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)

    def save(values: dict[str, Any]) -> str:
        notes = {name: values[name] for name in ("going_well", "to_improve", "to_change")}
        held = actions.hold_review(
            review=review,
            account=account,
            seen=values["revision"],
            decisions=values["decided"],
            by=request.user,
            **notes,
        )
        made = held.decisions.exclude(action=None).count()
        return f"The minutes are kept. {made} actions were added." if made else "The minutes are kept."

    return FormPage(
        template="reviews/minutes_form.html",
        context=form_context(
            request,
            account,
            "Minutes",
            url_of(review),
            review=review,
            head=("Decision", "Who of us", "Who of theirs", "Until"),
        ),
        build=lambda data: MinutesForm(data, review=review),
        save=save,
        done=url_of(review),
    ).answer(request)


@require_POST
@account_view(Permission.REVIEW_EDIT)
def review_cancel(request: SignedInRequest, account: Account, review_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)
    seen = request.POST.get("revision", "")
    try:
        actions.cancel_review(
            review=review,
            account=account,
            seen=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
            by=request.user,
        )
        messages.success(request, "Called off. Everybody who was invited is told.")
    except Stale:
        messages.error(request, "Somebody changed this review a moment ago. Look again, then call it off.")
    except ActionRefused as problem:
        messages.error(request, problem.message)
    return going_on(url_of(review))


@require_POST
@account_view(Permission.REVIEW_EDIT)
def review_briefed(request: SignedInRequest, account: Account, review_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)
    actions.note_briefing(review=review, account=account, by=request.user)
    return going_on(url_of(review, "readiness"))


@require_POST
@account_view(Permission.SHARE)
def review_invite(request: SignedInRequest, account: Account, review_id: int) -> HttpResponse:
    review = review_of(request, account, review_id)
    try:
        told = actions.invite_contacts(review=review, account=account, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
    else:
        names = ", ".join(contact.full_name for contact in told)
        messages.success(request, f"Sent to {names}." if told else "Everybody has the present date already.")
    return going_on(url_of(review))


@account_view(Permission.REVIEW_VIEW)
def review_calendar(request: SignedInRequest, account: Account, review_id: int) -> HttpResponse:
    """The review for the calendar of whoever downloads it."""
    review = review_of(request, account, review_id)
    entry = calendar_entry(review, cancelled=review.status == Review.Status.CANCELLED)
    response = HttpResponse(entry, content_type="text/calendar; charset=utf-8")
    name = safe_filename(f"review {account.name} {review.date}", ".ics").encode("ascii", "ignore").decode()
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
