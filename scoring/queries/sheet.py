"""The rating sheet: several accounts by the rated criteria, with the person's own ratings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from scoring.models import Criterion, Rating, RoundAccount
from scoring.queries.ratings import expires_on
from scoring.queries.rules import Rules

MOST_ACCOUNTS = 30


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of the sheet: its name in the form and what stands in it.

    `last`: the person's own earlier value that the field does not hold, because a round asks anew; `last_on` its day.
    `is_old`: what the field holds is too old to count.
    """

    name: str
    criterion: Criterion
    value: str
    evidence: str
    confirmed: bool
    revision: int
    error: str = ""
    last: str = ""
    last_on: date | None = None
    is_old: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """An account; `entry` when a round seals what is typed into the row."""

    account: Account
    cells: tuple[Cell, ...]
    entry: RoundAccount | None = None

    @property
    def rated(self) -> int:
        return sum(bool(cell.value) for cell in self.cells)


def accounts_to_rate(user: User, ids: Sequence[int]) -> list[Account]:
    """The named accounts that the person may rate; without names, those on their seats. At most 30."""
    rateable = Account.objects.visible_to(user, Permission.RATE).live()
    chosen = rateable.filter(pk__in=list(ids)) if ids else rateable.filter(
        pk__in=user.seats.open().values("account_id")
    )  # fmt: skip
    return list(chosen.order_by("name")[:MOST_ACCOUNTS])


def asked_accounts(user: User, round_id: int) -> list[int]:
    """The accounts that the person is asked to rate in this round and that are still blind. One query."""
    entries = RoundAccount.objects.blind().filter(round_id=round_id, raters__user=user)
    return list(entries.order_by("account__name").values_list("account_id", flat=True)[:MOST_ACCOUNTS])


def sheet_rows(user: User, accounts: Sequence[Account], rules: Rules, today: date) -> list[Row]:
    """The sheet as stored: the person's ratings, sealed ones where a round seals the account. Two queries."""
    rated = [criterion for criterion in rules.criteria if criterion.is_rated]
    rows = Rating.objects.filter(rater=user, scorecard_id=rules.version.scorecard_id, account__in=accounts)
    own = {(row.account_id, row.criterion_key, row.sealed): row for row in rows}
    blind = RoundAccount.objects.blind().filter(account__in=accounts).select_related("round")
    entries = {entry.account_id: entry for entry in blind}
    found = []
    for account in accounts:
        entry = entries.get(account.pk)
        cells = []
        for criterion in rated:
            counted = own.get((account.pk, criterion.key, False))
            held = own.get((account.pk, criterion.key, True)) if entry else counted
            cells.append(_cell(account, criterion, held, counted if entry else None, today))
        found.append(Row(account, tuple(cells), entry))
    return found


def _cell(account: Account, criterion: Criterion, rating: Rating | None, last: Rating | None, today: date) -> Cell:
    name = f"{account.pk}-{criterion.key}"
    cell = Cell(name, criterion, "", "", confirmed=False, revision=0)
    if last is not None:
        cell = replace(cell, last=str(last.value), last_on=last.rated_on)
    if rating is None:
        return cell
    return replace(
        cell,
        value=str(rating.value),
        evidence=rating.evidence,
        confirmed=rating.confirmed,
        revision=rating.revision,
        is_old=expires_on(rating.rated_on, criterion.valid_months) <= today,
    )
