"""Mutuality of accounts: what the evidence says, set-based for lists, and in full for the account's page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from accounts.models import Account, Contact, SponsorTerm, Touchpoint
from sam.core.models import User
from scoring.domain.mutuality import (
    FROM_THEIR_HAND,
    MEETINGS_NEEDED,
    VALID_MONTHS,
    EvidenceKind,
    Mutuality,
    Shown,
    Telling,
    meetings_evidence,
    months_later,
    mutuality,
)
from scoring.models import Criterion, MutualityEvidence, TierDecision
from scoring.queries.rules import Rules
from scoring.queries.words import full_day

EXECUTIVES = (Contact.Level.BOARD, Contact.Level.VP)
# A call or a mail is a contact, not a meeting.
MEETINGS = (Touchpoint.Kind.VISIT, Touchpoint.Kind.VIDEO, Touchpoint.Kind.EVENT, Touchpoint.Kind.WORKSHOP)
NAMES: Mapping[EvidenceKind, str] = {
    EvidenceKind.TOLD: "told what it is to us",
    EvidenceKind.SUPPLIER_CLASS: "supplier class",
    EvidenceKind.PLAN: "joint plan acknowledged",
    EvidenceKind.MEETINGS: "its executive met our sponsor twice in 12 months",
    EvidenceKind.COUNTS_ON_US: "“we count on them” from two directors",
    EvidenceKind.SHARES: "forecast, data or development shared under contract",
    EvidenceKind.NAMES_US: "names us in its report, award or reference",
}


def asking_tiers(rules: Rules) -> frozenset[str]:
    """Tiers with a gate that mutuality answers."""
    gates = {gate.key for gate in rules.gates if gate.checked_by == Criterion.Check.MUTUALITY}
    return frozenset(rule.tier for rule in rules.tiers if gates.intersection(rule.gates))


def meeting_days(today: date, ids: Iterable[int] | None = None) -> dict[int, list[date]]:
    """Days of the last twelve months on which an executive of the client met the account's sponsor of that day."""
    known = Touchpoint.objects.filter(
        Q(people__sponsor_terms__ends_on=None) | Q(people__sponsor_terms__ends_on__gt=F("date")),
        people__sponsor_terms__account=F("account_id"),
        people__sponsor_terms__starts_on__lte=F("date"),
        contacts__level__in=EXECUTIVES,
        kind__in=MEETINGS,
        date__lte=today,
        date__gt=months_later(today, -12),
    )
    if ids is None:
        known = known.filter(account__in=SponsorTerm.objects.values("account"))
    else:
        known = known.filter(account__in=list(ids))
    found: dict[int, list[date]] = defaultdict(list)
    for account, day in known.order_by("date").values_list("account_id", "date").distinct():
        found[account].append(day)
    return found


def held_since(ids: Iterable[int]) -> dict[int, date]:
    """Since when each account holds the tier it has, without a break, by the decisions about it."""
    found: dict[int, tuple[str, date]] = {}
    rows = TierDecision.objects.filter(account__in=list(ids)).order_by("account_id", "decided_on", "pk")
    for account, tier, day in rows.values_list("account_id", "tier", "decided_on"):
        if account not in found or found[account][0] != tier:
            found[account] = (tier, day)
    return {account: day for account, (_, day) in found.items()}


def mutualities(rules: Rules, today: date, ids: Iterable[int] | None = None) -> dict[int, Mutuality]:
    """The gate for accounts with any evidence, or for `ids`. Four queries, however many accounts there are."""
    asked = None if ids is None else list(ids)
    rows = MutualityEvidence.objects.filter(on__lte=today)
    if asked is not None:
        rows = rows.filter(account__in=asked)
    evidence: dict[int, list[Shown]] = defaultdict(list)
    for account, kind, day in rows.values_list("account_id", "kind", "on"):
        evidence[account].append(Shown(EvidenceKind(kind), day))
    for account, days in meeting_days(today, asked).items():
        met = meetings_evidence(days, today)
        if met is not None:
            evidence[account].append(met)
    tiers = asking_tiers(rules)
    concerned = set(evidence if asked is None else asked)
    holders = set(Account.objects.filter(pk__in=concerned, tier__in=tiers).values_list("pk", flat=True))
    since = held_since(holders)
    return {
        account: mutuality(evidence.get(account, ()), today, since.get(account), account in holders)
        for account in concerned
    }


@dataclass(frozen=True, slots=True)
class Sign:
    """One of the six sorts as the page shows it. `meetings`: the days behind M3."""

    kind: EvidenceKind
    name: str
    counts: bool
    words: str
    rows: tuple[MutualityEvidence, ...]
    meetings: tuple[date, ...] = ()

    @property
    def short(self) -> str:
        return self.kind.value.upper()


