"""A draft's preview as one person may see it: counts per tier, who moves and why, the largest moves in rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isnan
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Abs

from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from sam.core.templatetags.ui import plain_number
from scoring.domain.changes import Cause, Change, Side, explain
from scoring.domain.scorecard import from_scores
from scoring.domain.tiers import Condition, propose
from scoring.models import MOVED, TIERS_FROM_THE_TOP, AccountScore, GateAnswer, Preview, PreviewLine, ScorecardVersion
from scoring.queries.rules import Rules, rules_of

PAGE_SIZE = 50
MOST_RANK_MOVES = 10
FEWEST_TO_TELL = 10
SAME_FOR = 90
"""A criterion whose scores are the same for this many percent of the accounts does not tell them apart."""
ORDER = [tier.value for tier in TIERS_FROM_THE_TOP]
LABELS: Mapping[str | None, str] = {
    **{str(value): str(label) for value, label in Account.Tier.choices},
    "": "no tier",
    None: "not scored",
}
SCORES = {Condition.OVERALL: "overall", Condition.CURRENT: "worth today", Condition.POTENTIAL: "potential and fit"}


@dataclass(frozen=True, slots=True)
class TierCount:
    """How many accounts are proposed for a tier; `tier` is None for those without a proposal."""

    tier: str | None
    before: int
    after: int

    @property
    def label(self) -> str:
        return LABELS[self.tier].capitalize()

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Move:
    """One account whose proposal or rank differs; `why` is empty for a move in rank alone."""

    account: Account
    tier_before: str | None
    tier_after: str | None
    overall_before: Decimal | None
    overall_after: Decimal | None
    rank_before: int | None
    rank_after: int | None
    why: str

    @property
    def before_label(self) -> str:
        return LABELS[self.tier_before]

    @property
    def after_label(self) -> str:
        return LABELS[self.tier_after]

    @property
    def is_up(self) -> bool:
        return _height(self.tier_after) > _height(self.tier_before)

    @property
    def rank_change(self) -> int:
        """Places gained; below zero: lost."""
        return (self.rank_before or 0) - (self.rank_after or 0)


@dataclass(frozen=True, slots=True)
class DraftPreview:
    """`everywhere`: the person sees every account; else counts and moves are of those they may see."""

    preview: Preview
    counts: tuple[TierCount, ...]
    accounts: int
    moved: int
    moves: Page[PreviewLine]
    lines: tuple[Move, ...]
    ranks: tuple[Move, ...]
    out_of_date: str
    everywhere: bool


def _height(tier: str | None) -> int:
    """Higher is better; without a score lowest of all."""
    if tier is None:
        return -1
    return len(ORDER) - ORDER.index(tier) if tier in ORDER else 0


def visible_lines(preview: Preview, user: User) -> QuerySet[PreviewLine]:
    """Lines of live accounts whose scores the person may see."""
    accounts = Account.objects.visible_to(user, Permission.SCORE_VIEW).live()
    return preview.lines.filter(account__in=accounts).order_by(F("rank_after").asc(nulls_last=True), "account_id")


def draft_preview(version: ScorecardVersion, user: User, number: Any = 1, direction: str = "") -> DraftPreview | None:
    """The stored preview, None when there is none yet. The same few queries for any number of accounts.

    `direction`: "up" or "down" shows only moves into, or out of, a higher tier.
    """
    preview = Preview.objects.select_related("compared_with__scorecard", "version").filter(version=version).first()
    if preview is None:
        return None
    visible = visible_lines(preview, user)
    counted = list(visible.order_by().values_list("tier_before", "tier_after").annotate(accounts=Count("pk")))
    moved = visible.filter(MOVED).select_related("account")
    if direction in ("up", "down"):
        moved = moved.filter(_direction(direction == "up"))
    page = Paginator(moved, PAGE_SIZE).get_page(number)
    ranks = (
        visible.filter(rank_before__isnull=False, rank_after__isnull=False)
        .exclude(rank_before=F("rank_after"))
        .annotate(places=Abs(F("rank_before") - F("rank_after")))
        .select_related("account")
        .order_by("-places", "account_id")[:MOST_RANK_MOVES]
    )
    return DraftPreview(
        preview=preview,
        counts=_counts(counted),
        accounts=sum(many for _, _, many in counted),
        moved=sum(many for before, after, many in counted if before != after),
        moves=page,
        lines=tuple(_explained(preview, list(page.object_list))),
        ranks=tuple(_move(line, "") for line in ranks),
        out_of_date=_out_of_date(preview, version),
        everywhere=user.is_active and Permission.SCORE_VIEW in user.role.everywhere,
    )


def _direction(up: bool) -> Q:
    found = Q(pk__in=[])
    heights: list[str | None] = [None, "", *reversed(ORDER)]
    for place, tier in enumerate(heights):
        for higher in heights[place + 1 :]:
            before, after = (tier, higher) if up else (higher, tier)
            found |= Q(**_is("tier_before", before), **_is("tier_after", after))
    return found


def _is(field: str, tier: str | None) -> dict[str, Any]:
    return {f"{field}__isnull": True} if tier is None else {field: tier}


def _counts(counted: Sequence[tuple[str | None, str | None, int]]) -> tuple[TierCount, ...]:
    found = []
    for tier in (*ORDER, "", None):
        before = sum(many for old, _, many in counted if old == tier)
        after = sum(many for _, new, many in counted if new == tier)
        if before or after or tier in ("", None):
            found.append(TierCount(tier, before, after))
    return tuple(found)


def _out_of_date(preview: Preview, version: ScorecardVersion) -> str:
    """Why the preview should be computed again; empty when it stands."""
    if preview.revision != version.revision:
        return "The draft was changed after this preview."
    live = ScorecardVersion.objects.in_use()
    if (live.pk if live else None) != preview.compared_with_id:
        return "Another version ranks the portfolio since."
    if AccountScore.objects.filter(computed_at__gt=preview.computed_at).exists():
        return "Scores were computed again since: figures or ratings may have changed."
    return ""


def _move(line: PreviewLine, why: str) -> Move:
    return Move(
        line.account, line.tier_before, line.tier_after, line.overall_points_before, line.overall_points_after,
        line.rank_before, line.rank_after, why,
    )  # fmt: skip


def _explained(preview: Preview, lines: list[PreviewLine]) -> list[Move]:
    """Moves with their sentence: the rules of both versions once, the gates of the listed accounts once."""
    if not lines:
        return []
    after = rules_of(preview.version)
    before = rules_of(preview.compared_with) if preview.compared_with else None
    gates = _gates(lines)
    found = []
    for line in lines:
        if before is None:
            found.append(_move(line, "No scorecard ranks the portfolio yet: this is the first proposal."))
            continue
        old = _side(line, before, line.points_before, gates)
        new = _side(line, after, line.points_after, gates)
        try:
            why = change_words(explain(old, new, ORDER), before, after)
        except ValueError:
            # Gates, or the decided tier, changed after the preview.
            why = "Answers changed since; compute the preview again."
        found.append(_move(line, why))
    return found


def _gates(lines: Sequence[PreviewLine]) -> dict[tuple[int, int], dict[str, bool | None]]:
    found: dict[tuple[int, int], dict[str, bool | None]] = {}
    answers = GateAnswer.objects.filter(account__in=[line.account_id for line in lines])
    for account, scorecard, key, passed in answers.values_list("account_id", "scorecard_id", "gate_key", "passed"):
        found.setdefault((account, scorecard), {})[key] = passed
    return found


def _side(
    line: PreviewLine, rules: Rules, points: Sequence[float], gates: Mapping[tuple[int, int], Mapping[str, bool | None]]
) -> Side:
    scores = {
        criterion.key: int(value) for criterion, value in zip(rules.criteria, points, strict=False) if not isnan(value)
    }
    score = from_scores(rules.scorecard, scores)
    answers = gates.get((line.account_id, rules.version.scorecard_id), {})
    return Side(score, rules.tiers, propose(score, rules.tiers, answers, line.account.tier or None))


def change_words(change: Change, before: Rules, after: Rules) -> str:
    """Why the proposal differs, as a sentence."""
    tier = LABELS[change.tier or ""]
    if change.cause is Cause.NOW_SCORED:
        return "Too little was known for an overall score; by the draft enough is known."
    if change.cause is Cause.NOT_SCORED:
        return "By the draft too little of a half is known for an overall score."
    if change.cause is Cause.TIER_ADDED:
        return f"Only the draft has the tier {tier}, and its conditions are met."
    if change.cause is Cause.TIER_GONE:
        return f"The draft has no tier {tier} any more."
    if change.cause is Cause.GATE_ANSWER:
        return f"Gate {change.gate}{_name(change.gate, before, after)} is answered differently for the two scorecards."
    if change.cause is Cause.GATE:
        asks = "no longer asks for" if change.up else "asks for"
        return f"The draft {asks} gate {change.gate}{_name(change.gate, before, after)}, which is not passed."
    return _score_words(change, tier, before, after)


def _score_words(change: Change, tier: str, before: Rules, after: Rules) -> str:
    score = SCORES[change.condition or Condition.OVERALL].capitalize()
    needed = f"{tier} needs {_number(change.needed_after)}"
    if change.needed_before != change.needed_after:
        needed += f" instead of {_number(change.needed_before)}"
    if change.cause is Cause.THRESHOLD and change.found_before != change.found_after:
        found = f"from {_number(change.found_before, 1)} to {_number(change.found_after, 1)}"
        return f"{score} goes {found}, but the threshold decides: {needed}."
    if change.cause is Cause.THRESHOLD:
        return f"{score} stays {_number(change.found_after, 1)}; {needed}."
    words = f"{score} goes from {_number(change.found_before, 1)} to {_number(change.found_after, 1)}; {needed}."
    if change.main is None:
        return words
    name = _name(change.main.key, before, after)
    return f"{words} Most of it comes from {change.main.key}{name}: {_signed(change.main.change)} points."


def _name(key: str | None, before: Rules, after: Rules) -> str:
    row = after.by_key(key or "") or before.by_key(key or "")
    return "" if row is None else f" ({row.name})"


def _number(value: Decimal | None, places: int = 0) -> str:
    return "not scored" if value is None else plain_number(value, places)


def _signed(part: Fraction) -> str:
    return plain_number(Decimal(part.numerator) / part.denominator, 1, sign=True)


def spread_warnings(preview: Preview, keys: Sequence[str]) -> list[tuple[str, int, int]]:
    """Criteria that hardly tell accounts apart: key, accounts with the most frequent score, accounts scored."""
    found = []
    for key in keys:
        known, most = preview.spread.get(key, (0, 0))
        if known >= FEWEST_TO_TELL and most * 100 >= known * SAME_FOR:
            found.append((key, most, known))
    return found
