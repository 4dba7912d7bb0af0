"""Reviews on pages: those of an account, the next ones across accounts, one with everything around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from accounts.models import Account
from reviews.models import Pack, PackShare, Review, ReviewQuerySet
from reviews.queries.readiness import Prepared, prepared
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User
from sam.core.statements import ask

MOST_PAST = 40


@dataclass(frozen=True, slots=True)
class ReviewList:
    """`upcoming`: planned, the next first, each with its list. `past`: held and called off, the newest first."""

    upcoming: list[Prepared]
    past: list[Review]


def reviews_of(account: Account, user: User, today: date) -> ReviewList:
    """The reviews of an account that `user` may see."""
    seen = visible_reviews(account, user).select_related("account", "organiser")
    return ReviewList(
        prepared(seen.planned().order_by("date", "pk"), today),
        list(seen.exclude(status=Review.Status.PLANNED)[:MOST_PAST]),
    )


def visible_reviews(account: Account, user: User) -> ReviewQuerySet:
    """Meetings among ourselves are for those who may look inside the account."""
    rows = Review.objects.filter(account=account)
    return rows if can(user, Permission.PROFILE_VIEW, on=account) else rows.with_client()


def upcoming_reviews(user: User, today: date, most: int = 100) -> list[Prepared]:
    """Planned reviews of all accounts that `user` may see, the next first."""
    rows = Review.objects.visible_to(user).planned().select_related("account", "organiser").order_by("date", "pk")
    return prepared(rows[:most], today)


def next_review(account: Account, user: User, today: date) -> Prepared | None:
    rows = visible_reviews(account, user).planned().select_related("account", "organiser").order_by("date", "pk")[:1]
    return next(iter(prepared(rows, today)), None)


def next_with_pack(account: Account, user: User) -> tuple[int, bool] | None:
    """The next planned review that `user` may see and whether a pack of it is rendered; one query."""
    packs = Pack.objects.filter(review=OuterRef("pk"), current=True)
    if not can(user, Permission.PACK_RENDER, on=account):
        packs = packs.filter(edition=Pack.Edition.CLIENT)
    rows = visible_reviews(account, user).planned().annotate(has_pack=Exists(packs)).order_by("date", "pk")
    return rows.values_list("pk", "has_pack").first()


def next_dates(ids: list[int]) -> Mapping[int, date]:
    """The day of the next planned review with the client per account; one query."""
    return dict(ask(NEXT_DATES, [ids]))


NEXT_DATES = """
    SELECT account_id, min(date) FROM reviews_review
    WHERE status = 'planned' AND kind NOT IN ('internal', 'sponsor') AND account_id = ANY(%s) GROUP BY account_id
"""


def packs_of(review: Review, *, internal: bool) -> list[Pack]:
    """The current pack of each edition, and one that is under way or failed after it; edition by edition."""
    rows = review.packs.select_related("job", "requested_by", "read_by", "publication").defer("content")
    if not internal:
        rows = rows.filter(edition=Pack.Edition.CLIENT)
    shown: dict[tuple[str, bool], Pack] = {}
    for pack in rows.order_by("-pk")[:30]:
        if pack.is_done and not pack.current:
            continue
        newer_done = (pack.edition, True) in shown
        if not pack.is_done and (newer_done or (pack.edition, False) in shown):
            continue
        shown.setdefault((pack.edition, pack.is_done), pack)
    return sorted(shown.values(), key=lambda pack: (pack.edition, not pack.is_done))


def shares_of(review: Review) -> list[PackShare]:
    """Who got a client edition of this review, the latest first."""
    return list(
        PackShare.objects.filter(pack__review=review).select_related("contact", "shared_by", "pack__publication")
    )
