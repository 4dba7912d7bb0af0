"""What a round hides, from whom, and how far its raters are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q

from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from scoring.models import Rating, RatingRound, RoundAccount, RoundRater, ScorecardVersion
from scoring.queries.rules import Rules, rules_of


@dataclass(frozen=True, slots=True)
class RaterProgress:
    """How many of the asked criteria somebody has rated; never which values."""

    rater: RoundRater
    rated: int
    asked: int

    @property
    def is_done(self) -> bool:
        return self.rated >= self.asked

    @property
    def words(self) -> str:
        return "finished" if self.is_done else f"{self.rated} of {self.asked} rated"


@dataclass(frozen=True, slots=True)
class AccountProgress:
    entry: RoundAccount
    raters: tuple[RaterProgress, ...]

    @property
    def account(self) -> Account:
        return self.entry.account

    @property
    def finished(self) -> int:
        return sum(rater.is_done for rater in self.raters)

    @property
    def words(self) -> str:
        """How far the account is."""
        if not self.entry.is_blind:
            return "revealed"
        if not self.raters:
            return "nobody is asked to rate it"
        return f"{self.finished} of {len(self.raters)} raters have finished"


def progress_of(entries: Sequence[RoundAccount], rules: Rules) -> list[AccountProgress]:
    """Progress of each account of one or more rounds. Two queries. `entries` carry their account and round."""
    keys = rules.rated_keys
    counted = (
        Rating.objects.filter(
            round__in={entry.round_id for entry in entries},
            account__in=[entry.account_id for entry in entries],
            criterion_key__in=keys,
        )
        .values_list("round_id", "account_id", "rater_id")
        .annotate(count=Count("pk"))
        .order_by()
    )
    done = {(round_id, account, rater): count for round_id, account, rater, count in counted}
    raters: dict[int, list[RoundRater]] = {entry.pk: [] for entry in entries}
    for rater in RoundRater.objects.filter(entry__in=entries).select_related("user"):
        raters[rater.entry_id].append(rater)
    return [
        AccountProgress(
            entry,
            tuple(
                RaterProgress(rater, done.get((entry.round_id, entry.account_id, rater.user_id), 0), len(keys))
                for rater in raters[entry.pk]
            ),
        )
        for entry in entries
    ]


def blind_entry(account: Account) -> RoundAccount | None:
    """The round that keeps this account's new ratings sealed now; None when there is none. One query."""
    return RoundAccount.objects.blind().filter(account=account).select_related("round", "account").first()


@dataclass(frozen=True, slots=True)
class Asked:
    """An account that waits for the person's ratings in an open round."""

    entry: RoundAccount
    rated: int
    asked: int

    @property
    def closes_on(self) -> date:
        return self.entry.round.closes_on


def asked_of(user: User) -> list[Asked]:
    """Accounts of open rounds that wait for the person, the first to close first. Constant number of queries."""
    version = ScorecardVersion.objects.select_related("scorecard").in_use()
    if version is None:
        return []
    keys = rules_of(version).rated_keys
    own = Q(
        account__ratings__rater=user,
        account__ratings__sealed=True,
        account__ratings__round=F("round"),
        account__ratings__criterion_key__in=keys,
    )
    entries = (
        RoundAccount.objects.blind()
        .filter(raters__user=user, account__in=Account.objects.visible_to(user, Permission.RATE).live())
        .select_related("round", "account")
        .annotate(rated=Count("account__ratings", filter=own))
        .filter(rated__lt=len(keys))
        .order_by("round__closes_on", "account__name")
    )
    return [Asked(entry, entry.rated, len(keys)) for entry in entries]  # type: ignore[attr-defined]


def raters_to_remind(today: date, within_days: int) -> list[RoundRater]:
    """Raters who have not finished an account, whose round closes soon, and who were not reminded yet."""
    version = ScorecardVersion.objects.select_related("scorecard").in_use()
    if version is None:
        return []
    entries = list(
        RoundAccount.objects.blind()
        .filter(round__closes_on__lte=today + timedelta(days=within_days), round__state=RatingRound.State.OPEN)
        .select_related("round", "account")
    )
    found = []
    for part in progress_of(entries, rules_of(version)):
        for one in part.raters:
            if not one.is_done and one.rater.reminded_on is None and one.rater.user.is_active:
                one.rater.entry = part.entry
                found.append(one.rater)
    return found
