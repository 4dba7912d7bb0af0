"""Marks and surprises beside the tier: emerging, under threat, large but transactional, unexpected.

Ratios are fractions. An unknown figure never sets a mark.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class MarkRules:
    """Thresholds; scores in points, ratios as fractions, partnership on the rating scale 1 to 5."""

    emerging_potential: Decimal = Decimal(75)
    emerging_growth: Decimal = Decimal("0.15")
    emerging_share_of_wallet: Decimal = Decimal("0.25")
    threat_growth: Decimal = Decimal("-0.10")
    threat_drivers: Decimal = Decimal("3.0")
    transactional_overall: Decimal = Decimal(40)
    transactional_partnership: Decimal = Decimal(2)
    unexpected_overall: Decimal = Decimal(65)


DEFAULT_MARKS = MarkRules()


def is_emerging(
    potential: Decimal | None,
    growth: Decimal | None,
    share_of_wallet: Decimal | None,
    rules: MarkRules = DEFAULT_MARKS,
) -> bool:
    """High potential, and growing fast or with most of the wallet still elsewhere."""
    if potential is None or potential < rules.emerging_potential:
        return False
    grows = growth is not None and growth >= rules.emerging_growth
    open_wallet = share_of_wallet is not None and share_of_wallet < rules.emerging_share_of_wallet
    return grows or open_wallet


def threats(
    growth: Decimal | None,
    drivers_mean: Decimal | None,
    notice_received: bool = False,
    unit_lost: bool = False,
    rules: MarkRules = DEFAULT_MARKS,
) -> tuple[str, ...]:
    """The signs that an account is under threat; none when it is not. ``unit_lost``: to a competitor in 12 months."""
    signs = (
        (growth is not None and growth <= rules.threat_growth, "revenue fell by a tenth or more in twelve months"),
        (notice_received, "notice was received"),
        (unit_lost, "a competitor took a unit in twelve months"),
        (drivers_mean is not None and drivers_mean < rules.threat_drivers, "the client rates us below the middle"),
    )
    return tuple(sign for present, sign in signs if present)


def in_top_fifth(rank: int, accounts: int) -> bool:
    """True for ranks 1 to ceil(accounts / 5)."""
    return rank <= -(-accounts // 5)


def is_large_but_transactional(
    revenue_rank: int,
    accounts: int,
    overall: Decimal | None,
    partnership: Decimal | None,
    rules: MarkRules = DEFAULT_MARKS,
) -> bool:
    """Top fifth by revenue, low overall score, and little wish to work together."""
    if overall is None or partnership is None or not in_top_fifth(revenue_rank, accounts):
        return False
    return overall < rules.transactional_overall and partnership <= rules.transactional_partnership


def is_unexpected(revenue_rank: int, accounts: int, overall: Decimal | None, rules: MarkRules = DEFAULT_MARKS) -> bool:
    """High overall score outside the top fifth by revenue."""
    return overall is not None and overall >= rules.unexpected_overall and not in_top_fifth(revenue_rank, accounts)
