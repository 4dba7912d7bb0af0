"""One account's scorecard with everything that explains it, for its page and for the API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import isnan

from django.db import connection
from django.utils import timezone

from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.charts.dumbbells import Dumbbell, DumbbellRow
from sam.core.models import Organisation, User
from sam.core.templatetags.ui import percent, plain_number
from sam.values.periods import Quarter
from sam.values.results import Missing
from scoring.domain.consensus import WIDE_SPREAD, spread
from scoring.domain.measures import Figures
from scoring.domain.scorecard import AccountScore as Result
from scoring.domain.scorecard import Contribution, HalfScore, evaluate
from scoring.domain.tiers import Proposal, propose
from scoring.models import (
    AccountScore,
    Criterion,
    GateAnswer,
    KeptScore,
    Rating,
    RoundAccount,
    ScorecardVersion,
    ScoreRun,
    SettledValue,
    TierDecision,
)
from scoring.queries.blindness import blind_entry
from scoring.queries.distribution import compared_values
from scoring.queries.freshness import is_out_of_date
from scoring.queries.gates import Found, checked_gates
from scoring.queries.marks import Mark, marks_of
from scoring.queries.measures import Window, explained, figures_of, latest_quarter, window_of
from scoring.queries.ratings import expires_on
from scoring.queries.rules import Rules, rules_of
from scoring.queries.words import amount_words, band_words, linear_words, proposal_words, reason_words

SOON_DAYS = 30
"""So many days before it stops counting, a rating is called old soon."""
NOT_KNOWN = "it is not known for this account"


@dataclass(frozen=True, slots=True)
class Line:
    """One criterion of the account: what it scored, from what, and who said so."""

    criterion: Criterion
    contribution: Contribution | None
    value: float | None
    shown: str
    level: Decimal | None
    anchor: str
    levels: tuple[str, ...]
    ratings: tuple[Rating, ...]
    expired: tuple[Rating, ...]
    own: Rating | None
    last: Decimal | None
    reason: str
    settled: SettledValue | None
    # The person's own, while the round hides it from others.
    sealed: Rating | None
    # The first day on which what counts now counts no more; None when that is not soon.
    old_from: date | None
    # A round hides what others rated: spread, counts and confidence are not told.
    blind: bool

    @property
    def points(self) -> Decimal | None:
        return None if self.contribution is None else self.contribution.score

    @property
    def in_overall(self) -> Decimal | None:
        return None if self.contribution is None else as_decimal(self.contribution.in_overall)

    @property
    def room(self) -> Decimal | None:
        return None if self.contribution is None else as_decimal(self.contribution.room)

    @property
    def spread(self) -> int:
        return 0 if self.blind else spread([rating.value for rating in self.ratings])

    @property
    def is_wide(self) -> bool:
        return self.spread >= WIDE_SPREAD

    @property
    def is_disputed(self) -> bool:
        """The raters are far apart, and nobody has settled it."""
        return self.is_wide and self.settled is None

    @property
    def spread_words(self) -> str:
        values = sorted(rating.value for rating in self.ratings)
        return f"raters differ: {values[0]} to {values[-1]}" if values else ""

    @property
    def level_words(self) -> str:
        return "" if self.level is None else f"{self.level.normalize():f}"

    @property
    def raters_words(self) -> str:
        """How many rated it, with the newest date behind it."""
        count = len(self.ratings)
        if self.blind:
            return "Your own rating; others stay hidden until all have rated"
        if not count:
            return "Ratings that are too old" if self.expired else "Settled"
        if self.settled is not None:
            return f"{count} rating{'s' if count > 1 else ''}, a settled value counts"
        return "One rating" if count == 1 else f"{count} ratings, the middle one counts"

    @property
    def is_assumed(self) -> bool:
        return not self.blind and bool(self.ratings) and not any(rating.confirmed for rating in self.ratings)


@dataclass(frozen=True, slots=True)
class HalfPart:
    """One half with its lines."""

    key: str
    label: str
    score: HalfScore
    lines: tuple[Line, ...]
    share: Fraction

    @property
    def coverage(self) -> Decimal:
        return as_decimal(self.score.coverage)

    @property
    def covered_weight(self) -> Decimal:
        return sum((line.criterion.weight for line in self.lines if line.contribution), Decimal(0))

    @property
    def whole_weight(self) -> Decimal:
        return sum((line.criterion.weight for line in self.lines), Decimal(0))

    @property
    def coverage_words(self) -> str:
        return f"{percent(self.coverage)} of the weight known"

    @property
    def tone(self) -> str:
        return "warn" if self.score.score is None else ""

    @property
    def summary(self) -> str:
        """For the heading of the half's panel."""
        known = f"{plain_number(self.covered_weight, 0)} of {plain_number(self.whole_weight, 0)} known"
        return f"{known}, counts {percent(as_decimal(self.share))} of the overall score"

    @property
    def panel_id(self) -> str:
        return f"half-{self.key}"


