"""The demo company's list: ratings of two years, gates, evidence of mutuality, three selection cycles.

Accounts and people come from below.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Account
from sam.core.audit import action
from sam.core.models import User
from sam.values.periods import last_closed_quarter
from scoring.actions.cycle_list import occasion_of
from scoring.actions.defaults import load_defaults
from scoring.actions.ratings import Rated, answer_gate, rate_many, withdraw_rating
from scoring.actions.rounds import Asked, close_round, open_round
from scoring.actions.scores import follow_latest_quarter, recompute_all
from scoring.actions.settling import settle_value
from scoring.actions.tiers import decide_tier
from scoring.demo import cycles, mutuality
from scoring.models import Rating, RatingRound, RoundAccount, ScorecardVersion

RATED = ("C4", "C5", "P1", "P2", "P3", "P4", "P5")

Levels = tuple[int | None, ...]

# C4, C5 and the medians of P1 to P5: a year ago, and now. No C5 where fewer than four answers came.
LEVELS: Mapping[str, tuple[Levels, Levels]] = {
    "Oremund": ((5, 3, 4, 3, 4, 5, 5), (5, 3, 4, 3, 4, 5, 4)),
    "Skoggrim": ((3, 3, 3, 4, 3, 4, 3), (2, 2, 2, 3, 2, 3, 2)),
    "Montevarra": ((2, 4, 3, 5, 5, 3, 4), (3, 5, 4, 5, 5, 4, 4)),
    "Dunmarsh": ((3, None, 2, 2, 1, 2, 3), (3, None, 2, 2, 1, 2, 2)),
    "Havelgrund": ((4, 3, 3, 4, 4, 4, 4), (4, None, 3, 4, 4, 4, 3)),
    "Merrowick": ((2, 4, 2, 4, 3, 2, 2), (2, None, 2, 3, 3, 2, 2)),
    "Quillaraya": ((4, 3, 4, 4, 3, 5, 4), (5, 4, 5, 4, 3, 5, 4)),
    "Lindqvara": ((3, 4, 3, 5, 4, 5, 5), (4, 5, 4, 5, 4, 5, 5)),
}
# Three raters do not always agree; the middle one is the level above. Lead, finance, outside the team.
SPREAD = {("Dunmarsh", "P2"): (1, 2, 4), ("Havelgrund", "P3"): (2, 4, 4)}
SETTLED = (
    "Havelgrund",
    "P3",
    Decimal(4),
    "The lead did not know of the two meetings with their technical director; minutes are with the plan",
)

EVIDENCE = {
    "C4": "Term and notice rule of the frame agreement",
    "C5": "Mean of the five answers of the last wave",
    "P1": "Named projects in the plan, with who pays for them",
    "P2": "How the last two negotiations and the planning day went",
    "P3": "Meetings of the last six months, by level and function",
    "P4": "Our objectives beside their programme",
    "P5": "What we may show, and what we learned on their sites",
}

# gate: account, passed, evidence; mutuality (G1) is answered by its records
GATES = (("G2", "Merrowick", False, "Pays after 97 days; more than 2 % of revenue is open for over 90"),)
SOLMARINA = (("C4", 3), ("C5", 4))


def build(today: date) -> None:
    """Build everything once; accounts or people that are not there are left out."""
    load_defaults(by=User.objects.filter(display_name="Ingrid Vossberg", is_demo=True).first())
    version = ScorecardVersion.objects.in_use()
    people = {user.display_name: user for user in User.objects.filter(is_demo=True)}
    if version is None or not {"Ingrid Vossberg", "Petra Lohse"} <= set(people) or Rating.objects.exists():
        return
    ingrid, petra = people["Ingrid Vossberg"], people["Petra Lohse"]
    found = _accounts()
    last = last_closed_quarter(today)
    closed = today - timedelta(days=cycles.CLOSED)
    forget_tiers(accounts=found, by=None)
    cycles.build_first(today, found, people)
    mutuality.build(today, found, people)
    cycle = cycles.open_last(today, people)
    recompute_all(by=ingrid, today=today - timedelta(days=410), quarter=last.shift(-4), keep=f"Published {version}")
    _rate(found, 0, closed - timedelta(days=60), ingrid, petra)
    _answer_gates(found, closed - timedelta(days=50), ingrid)
    recompute_all(by=ingrid, today=closed, quarter=last.shift(-3), keep=occasion_of(cycle))
    cycles.close_last(cycle, today, found, people)
    follow_latest_quarter()
    recompute_all(by=ingrid, today=today - timedelta(days=42))
    cycle = cycles.nominate_this(today, found, people)
    cycles.rate_this(cycle, _run_round(found, today, ingrid, petra), people)
    _rate_solmarina(found, today, ingrid, petra)
    recompute_all(by=ingrid, today=today)
    cycles.decide_this(cycle, today, people)
    _override(found, people, today)


def _accounts() -> dict[str, Account]:
    """The story's accounts by first word of their name, as far as they are there."""
    shorts = {*LEVELS, "Ketterau", "Solmarina"}
    known = Account.objects.select_related("owner").filter(name__regex=f"^({'|'.join(sorted(shorts))}) ")
    return {account.name.split()[0]: account for account in known.order_by("pk")}


