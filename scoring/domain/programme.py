"""What the programme brought: strategic and key accounts against the rest, and against accounts like them.

Growth is the sum now over the sum before, margin the sum of contributions over the sum of revenues, each over the
accounts where both are known, so that every figure has an n of its own. All amounts share a currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from statistics import fmean

from scoring.domain.bootstrap import Interval, bootstrap

FEWEST = 5
"""Accounts (or pairs) from which on a figure may carry a claim."""
MOST_ALONE = 20
"""In a larger group one account hardly moves the result."""
BAND = Decimal(3)
"""Accounts of the same size: revenue before the window between a third and three times the account's."""


class Group(StrEnum):
    """By the decided tier; the rest is outside the programme."""

    GLOBAL = "global"
    STRATEGIC = "strategic"
    KEY = "key"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Member:
    """One account: amounts of the twelve months and of the twelve before, None where unknown."""

    account_id: int
    name: str
    industry: str
    group: Group
    revenue: Decimal | None
    revenue_before: Decimal | None
    contribution: Decimal | None
    contribution_before: Decimal | None

    @property
    def growth(self) -> Decimal | None:
        if self.revenue is None or self.revenue_before is None or self.revenue_before <= 0:
            return None
        return self.revenue / self.revenue_before - 1

    @property
    def margin(self) -> Decimal | None:
        if self.contribution is None or self.revenue is None or self.revenue <= 0:
            return None
        return self.contribution / self.revenue


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over a group. ``accounts``: all of it; ``with_*``: those that the sums after it add up."""

    accounts: int = 0
    with_revenue: int = 0
    revenue: Decimal = Decimal(0)
    with_growth: int = 0
    growing_now: Decimal = Decimal(0)
    growing_before: Decimal = Decimal(0)
    with_margin: int = 0
    contribution: Decimal = Decimal(0)
    contributing_revenue: Decimal = Decimal(0)
    with_margin_before: int = 0
    contribution_before: Decimal = Decimal(0)
    contributing_revenue_before: Decimal = Decimal(0)

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def growth(self) -> Decimal | None:
        """A fraction; None without revenue before."""
        return self.growing_now / self.growing_before - 1 if self.growing_before > 0 else None

    @property
    def margin(self) -> Decimal | None:
        return self.contribution / self.contributing_revenue if self.contributing_revenue > 0 else None

    @property
    def margin_before(self) -> Decimal | None:
        whole = self.contributing_revenue_before
        return self.contribution_before / whole if whole > 0 else None


def sums(members: Iterable[Member]) -> Sums:
    return sum((_alone(member) for member in members), Sums())


def _alone(one: Member) -> Sums:
    """The sums of one account. SQL adds the many others up by the same rule (scoring.queries.programme)."""
    zero = Decimal(0)
    both = one.revenue is not None and one.revenue_before is not None
    earning = one.revenue is not None and one.contribution is not None
    earned = one.revenue_before is not None and one.contribution_before is not None
    return Sums(
        accounts=1,
        with_revenue=int(one.revenue is not None),
        revenue=one.revenue or zero,
        with_growth=int(both),
        growing_now=(one.revenue or zero) if both else zero,
        growing_before=(one.revenue_before or zero) if both else zero,
        with_margin=int(earning),
        contribution=(one.contribution or zero) if earning else zero,
        contributing_revenue=(one.revenue or zero) if earning else zero,
        with_margin_before=int(earned),
        contribution_before=(one.contribution_before or zero) if earned else zero,
        contributing_revenue_before=(one.revenue_before or zero) if earned else zero,
    )


@dataclass(frozen=True, slots=True)
class Without:
    """The account whose absence changes a small group's growth most, and the growth of the others."""

    member: Member
    growth: Decimal


def without_one(members: Sequence[Member]) -> Without | None:
    """None for a group of one, of more than twenty, or without growth."""
    counted = [one for one in members if one.growth is not None]
    whole = sums(counted).growth
    if whole is None or not 2 <= len(counted) <= MOST_ALONE:
        return None
    found = [
        Without(left_out, growth)
        for left_out in counted
        if (growth := sums(one for one in counted if one is not left_out).growth) is not None
    ]
    return max(found, key=lambda one: abs(one.growth - whole), default=None)


