"""What the pages of a selection cycle show: candidates with last year beside this year, capacity, what is open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import User
from sam.core.templatetags.ui import plain_number
from scoring.domain.cycle import (
    FULL_UNITS,
    STEPS,
    USUAL_UNITS,
    Outcome,
    Step,
    Suggestion,
    list_year,
    loads,
    opening_day,
    suggest,
)
from scoring.domain.points import to_decimal
from scoring.domain.tiers import Condition, blocked_by_gates
from scoring.domain.tiers import TierRule as Rule
from scoring.models import (
    AccountScore,
    Candidate,
    CandidateDecision,
    CycleApproval,
    KeptScore,
    ScorecardVersion,
    ScreeningValue,
    SelectionCycle,
    TierRule,
)
from scoring.queries.gates import Found, checked_gates, gate_answers
from scoring.queries.marks import Mark, marks_for, marks_of
from scoring.queries.rules import Rules, rules_of

Verdict = CycleApproval.Verdict
OUTCOMES = dict(CandidateDecision.Outcome.choices)
TIERS = {str(value): str(label) for value, label in Account.Tier.choices}
YEARS_BESIDE = 3


def before(cycle: SelectionCycle) -> SelectionCycle | None:
    """The closed cycle whose list this one follows."""
    return SelectionCycle.objects.closed().filter(year__lt=cycle.year).order_by("-year").first()


def may_see_all(user: User) -> bool:
    """Whether the person sees every candidate: by seeing all scores, or because they approve the list."""
    return can(user, Permission.SCORE_VIEW) or can(user, Permission.CYCLE_APPROVE)


def may_see_any(user: User) -> bool:
    """Whether the person sees cycles at all: everything, or the candidates on own seats."""
    return may_see_all(user) or Account.objects.visible_to(user, Permission.SCORE_VIEW).exists()


def candidates_for(cycle: SelectionCycle, user: User) -> QuerySet[Candidate]:
    """Candidates the person may see, best by screening first, with account, lead and decision."""
    rows = cycle.candidates.select_related(
        "account__owner", "decision__decided_by", "kept", "nominated_by", "cycle"
    ).order_by("account__name", "pk")
    if may_see_all(user):
        return rows
    return rows.filter(account__in=Account.objects.visible_to(user, Permission.SCORE_VIEW))


def result_words(outcome: str, tier: str) -> str:
    """“Strategic”, “Watch, key meanwhile”, “Out”; empty for nothing."""
    if not outcome:
        return ""
    if outcome == Outcome.IN:
        return TIERS.get(tier, tier)
    label = str(OUTCOMES[outcome])
    return f"{label}, {TIERS[tier].lower()} meanwhile" if tier else label


# --- suggestions ------------------------------------------------------------------------------------------------------


def live_rules_or_none() -> Rules | None:
    version = ScorecardVersion.objects.select_related("scorecard").in_use()
    return None if version is None else rules_of(version)


def suggestions(candidates: Iterable[Candidate]) -> dict[int, Suggestion | None]:
    """What the rules suggest for each candidate's account now; None without a score in both halves."""
    ids = [candidate.account_id for candidate in candidates]
    scores = _scores(ids)
    rules = live_rules_or_none()
    blocked = _blocked(scores, rules)
    marks = marks_of([score.account_id for score in scores.values()])
    return {account: _suggested(scores.get(account), marks.get(account, ()), blocked.get(account)) for account in ids}


def _scores(ids: Sequence[int]) -> dict[int, AccountScore]:
    rows = AccountScore.objects.filter(account__in=ids).select_related("account__standing")
    return {row.account_id: row for row in rows}