@dataclass(frozen=True, slots=True)
class GateLine:
    """A gate with the answer of a person, or with what our records say (`found`)."""

    gate: Criterion
    answer: GateAnswer | None
    found: Found | None = None

    @property
    def passed(self) -> bool | None:
        """None where nobody answered."""
        if self.found is not None:
            return self.found.passed
        return None if self.answer is None else self.answer.passed

    @property
    def is_mutuality(self) -> bool:
        return self.gate.checked_by == Criterion.Check.MUTUALITY


@dataclass(frozen=True, slots=True)
class AccountScorecard:
    """`unscored` names in words why there is no overall; empty when there is one."""

    account: Account
    rules: Rules
    run: ScoreRun | None
    stored: AccountScore | None
    result: Result
    halves: tuple[HalfPart, ...]
    gates: tuple[GateLine, ...]
    proposal: Proposal
    proposal_words: str
    obstacles: tuple[str, ...]
    rank: int | None
    ranked: int
    unscored: str
    kept: KeptScore | None
    history: tuple[KeptScore, ...]
    decisions: tuple[TierDecision, ...]
    out_of_date: bool
    figures_shown: bool
    quarter: Quarter
    currency: str
    blind: RoundAccount | None
    marks: tuple[Mark, ...] = ()

    @property
    def lines(self) -> list[Line]:
        return [line for half in self.halves for line in half.lines]

    @property
    def decision(self) -> TierDecision | None:
        return self.decisions[0] if self.decisions else None

    @property
    def override(self) -> TierDecision | None:
        """The decision that the tier rests on, when it stands against the rules of its day."""
        return self.decision if self.decision and self.decision.against_proposal else None

    @property
    def override_words(self) -> str:
        return self.override.held_words if self.override else ""

    @property
    def place_words(self) -> str:
        """The rank among everything that has a score."""
        if self.rank is None:
            return "not ranked"
        part = "" if self.result.overall is not None else ", by the scored half"
        return f"{self.rank} of {self.ranked}{part}"

    @property
    def proposal_tone(self) -> str:
        if not self.proposal.scored:
            return ""
        return "good" if (self.proposal.tier or "") == self.account.tier else "warn"

    @property
    def chart_note(self) -> str:
        return "● now" if self.kept is None else f"○ {self.kept.occasion}, ● now"

    def chart(self, url: str = "") -> Dumbbell:
        """Every criterion on the scale of 0 to 100 points, with the last kept score as a hollow dot."""
        rows = tuple(
            DumbbellRow(
                line.criterion.name, line.last, line.points, f"{url}#criterion-{line.criterion.key}" if url else ""
            )
            for line in self.lines
        )
        before = "before" if self.kept is None else self.kept.occasion
        return Dumbbell(rows, "Scorecard", low=0, high=100, words=(before, "now", "not known"))


def as_decimal(part: Fraction) -> Decimal:
    return Decimal(part.numerator) / part.denominator


def ranks(ids: Sequence[int]) -> dict[int, int]:
    """Place of each account among all that have a score, best first, ties in order of account. One query.

    Read from the index of scores from the top down to the lowest of them.
    """
    wanted = list(ids)
    if not wanted:
        return {}
    table = AccountScore._meta.db_table
    sql = f"""
        SELECT account_id, place FROM (
            SELECT account_id, row_number() OVER (ORDER BY ranking DESC NULLS LAST, account_id) AS place
            FROM {table}
            WHERE ranking >= (SELECT min(ranking) FROM {table} WHERE account_id = ANY(%s))
        ) ranked WHERE account_id = ANY(%s)
    """  # noqa: S608 (our own table)
    with connection.cursor() as cursor:
        cursor.execute(sql, [wanted, wanted])
        return dict(cursor.fetchall())


