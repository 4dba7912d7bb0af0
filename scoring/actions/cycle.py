"""The selection cycle: every step of it, from opening to the frozen list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from sam.core.actions.messages import notify
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.authorization.roles import roles_with
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import User
from scoring.actions.cycle_list import keep_candidates, start_list
from scoring.actions.rounds import close_round, open_round
from scoring.actions.screening import start_screening
from scoring.actions.tiers import decide_tier
from scoring.domain.cycle import Calendar, Outcome, Step, proposed_calendar
from scoring.models import (
    AccountScore,
    Candidate,
    CandidateDecision,
    CycleApproval,
    RatingRound,
    ScreeningValue,
    SelectionCycle,
)
from scoring.queries.cycle import Obstacle, before, open_obstacles, suggestions, undecided_obstacles
from scoring.queries.marks import marked_accounts, marks_of

State = SelectionCycle.State
CLOSED = "This cycle is closed. Its list does not change any more."
MARKS_THAT_NOMINATE = ("emerging", "unexpected")


def _claim(cycle: SelectionCycle, revision: int, *states: Step, **fields: Any) -> None:
    """Take the cycle for one write at the revision that was seen.

    ActionRefused when it is closed or in none of `states` (any open one without), Stale when somebody was first.
    """
    current = SelectionCycle.objects.select_for_update().get(pk=cycle.pk)
    if current.is_closed:
        raise ActionRefused(CLOSED, code="closed")
    if current.revision != revision:
        raise Stale(current)
    if states and current.step not in states:
        names = " or ".join(State(step).label.lower() for step in states)
        raise ActionRefused(f"This belongs to the step {names}; the cycle is in {current.get_state_display().lower()}.",
                            code="wrong_step")  # fmt: skip
    SelectionCycle.objects.filter(pk=cycle.pk).update(revision=F("revision") + 1, **fields)
    cycle.refresh_from_db()


def _open(cycle: SelectionCycle) -> None:
    """For writes that belong to the cycle's rows, not to the cycle: it must not close meanwhile."""
    current = SelectionCycle.objects.select_for_update().get(pk=cycle.pk)
    if current.is_closed:
        raise ActionRefused(CLOSED, code="closed")
    cycle.state = current.state


@action("opened a selection cycle")
def open_cycle(*, year: int, calendar: Calendar | None = None, by: User | None) -> SelectionCycle:
    """The cycle whose list is in force in `year`, in its first step; screening starts at once.

    FieldErrors: a year that has its cycle, days that do not follow each other. ActionRefused while another is open.
    """
    calendar = calendar or proposed_calendar(year)
    if not calendar.in_order:
        raise FieldErrors({"opens_on": "Each step ends on the day of the one before, or later."})
    running = SelectionCycle.objects.open().first()
    if running is not None:
        raise ActionRefused(f"{running} is open. Close it first.", code="cycle_open")
    try:
        with transaction.atomic():
            cycle = SelectionCycle.objects.create(year=year, opened_by=by, **asdict(calendar))
    except IntegrityError:
        raise FieldErrors({"year": "There is a cycle for this year already."}) from None
    start_screening(cycle=cycle, by=by)
    return cycle


@action("changed the dates of a selection cycle")
def set_dates(*, cycle: SelectionCycle, revision: int, calendar: Calendar, by: User | None) -> SelectionCycle:
    """FieldErrors when the days do not follow each other; ActionRefused when it is closed, Stale as usual."""
    if not calendar.in_order:
        raise FieldErrors({"opens_on": "Each step ends on the day of the one before, or later."})
    _claim(cycle, revision, **asdict(calendar))
    return cycle


# --- nomination -------------------------------------------------------------------------------------------------------


@action("started nomination")
def start_nomination(*, cycle: SelectionCycle, revision: int, by: User | None) -> SelectionCycle:
    """ActionRefused while nothing has been screened, as long as there is a scorecard to screen by."""
    if cycle.screened_at is None and AccountScore.objects.exists():
        raise ActionRefused("Screening has not finished. Wait for it, or start it again.", code="not_screened")
    _claim(cycle, revision, Step.SCREENING, state=State.NOMINATION)
    return cycle