def _blocked(scores: Mapping[int, AccountScore], rules: Rules | None) -> dict[int, Rule]:
    """For each account that its score alone would bring higher: the tier whose gates stand in the way."""
    found = {}
    for account, score in scores.items():
        if rules is None or score.proposed_tier is None:
            continue
        points = {
            Condition.OVERALL: score.overall_points,
            Condition.CURRENT: score.current_points,
            Condition.POTENTIAL: score.potential_points,
        }
        rule = blocked_by_gates(rules.tiers, points, score.account.tier or None, score.proposed_tier)
        if rule is not None:
            found[account] = rule
    return found


def _suggested(score: AccountScore | None, marks: Sequence[Mark], blocked: Rule | None) -> Suggestion | None:
    if score is None:
        return None
    return suggest(score.proposed_tier, blocked is not None, any(mark.key == "emerging" for mark in marks))


# --- rows of the table ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate as the table shows it; of a closed cycle as it was then."""

    candidate: Candidate
    score: AccountScore | KeptScore | None
    decision: CandidateDecision | None
    suggestion: Suggestion | None
    marks: tuple[Mark, ...]
    gates: tuple[str, ...]
    frozen: bool

    @property
    def account(self) -> Account:
        return self.candidate.account

    @property
    def screening(self) -> Decimal | None:
        return None if self.candidate.screening is None else to_decimal(self.candidate.screening)

    @property
    def last_words(self) -> str:
        return result_words(self.candidate.last_outcome, self.candidate.last_tier)

    @property
    def suggested_words(self) -> str:
        """What the rules suggest; of a decided one what they suggested on that day."""
        if self.frozen and self.decision is not None:
            return result_words(self.decision.suggested_outcome, self.decision.suggested_tier or "")
        return result_words(self.suggestion.outcome, self.suggestion.tier) if self.suggestion else ""

    @property
    def suggested_outcome(self) -> str:
        """The first word of it, for a figure: the tier, “Watch” or “Out”."""
        return self.suggested_words.partition(", ")[0]

    @property
    def suggested_note(self) -> str:
        """The rest: the tier it keeps meanwhile."""
        return self.suggested_words.partition(", ")[2]

    @property
    def decided_words(self) -> str:
        return result_words(self.decision.outcome, self.decision.tier) if self.decision else ""

    @property
    def potential_text(self) -> str:
        points = self.score.potential_points if self.score else None
        return "–" if points is None else plain_number(points, 1)

    @property
    def waits_for_ratings(self) -> bool:
        """Nobody can suggest or sensibly decide yet: a half is not scored."""
        return self.decision is None and self.suggestion is None and self.score_missing

    @property
    def score_missing(self) -> bool:
        return self.score is None or self.score.overall is None

    @property
    def is_open(self) -> bool:
        return (
            not self.frozen and not self.waits_for_ratings and (self.decision is None or not self.decision.is_complete)
        )

    @property
    def plan_missing(self) -> bool:
        return self.decision is not None and not self.decision.is_complete

    @property
    def differs(self) -> bool:
        return self.decision is not None and self.decision.against_rules

    @property
    def after(self) -> str:
        """The tier it has when the list is in force, as far as anybody knows."""
        if self.decision is not None:
            return self.decision.tier
        return self.account.tier if self.suggestion is None else self.suggestion.tier

    @property
    def rank_by(self) -> tuple[int, int]:
        """Best overall first, then who has only a screening value."""
        overall = self.score.overall if self.score and self.score.overall is not None else -1
        return (-overall, self.candidate.screening_rank or 10**9)


