"""Where raters are two levels or more apart, and what was settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import Account
from scoring.domain.consensus import Consensus, consensus
from scoring.models import Criterion, Rating, RatingRound, RoundAccount, SettledValue
from scoring.queries.ratings import expires_on
from scoring.queries.rules import Rules


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One criterion of one account on which the raters of a round differ by two levels or more."""

    account: Account
    criterion: Criterion
    ratings: tuple[Rating, ...]
    settled: SettledValue | None
    consensus: Consensus

    @property
    def values_words(self) -> str:
        """Every value with who gave it, lowest first."""
        return ", ".join(f"{rating.rater} {rating.value}" for rating in self.ratings)


def disagreements(accounts: Sequence[Account], rules: Rules, today: date) -> list[Disagreement]:
    """Open ones first, then the settled ones, each by account and criterion. Two queries.

    The caller names revealed accounts only: what a round still seals is not compared.
    """
    scorecard = rules.version.scorecard_id
    names = {account.pk: account for account in accounts}
    given: dict[tuple[int, str], list[Rating]] = {}
    rows = Rating.objects.counted().filter(account__in=accounts, scorecard_id=scorecard).select_related("rater")
    for rating in rows.order_by("value", "rater__display_name"):
        criterion = rules.by_key(rating.criterion_key)
        if criterion is not None and expires_on(rating.rated_on, criterion.valid_months) > today:
            given.setdefault((rating.account_id, rating.criterion_key), []).append(rating)
    settled = {
        (row.account_id, row.criterion_key): row
        for row in SettledValue.objects.filter(account__in=accounts, scorecard_id=scorecard).select_related(
            "settled_by"
        )
    }
    found = []
    for (account, key), ratings in given.items():
        criterion = rules.by_key(key)
        row = settled.get((account, key))
        if criterion is None:
            continue
        if row is not None and expires_on(row.settled_on, criterion.valid_months) <= today:
            row = None
        agreed = consensus([rating.value for rating in ratings], row.value if row else None)
        if agreed.is_disputed or row is not None:
            found.append(Disagreement(names[account], criterion, tuple(ratings), row, agreed))
    return sorted(found, key=lambda one: (one.settled is not None, one.account.name, one.criterion.position))


def revealed_accounts(rating_round: RatingRound) -> list[Account]:
    """The accounts of the round whose values may be seen: revealed, and not blind again in a later round. One query."""
    blind = RoundAccount.objects.blind().values("account_id")
    entries = rating_round.accounts.filter(revealed_at__isnull=False).exclude(account__in=blind)
    entries = entries.select_related("account")
    return [entry.account for entry in entries]
