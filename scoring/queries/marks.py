"""Marks beside the tier, for lists and pages: each says why in a sentence. One query, however many accounts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import isnan

from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User
from sam.core.statements import ask
from sam.core.templatetags.ui import percent, plain_number
from scoring.domain.marks import (
    DEFAULT_MARKS,
    is_emerging,
    is_large_but_transactional,
    is_unexpected,
    threats,
)
from scoring.domain.points import to_decimal
from scoring.models import AccountScore, TierDecision

PARTNERSHIP = "P2"
"""The criterion that says whether the client wants to work with us."""
LABELS = {
    "emerging": "emerging",
    "threat": "under threat",
    "transactional": "large but transactional",
    "unexpected": "unexpected",
}
TONES = {"emerging": "info", "threat": "bad", "transactional": "warn", "unexpected": "good"}

# What higher apps know about threats: accounts' ids → the signs in words, without figures.
ThreatSource = Callable[[Collection[int]], Mapping[int, Iterable[str]]]
_threat_sources: dict[str, ThreatSource] = {}


def register_threats(key: str, source: ThreatSource) -> None:
    """Notice received, a unit lost, a low mean of the client's answers: whoever holds the records says so."""
    _threat_sources[key] = source


@dataclass(frozen=True, slots=True)
class Mark:
    key: str
    words: str

    @property
    def label(self) -> str:
        return LABELS[self.key]

    @property
    def tone(self) -> str:
        return TONES[self.key]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the portfolio's lists say of an account: scores in billionths of a point, ratios as fractions.

    `override`: the decision that keeps its tier against the rules. `signs`: what higher apps know, without figures.
    """

    overall: int | None = None
    current: int | None = None
    potential: int | None = None
    partnership: Decimal | None = None
    growth: Decimal | None = None
    share: Decimal | None = None
    rank: int | None = None
    of: int = 0
    override: TierDecision | None = None
    signs: tuple[str, ...] = ()

    @property
    def overall_points(self) -> Decimal | None:
        return None if self.overall is None else to_decimal(self.overall)

    @property
    def potential_points(self) -> Decimal | None:
        return None if self.potential is None else to_decimal(self.potential)


def facts_of(ids: Iterable[int]) -> dict[int, Facts]:
    """By account, for those that have a score or a standing. One query, and what the sources of threats ask."""
    asked = list(ids)
    found = {row[0]: _facts(*row) for row in ask(FACTS, [PARTNERSHIP, asked])}
    for source in _threat_sources.values():
        for account, words in source(asked).items():
            facts = found.get(account, Facts())
            found[account] = replace(facts, signs=(*facts.signs, *words))
    return found


# Values of a score stand in the order of its version's weighted criteria.
FACTS = """
    SELECT a.id, s.overall, s.current, s.potential, s."values"[(
            SELECT c.place FROM (
                SELECT key, row_number() OVER (ORDER BY position, key) AS place
                FROM scoring_criterion WHERE version_id = s.version_id AND kind <> 'gate'
            ) c WHERE c.key = %s
        )], t.growth, t.share_of_wallet, t.revenue_rank, t.of, d.tier, d.proposed, d.ends_on, d.reason
    FROM unnest(%s::bigint[]) AS a(id)
    LEFT JOIN scoring_accountscore s ON s.account_id = a.id
    LEFT JOIN scoring_accountstanding t ON t.account_id = a.id
    LEFT JOIN LATERAL (
        SELECT tier, proposed, ends_on, reason FROM scoring_tierdecision
        WHERE account_id = a.id ORDER BY decided_on DESC, id DESC LIMIT 1
    ) d ON true
    WHERE s.account_id IS NOT NULL OR t.account_id IS NOT NULL