def rows_of(cycle: SelectionCycle, candidates: Iterable[Candidate], user: User) -> list[Row]:
    """The rows, best score first. The number of queries does not grow with them."""
    listed = list(candidates)
    if cycle.is_closed:
        return sorted((_frozen(candidate) for candidate in listed), key=lambda row: row.rank_by)
    ids = [candidate.account_id for candidate in listed]
    rules = live_rules_or_none()
    scores = _scores(ids)
    shown = marks_for([score.account_id for score in scores.values()], user)
    blocked = _blocked(scores, rules)
    failing = failing_gates(rules, timezone.localdate(), blocked) if rules else {}
    rows = [
        Row(
            candidate=candidate,
            score=scores.get(candidate.account_id),
            decision=decision_of(candidate),
            suggestion=_suggested(
                scores.get(candidate.account_id),
                shown.get(candidate.account_id, ()),
                blocked.get(candidate.account_id),
            ),
            marks=shown.get(candidate.account_id, ()),
            gates=failing.get(candidate.account_id, ()),
            frozen=False,
        )
        for candidate in listed
    ]
    return sorted(rows, key=lambda row: row.rank_by)


def frozen_rows(cycle: SelectionCycle) -> list[Row]:
    """Every candidate of a closed cycle as it was, for the document; whoever renders it is asked before."""
    listed = cycle.candidates.select_related("account__owner", "decision__decided_by", "kept").order_by("account__name")
    return sorted((_frozen(candidate) for candidate in listed), key=lambda row: row.rank_by)


def decision_of(candidate: Candidate) -> CandidateDecision | None:
    return getattr(candidate, "decision", None)


def _frozen(candidate: Candidate) -> Row:
    marks = tuple(Mark(one["key"], one["words"]) for one in candidate.marks)
    return Row(candidate, candidate.kept, decision_of(candidate), None, marks, (), frozen=True)


def failing_gates(rules: Rules, today: date, blocked: Mapping[int, Rule]) -> dict[int, tuple[str, ...]]:
    """The gates that keep each account from the tier its score would do for, with what the records say."""
    answers = gate_answers(rules, today, blocked)
    records = checked_gates(rules, today, blocked)
    found = {}
    for account, rule in blocked.items():
        failing = [key for key in rule.gates if not answers[account].get(key)]
        found[account] = tuple(
            _gate_words(rule, key, answers[account].get(key), records[account].get(key)) for key in failing
        )
    return found


def _gate_words(rule: Rule, key: str, passed: bool | None, record: Found | None) -> str:
    tier = f"the score would do for {TIERS[rule.tier].lower()}, but {key}"
    if record is None:
        return f"{tier} is {'not passed' if passed is False else 'not answered'}"
    return f"{tier}: {record.words}" + (f"; next: {record.missing}" if record.missing else "")


# --- what is open -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that keeps the list from going on, with the page that solves it."""

    words: str
    url: str
    button: str


def undecided_obstacles(cycle: SelectionCycle, on: date | None = None) -> list[Obstacle]:
    """Candidates without a decision, and those that go out without a transition plan."""
    found = []
    candidates = list(cycle.candidates.select_related("account", "decision").order_by("account__name"))
    today = on or timezone.localdate()
    suggested = suggestions(candidates)
    for candidate in candidates:
        decision = decision_of(candidate)
        url = reverse("scoring:candidate-decide", args=[cycle.year, candidate.pk])
        if decision is None:
            found.append(Obstacle(f"{candidate.account.name} has no decision.", url, "Decide"))
        elif not decision.is_complete:
            words = f"{candidate.account.name} goes out without a transition plan."
            found.append(Obstacle(words, url, "Write the plan"))
        elif (now := suggested[candidate.account_id]) is not None and not _stands(decision, now, today):
            words = f"{candidate.account.name}: the rules propose {TIERS[now.tier].lower()} now, and no day is given"
            found.append(Obstacle(f"{words} until which “{result_words(decision.outcome, decision.tier)}” holds.", url,
                                  "Decide again"))  # fmt: skip
    if not candidates:
        found.append(Obstacle("Nobody is a candidate.", reverse("scoring:cycle-detail", args=[cycle.year]), "Nominate"))
    return found


def _stands(decision: CandidateDecision, now: Suggestion, today: date) -> bool:
    """Whether the tier may be written as decided: as the rules propose, or against them until a day to come."""
    return decision.tier == now.tier or (decision.ends_on is not None and decision.ends_on > today)


