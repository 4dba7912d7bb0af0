"""Three selection cycles of the demo company: two closed lists, and one in the step of decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import Account
from sam.core.models import User
from scoring.actions.cycle import (
    ask_approval,
    close_cycle,
    decide_candidate,
    give_verdict,
    nominate,
    nominate_by_rule,
    open_cycle,
    start_decision,
    start_nomination,
    start_rating,
)
from scoring.actions.screening import screen
from scoring.domain.cycle import Calendar, proposed_calendar
from scoring.models import CycleApproval, RatingRound, SelectionCycle
from scoring.queries.cycle import suggestions

Accounts = Mapping[str, Account]
FIRST_CLOSED, CLOSED, OPENED, DECIDED = 680, 297, 49, 5
"""Days before the demo's day: two lists were closed, the third cycle opened, its first decisions fell."""
BEST_BY_SCREENING = 3
NEXT_LIST = timedelta(days=378)
"""A decision against the rules holds until the next list is closed."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One line of a list. `holds`: days from the demo's day until a decision against the rules ends."""

    short: str
    outcome: str
    tier: str
    reason: str
    holds: int | None = None
    served_by: str = ""
    client_hears: str = ""


FIRST_LIST = (
    *(
        Decided(short, "in", tier, "On the first list by judgement; no scorecard existed")
        for short, tier in (
            ("Oremund", "strategic"), ("Skoggrim", "strategic"), ("Merrowick", "strategic"), ("Montevarra", "key"),
            ("Havelgrund", "key"), ("Dunmarsh", "key"), ("Ketterau", "key"),
        )
    ),
    Decided("Lindqvara", "watch", "", "Small, but asks for more than anybody of its size"),
)  # fmt: skip
LAST_LIST = (
    Decided("Oremund", "in", "strategic", "Largest contribution, plans with us, mutual"),
    Decided("Skoggrim", "in", "strategic", "To be defended: half of its valves and all of its seals are ours"),
    Decided("Merrowick", "in", "key", "Under threat since a yard turned to Wexmoor; not enough for strategic"),
    Decided("Montevarra", "in", "strategic", "Best score of all, plan acknowledged by both sides"),
    Decided("Lindqvara", "in", "key", "Emerging: small today, wants to develop with us"),
    Decided("Quillaraya", "in", "key", "Emerging: doubled in a year, most of its spend is still open"),
    Decided("Havelgrund", "in", "key", "Steady and profitable; nothing shows yet that we matter to them"),
    Decided("Dunmarsh", "in", "key", "Large; one more year to bring the cost to serve down"),
    Decided(
        "Ketterau", "out", "", "Earns nothing with us and will not talk about why",
        served_by="Regional sales, Tom Haskell",
        client_hears="Orders and service go on as before; one contact, standard terms from April",
    ),
)  # fmt: skip
OVERRIDE_DAYS = 219
THIS_LIST = (
    Decided("Oremund", "in", "strategic", "Score and mutuality hold; margin is the subject of the plan"),
    Decided("Montevarra", "in", "strategic", "Best score again, mutual"),
    Decided("Havelgrund", "in", "key", "The score would do for more; mutuality is not proved"),
    Decided("Skoggrim", "in", "strategic", "The tender in spring decides", OVERRIDE_DAYS),
    Decided("Merrowick", "out", "", "Falls for the second year; a yard is lost and bills are paid after 97 days"),
)
DECIDED_BY = {"Skoggrim": "Helene Straub"}
BY_HAND = ("Solmarina", "Emerging: grew by a fifth, and asks for monitoring at two plants")


def build_first(today: date, found: Accounts, people: Mapping[str, User]) -> None:
    """The first list, made by judgement before there was any scorecard."""
    ingrid, closed = people["Ingrid Vossberg"], today - timedelta(days=FIRST_CLOSED)
    cycle = _open(today.year - 1, closed - timedelta(days=45), closed, ingrid)
    start_nomination(cycle=cycle, revision=cycle.revision, by=ingrid)
    for line in FIRST_LIST:
        if line.short in found:
            nominate(
                cycle=cycle, account=found[line.short], reason="Named by the founders of the programme", by=ingrid,
                on=cycle.opens_on,
            )  # fmt: skip
    _decide_and_close(cycle, FIRST_LIST, found, people, today, closed)


def open_last(today: date, people: Mapping[str, User]) -> SelectionCycle:
    """Last year's cycle, opened; it is screened once the portfolio has been scored."""
    closed = today - timedelta(days=CLOSED)
    return _open(today.year, closed - timedelta(days=116), closed, people["Ingrid Vossberg"])


