"""Why an account is in its tier, how sure that is, and what would move it, in words. Reads nothing: the card has it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sam.core.templatetags.ui import percent, plain_number
from scoring.domain.nearest import Change, Neighbours, neighbours
from scoring.domain.points import POINT
from scoring.domain.stability import Firmness, Stability, stability
from scoring.queries.scorecard import AccountScorecard, Line
from scoring.queries.words import TIER_LABELS


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the plausible weightings propose this tier."""

    label: str
    count: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class Why:
    """`stability` is None for an account without a proposal; `up` and `down` are sentences, empty where nothing is."""

    stability: Stability | None
    neighbours: Neighbours
    up: str
    down: str

    @property
    def is_firm(self) -> bool:
        return self.stability is not None and self.stability.firmness is Firmness.FIRM

    @property
    def verdict(self) -> str:
        """The one word to read first; empty without a proposal."""
        if self.stability is None:
            return ""
        return "Firm" if self.is_firm else "Close call"

    @property
    def sentence(self) -> str:
        """What the verdict rests on."""
        if self.stability is None:
            return ""
        tier = TIER_LABELS[self.stability.tier]
        held = percent(Decimal(str(self.stability.share)))
        words = f"under {held} of {plain_number(Decimal(self.stability.draws), 0)} plausible weightings it comes out"
        rival = self.stability.rival
        otherwise = f", otherwise mostly as {TIER_LABELS[rival]}" if rival is not None and not self.is_firm else ""
        return f"{words} as {tier}{otherwise}."

    @property
    def tallies(self) -> tuple[Tally, ...]:
        """The weightings by the tier they propose, most first."""
        if self.stability is None:
            return ()
        found = sorted(self.stability.tiers.items(), key=lambda pair: -pair[1])
        draws = self.stability.draws
        return tuple(Tally(TIER_LABELS[tier], count, Decimal(count) / draws) for tier, count in found)


def why_of(card: AccountScorecard) -> Why:
    """For one account's scorecard; about twenty milliseconds of arithmetic, no query."""
    scores = {part.key: int(part.score * POINT) for part in card.result.contributions}
    gates = {line.gate.key: line.answer.passed if line.answer else None for line in card.gates}
    decided = card.account.tier or None
    rules = card.rules
    found = neighbours(rules.scorecard, rules.tiers, scores, gates, decided)
    return Why(
        stability=stability(rules.scorecard, rules.tiers, scores, gates, decided),
        neighbours=found,
        up=change_words(card, found.up, "lift it to"),
        down=change_words(card, found.down, "take it down to"),
    )


def change_words(card: AccountScorecard, change: Change | None, leads: str) -> str:
    """A change as a sentence; empty without one."""
    if change is None:
        return ""
    end = f"would {leads} {TIER_LABELS[change.tier]}"
    if change.is_gate:
        gate = next(line.gate for line in card.gates if line.gate.key == change.key)
        return f"Passing gate {gate.key} ({gate.name}) {end}."
    line = next(line for line in card.lines if line.criterion.key == change.key)
    overall = "" if change.overall is None else f" (overall {plain_number(change.overall, 1)})"
    return f"{line.criterion.key} {line.criterion.name}: {_step(line, change)} {end}{overall}."


def _step(line: Line, change: Change) -> str:
    """From where to where, in the criterion's own words: levels, bands, or points."""
    after = change.after or Decimal(0)
    if line.criterion.is_rated:
        level = plain_number(after / 25 + 1, 0)
        return f"a rating of {level}" if line.level is None else f"{line.level_words} → {level}"
    if line.levels and not after % 25:
        return f"“{line.levels[int(after / 25)]}”"
    before = "not known" if change.before is None else plain_number(change.before, 0)
    return f"{before} → {plain_number(after, 0)} of 100 points"
