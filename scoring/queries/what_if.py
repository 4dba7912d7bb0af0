"""What would follow if the scorecard's numbers were others: tiers, who moves, the list in its new order.

Only requests that ask load this module: it weighs the portfolio in NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from sam.core.templatetags.ui import plain_number
from scoring.domain.points import to_decimal
from scoring.domain.table import NOT_PROPOSED, UNSCORED, ScoreTable, Whole, combine, proposed_tiers
from scoring.domain.what_if import Changed, Changes, applied
from scoring.models import ScorecardVersion
from scoring.queries.held import Held, held
from scoring.queries.words import tier_label

MOST_ROWS = 100
MOST_MOVED = 50
BESIDE_THE_LINE = 5


@dataclass(frozen=True, slots=True)
class Place:
    """One account in the new order. Tiers are keys of tiers, "" for none, None without a proposal."""

    account_id: int
    name: str
    rank: int | None
    rank_before: int | None
    overall: Decimal | None
    overall_before: Decimal | None
    tier: str | None
    tier_before: str | None
    decided: str

    @property
    def moves(self) -> bool:
        return self.tier != self.tier_before

    @property
    def label(self) -> str:
        return tier_label(self.tier)

    @property
    def label_before(self) -> str:
        return tier_label(self.tier_before)

    @property
    def label_decided(self) -> str:
        return tier_label(self.decided)

    @property
    def climb_words(self) -> str:
        places = abs(self.climbs)
        if self.rank_before is None:
            return "new in the ranking"
        return f"{'up' if self.climbs > 0 else 'down'} {places}" if places else "same place"

    @property
    def climbs(self) -> int:
        """Places up, negative for down; 0 where it has or had no rank."""
        return 0 if self.rank is None or self.rank_before is None else self.rank_before - self.rank


@dataclass(frozen=True, slots=True)
class TierCount:
    """How many accounts a tier would be proposed to, before and after."""

    tier: str
    before: int
    after: int

    @property
    def label(self) -> str:
        return tier_label(self.tier)

    @property
    def change(self) -> int:
        return self.after - self.before

    @property
    def change_words(self) -> str:
        return plain_number(Decimal(self.change), 0, sign=True)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """`top`: the cut line, so many accounts are on the list; `crossing`: ids that come above or fall below it."""

    changed: Changed
    accounts: int
    scored: int
    scored_before: int
    counts: tuple[TierCount, ...]
    moved: int
    top: int
    ranking: tuple[Place, ...]
    movers: tuple[Place, ...]
    comes_in: tuple[str, ...]
    falls_out: tuple[str, ...]

    @property
    def sentence(self) -> str:
        scored = plain_number(Decimal(self.scored), 0)
        if not self.moved:
            return f"nobody moves, {scored} scored"
        moved = plain_number(Decimal(self.moved), 0)
        return f"{moved} {'account moves' if self.moved == 1 else 'accounts move'} to another tier, {scored} scored"

    @property
    def movers_note(self) -> str:
        if self.moved <= len(self.movers):
            return ""
        return f"the first {len(self.movers)} of {plain_number(Decimal(self.moved), 0)}, by their new rank"


def what_if(version: ScorecardVersion, user: User, changes: Changes, top: int) -> WhatIf:
    """The whole portfolio by the changed rules; named are only accounts whose scores the person may see.

    `version` is the one that scores the portfolio, `top` 1 to 1,000. Three queries at most, one of them for names.
    WrongChange where a number makes no sense.
    """
    base = held(version)
    changed = applied(base.rules.scorecard, base.rules.tiers, changes)
    table = combine(changed.scorecard, base.scores[:, changed.kept])
    proposed = proposed_tiers(table, changed.rules, base.gates, base.decided)
    moved = np.nonzero(proposed != base.proposed)[0]
    movers = moved[np.argsort(_last(table.rank[moved]), kind="stable")][:MOST_MOVED]
    listed = _first(table.rank, min(top + BESIDE_THE_LINE, MOST_ROWS))
    comes_in, falls_out = _crossing(base.table.rank, table.rank, top)
    rows = {*listed.tolist(), *movers.tolist(), *comes_in.tolist(), *falls_out.tolist()}
    names = _names((int(base.accounts[row]) for row in rows), user)
    shown = _Shown(base, table, proposed, names)
    return WhatIf(
        changed=changed,
        accounts=len(base.accounts),
        scored=int((table.overall != UNSCORED).sum()),
        scored_before=int((base.table.overall != UNSCORED).sum()),
        counts=_counts(base, proposed),
        moved=len(moved),
        top=top,
        ranking=shown.places(listed),
        movers=shown.places(movers),
        comes_in=tuple(place.name for place in shown.places(comes_in)),
        falls_out=tuple(place.name for place in shown.places(falls_out)),
    )


def _last(ranks: Whole) -> Whole:
    """Ranks with the unranked at the end."""
    return np.where(ranks == UNSCORED, np.iinfo(np.int64).max, ranks)


def _first(ranks: Whole, most: int) -> Whole:
    """Rows of the first so many ranks, in their order."""
    rows = np.nonzero((ranks >= 1) & (ranks <= most))[0]
    return rows[np.argsort(ranks[rows])]


def _crossing(before: Whole, after: Whole, top: int) -> tuple[Whole, Whole]:
    """Rows that come above the cut line, and those that fall below it, best first; at most MOST_MOVED each."""
    was, is_now = (before >= 1) & (before <= top), (after >= 1) & (after <= top)
    comes_in, falls_out = np.nonzero(is_now & ~was)[0], np.nonzero(was & ~is_now)[0]
    return (
        comes_in[np.argsort(after[comes_in])][:MOST_MOVED],
        falls_out[np.argsort(before[falls_out])][:MOST_MOVED],
    )


def _counts(base: Held, proposed: Whole) -> tuple[TierCount, ...]:
    tiers = [*base.rules.tier_keys, ""]
    before, after = (
        np.bincount(found[found != NOT_PROPOSED], minlength=len(tiers)) for found in (base.proposed, proposed)
    )
    return tuple(TierCount(tier, int(before[place]), int(after[place])) for place, tier in enumerate(tiers))


def _names(ids: Iterable[int], user: User) -> Mapping[int, str]:
    seen = Account.objects.visible_to(user, Permission.SCORE_VIEW)
    return dict(seen.filter(pk__in=list(ids)).values_list("pk", "name"))


@dataclass(frozen=True, slots=True)
class _Shown:
    """Rows of the arrays as places."""

    base: Held
    table: ScoreTable
    proposed: Whole
    names: Mapping[int, str]

    def places(self, rows: Whole) -> tuple[Place, ...]:
        found = (self._place(row) for row in rows.tolist())
        return tuple(place for place in found if place is not None)

    def _place(self, row: int) -> Place | None:
        account_id = int(self.base.accounts[row])
        name = self.names.get(account_id)
        if name is None:
            return None
        tiers = [*self.base.rules.tier_keys, ""]
        return Place(
            account_id=account_id,
            name=name,
            rank=_known(self.table.rank, row),
            rank_before=_known(self.base.table.rank, row),
            overall=_points(self.table.overall, row),
            overall_before=_points(self.base.table.overall, row),
            tier=_tier(tiers, self.proposed, row),
            tier_before=_tier(tiers, self.base.proposed, row),
            decided=tiers[int(self.base.decided[row])],
        )


def _known(numbers: Whole, row: int) -> int | None:
    number = int(numbers[row])
    return None if number == UNSCORED else number


def _points(billionths: Whole, row: int) -> Decimal | None:
    number = _known(billionths, row)
    return None if number is None else to_decimal(number)


def _tier(tiers: list[str], positions: Whole, row: int) -> str | None:
    position = int(positions[row])
    return None if position == NOT_PROPOSED else tiers[position]