@action("nominated by rule")
def nominate_by_rule(
    *, cycle: SelectionCycle, top: int, marked: bool = True, by: User | None, on: date | None = None
) -> list[Candidate]:
    """Last year's list, the `top` best by screening, and with `marked` who is emerging or unexpected.

    Who is a candidate already stays one. FieldErrors for a number below 0.
    """
    if top < 0:
        raise FieldErrors({"top": "Give 0 or a larger number."})
    _open(cycle)
    _at_nomination(cycle)
    last = before(cycle)
    found: dict[int, tuple[str, str]] = {}
    for account, words in _listed(cycle, last).items():
        found.setdefault(account, (Candidate.Origin.LIST, words))
    best = ScreeningValue.objects.filter(cycle=cycle, rank__lte=top).order_by("rank")
    for account, rank in best.values_list("account_id", "rank"):
        found.setdefault(account, (Candidate.Origin.SCREENING, f"Rank {rank} by screening"))
    if marked:
        for account, marks in marked_accounts(MARKS_THAT_NOMINATE).items():
            words = "; ".join(mark.label.capitalize() for mark in marks)
            found.setdefault(account, (Candidate.Origin.MARK, words))
    live = set(Account.objects.live().filter(pk__in=found).values_list("pk", flat=True))
    return _nominated(cycle, {pk: why for pk, why in found.items() if pk in live}, by, on)


def _listed(cycle: SelectionCycle, last: SelectionCycle | None) -> dict[int, str]:
    """Accounts of last year's list, in or watched, and whoever has a tier without having been on it."""
    if last is not None:
        rows = last.candidates.exclude(decision__outcome=Outcome.OUT).values_list("account_id", flat=True)
        found = dict.fromkeys(rows, f"On the list of {last.year}")
    else:
        found = {}
    for account in Account.objects.live().exclude(tier="").values_list("pk", flat=True):
        found.setdefault(account, "In the programme today")
    return found


@action("nominated an account")
def nominate(
    *, cycle: SelectionCycle, account: Account, reason: str, by: User | None, on: date | None = None
) -> Candidate:
    """By hand. FieldErrors without a reason or for a candidate; ActionRefused once ratings are closed."""
    if not reason.strip():
        raise FieldErrors({"reason": "Say why: those who rate it and decide on it will read it."})
    _open(cycle)
    if cycle.step in (Step.SCREENING, Step.APPROVAL):
        raise ActionRefused(
            "Accounts are nominated after screening and before the list goes to the sponsors.", code="wrong_step"
        )
    if account.status in (Account.Status.ARCHIVED, Account.Status.MERGED):
        raise FieldErrors({"account": "This account is archived or merged."})
    if cycle.candidates.filter(account=account).exists():
        raise FieldErrors({"account": f"{account.name} is a candidate already."})
    made = _nominated(cycle, {account.pk: (Candidate.Origin.HAND, reason.strip())}, by, on)
    return made[0]


def _at_nomination(cycle: SelectionCycle) -> None:
    if cycle.step is not Step.NOMINATION:
        raise ActionRefused("Nomination by rule belongs to the step nomination.", code="wrong_step")


def _nominated(
    cycle: SelectionCycle, why: Mapping[int, tuple[str, str]], by: User | None, on: date | None
) -> list[Candidate]:
    taken = set(cycle.candidates.filter(account__in=why).values_list("account_id", flat=True))
    screened = {row.account_id: row for row in ScreeningValue.objects.filter(cycle=cycle, account__in=why)}
    last = before(cycle)
    rows = last.candidates.select_related("decision").filter(account__in=why) if last else ()
    ended = {row.account_id: row.decision for row in rows}
    return Candidate.objects.bulk_create(
        Candidate(
            cycle=cycle,
            account_id=account,
            origin=origin,
            reason=reason,
            nominated_by=by,
            nominated_on=on or timezone.localdate(),
            screening=screened[account].value if account in screened else None,
            screening_rank=screened[account].rank if account in screened else None,
            last_outcome=ended[account].outcome if account in ended else "",
            last_tier=ended[account].tier if account in ended else "",
        )
        for account, (origin, reason) in why.items()
        if account not in taken
    )


def can_be_withdrawn(candidate: Candidate) -> bool:
    """Whoever is on the list today gets a decision; an account that is archived or merged gets none."""
    if candidate.account.status in (Account.Status.ARCHIVED, Account.Status.MERGED):
        return True
    return candidate.last_outcome not in (Outcome.IN, Outcome.WATCH) and not candidate.account.tier


@action("withdrew a nomination")
def withdraw_nomination(*, cycle: SelectionCycle, candidate: Candidate, by: User | None) -> None:
    """ActionRefused for an account of last year's list: it gets a decision, not silence."""
    _open(cycle)
    if cycle.step is Step.APPROVAL:
        raise ActionRefused("The list is with the sponsors. Take it back to decision first.", code="wrong_step")
    if not can_be_withdrawn(candidate):
        raise ActionRefused(
            "This account is on the list today. Decide “out” with a transition plan instead.", code="on_the_list"
        )
    candidate.delete()


# --- rating -----------------------------------------------------------------------------------------------------------