"""


def _facts(
    account_id: int,
    overall: int | None,
    current: int | None,
    potential: int | None,
    partnership: float | None,
    growth: float | None,
    share: float | None,
    rank: int | None,
    of: int | None,
    tier: str | None,
    proposed: str | None,
    ends_on: date | None,
    reason: str | None,
) -> Facts:
    decision = TierDecision(
        account_id=account_id, tier=tier or "", proposed=proposed, ends_on=ends_on, reason=reason or ""
    )
    return Facts(
        overall=overall,
        current=current,
        potential=potential,
        partnership=_decimal(partnership),
        growth=_decimal(growth),
        share=_decimal(share),
        rank=rank,
        of=of or 0,
        override=decision if decision.against_proposal else None,
    )


def sees_figures(user: User, account_id: int) -> bool:
    """Whether figures may be in the words about this account; the person's seats are read once per request."""
    return can(user, Permission.FIGURES_VIEW, on=Account(pk=account_id))


def marks_by(facts: Facts, *, figures: bool) -> tuple[Mark, ...]:
    """The marks that the facts set; growth and shares stay out of the words without `figures`."""
    return tuple(_marks(facts, figures))


def marks_of(ids: Iterable[int], figures: Collection[int] | None = None) -> dict[int, tuple[Mark, ...]]:
    """Marks by account; accounts without any are left out. `figures`: accounts whose figures may be in the words.

    None: of all.
    """
    found = {
        account: marks_by(facts, figures=figures is None or account in figures)
        for account, facts in facts_of(ids).items()
    }
    return {account: marks for account, marks in found.items() if marks}


def marks_for(ids: Iterable[int], user: User) -> dict[int, tuple[Mark, ...]]:
    """As `marks_of`, with figures in the words only where the person sees figures."""
    asked = list(ids)
    return marks_of(asked, {account for account in asked if sees_figures(user, account)})


def marked_accounts(keys: Collection[str]) -> dict[int, tuple[Mark, ...]]:
    """Every live account that bears one of the marks which need a rated potential."""
    rated = AccountScore.objects.filter(potential__isnull=False, account__in=Account.objects.live())
    found = marks_of(rated.values_list("account_id", flat=True))
    picked = {account: tuple(mark for mark in marks if mark.key in keys) for account, marks in found.items()}
    return {account: marks for account, marks in picked.items() if marks}


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None or isnan(value) else Decimal(repr(value))


def _marks(facts: Facts, figures: bool) -> Iterable[Mark]:
    if is_emerging(facts.potential_points, facts.growth, facts.share):
        yield Mark("emerging", _emerging_words(facts, figures))
    signs = (*threats(facts.growth, None), *facts.signs)
    if signs:
        yield Mark("threat", _sentence("; ".join(_threat_words(sign, facts, figures) for sign in signs)))
    if facts.rank is None:
        return
    overall = plain_number(facts.overall_points or Decimal(0), 1)
    if is_large_but_transactional(facts.rank, facts.of, facts.overall_points, facts.partnership):
        words = f"Rank {facts.rank} of {facts.of} by revenue, overall {overall}"
        yield Mark("transactional", f"{words}, and it does not want to work with us ({PARTNERSHIP} at most 2).")
    if is_unexpected(facts.rank, facts.of, facts.overall_points):
        yield Mark("unexpected", f"Overall {overall}, but only rank {facts.rank} of {facts.of} by revenue.")


def _emerging_words(facts: Facts, figures: bool) -> str:
    why = []
    if not figures:
        return f"Potential {plain_number(facts.potential_points or Decimal(0), 1)}, and its figures point the same way."
    if facts.growth is not None and facts.growth >= DEFAULT_MARKS.emerging_growth:
        why.append(f"grew by {percent(facts.growth, 1)} in twelve months")
    if facts.share is not None and facts.share < DEFAULT_MARKS.emerging_share_of_wallet:
        why.append(f"buys only {percent(facts.share)} of its need from us")
    return f"Potential {plain_number(facts.potential_points or Decimal(0), 1)}, and it {' and '.join(why)}."


def _threat_words(sign: str, facts: Facts, figures: bool) -> str:
    if not sign.startswith("revenue fell") or facts.growth is None:
        return sign
    return f"revenue fell by {percent(-facts.growth, 1)} in twelve months" if figures else "a sign in its figures"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."
