"""Accounts in the programme whose next review with the client is due and not scheduled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Max, OuterRef, Q

from accounts.models import Account
from reviews.domain.rhythm import BEAT_DAYS, ReviewBeat, review_beat
from reviews.models import AMONG_OURSELVES, Review


@dataclass(frozen=True, slots=True)
class DueReview:
    account: Account
    beat: ReviewBeat


def due_reviews(today: date) -> list[DueReview]:
    """One query, however many accounts; those without a planned review whose due date is near or past."""
    planned = Review.objects.planned().with_client().filter(account=OuterRef("pk"), date__gte=today)
    held = Q(reviews__status=Review.Status.HELD) & ~Q(reviews__kind__in=AMONG_OURSELVES)
    rows = (
        Account.objects.live()
        .filter(tier__in=list(BEAT_DAYS))
        .exclude(Exists(planned))
        .select_related("owner")
        .annotate(last_review=Max("reviews__date", filter=held))
    )
    found = []
    for account in rows:
        last: date | None = account.last_review  # type: ignore[attr-defined]
        beat = review_beat(account.tier, last, account.created_at.date(), today)
        if beat is not None and beat.worth_a_word:
            found.append(DueReview(account, beat))
    return found