@dataclass
class _Sources:
    """What the lines are made of, read once."""

    values: dict[str, float | None]
    ratings: dict[str, list[Rating]]
    expired: dict[str, list[Rating]]
    last: dict[str, Decimal]
    settled: dict[str, SettledValue]
    sealed: dict[str, Rating]
    blind: RoundAccount | None
    today: date
    reasons: dict[str, str] = field(default_factory=dict)


def account_scorecard(account: Account, user: User, today: date | None = None) -> AccountScorecard | None:
    """The account by the live scorecard; None when no scorecard is live. The queries do not grow with the portfolio."""
    version = ScorecardVersion.objects.select_related("scorecard").in_use()
    if version is None:
        return None
    rules = rules_of(version)
    today = today or timezone.localdate()
    run = ScoreRun.objects.first()
    stored = AccountScore.objects.filter(account=account, version=version).first()
    values = _stored_values(rules, stored)
    compared = compared_values(rules, values, account.pk)
    result = evaluate(rules.scorecard, values, compared)
    answers = {
        answer.gate_key: answer
        for answer in account.gate_answers.filter(scorecard_id=version.scorecard_id).select_related("answered_by")
    }
    checked = checked_gates(rules, today, [account.pk])[account.pk]
    gates = tuple(GateLine(gate, answers.get(gate.key), checked.get(gate.key)) for gate in rules.gates)
    proposal = propose(result, rules.tiers, {line.gate.key: line.passed for line in gates}, account.tier or None)
    history = tuple(account.kept_scores.select_related("version__scorecard").order_by("-kept_on", "-pk")[:8])
    window = _window(run, today)
    figures_shown = can(user, Permission.FIGURES_VIEW, on=account)
    sources = _sources(account, rules, values, history, today, user)
    sources.reasons = _reasons(account, rules, values, window, run, sources, today)
    lines = _lines(rules, result, sources, user, window.currency, figures_shown)
    names = {gate.key: gate.name for gate in rules.gates}
    labels = {str(value): str(label) for value, label in Account.Tier.choices} | {"": "no tier"}
    return AccountScorecard(
        account=account,
        rules=rules,
        run=run,
        stored=stored,
        result=result,
        halves=_halves(rules, result, lines),
        gates=gates,
        proposal=proposal,
        proposal_words=proposal_words(proposal, labels, account.tier),
        obstacles=tuple(f"{labels[reason.tier]}: {reason_words(reason, names)}" for reason in proposal.obstacles),
        rank=ranks([account.pk]).get(account.pk),
        ranked=AccountScore.objects.filter(ranking__isnull=False).count(),
        unscored=_unscored(rules, result),
        kept=next(iter(history), None),
        history=history,
        decisions=tuple(account.tier_decisions.select_related("decided_by")[:20]),
        out_of_date=is_out_of_date(run),
        figures_shown=figures_shown,
        quarter=window.last,
        currency=window.currency,
        marks=marks_of([account.pk], {account.pk} if figures_shown else ()).get(account.pk, ()),
        blind=sources.blind,
    )


def _stored_values(rules: Rules, stored: AccountScore | None) -> dict[str, float | None]:
    if stored is None or len(stored.values) != len(rules.criteria):
        return {criterion.key: None for criterion in rules.criteria}
    return {
        criterion.key: None if isnan(value) else value
        for criterion, value in zip(rules.criteria, stored.values, strict=True)
    }


def _window(run: ScoreRun | None, today: date) -> Window:
    quarter = Quarter.containing(run.quarter_start) if run else latest_quarter(today)
    return window_of(quarter, run.currency if run else Organisation.objects.current().reporting_currency)