def close_last(cycle: SelectionCycle, today: date, found: Accounts, people: Mapping[str, User]) -> None:
    """Nominated from the first list and because emerging (Quillaraya), decided and closed."""
    ingrid, closed = people["Ingrid Vossberg"], today - timedelta(days=CLOSED)
    nominated_on = cycle.nomination_until
    screen(cycle=cycle, by=ingrid)
    start_nomination(cycle=cycle, revision=cycle.revision, by=ingrid)
    nominate_by_rule(cycle=cycle, top=BEST_BY_SCREENING, by=ingrid, on=nominated_on)
    _decide_and_close(cycle, LAST_LIST, found, people, today, closed)


def nominate_this(today: date, found: Accounts, people: Mapping[str, User]) -> SelectionCycle:
    """This year's cycle: opened, screened, nominated from last year's list and one by hand."""
    ingrid, opened = people["Ingrid Vossberg"], today - timedelta(days=OPENED)
    cycle = open_cycle(year=today.year + 1, calendar=proposed_calendar(today.year + 1, opened), by=ingrid)
    screen(cycle=cycle, by=ingrid)
    start_nomination(cycle=cycle, revision=cycle.revision, by=ingrid)
    nominate_by_rule(cycle=cycle, top=BEST_BY_SCREENING, by=ingrid, on=cycle.nomination_until)
    short, reason = BY_HAND
    if short in found:
        nominate(cycle=cycle, account=found[short], reason=reason, by=ingrid, on=today - timedelta(days=36))
    return cycle


def rate_this(cycle: SelectionCycle, rating_round: RatingRound | None, people: Mapping[str, User]) -> None:
    """Rated in a round of its own, which is closed; then the decisions are opened."""
    ingrid = people["Ingrid Vossberg"]
    start_rating(cycle=cycle, revision=cycle.revision, rating_round=rating_round, ask_raters=False, by=ingrid)
    start_decision(cycle=cycle, revision=cycle.revision, by=ingrid)


def decide_this(cycle: SelectionCycle, today: date, people: Mapping[str, User]) -> None:
    """The first decisions; four stay open."""
    _decide(cycle, THIS_LIST, people, today, today - timedelta(days=DECIDED))


def _open(year: int, opens: date, closed: date, by: User) -> SelectionCycle:
    calendar = Calendar(
        opens_on=opens,
        screening_until=opens + timedelta(days=7),
        nomination_until=opens + timedelta(days=14),
        rating_until=opens + timedelta(days=35),
        decision_until=closed - timedelta(days=7),
        approval_until=closed,
        in_force_on=max(closed, date(year, 1, 1)),
    )
    return open_cycle(year=year, calendar=calendar, by=by)


def _decide_and_close(
    cycle: SelectionCycle,
    lines: tuple[Decided, ...],
    found: Accounts,
    people: Mapping[str, User],
    today: date,
    closed: date,
) -> None:
    ingrid = people["Ingrid Vossberg"]
    start_rating(cycle=cycle, revision=cycle.revision, ask_raters=False, by=ingrid)
    start_decision(cycle=cycle, revision=cycle.revision, by=ingrid)
    _decide(cycle, lines, people, today, closed - timedelta(days=10))
    sponsors = [people[name] for name in ("Helene Straub", "Matthias Rehland") if name in people]
    asked_on = closed - timedelta(days=7)
    ask_approval(cycle=cycle, revision=cycle.revision, people=sponsors, by=ingrid, on=asked_on)
    for sponsor in sponsors:
        give_verdict(cycle=cycle, verdict=CycleApproval.Verdict.APPROVED, by=sponsor, on=closed - timedelta(days=2))
    close_cycle(cycle=cycle, revision=cycle.revision, by=ingrid, on=closed)
    for account in found.values():
        account.refresh_from_db()


def _decide(
    cycle: SelectionCycle, lines: tuple[Decided, ...], people: Mapping[str, User], today: date, day: date
) -> None:
    candidates = {
        candidate.account.name.split()[0]: candidate for candidate in cycle.candidates.select_related("account")
    }
    suggested = suggestions(candidates.values())
    for line in lines:
        if line.short not in candidates:
            continue
        rules = suggested[candidates[line.short].account_id]
        holds = day + NEXT_LIST if rules is not None and rules.tier != line.tier else None
        decide_candidate(
            cycle=cycle,
            candidate=candidates[line.short],
            outcome=line.outcome,
            tier=line.tier,
            reason=line.reason,
            ends_on=holds if line.holds is None else today + timedelta(days=line.holds),
            served_by=line.served_by,
            client_hears=line.client_hears,
            moves_by=day + timedelta(days=90) if line.served_by else None,
            by=people.get(DECIDED_BY.get(line.short, ""), people["Ingrid Vossberg"]),
            decided_on=day,
        )
