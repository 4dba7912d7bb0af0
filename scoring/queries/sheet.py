"""The rating sheet: several accounts by the rated criteria, with the person's own ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from scoring.models import Criterion, Rating
from scoring.queries.rules import Rules

MOST_ACCOUNTS = 30


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the sheet: its name in the form and what stands in it."""

    name: str
    criterion: Criterion
    value: str
    evidence: str
    confirmed: bool
    revision: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    account: Account
    cells: tuple[Cell, ...]


def accounts_to_rate(user: User, ids: Sequence[int]) -> list[Account]:
    """The named accounts that the person may rate; without names, those on their seats. At most 30."""
    rateable = Account.objects.visible_to(user, Permission.RATE).live()
    chosen = rateable.filter(pk__in=list(ids)) if ids else rateable.filter(
        pk__in=user.seats.open().values("account_id")
    )  # fmt: skip
    return list(chosen.order_by("name")[:MOST_ACCOUNTS])


def own_ratings(user: User, rules: Rules, accounts: Sequence[Account]) -> dict[tuple[int, str], Rating]:
    """The person's ratings by account id and criterion key. One query."""
    rows = Rating.objects.filter(rater=user, scorecard_id=rules.version.scorecard_id, account__in=accounts)
    return {(row.account_id, row.criterion_key): row for row in rows}


def sheet_rows(accounts: Sequence[Account], rules: Rules, own: dict[tuple[int, str], Rating]) -> list[Row]:
    """The sheet as stored."""
    rated = [criterion for criterion in rules.criteria if criterion.is_rated]
    return [
        Row(account, tuple(_cell(account, criterion, own.get((account.pk, criterion.key))) for criterion in rated))
        for account in accounts
    ]


def _cell(account: Account, criterion: Criterion, rating: Rating | None) -> Cell:
    name = f"{account.pk}-{criterion.key}"
    if rating is None:
        return Cell(name, criterion, "", "", confirmed=False, revision=0)
    return Cell(name, criterion, str(rating.value), rating.evidence, rating.confirmed, rating.revision)