def open_obstacles(cycle: SelectionCycle, on: date | None = None) -> list[Obstacle]:
    """Everything that keeps the cycle from closing."""
    found = undecided_obstacles(cycle, on)
    url = reverse("scoring:cycle-approval", args=[cycle.year])
    approvals = list(cycle.approvals.select_related("person"))
    if not approvals:
        found.append(Obstacle("The sponsor group has not been asked to approve.", url, "Ask the sponsors"))
    for approval in approvals:
        if approval.verdict == Verdict.ASKED:
            found.append(Obstacle(f"{approval.person} has not approved yet.", url, "See approvals"))
        elif approval.verdict == Verdict.OBJECTED:
            found.append(Obstacle(f"{approval.person} objects: “{approval.word}”.", url, "See approvals"))
    return found


# --- capacity ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeadLoad:
    """Units of a lead before and after the list; a full load is six."""

    lead: User
    before: int
    after: int
    accounts: tuple[str, ...]

    @property
    def too_much(self) -> bool:
        return self.after > FULL_UNITS

    @property
    def share(self) -> Decimal:
        return Decimal(self.after) / FULL_UNITS

    @property
    def words(self) -> str:
        if self.too_much:
            return f"{self.after - FULL_UNITS} units too many: move an account to somebody else, or decide otherwise"
        if self.after == FULL_UNITS:
            return "full"
        return f"{FULL_UNITS - self.after} units free"


def units_of(rules: Rules | None) -> dict[str, int]:
    """Units of a lead's capacity per tier, by the live rules."""
    stated = TierRule.objects.filter(version=rules.version) if rules else TierRule.objects.none()
    return {**USUAL_UNITS, **{rule.tier: rule.takes for rule in stated}}


def capacity(rows: Sequence[Row], rules: Rules | None) -> list[LeadLoad]:
    """What every lead carries now, and with the decisions and (where there is none) the suggestions. Two queries."""
    afterwards = {row.candidate.account_id: row.after for row in rows}
    accounts = (
        Account.objects.live()
        .filter(owner__isnull=False)
        .exclude(tier="", candidacies__isnull=True)
        .filter(pk__in={*afterwards, *Account.objects.exclude(tier="").values_list("pk", flat=True)})
        .select_related("owner")
        .order_by("name")
        .distinct()
    )
    listed = list(accounts)
    people = {account.owner_id: account.owner for account in listed}
    found = loads(
        ((account.owner_id or 0, account.tier, afterwards.get(account.pk, account.tier)) for account in listed),
        units_of(rules),
    )
    carried: dict[int, list[str]] = {}
    for account in listed:
        if afterwards.get(account.pk, account.tier):
            carried.setdefault(account.owner_id or 0, []).append(account.name)
    return [
        LeadLoad(people[load.lead], load.before, load.after, tuple(carried.get(load.lead, ())))  # type: ignore[arg-type]
        for load in found
    ]


# --- pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step on the cycle's page."""

    step: Step
    label: str
    until: date | None
    done: bool
    current: bool
    late: bool


NEXT: Mapping[Step, str] = {
    Step.SCREENING: "Look at the screening, then start nomination.",
    Step.NOMINATION: "Nominate by rule, add others by hand, then send the candidates to rating.",
    Step.RATING: "Wait for the raters; settle where they differ; then open the decisions.",
    Step.DECISION: "Decide about every candidate, look at the load of each lead, then send the list to the sponsors.",
    Step.APPROVAL: "The sponsor group approves or objects. Then close the cycle.",
    Step.CLOSED: "The list is frozen.",
}


def step_lines(cycle: SelectionCycle, today: date) -> list[StepLine]:
    position = STEPS.index(cycle.step)
    calendar = cycle.calendar
    lines = []
    for index, step in enumerate(STEPS):
        until = cycle.closed_on if step is Step.CLOSED else calendar.until(step)
        current = index == position
        late = current and step is not Step.CLOSED and until is not None and today > until
        label = str(SelectionCycle.State(step).label)
        lines.append(StepLine(step, label, until, index < position or cycle.is_closed, current, late))
    return lines


