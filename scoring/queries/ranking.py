"""The portfolio ranked by score: one page of it at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet

from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from sam.values.periods import Month
from scoring.models import AccountScore, Criterion, RoundAccount, ScorecardVersion, ScoreRun, TierDecision
from scoring.queries.decisions import newest_decision, override_from
from scoring.queries.marks import Facts, Mark, facts_of, marks_by, marks_for, sees_figures
from scoring.queries.scorecard import ranks

PAGE_SIZE = 50
TIERS = [(tier.value or "none", str(tier.label)) for tier in Account.Tier]
STATES = (
    ("differs", "Proposal differs from decision"),
    ("scored", "Scored in both halves"),
    ("unscored", "Not scored"),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the list; lives in the address."""

    text: str = ""
    tier: str = ""
    proposed: str = ""
    state: str = ""

    def __bool__(self) -> bool:
        return bool(self.text or self.tier or self.proposed or self.state)


@dataclass(frozen=True, slots=True)
class Place:
    """One line: an account's score with its rank."""

    score: AccountScore
    rank: int | None
    marks: tuple[Mark, ...] = ()
    # The decision against the rules that the tier rests on; it is drawn differently.
    override: TierDecision | None = None

    @property
    def account(self) -> Account:
        return self.score.account

    @property
    def differs(self) -> bool:
        return self.score.proposed_tier is not None and self.score.proposed_tier != self.score.account.tier


def scores_for(user: User, filters: Filters) -> QuerySet[AccountScore]:
    """Scores of live accounts whose scores the person may see, best first."""
    scores = AccountScore.objects.select_related("account").exclude(
        account__status__in=[Account.Status.ARCHIVED, Account.Status.MERGED]
    )
    if Permission.SCORE_VIEW not in user.role.everywhere or not user.is_active:
        scores = scores.filter(account__in=Account.objects.visible_to(user, Permission.SCORE_VIEW))
    if filters.text:
        scores = scores.filter(account__in=Account.objects.matching(filters.text))
    if filters.tier:
        scores = scores.filter(account__tier="" if filters.tier == "none" else filters.tier)
    if filters.proposed:
        scores = scores.filter(proposed_tier="" if filters.proposed == "none" else filters.proposed)
    if filters.state == "scored":
        scores = scores.filter(overall__isnull=False)
    elif filters.state == "unscored":
        scores = scores.filter(overall__isnull=True)
    elif filters.state == "differs":
        scores = scores.filter(proposed_tier__isnull=False).exclude(proposed_tier=F("account__tier"))
    return scores.order_by(F("ranking").desc(nulls_last=True), "account_id")


def ranking_page(user: User, filters: Filters, number: Any) -> tuple[list[Place], Page[AccountScore]]:
    """One page: a count, the rows with the decisions they rest on, and the ranks.

    Ranks are among all accounts, whatever the filter.
    """
    scores: QuerySet[AccountScore] = scores_for(user, filters).annotate(newest=newest_decision())
    page = Paginator(scores, PAGE_SIZE).get_page(number)
    rows = list(page.object_list)
    ranked = [row.account_id for row in rows if row.ranking is not None]
    if not filters and Permission.SCORE_VIEW in user.role.everywhere:
        # The whole list is in the order of ranks already.
        places = dict(zip(ranked, range(page.start_index(), page.end_index() + 1), strict=False))
    else:
        places = ranks(ranked)
    marks = marks_for([row.account_id for row in rows], user)
    return [
        Place(row, places.get(row.account_id), marks.get(row.account_id, ()), override_from(row.newest))  # type: ignore[attr-defined]
        for row in rows
    ], page


@dataclass(frozen=True, slots=True)
class ScoreCell:
    """What the portfolio's column shows. `override`: the decision that keeps the tier against the rules."""

    score: AccountScore
    override: TierDecision | None
    marks: tuple[Mark, ...]


def score_cells(ids: list[int], user: User) -> dict[int, ScoreCell]:
    """For the portfolio's column: overall, or the scored half, a decision against the rules, and marks. One query."""
    return {pk: _cell(pk, facts, user) for pk, facts in facts_of(ids).items()}


def _cell(pk: int, facts: Facts, user: User) -> ScoreCell:
    score = AccountScore(account_id=pk, overall=facts.overall, current=facts.current, potential=facts.potential)
    return ScoreCell(score, facts.override, marks_by(facts, figures=sees_figures(user, pk)))


def differing(user: User) -> int:
    """How many accounts are decided otherwise than proposed."""
    return scores_for(user, Filters(state="differs")).count()


def last_run() -> ScoreRun | None:
    return ScoreRun.objects.select_related("version__scorecard").first()


@dataclass(frozen=True, slots=True)
class Waiting:
    """An account on one of the person's seats with criteria they have not rated, or too long ago."""

    account: Account
    rated: int
    asked: int


def waiting_for(user: User, today: date, most: int = 20) -> list[Waiting]:
    """Accounts of the programme that wait for the person's own rating. Three queries."""
    version = ScorecardVersion.objects.in_use()
    if version is None:
        return []
    asked = dict(version.criteria.filter(kind=Criterion.Kind.RATED).values_list("key", "valid_months"))
    if not asked:
        return []
    oldest = Month.containing(today).shift(-max(asked.values())).start
    mine = Q(
        ratings__rater=user,
        ratings__scorecard=version.scorecard_id,
        ratings__criterion_key__in=list(asked),
        ratings__rated_on__gt=oldest,
        ratings__sealed=False,
    )
    # A round asks by name, and those it does not ask are not reminded of its accounts.
    blind = RoundAccount.objects.blind().values("account_id")
    accounts = (
        Account.objects.visible_to(user, Permission.RATE)
        .live()
        .exclude(tier=Account.Tier.NONE)
        .filter(pk__in=user.seats.open().values("account_id"))
        .exclude(pk__in=blind)
        .annotate(rated=Count("ratings", filter=mine))
        .filter(rated__lt=len(asked))
        .order_by("name")
    )
    return [Waiting(account, account.rated, len(asked)) for account in accounts[:most]]  # type: ignore[attr-defined]
