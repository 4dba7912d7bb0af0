"""How unevenly an amount (revenue, contribution) is spread over accounts: 80/20, whale curve, Gini, HHI.

Totals are exact Decimals. Shares, Gini and HHI are floats, each the correctly rounded quotient of two exact whole
numbers, so no error piles up over 100,000 accounts. Shares are fractions of the total (0 to 1, above 1 where
accounts below zero eat into it); they are None when the total is not above zero.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from itertools import accumulate
from typing import Self

# Wide enough for every numeric(18,4) amount converted at a rate of many decimals.
_EXACT = Context(prec=120)


@dataclass(frozen=True, slots=True)
class Top20:
    """The largest fifth of the accounts (rounded up) and its share of the total."""

    accounts: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Concentration:
    """``accounts_for_80``: fewest accounts that reach 80 % of the total. ``gini`` 0 to 1 and ``hhi`` 0 to 10,000 look
    at the accounts above zero only. ``deciles``: cumulative share of the first ceil(d·n/10) accounts, d = 1 to 10.
    """

    accounts: int
    total: Decimal
    top20: Top20
    accounts_for_80: int | None
    gini: float | None
    hhi: float | None
    deciles: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One account on a cumulative curve. ``rank`` 1 = largest; both shares are fractions."""

    rank: int
    external_id: str
    amount: Decimal
    account_share: float
    cumulative_amount: Decimal
    cumulative_share: float | None


@dataclass(frozen=True, slots=True)
class Whale:
    """Cumulative amount over accounts ranked by it: the peak lies where the accounts turn negative.

    ``peak_share``: peak as a fraction of the total. ``below_zero``: accounts that take away from the peak.
    """

    total: Decimal
    peak: Decimal
    peak_share: float | None
    peak_accounts: int
    below_zero: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """Accounts from the largest amount to the smallest; ties by external id.

    Amounts are kept as whole numbers of the smallest decimal place in use (``places``): exact and fast to add.
    """

    external_ids: tuple[str, ...]
    units: tuple[int, ...]
    cumulative: tuple[int, ...]
    places: int

    @classmethod
    def of(cls, holdings: Iterable[tuple[str, Decimal]]) -> Self:
        """Ranks (external id, amount) pairs; all amounts finite and in one currency."""
        rows = sorted(holdings)
        places = max((_places(amount) for _, amount in rows), default=0)
        scaled = [(external_id, int(amount.scaleb(places, _EXACT))) for external_id, amount in rows]
        # the sort keeps equal amounts in the order they had: by external id
        scaled.sort(key=_units, reverse=True)
        units = tuple(amount for _, amount in scaled)
        return cls(tuple(external_id for external_id, _ in scaled), units, tuple(accumulate(units)), places)

    @property
    def total(self) -> Decimal:
        return self._amount(self._total)

    def concentration(self) -> Concentration:
        count = len(self.units)
        top = _part(count, 2, 10)
        return Concentration(
            accounts=count,
            total=self.total,
            top20=Top20(top, self._share(top)),
            accounts_for_80=self._accounts_for(4, 5),
            gini=self._gini(),
            hhi=self._hhi(),
            deciles=tuple(self._share(_part(count, decile, 10)) for decile in range(1, 11)),
        )

    def whale(self) -> Whale:
        peak_accounts = sum(1 for amount in self.units if amount > 0)
        peak = self.cumulative[peak_accounts - 1] if peak_accounts else 0
        return Whale(
            total=self.total,
            peak=self._amount(peak),
            peak_share=peak / self._total if self._total > 0 else None,
            peak_accounts=peak_accounts,
            below_zero=sum(1 for amount in self.units if amount < 0),
        )

    def points(self, limit: int = 200) -> tuple[CurvePoint, ...]:
        """The cumulative curve (Pareto, whale), thinned evenly to at most ``limit`` points (2 or more).

        The first account, the last and the peak always stay.
        """
        if limit < 2:
            raise ValueError(f"A curve needs at least two points, not {limit}.")
        return tuple(self._point(index) for index in self._thinned(limit))

    def _point(self, index: int) -> CurvePoint:
        return CurvePoint(
            rank=index + 1,
            external_id=self.external_ids[index],
            amount=self._amount(self.units[index]),
            account_share=(index + 1) / len(self.units),
            cumulative_amount=self._amount(self.cumulative[index]),
            cumulative_share=self._share(index + 1),
        )

    def _thinned(self, limit: int) -> Sequence[int]:
        last = len(self.units) - 1
        if last < limit:
            return range(last + 1)
        chosen = [step * last // (limit - 1) for step in range(limit)]
        peak = self.whale().peak_accounts - 1
        if peak >= 0 and peak not in chosen and limit > 2:
            nearest = min(range(1, limit - 1), key=lambda position: abs(chosen[position] - peak))
            chosen[nearest] = peak
        return chosen

    @property
    def _total(self) -> int:
        return self.cumulative[-1] if self.cumulative else 0

    def _amount(self, units: int) -> Decimal:
        return Decimal(units).scaleb(-self.places, _EXACT)

    def _share(self, accounts: int) -> float | None:
        if self._total <= 0:
            return None
        return self.cumulative[accounts - 1] / self._total

    def _accounts_for(self, part: int, whole: int) -> int | None:
        if self._total <= 0:
            return None
        wanted = part * self._total
        return next(rank for rank, reached in enumerate(self.cumulative, start=1) if whole * reached >= wanted)

    def _gini(self) -> float | None:
        positive = [amount for amount in reversed(self.units) if amount > 0]
        count = len(positive)
        if not count:
            return None
        weighted = sum((2 * rank - count - 1) * amount for rank, amount in enumerate(positive, start=1))
        return weighted / (count * sum(positive))

    def _hhi(self) -> float | None:
        positive = [amount for amount in self.units if amount > 0]
        if not positive:
            return None
        return 10_000 * sum(amount * amount for amount in positive) / sum(positive) ** 2


def concentration(holdings: Iterable[tuple[str, Decimal]]) -> Concentration:
    """The concentration of (external id, amount) pairs in one currency."""
    return Ranking.of(holdings).concentration()


def _places(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError("An amount is a finite number.")  # noqa: TRY004 (NaN is a Decimal, the type is right)
    return max(0, -exponent)


def _units(row: tuple[str, int]) -> int:
    return row[1]


def _part(count: int, part: int, whole: int) -> int:
    """ceil(part · count / whole)"""
    return -(-part * count // whole)