@action("began without a list")
def forget_tiers(*, accounts: Mapping[str, Account], by: User | None) -> None:
    """Every tier of the demo comes from a decision with its reason."""
    Account.objects.filter(pk__in=[account.pk for account in accounts.values()]).update(tier="")
    for account in accounts.values():
        account.refresh_from_db()


def _override(found: Mapping[str, Account], people: Mapping[str, User], today: date) -> None:
    """Skoggrim stays strategic against its score until the tender is decided."""
    account, sponsor = found.get("Skoggrim"), people.get("Helene Straub")
    if account is None or sponsor is None:
        return
    account.refresh_from_db()
    decide_tier(
        account=account,
        tier="strategic",
        reason="The tender in spring decides. Asked for by Helene Straub, for that long only",
        revision=account.revision,
        by=sponsor,
        decided_on=today - timedelta(days=cycles.DECIDED),
        ends_on=today + timedelta(days=cycles.OVERRIDE_DAYS),
    )


def _run_round(found: Mapping[str, Account], today: date, ingrid: User, petra: User) -> RatingRound | None:
    """The round of this year: opened, rated, closed; one disagreement settled, one left to settle."""
    rated = [found[short] for short in LEVELS if short in found]
    if not rated:
        return None
    opened = open_round(
        name=f"Cycle {today.year + 1}",
        accounts=rated,
        opens_on=today - timedelta(days=32),
        closes_on=today - timedelta(days=11),
        # Ingrid sits on one of the teams and is not outside it; she rates there all the same.
        more=[Asked(account, ingrid) for account in rated if account.seats.open().filter(user=ingrid).exists()],
        by=ingrid,
    )
    _rate(found, 1, today - timedelta(days=25), ingrid, petra)
    close_round(rating_round=opened, revision=opened.revision, by=None, closed_on=today - timedelta(days=10))
    short, key, value, reason = SETTLED
    if short in found:
        settle_value(
            account=found[short],
            criterion_key=key,
            value=value,
            reason=reason,
            rating_round=opened,
            by=ingrid,
            settled_on=today - timedelta(days=8),
        )
    return opened


def _rate(found: Mapping[str, Account], year: int, day: date, ingrid: User, petra: User) -> None:
    """Ratings of the lead, of finance and of the programme lead, one sheet each."""
    sheets: dict[User, list[Rated]] = {}
    rounds = RoundAccount.objects.blind().filter(account__in=found.values())
    blind = set(rounds.values_list("account_id", flat=True))
    for short, levels in LEVELS.items():
        account = found.get(short)
        if account is None:
            continue
        lead = account.owner or ingrid
        for key, level in zip(RATED, levels[year], strict=True):
            raters = (lead, petra, ingrid)
            if level is None:
                for rater in raters:
                    _withdraw(account, key, rater)
                continue
            values = SPREAD.get((short, key), (level,) * 3) if year else (level,) * 3
            for rater, value in zip(raters, values, strict=False):
                revision = 0 if account.pk in blind else _revision(account, key, rater)
                cell = Rated(account, key, value, EVIDENCE[key], confirmed=True, revision=revision)
                sheets.setdefault(rater, []).append(cell)
    for rater, cells in sheets.items():
        rate_many(cells=cells, by=rater, rated_on=day)


def _own(account: Account, key: str, rater: User) -> Rating | None:
    return Rating.objects.filter(account=account, criterion_key=key, rater=rater).first()


def _revision(account: Account, key: str, rater: User) -> int:
    own = _own(account, key, rater)
    return own.revision if own else 0


def _withdraw(account: Account, key: str, rater: User) -> None:
    """Too few answers this time: the old rating does not stand for them."""
    own = _own(account, key, rater)
    if own is not None:
        withdraw_rating(account=account, rating=own, revision=own.revision, by=rater)


def _answer_gates(found: Mapping[str, Account], day: date, by: User) -> None:
    told = {(gate, short) for gate, short, _, _ in GATES}
    answers = [
        *GATES,
        *(("G2", short, True, "Nothing open for more than 90 days above 2 % of revenue") for short in LEVELS),
        *(("G3", short, True, "Checked against the sanctions list, no legal block") for short in LEVELS),
    ]
    for position, (gate, short, passed, evidence) in enumerate(answers):
        if short not in found or (position >= len(GATES) and (gate, short) in told):
            continue
        answer_gate(account=found[short], gate_key=gate, passed=passed, evidence=evidence, by=by, answered_on=day)


def _rate_solmarina(found: Mapping[str, Account], today: date, ingrid: User, petra: User) -> None:
    """One nominated by hand: its first half is known, the second is being rated in a round that is still open."""
    account = found.get("Solmarina")
    if account is None or account.owner is None:
        return
    cells = [Rated(account, key, value, EVIDENCE[key], confirmed=True) for key, value in SOLMARINA]
    rate_many(cells=cells, by=account.owner, rated_on=today - timedelta(days=12))
    open_round(
        name=f"Cycle {today.year + 1}, nominated late",
        accounts=[account],
        opens_on=today - timedelta(days=4),
        closes_on=today + timedelta(days=12),
        by=ingrid,
    )
    sealed = [Rated(account, key, value, EVIDENCE[key], confirmed=True) for key, value in (("P1", 3), ("P2", 4))]
    rate_many(cells=sealed, by=petra, rated_on=today - timedelta(days=3))
