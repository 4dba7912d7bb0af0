"""What reviews add elsewhere: the worker's job, the publisher behind the client wall, panels, columns, my day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.actions.merging import register_mover
from accounts.models import Account
from reviews.actions import packs as actions
from reviews.actions.agenda_templates import prepare_default_agendas
from reviews.actions.reviews import move_reviews, reassign_reviews
from reviews.models import Pack, PackShare, Review
from reviews.queries.pack_page import pack_payload
from reviews.queries.readiness import prepared
from reviews.queries.reviews import next_dates, next_review, next_with_pack
from sam.core import day, holdings, jobs, navigation, orphans, panels, preparation
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.errors import ActionRefused
from sam.core.jobs import Progress
from sam.core.models import Job, User
from sam.core.templatetags.ui import due
from sam.portal.models import Submission
from sam.portal.publishers import Page, Publisher, Reading
from sam.portal.publishers import register as register_publisher

DAY_WINDOW = 30

# --- the worker's job ---------------------------------------------------------------------------------------------


def run_pack(job: Job, progress: Progress) -> Mapping[str, Any]:
    pack = actions.render_pack(pack_id=job.arguments["pack"], progress=progress)
    return {"pack": pack.pk, "pages": pack.pages, "sha256": pack.sha256}


def may_see_pack(user: User, job: Job) -> bool:
    pack = Pack.objects.select_related("review__account").filter(pk=job.arguments.get("pack")).first()
    return pack is not None and can(user, Permission.PACK_RENDER, on=pack.review.account)


def pack_url(job: Job) -> str:
    pack = Pack.objects.select_related("review").filter(pk=job.arguments.get("pack")).first()
    if pack is None:
        return reverse("reviews:review-overview")
    return reverse("reviews:review-detail", args=[pack.review.account_id, pack.review_id]) + "#packs"


PACK_JOB = jobs.Kind(actions.JOB_KIND, "Review pack", run_pack, may_see_pack, pack_url)

# --- behind the client wall ---------------------------------------------------------------------------------------


def read_stop(payload: Mapping[str, Any], data: QueryDict) -> Reading:
    return Reading(payload={"stop": True})


def take_stop(submission: Submission) -> None:
    link = submission.link
    share = (
        PackShare.objects.filter(pack__publication=link.publication_id, contact_id=link.recipient_id or 0)
        .select_related("pack__review__account", "pack__review__organiser", "contact")
        .first()
    )
    if share is None:
        raise ActionRefused("The person or the pack is not there any more.", code="share_gone")
    actions.stop_packs(share=share, account=share.pack.review.account, by=None)


PACK = Publisher(
    kind=actions.KIND,
    label="Review pack",
    build=pack_payload,
    pages=(
        Page(actions.READ, "portal/review_pack.html"),
        Page(actions.STOP, "portal/review_pack_stop.html", "portal/review_pack_stopped.html", read_stop, take_stop),
    ),
)

# --- on pages of ours ---------------------------------------------------------------------------------------------


def next_review_panel(account: Account, user: User) -> Mapping[str, Any]:
    last = Review.objects.filter(account=account).with_client().held().order_by("-date").first()
    return {
        "account": account,
        "next": next_review(account, user, timezone.localdate()),
        "last": last,
        "may_plan": can(user, Permission.REVIEW_EDIT, on=account),
        "inside": can(user, Permission.PROFILE_VIEW, on=account),
    }


def review_button(account: Account, user: User) -> panels.Button | None:
    """To the next review: its pack where one is rendered, else its preparation; nothing where none is planned."""
    found = next_with_pack(account, user)
    if found is None:
        return None
    review_id, has_pack = found
    url = reverse("reviews:review-detail", args=[account.pk, review_id])
    if has_pack:
        return panels.Button("Review pack", f"{url}#packs", "file-type-pdf")
    prepares = can(user, Permission.REVIEW_EDIT, on=account)
    return panels.Button("Prepare review" if prepares else "Next review", url, "calendar-event")


def next_review_cells(ids: list[int], user: User) -> Mapping[int, date]:
    return next_dates(ids)


def draw_next_review(account: Account, day: date) -> str:
    return due(day)


def day_items(user: User, today: date) -> Iterable[day.Item]:
    """The reviews one organises in the next weeks, and those that took place without minutes."""
    planned = Review.objects.planned().filter(organiser=user).select_related("account", "organiser")
    rows = [review for review in planned.order_by("date", "pk")[:20] if (review.date - today).days <= DAY_WINDOW]
    for found in prepared(rows, today):
        review, ready = found.review, found.readiness
        days = (review.date - today).days
        url = reverse("reviews:review-detail", args=[review.account_id, review.pk])
        if days < 0:
            yield day.Item(
                title=f"Write the minutes: {review.account.name}",
                note=f"{review.get_kind_display()} on {review.date:%-d %b}",
                url=reverse("reviews:review-hold", args=[review.account_id, review.pk]),
                button="Write",
                icon="calendar-event",
                tone="warn",
                due=review.date,
            )
            continue
        when = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
        yield day.Item(
            title=f"{review.account.name}: review {when}",
            note=found.words,
            url=url,
            button="Prepare" if ready.open else "Open",
            icon="calendar-event",
            tone="warn" if ready.open and days <= 7 else "",
            due=review.date,
        )


def organised_by(user: User) -> Iterable[str]:
    planned = Review.objects.planned().filter(organiser=user).select_related("account").order_by("date")
    return [f"{review.account.name}, {review.date:%-d %b %Y}" for review in planned]


REVIEWS_HELD = holdings.Holding("reviews", "planned reviews", organised_by, reassign_reviews)


def register() -> None:
    orphans.register(actions.FOLDER, Pack, "stored")
    holdings.register(REVIEWS_HELD)
    register_mover(move_reviews)
    jobs.register(PACK_JOB)
    register_publisher(PACK)
    preparation.register(preparation.Step("agendas", 51, prepare_default_agendas))
    navigation.register(
        navigation.Entry(
            "Reviews",
            "reviews:review-overview",
            "calendar-event",
            Permission.REVIEW_VIEW,
            order=45,
            prefix="/reviews/",
            on_phone=True,
            on_seats=True,
        )
    )
    panels.register_tab(panels.Tab("Reviews", "reviews:review-list", Permission.REVIEW_VIEW, 70))
    panels.register_panel(
        panels.Panel(
            "next-review",
            "Next review",
            Permission.REVIEW_VIEW,
            20,
            "reviews/_next_review_panel.html",
            next_review_panel,
            later="reviews:review-list",
        )
    )
    panels.register_header_action(panels.HeaderAction("review", Permission.REVIEW_VIEW, 10, review_button))
    panels.register_column(
        panels.AccountColumn(
            "next-review",
            "Next review",
            Permission.REVIEW_VIEW,
            70,
            "",
            next_review_cells,
            draw_next_review,
        )
    )
    day.register(day.Source("reviews", 30, day_items))