def _sources(
    account: Account,
    rules: Rules,
    values: dict[str, float | None],
    history: Sequence[KeptScore],
    today: date,
    user: User,
) -> _Sources:
    counted: dict[str, list[Rating]] = defaultdict(list)
    expired: dict[str, list[Rating]] = defaultdict(list)
    sealed: dict[str, Rating] = {}
    scorecard = rules.version.scorecard_id
    for rating in account.ratings.seen_by(user).filter(scorecard_id=scorecard).select_related("rater"):
        criterion = rules.by_key(rating.criterion_key)
        if criterion is None:
            continue
        if rating.sealed:
            sealed[rating.criterion_key] = rating
            continue
        fresh = expires_on(rating.rated_on, criterion.valid_months) > today
        (counted if fresh else expired)[rating.criterion_key].append(rating)
    return _Sources(
        values=values,
        ratings=counted,
        expired=expired,
        last=_last_scores(rules, history),
        settled=_settled(account, rules, today),
        sealed=sealed,
        blind=blind_entry(account),
        today=today,
    )


def _settled(account: Account, rules: Rules, today: date) -> dict[str, SettledValue]:
    """The settled values that still count, by criterion key."""
    rows = account.settled_values.filter(scorecard_id=rules.version.scorecard_id, settled_on__lte=today)
    return {
        row.criterion_key: row
        for row in rows.select_related("settled_by")
        if (criterion := rules.by_key(row.criterion_key)) is not None
        and criterion.is_rated
        and expires_on(row.settled_on, criterion.valid_months) > today
    }


def _old_from(
    criterion: Criterion, ratings: Sequence[Rating], settled: SettledValue | None, today: date
) -> date | None:
    """The first day on which something that counts now counts no more, when it is within 30 days."""
    made = [settled.settled_on] if settled else [rating.rated_on for rating in ratings]
    ends = min((expires_on(day, criterion.valid_months) for day in made), default=None)
    return ends if ends is not None and ends <= today + timedelta(days=SOON_DAYS) else None


def _last_scores(rules: Rules, history: Sequence[KeptScore]) -> dict[str, Decimal]:
    """Points per criterion of the newest kept score, as far as today's criteria can score its inputs."""
    if not history:
        return {}
    inputs = history[0].inputs.get("values", {})
    comparable = {
        criterion.key: float(inputs[criterion.key])
        for criterion in rules.criteria
        if criterion.key in inputs and criterion.method != Criterion.Method.PERCENTILE
    }
    return {part.key: part.score for part in evaluate(rules.scorecard, comparable).contributions}


def _reasons(
    account: Account,
    rules: Rules,
    values: dict[str, float | None],
    window: Window,
    run: ScoreRun | None,
    sources: _Sources,
    today: date,
) -> dict[str, str]:
    """Why a criterion has no value, in words; the figures are read only when one of them is missing."""
    found: dict[str, str] = {}
    unknown = [criterion for criterion in rules.criteria if values[criterion.key] is None]
    of_figures = any(criterion.is_computed and criterion.measured_by.from_figures for criterion in unknown)
    figures = figures_of(account, window) if of_figures else []
    for criterion in unknown:
        if criterion.is_rated:
            found[criterion.key] = _unrated(criterion, sources)
            continue
        measure = criterion.measured_by
        if not measure.from_figures:
            found[criterion.key] = measure.missing(account.pk, today) if measure.missing else NOT_KNOWN
            continue
        result = explained(criterion.measure, figures, window)
        if isinstance(result, Missing):
            found[criterion.key] = result.reason
        elif criterion.measure == Figures.MARGIN_GAP and (run is None or run.scope_margin is None):
            found[criterion.key] = "the average of all accounts is not known"
        else:
            found[criterion.key] = "the figures changed after the last recompute"
    return found


def _unrated(criterion: Criterion, sources: _Sources) -> str:
    if sources.expired.get(criterion.key):
        return f"the last rating is older than {criterion.valid_months} months"
    if sources.blind is not None:
        return f"“{sources.blind.round}” is still collecting ratings"
    return "nobody has rated it yet"