# --- loyalty ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loyalty:
    """The last wave of each account of a group. ``nps`` in points with its 95 % interval; ``drivers`` 1 to 5.

    ``answers`` and ``rated`` say how many people each rests on; None under the fewest that are shown.
    """

    accounts: int
    answers: int
    nps: float | None
    low: float | None
    high: float | None
    rated: int
    drivers: Decimal | None


# --- matched comparison -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """A programme account beside those like it. Differences are fractions: its own less the mean of the others."""

    member: Member
    others: tuple[Member, ...]

    @property
    def growth(self) -> float:
        own = self.member.growth
        return float(own or 0) - fmean(float(one.growth or 0) for one in self.others)

    @property
    def margin(self) -> float | None:
        own = self.member.margin
        theirs = [float(one.margin) for one in self.others if one.margin is not None]
        return None if own is None or not theirs else float(own) - fmean(theirs)


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean over ``n`` pairs as a fraction; the interval only from five pairs on."""

    n: int
    mean: float | None
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``unmatched``: programme accounts nobody is like, with the reason."""

    pairs: tuple[Pair, ...]
    unmatched: tuple[tuple[Member, str], ...]
    growth: Difference
    margin: Difference


def compare(programme: Iterable[Member], others: Iterable[Member]) -> Comparison:
    """Pair each programme account with those of the same industry and size; nobody is paired by the outcome."""
    by_industry: dict[str, list[Member]] = {}
    for one in others:
        if one.industry and one.growth is not None:
            by_industry.setdefault(one.industry, []).append(one)
    pairs: list[Pair] = []
    unmatched: list[tuple[Member, str]] = []
    for member in programme:
        like = _like(member, by_industry)
        if isinstance(like, str):
            unmatched.append((member, like))
        else:
            pairs.append(Pair(member, like))
    margins = [pair.margin for pair in pairs if pair.margin is not None]
    return Comparison(tuple(pairs), tuple(unmatched), difference([pair.growth for pair in pairs]), difference(margins))


def _like(member: Member, by_industry: Mapping[str, Sequence[Member]]) -> tuple[Member, ...] | str:
    """The accounts like a member, or why there is none."""
    if not member.industry:
        return "its industry is not known"
    before = member.revenue_before
    if member.growth is None or before is None:
        return "its growth is not known"
    same = by_industry.get(member.industry, ())
    if not same:
        return "nobody else in its industry"
    like = tuple(one for one in same if one.revenue_before and before / BAND <= one.revenue_before <= before * BAND)
    return like or "nobody of its size in its industry"


def difference(values: Sequence[float]) -> Difference:
    """The mean of differences, with a seeded bootstrap interval from five on."""
    if not values:
        return Difference(0, None, None)
    return Difference(len(values), fmean(values), bootstrap(values, fmean) if len(values) >= FEWEST else None)


# --- in words ---------------------------------------------------------------------------------------------

_WORDS = ("No", "One", "Two", "Three", "Four")


def too_few(n: int, noun: str = "account") -> str:
    """ "Three accounts are too few for a claim."; empty from five on."""
    if n >= FEWEST:
        return ""
    if n == 0:
        return f"There is no {noun} to say anything about."
    return f"{_WORDS[n]} {noun}{'' if n == 1 else 's'} {'is' if n == 1 else 'are'} too few for a claim."


def comparison_words(found: Comparison) -> str:
    """What the matched comparison allows to say about growth, in one or two sentences."""
    n, whole = found.growth.n, len(found.pairs) + len(found.unmatched)
    if not whole:
        return "No account was in the programme when these twelve months began."
    beside = f"{n} of {whole} programme accounts {'has' if n == 1 else 'have'} others of their industry and size."
    if found.growth.interval is None or found.growth.mean is None:
        return f"{beside} {too_few(n, 'pair')}"
    if found.growth.interval.spans_zero:
        return f"{beside} The difference in growth may be chance: its interval includes zero."
    better = "faster" if found.growth.mean > 0 else "slower"
    return f"{beside} They grew {better} than accounts like them, and chance alone hardly explains it."