@action("sent the candidates to rating")
def start_rating(
    *,
    cycle: SelectionCycle,
    revision: int,
    rating_round: RatingRound | None = None,
    ask_raters: bool = True,
    by: User | None,
) -> SelectionCycle:
    """Open a rating round about all candidates: their lead, one of finance, one person outside the team.

    `rating_round`: one that was opened for them already. Without `ask_raters` the ratings that are there count.
    ActionRefused without candidates, or when one of them is being rated in another round.
    """
    if not cycle.candidates.exists():
        raise ActionRefused("Nominate accounts first: nobody is a candidate yet.", code="no_candidates")
    if rating_round is None and ask_raters and by is not None:
        rating_round = _round_for(cycle, by)
    _claim(cycle, revision, Step.NOMINATION, state=State.RATING, round=rating_round)
    return cycle


def _round_for(cycle: SelectionCycle, by: User) -> RatingRound:
    try:
        return open_round(
            name=str(cycle),
            accounts=[candidate.account for candidate in cycle.candidates.select_related("account__owner")],
            closes_on=max(cycle.rating_until, timezone.localdate()),
            by=by,
        )
    except FieldErrors as problem:
        words = " ".join(text for texts in problem.errors.values() for text in texts)
        raise ActionRefused(words, code="no_round") from None


@action("opened the decisions of a selection cycle")
def start_decision(*, cycle: SelectionCycle, revision: int, by: User | None) -> SelectionCycle:
    """An open rating round is closed first: what was rated counts, who has not rated cannot any more."""
    _claim(cycle, revision, Step.RATING, state=State.DECISION)
    if cycle.round is not None and cycle.round.is_open:
        close_round(rating_round=cycle.round, revision=cycle.round.revision, by=by)
    return cycle


# --- decision ---------------------------------------------------------------------------------------------------------


@action("decided about a candidate")
def decide_candidate(
    *,
    cycle: SelectionCycle,
    candidate: Candidate,
    outcome: str,
    tier: str,
    reason: str,
    revision: int = 0,
    ends_on: date | None = None,
    served_by: str = "",
    client_hears: str = "",
    moves_by: date | None = None,
    by: User | None,
    decided_on: date | None = None,
) -> CandidateDecision:
    """In, watch or out. `revision`: of the decision that was seen, 0 when there was none.

    A transition plan of an *out* may follow; without it the list cannot go to the sponsors. FieldErrors: no reason, in
    without a tier, another tier than the rules propose without an end. ActionRefused outside the step decision.
    """
    _open(cycle)
    if cycle.step is not Step.DECISION:
        raise ActionRefused(
            "Decisions belong to the step decision. Take the list back there to change one.", code="wrong_step"
        )
    decided_on = decided_on or timezone.localdate()
    suggested = suggestions([candidate])[candidate.account_id]
    tier = "" if outcome == Outcome.OUT else tier
    errors = _decision_errors(outcome, tier, reason, ends_on, decided_on)
    if suggested is not None and suggested.tier != tier and not errors and ends_on is None:
        errors["ends_on"] = "The rules propose another tier: say until when your decision holds."
    if errors:
        raise FieldErrors(errors)
    values = {
        "outcome": outcome,
        "tier": tier,
        "reason": reason.strip(),
        "ends_on": ends_on,
        "suggested_outcome": suggested.outcome if suggested else "",
        "suggested_tier": suggested.tier if suggested else None,
        "served_by": served_by.strip() if outcome == Outcome.OUT else "",
        "client_hears": client_hears.strip() if outcome == Outcome.OUT else "",
        "moves_by": moves_by if outcome == Outcome.OUT else None,
        "decided_by": by,
        "decided_on": decided_on,
    }
    if not revision:
        decision, is_new = CandidateDecision.objects.get_or_create(candidate=candidate, defaults=values)
        if not is_new:
            raise Stale(decision)
        return decision
    changed = CandidateDecision.objects.filter(candidate=candidate, revision=revision).update(
        revision=F("revision") + 1, **values
    )
    decision = CandidateDecision.objects.get(candidate=candidate)
    if not changed:
        raise Stale(decision)
    return decision


def _decision_errors(outcome: str, tier: str, reason: str, ends_on: date | None, decided_on: date) -> dict[str, str]:
    errors: dict[str, str] = {}
    if outcome not in [one.value for one in Outcome]:
        errors["outcome"] = "Choose in, watch or out."
    if tier not in Account.Tier.values:
        errors["tier"] = "Choose one of the tiers."
    elif outcome == Outcome.IN and not tier:
        errors["tier"] = "Choose the tier it comes in with."
    if not reason.strip():
        errors["reason"] = "Say why, so that somebody who asks next year understands it."
    if ends_on is not None and ends_on <= decided_on:
        errors["ends_on"] = "The decision ends after the day it is made."
    return errors


# --- approval ---------------------------------------------------------------------------------------------------------


def approvers() -> list[User]:
    """The sponsor group: everybody whose role lets them approve a list."""
    roles = roles_with(Permission.CYCLE_APPROVE)
    return list(User.objects.filter(is_active=True, role_key__in=roles).order_by("display_name", "pk"))