def _lines(
    rules: Rules, result: Result, sources: _Sources, user: User, currency: str, figures_shown: bool
) -> dict[str, Line]:
    parts = {part.key: part for part in result.contributions}
    found = {}
    for criterion in rules.criteria:
        value = sources.values[criterion.key]
        part = parts.get(criterion.key)
        ratings = tuple(sources.ratings.get(criterion.key, ()))
        levels = _levels(criterion, currency, figures_shown)
        between = _between(criterion, currency, figures_shown)
        level = _level(criterion, value, part)
        found[criterion.key] = Line(
            criterion=criterion,
            contribution=part,
            value=value if shows_value(criterion, figures_shown) else None,
            shown=_shown(criterion, value, currency, figures_shown),
            level=level,
            anchor=between or _anchor(criterion, level, levels, part),
            levels=levels,
            ratings=ratings,
            expired=tuple(sources.expired.get(criterion.key, ())),
            own=next(
                (
                    rating
                    for rating in (*ratings, *sources.expired.get(criterion.key, ()))
                    if rating.rater_id == user.pk
                ),
                None,
            ),
            last=sources.last.get(criterion.key),
            reason=sources.reasons.get(criterion.key, ""),
            settled=sources.settled.get(criterion.key),
            sealed=sources.sealed.get(criterion.key),
            old_from=_old_from(criterion, ratings, sources.settled.get(criterion.key), sources.today),
            blind=sources.blind is not None,
        )
    return found


def shows_value(criterion: Criterion, figures_shown: bool) -> bool:
    """Whether somebody sees what the criterion is scored from: figures only who may see figures."""
    return figures_shown or not (criterion.is_computed and criterion.measured_by.finance)


def _between(criterion: Criterion, currency: str, figures_shown: bool) -> str:
    if criterion.method != Criterion.Method.LINEAR or not shows_value(criterion, figures_shown):
        return ""
    return linear_words(criterion.measure, criterion.cut_points, currency, criterion.low_is_good)


def _levels(criterion: Criterion, currency: str, figures_shown: bool) -> tuple[str, ...]:
    if criterion.is_rated:
        return tuple(criterion.anchors)
    if criterion.method == Criterion.Method.BANDED and shows_value(criterion, figures_shown):
        return tuple(band_words(criterion.measure, criterion.cut_points, currency, criterion.low_is_good))
    return ()


def _level(criterion: Criterion, value: float | None, part: Contribution | None) -> Decimal | None:
    """The level 1 to 5; only ratings and bands have one."""
    if value is None or part is None or criterion.method in (Criterion.Method.PERCENTILE, Criterion.Method.LINEAR):
        return None
    return part.score / 25 + 1


def _anchor(criterion: Criterion, level: Decimal | None, levels: tuple[str, ...], part: Contribution | None) -> str:
    if level is None:
        if part is not None and criterion.method == Criterion.Method.PERCENTILE:
            return f"ahead of {part.score.quantize(Decimal(1), ROUND_HALF_UP)} % of the accounts"
        return ""
    if not levels:
        return ""
    low, high = int(level), -int(-level // 1)
    return levels[low - 1] if low == high else f"between “{levels[low - 1]}” and “{levels[high - 1]}”"


def _shown(criterion: Criterion, value: float | None, currency: str, figures_shown: bool) -> str:
    if value is None:
        return ""
    if criterion.is_rated:
        return f"{value:g}"
    return amount_words(criterion.measure, value, currency) if shows_value(criterion, figures_shown) else ""


def _halves(rules: Rules, result: Result, lines: dict[str, Line]) -> tuple[HalfPart, ...]:
    labels = dict(Criterion.Half.choices)
    return tuple(
        HalfPart(
            key=half.half.value,
            label=str(labels[half.half.value]),
            score=half,
            lines=tuple(lines[criterion.key] for criterion in rules.criteria if criterion.half == half.half.value),
            share=rules.scorecard.share(half.half),
        )
        for half in (result.current, result.potential)
    )


def _unscored(rules: Rules, result: Result) -> str:
    """ "Not scored: …", naming half, coverage, and what is missing."""
    labels = dict(Criterion.Half.choices)
    minimum = rules.version.minimum_coverage
    parts = [
        f"{str(labels[half.half.value]).lower()} is known to {int(half.coverage * 100)} % of its weight"
        f" ({', '.join(half.missing)} missing), {minimum:.0%} are needed"
        for half in (result.current, result.potential)
        if half.score is None
    ]
    return "; ".join(parts)
