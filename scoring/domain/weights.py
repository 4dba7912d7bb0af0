"""Weights that people read as percent: in proportion, with two decimals, adding up to exactly 100."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal

STEP = Decimal("0.01")
HUNDRED = Decimal(100)


def in_percent(weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Each weight (above zero) as a share of 100; what rounding leaves goes to the largest remainders.

    Every weight keeps at least 0.01. ValueError without weights, or for one that is not above zero.
    """
    if not weights or min(weights.values()) <= 0:
        raise ValueError("Weights are above zero.")
    total = sum(weights.values(), Decimal(0))
    exact = {key: HUNDRED * weight / total for key, weight in weights.items()}
    found = {key: max(STEP, value.quantize(STEP, ROUND_FLOOR)) for key, value in exact.items()}
    left = int((HUNDRED - sum(found.values(), Decimal(0))) / STEP)
    # Below zero only where very small weights were raised to the least one: the largest give it back.
    order = sorted(found, key=lambda key: (found[key] - exact[key], key) if left > 0 else (-found[key], key))
    for place in range(abs(left)):
        found[order[place % len(order)]] += STEP if left > 0 else -STEP
    return found