@action("sent the list to the sponsors")
def ask_approval(
    *, cycle: SelectionCycle, revision: int, people: Iterable[User], by: User | None, on: date | None = None
) -> SelectionCycle:
    """FieldErrors without people or for somebody outside the sponsor group; ActionRefused while anything is open."""
    asked = list(people)
    if not asked:
        raise FieldErrors({"people": "Choose at least one member of the sponsor group."})
    if any(not can(person, Permission.CYCLE_APPROVE) for person in asked):
        raise FieldErrors({"people": "Only executive sponsors approve a list."})
    on = on or timezone.localdate()
    _refuse(undecided_obstacles(cycle, on))
    _claim(cycle, revision, Step.DECISION, state=State.APPROVAL)
    CycleApproval.objects.bulk_create(CycleApproval(cycle=cycle, person=person, asked_on=on) for person in asked)
    for person in asked:
        notify(
            user=person,
            title=f"{cycle}: the list waits for your word",
            text="Approve it, or object and say why.",
            url=reverse("scoring:cycle-approval", args=[cycle.year]),
        )
    return cycle


@action("took the list back to decision")
def take_back(*, cycle: SelectionCycle, revision: int, by: User | None) -> SelectionCycle:
    """To change decisions. What the sponsors said was about another list: they are asked again."""
    _claim(cycle, revision, Step.APPROVAL, state=State.DECISION)
    cycle.approvals.all().delete()
    return cycle


@action("gave a verdict on the list")
def give_verdict(
    *, cycle: SelectionCycle, verdict: str, word: str = "", by: User, on: date | None = None
) -> CycleApproval:
    """Approve or object. FieldErrors: neither, or an objection without a word. ActionRefused when not asked."""
    _open(cycle)
    if cycle.step is not Step.APPROVAL:
        raise ActionRefused("The list is not with the sponsors now.", code="wrong_step")
    own = cycle.approvals.filter(person=by).first()
    if own is None:
        raise ActionRefused("You were not asked about this list.", code="not_asked", status=403)
    errors: dict[str, str] = {}
    if verdict not in (CycleApproval.Verdict.APPROVED, CycleApproval.Verdict.OBJECTED):
        errors["verdict"] = "Approve the list, or object to it."
    elif verdict == CycleApproval.Verdict.OBJECTED and not word.strip():
        errors["word"] = "Say what you object to, so that it can be put right."
    if errors:
        raise FieldErrors(errors)
    own.verdict, own.word, own.given_on = verdict, word.strip(), on or timezone.localdate()
    own.save()
    if cycle.opened_by is not None and cycle.opened_by_id != by.pk:
        notify(
            user=cycle.opened_by,
            title=f"{cycle}: {by} {own.get_verdict_display().lower()}",
            text=own.word,
            url=reverse("scoring:cycle-approval", args=[cycle.year]),
        )
    return own


# --- closing ----------------------------------------------------------------------------------------------------------


@action("closed a selection cycle")
def close_cycle(*, cycle: SelectionCycle, revision: int, by: User | None, on: date | None = None) -> SelectionCycle:
    """Freeze the list: decided tiers are written, scores are kept with their inputs, nothing changes afterwards.

    ActionRefused while a decision, a transition plan or an approval is missing.
    """
    on = on or timezone.localdate()
    _refuse(open_obstacles(cycle, on))
    _claim(cycle, revision, Step.APPROVAL)
    keep_candidates(cycle=cycle, on=on, marks=marks_of(cycle.candidates.values_list("account_id", flat=True)), by=by)
    for candidate in cycle.candidates.select_related("decision", "account"):
        _write_tier(cycle, candidate, on, by)
    SelectionCycle.objects.filter(pk=cycle.pk).update(
        state=State.CLOSED, closed_by=by, closed_on=on, revision=F("revision") + 1
    )
    cycle.refresh_from_db()
    start_list(cycle=cycle, by=by)
    return cycle


def _write_tier(cycle: SelectionCycle, candidate: Candidate, on: date, by: User | None) -> None:
    """The one action that writes a tier does it, also for whoever stays: the history shows that it was looked at."""
    decision, account = candidate.decision, candidate.account
    if not decision.tier and not account.tier:
        return
    account.refresh_from_db()
    decide_tier(
        account=account,
        tier=decision.tier,
        reason=decision.reason,
        revision=account.revision,
        by=decision.decided_by or by,
        decided_on=on,
        ends_on=decision.ends_on if decision.ends_on and decision.ends_on > on else None,
    )


def _refuse(obstacles: Iterable[Obstacle]) -> None:
    """ActionRefused with everything that is still open, each in a sentence."""
    found = list(obstacles)
    if found:
        raise ActionRefused(" ".join(obstacle.words for obstacle in found), code="not_ready")
