"""What is known about a planned review, for the list that is checked before the meeting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.apps import apps
from django.db.models import Count, Max
from django.utils import timezone

from accounts.models import Figure, SponsorTerm
from planning.models import PlanAction
from reviews.domain.readiness import Readiness, ReviewFacts, readiness
from reviews.models import Pack, Review
from sam.core.models import Organisation
from sam.values.periods import last_closed_quarter
from sam.values.workdays import add_working_days


@dataclass(frozen=True, slots=True)
class Prepared:
    """A review with the state of its list."""

    review: Review
    facts: ReviewFacts
    readiness: Readiness

    @property
    def words(self) -> str:
        """The list in short."""
        return f"{self.readiness.ready} of {len(self.readiness.items)} ready" if self.readiness.open else "ready"


def prepared(reviews: Iterable[Review], today: date) -> list[Prepared]:
    """The lists of several reviews; six queries, whatever their number."""
    listed = list(reviews)
    accounts = {review.account_id for review in listed}
    facts = _Known(listed, accounts, today)
    return [_prepared(review, facts.of(review), today) for review in listed]


def _prepared(review: Review, facts: ReviewFacts, today: date) -> Prepared:
    return Prepared(review, facts, readiness(facts, today))


class _Known:
    """What the lists need, read once for all reviews."""

    def __init__(self, reviews: list[Review], accounts: set[int], today: date) -> None:
        self.figures = _figures_marked(accounts, today)
        self.actions = _last_updates(accounts)
        terms = SponsorTerm.objects.filter(account__in=accounts).open()
        self.sponsored = set(terms.values_list("account_id", flat=True))
        current = Pack.objects.current().filter(review__in=reviews)
        self.packs = {(pack.review_id, pack.edition): pack for pack in current.defer("content")}
        self.guests = _guests(reviews)

    def of(self, review: Review) -> ReviewFacts:
        edition = Pack.Edition.INTERNAL if review.is_internal else Pack.Edition.CLIENT
        pack = self.packs.get((review.pk, edition))
        updated = self.actions.get(review.account_id)
        return ReviewFacts(
            figures_marked=self.figures.get(review.account_id),
            actions_updated=updated,
            has_actions=updated is not None,
            decisions_written=len(review.decisions_asked),
            sponsor_briefed=review.sponsor_briefed_on is not None if review.account_id in self.sponsored else None,
            attendees=self.guests[review.pk],
            place=review.place,
            has_pack=pack is not None,
            pack_read_by_another=pack is not None and pack.read_by_id is not None,
        )


def _guests(reviews: list[Review]) -> dict[int, int]:
    """People beside the organiser, on either side: one alone is no meeting."""
    counted = Review.objects.filter(pk__in=[review.pk for review in reviews]).annotate(
        ours=Count("person_links", distinct=True), theirs=Count("contact_links", distinct=True)
    )
    return {pk: ours + theirs - 1 for pk, ours, theirs in counted.values_list("pk", "ours", "theirs")}


def _figures_marked(accounts: set[int], today: date) -> dict[int, bool]:
    """Whether the last closed quarter is closed or marked preliminary; nothing where an account has no figures.

    A quarter counts as closed some working days after its end; until then there is nothing to check.
    """
    last = last_closed_quarter(today)
    if today < add_working_days(last.end, Organisation.objects.shown().closed_after_days):
        return {}
    actual = Figure.objects.actual().filter(account__in=accounts)
    newest = dict(actual.values_list("account").annotate(newest=Max("period_start")))
    return {account: start >= last.start for account, start in newest.items()}


def _last_updates(accounts: set[int]) -> dict[int, date]:
    """The day on which the older of the two sides last touched one of its open shared actions."""
    events = apps.get_model("planning.PlanActionEvent").objects
    open_actions = PlanAction.objects.open().filter(account__in=accounts, shared=True)
    sides = (
        open_actions.filter(our_owner__isnull=False),
        open_actions.filter(their_owner__isnull=False),
    )
    found: dict[int, date] = {}
    for side in sides:
        rows = events.filter(pgh_obj__in=side).values_list("pgh_obj__account_id").annotate(last=Max("pgh_created_at"))
        for account, last in rows:
            day = timezone.localdate(last)
            found[account] = min(found.get(account, day), day)
    return found
