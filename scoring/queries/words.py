"""Measures, bands and reasons in words."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format

from accounts.models import Account
from sam.core.templatetags.ui import DASH, money, percent, plain_number
from scoring.domain.measures import Unit, measure_of
from scoring.domain.tiers import Condition, Proposal, Reason

SIGNED = {Unit.POINTS: " pt", Unit.SCORE: ""}
PLAIN = {Unit.DAYS: " days", Unit.MONTHS: " months", Unit.LEVEL: "", Unit.COUNT: ""}
TIER_LABELS = {str(value): str(label) for value, label in Account.Tier.choices} | {"": "no tier"}


def tier_label(tier: str | None) -> str:
    """A tier in words; None is no proposal at all."""
    return "no proposal" if tier is None else TIER_LABELS[tier]


def full_day(day: date) -> str:
    """A day with its year, for sentences that are read at any time."""
    return date_format(day, "j M Y").replace(" ", "\N{NO-BREAK SPACE}")


def amount_words(measure: str, value: Decimal | float, currency: str) -> str:
    """A value of a measure as people read it: 9.36 M€, 62.7 %, +7.6 pt, 48 days."""
    number = Decimal(repr(value)) if isinstance(value, float) else value
    unit = measure_of(measure).unit
    places = 2 if unit is Unit.LEVEL else 0 if unit is Unit.COUNT else 1
    return _words(unit, number, currency, places)


def cut_words(measure: str, value: Decimal, currency: str) -> str:
    """A cut point without needless decimals."""
    unit = measure_of(measure).unit
    shown = value * 100 if unit is Unit.RATIO else value
    return _words(unit, value, currency, 0 if shown == shown.to_integral_value() else 1)


def _words(unit: Unit, number: Decimal, currency: str, places: int) -> str:
    if unit is Unit.MONEY:
        return str(money(number, currency))
    if unit is Unit.YES_NO:
        return "yes" if number else "no"
    if unit in SIGNED:
        return f"{plain_number(number, places, sign=True)}{SIGNED[unit]}"
    if unit in PLAIN:
        return f"{plain_number(number, places)}{PLAIN[unit]}"
    return str(percent(number, places))


def band_words(measure: str, cuts: Sequence[Decimal], currency: str, low_is_good: bool = False) -> list[str]:
    """The five bands of a computed criterion, level 1 first."""
    words = [cut_words(measure, cut, currency) for cut in cuts]
    if not words:
        return []
    if low_is_good:
        # A value exactly on a cut belongs to the better band, which is the lower one here.
        bands = [f"up to {words[0]}"]
        bands += [f"over {first}, up to {second}" for first, second in itertools.pairwise(words)]
        return [f"over {words[-1]}", *bands[:0:-1], bands[0]]
    bands = [f"under {words[0]}"]
    bands += [f"{first} {DASH} {second}" for first, second in itertools.pairwise(words)]
    return [*bands, f"{words[-1]} and more"]


def linear_words(measure: str, between: Sequence[Decimal], currency: str, low_is_good: bool = False) -> str:
    """What a criterion between two values means, in a sentence part."""
    low, high = (cut_words(measure, value, currency) for value in between)
    worst, best = (high, low) if low_is_good else (low, high)
    if measure_of(measure).unit is Unit.YES_NO:
        return f"“{worst}” gives 0 points, “{best}” gives 100"
    reach = ("and above", "and below") if low_is_good else ("and below", "and above")
    return f"{worst} {reach[0]} gives 0 points, {best} {reach[1]} gives 100, in between in proportion"


def reason_words(reason: Reason, names: dict[str, str]) -> str:
    """One condition of a tier as a sentence part."""
    if reason.condition is Condition.GATE:
        name = names.get(reason.gate or "", reason.gate or "")
        if reason.met:
            return f"gate {reason.gate} is passed ({name})"
        return f"gate {reason.gate} {'is not passed' if reason.answered else 'is not answered'} ({name})"
    half = {Condition.OVERALL: "overall", Condition.CURRENT: "worth today", Condition.POTENTIAL: "potential"}
    found = "not scored" if reason.found is None else plain_number(reason.found, 1)
    sign = "reaches" if reason.met else "is below"
    return f"{half[reason.condition]} {found} {sign} {plain_number(reason.needed or Decimal(0), 0)}"


def proposal_words(proposal: Proposal, labels: dict[str, str], decided: str) -> str:
    """What the rules say, beside what is decided."""
    if not proposal.scored:
        return "No proposal: a half is not scored."
    proposed = labels.get(proposal.tier or "", "no tier")
    if (proposal.tier or "") == decided:
        return f"The rules propose {proposed}, as decided."
    return f"The rules propose {proposed}; decided is {labels.get(decided, 'no tier')}."