def screening_page(cycle: SelectionCycle, user: User) -> QuerySet[ScreeningValue]:
    """Everybody by screening value, as far as the person sees scores; best first."""
    rows = ScreeningValue.objects.filter(cycle=cycle).select_related("account").order_by("rank")
    if may_see_all(user):
        return rows
    return rows.filter(account__in=Account.objects.visible_to(user, Permission.SCORE_VIEW))


@dataclass(frozen=True, slots=True)
class Beside:
    """One account over the years: a word for each cycle shown, empty where it was no candidate."""

    account: Account
    cells: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cycle said about an account."""

    row: Row | None

    @property
    def words(self) -> str:
        if self.row is None:
            return ""
        return self.row.decided_words or self.row.suggested_words

    @property
    def proposal(self) -> bool:
        """Not decided yet: the words are what the rules suggest."""
        return self.row is not None and self.row.decision is None


def side_by_side(cycle: SelectionCycle, user: User) -> tuple[list[SelectionCycle], list[Beside]]:
    """The cycle and the two before it, one line per account that was a candidate in any; oldest first."""
    cycles = list(SelectionCycle.objects.filter(year__lte=cycle.year).order_by("-year")[:YEARS_BESIDE])[::-1]
    by_account: dict[int, dict[int, Row]] = {}
    accounts: dict[int, Account] = {}
    order: list[int] = []
    for one in reversed(cycles):
        for row in rows_of(one, candidates_for(one, user), user):
            account = row.account
            if account.pk not in accounts:
                accounts[account.pk] = account
                order.append(account.pk)
            by_account.setdefault(account.pk, {})[one.year] = row
    lines = [Beside(accounts[pk], tuple(Cell(by_account[pk].get(one.year)) for one in cycles)) for pk in order]
    return cycles, lines


@dataclass(frozen=True, slots=True)
class Counts:
    """How many candidates are where."""

    candidates: int
    decided: int
    open: int
    waiting: int
    plans_missing: int

    @property
    def share(self) -> Decimal:
        return Decimal(self.decided) / self.candidates if self.candidates else Decimal(0)


def counts_of(rows: Sequence[Row]) -> Counts:
    return Counts(
        candidates=len(rows),
        decided=sum(row.decision is not None and row.decision.is_complete for row in rows),
        open=sum(row.is_open for row in rows),
        waiting=sum(row.waits_for_ratings for row in rows if not row.frozen),
        plans_missing=sum(row.plan_missing for row in rows),
    )


SHOWN = {
    "open": "Open decisions",
    "waiting": "Wait for ratings",
    "changes": "Changes against last year",
    "marked": "With a mark",
    "against": "Decided against the rules",
}


def narrowed(rows: list[Row], shown: str) -> list[Row]:
    """The rows of one choice of SHOWN; all of them for anything else."""
    picked: dict[str, Any] = {
        "open": lambda row: row.is_open,
        "waiting": lambda row: not row.frozen and row.waits_for_ratings,
        "changes": lambda row: row.last_words != (row.decided_words or row.suggested_words),
        "marked": lambda row: bool(row.marks),
        "against": lambda row: row.differs,
    }
    return [row for row in rows if shown not in picked or picked[shown](row)]


def suggested_top(cycle: SelectionCycle) -> int:
    """As many by screening as are on the list today, at least ten."""
    return max(10, Account.objects.live().exclude(tier="").count())


@dataclass(frozen=True, slots=True)
class CycleLine:
    """One cycle in the history."""

    cycle: SelectionCycle
    candidates: int
    listed: int
    watched: int
    out: int


def cycle_lines() -> list[CycleLine]:
    """Every cycle, the newest first. Two queries."""
    rows = SelectionCycle.objects.select_related("closed_by").order_by("-year")
    every = Counter(Candidate.objects.values_list("cycle_id", flat=True))
    decided = Counter(CandidateDecision.objects.values_list("candidate__cycle_id", "outcome"))
    return [CycleLine(row, every[row.pk], *(decided[row.pk, outcome.value] for outcome in Outcome)) for row in rows]


def years_of(account: Account, cycle: SelectionCycle) -> list[Candidate]:
    """The account's earlier candidacies, newest first, with decision and kept score."""
    rows = account.candidacies.filter(cycle__year__lt=cycle.year).select_related("cycle", "decision", "kept")
    return list(rows.order_by("-cycle__year")[:5])


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing that the cycle asks of a person."""

    title: str
    note: str
    url: str
    button: str
    due: date | None
    late: bool


def duties(user: User, today: date) -> list[Duty]:
    """For whoever runs the cycle: open it, go on with a step that is over, decide. For sponsors: approve."""
    cycle = SelectionCycle.objects.open().first()
    if cycle is None:
        return [] if not can(user, Permission.TIER_DECIDE) else _opening(today)
    found = []
    if can(user, Permission.TIER_DECIDE):
        found += _running(cycle, today)
    if cycle.step is Step.APPROVAL and cycle.approvals.filter(person=user, verdict=Verdict.ASKED).exists():
        found.append(
            Duty(
                f"Approve the list of {cycle.year}",
                "Approve it, or object and say why",
                reverse("scoring:cycle-approval", args=[cycle.year]),
                "Read the list",
                cycle.approval_until,
                today > cycle.approval_until,
            )
        )
    return found


def _opening(today: date) -> list[Duty]:
    """The yearly review is due from the first Monday of October on, until there is a cycle for the year."""
    year = list_year(today)
    last = SelectionCycle.objects.closed().order_by("-year").first()
    if SelectionCycle.objects.filter(year__gte=year).exists():
        return []
    url = reverse("scoring:cycle-new")
    title = f"Open the selection cycle {year}"
    if last is None:
        # A company that has just begun is not late.
        return [Duty(title, "There is no list yet", url, "Open it", None, late=False)]
    due = opening_day(year)
    return [Duty(title, f"The last list is of {last.year}", url, "Open it", due, late=today > due)]


def _undecided(cycle: SelectionCycle) -> tuple[int, int]:
    """Candidates that can be decided and are not, or lack their transition plan; and those that wait for ratings."""
    candidates = list(cycle.candidates.select_related("decision"))
    suggested = suggestions(candidates)
    left = waiting = 0
    for candidate in candidates:
        decision = decision_of(candidate)
        if decision is None and suggested[candidate.account_id] is None:
            waiting += 1
        elif decision is None or not decision.is_complete:
            left += 1
    return left, waiting


def _running(cycle: SelectionCycle, today: date) -> list[Duty]:
    until = cycle.calendar.until(cycle.step)
    step = cycle.get_state_display().lower()
    url = reverse("scoring:cycle-detail", args=[cycle.year])
    if cycle.step is Step.DECISION:
        left, waiting = _undecided(cycle)
        if left or waiting:
            title = (
                f"{left} open list decisions for {cycle.year}"
                if left != 1
                else f"1 open list decision for {cycle.year}"
            )
            more = "1 more waits for ratings" if waiting == 1 else f"{waiting} more wait for ratings"
            note = f"{more}. {NEXT[cycle.step]}" if waiting else NEXT[cycle.step]
            address = f"{reverse('scoring:cycle-candidates', args=[cycle.year])}?show=open"
            return [Duty(title, note, address, "Decide", until, until is not None and today > until)]
    if until is None or today < until:
        return []
    return [Duty(f"{cycle}: {step} ends", NEXT[cycle.step], url, "Go on", until, today > until)]
