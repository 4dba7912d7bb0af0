"""Measures, bands and reasons in words."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format

from sam.core.templatetags.ui import DASH, money, percent, plain_number
from scoring.domain.tiers import Condition, Proposal, Reason
from scoring.models import Criterion

Measure = Criterion.Measure
MONEY = {Measure.REVENUE, Measure.CONTRIBUTION}
POINTS = {Measure.MARGIN_GAP}


def full_day(day: date) -> str:
    """A day with its year, for sentences that are read at any time."""
    return date_format(day, "j M Y").replace(" ", "\N{NO-BREAK SPACE}")


def amount_words(measure: str, value: Decimal | float, currency: str) -> str:
    """A value of a measure as people read it: 9.36 M€, 62.7 %, +7.6 pt."""
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if measure in MONEY:
        return str(money(number, currency))
    if measure in POINTS:
        return f"{plain_number(number, 1, sign=True)} pt"
    return str(percent(number, 1))


def cut_words(measure: str, value: Decimal, currency: str) -> str:
    """A cut point without needless decimals."""
    if measure in MONEY:
        return str(money(value, currency))
    if measure in POINTS:
        return f"{plain_number(value, 0 if value == value.to_integral_value() else 1, sign=True)} pt"
    whole = value * 100 == (value * 100).to_integral_value()
    return str(percent(value, 0 if whole else 1))


def band_words(measure: str, cuts: Sequence[Decimal], currency: str, low_is_good: bool = False) -> list[str]:
    """The five bands of a computed criterion, level 1 first."""
    words = [cut_words(measure, cut, currency) for cut in cuts]
    if not words:
        return []
    bands = [f"under {words[0]}"]
    bands += [f"{first} {DASH} {second}" for first, second in itertools.pairwise(words)]
    bands.append(f"{words[-1]} and more")
    return bands[::-1] if low_is_good else bands


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