@dataclass(frozen=True, slots=True)
class MutualityView:
    """Everything that explains the gate of one account."""

    account: Account
    state: Mutuality
    told: tuple[MutualityEvidence, ...]
    told_words: str
    signs: tuple[Sign, ...]
    verdict: str
    next_words: str

    @property
    def tone(self) -> str:
        return "good" if self.state.passed else "warn"

    @property
    def told_tone(self) -> str:
        return {Telling.DONE: "good", Telling.OVERDUE: "bad", Telling.DUE: "warn"}.get(self.state.telling, "")

    @property
    def told_overdue(self) -> bool:
        return self.state.telling is Telling.OVERDUE


def mutuality_view(account: Account, rules: Rules, today: date) -> MutualityView:
    rows = list(account.mutuality.select_related("ours", "contact"))
    days = meeting_days(today, [account.pk]).get(account.pk, [])
    state = mutualities(rules, today, [account.pk])[account.pk]
    fresh = {shown.kind: shown.on for shown in state.fresh}
    return MutualityView(
        account=account,
        state=state,
        told=tuple(row for row in rows if row.kind == EvidenceKind.TOLD),
        told_words=told_words(state),
        signs=tuple(_sign(kind, fresh, rows, days) for kind in EvidenceKind if kind is not EvidenceKind.TOLD),
        verdict=verdict_words(state),
        next_words="" if state.shown_enough else next_words(state),
    )


def _sign(
    kind: EvidenceKind, fresh: Mapping[EvidenceKind, date], rows: list[MutualityEvidence], days: list[date]
) -> Sign:
    own = tuple(row for row in rows if row.kind == kind)
    meetings = tuple(days) if kind is EvidenceKind.MEETINGS else ()
    if kind in fresh:
        words = f"counts until {full_day(months_later(fresh[kind], VALID_MONTHS))}"
        if kind is EvidenceKind.MEETINGS:
            words = f"{len(days)} meetings in 12 months, from touchpoints"
    elif kind is EvidenceKind.MEETINGS:
        words = f"{len(days)} of {MEETINGS_NEEDED} meetings in 12 months, from touchpoints"
    elif own:
        words = f"expired on {full_day(months_later(own[0].on, VALID_MONTHS))}"
    else:
        words = "nothing yet"
    return Sign(kind, NAMES[kind], kind in fresh, words, own, meetings)


def told_words(state: Mutuality) -> str:
    """Whether the client knows, and until when it has to."""
    if state.telling is Telling.DONE and state.told_on:
        return f"told on {full_day(state.told_on)}"
    if state.telling is Telling.NOT_YET_ASKED:
        return "not told yet; due within 60 days of a decision for a tier that asks for it"
    if state.told_by is None:
        return "not told yet"
    late = state.telling is Telling.OVERDUE
    return f"not told yet; {'was' if late else 'is'} due by {full_day(state.told_by)}"


def verdict_words(state: Mutuality) -> str:
    """One sentence for the gate: passed or not, by what."""
    shorts = " ".join(shown.kind.value.upper() for shown in state.fresh)
    count = len(state.fresh)
    if state.passed:
        return f"mutual by {shorts}, {told_words(state)}"
    if state.shown_enough:
        return f"shown by {shorts}, but {told_words(state)}"
    if count >= MEETINGS_NEEDED:
        return f"{shorts} are there, but nothing from the client's own hand"
    there = f"{shorts} alone, " if shorts else ""
    return f"{there}{count} of 2 signs that count"


def next_words(state: Mutuality) -> str:
    """What would be the next evidence, what expired first: it was there before."""
    renew = [shown.kind for shown in state.expired]
    order = [*renew, *(kind for kind in state.missing_sorts if kind not in renew)]
    if state.fresh and not state.from_their_hand:
        order = [kind for kind in order if kind in FROM_THEIR_HAND]
    return "; ".join(f"{kind.value.upper()} {NAMES[kind]}" for kind in order[:2])


@dataclass(frozen=True, slots=True)
class ToTell:
    """An account whose client must hear what it is to us."""

    account: Account
    due: date
    overdue: bool


def to_tell(user: User, rules: Rules, today: date) -> list[ToTell]:
    """Accounts that the person leads, in a tier that asks for mutuality, whose client has not been told yet."""
    accounts = {
        account.pk: account
        for account in Account.objects.live().filter(owner=user, tier__in=asking_tiers(rules)).order_by("name")
    }
    if not accounts:
        return []
    states = mutualities(rules, today, accounts)
    return [
        ToTell(accounts[pk], state.told_by, state.telling is Telling.OVERDUE)
        for pk, state in states.items()
        if state.telling in (Telling.DUE, Telling.OVERDUE) and state.told_by is not None
    ]
