"""Gates: answered by people with evidence, or by our own records, which then stand beside the answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Sum

from accounts.models import Account, Contact, SponsorTerm, TeamSeat
from scoring.models import Criterion, GateAnswer
from scoring.queries.mutuality import mutualities, next_words, verdict_words
from scoring.queries.rules import Rules

Check = Criterion.Check
REGIONS_NEEDED = 3
FULL_SHARE = 200
"""Two full people, in per cent of working time."""
BOARD_ROLE = "executive_sponsor"


@dataclass(frozen=True, slots=True)
class Found:
    """What the records say about a gate: passed or not, by which records, and what is missing."""

    passed: bool
    words: str
    missing: str = ""


NOTHING = {
    Check.MUTUALITY: Found(False, "0 of 2 signs that count", "evidence of what the client did"),
    Check.REGIONS: Found(False, "one region or none", "units of the account in three regions"),
    Check.PURCHASE_LEAD: Found(False, "no procurement contact at director level", "the central purchase lead"),
    Check.FULL_PEOPLE: Found(False, "no open seats", "seats that add up to 200 %"),
    Check.BOARD_SPONSOR: Found(False, "no sponsor of our board", "a sponsor term of an executive sponsor"),
}


def _mutual(rules: Rules, today: date, ids: list[int] | None) -> dict[int, Found]:
    return {
        account: Found(state.passed, verdict_words(state), "" if state.shown_enough else next_words(state))
        for account, state in mutualities(rules, today, ids).items()
    }


def _regions(rules: Rules, today: date, ids: list[int] | None) -> dict[int, Found]:
    """Different regions of the account and the live units below it. An account without units has one."""
    table = Account._meta.db_table
    sql = f"""
        WITH RECURSIVE below(root, id) AS (
            SELECT a.id, a.id FROM {table} a
            WHERE (%s::bigint[] IS NULL AND EXISTS (SELECT 1 FROM {table} u WHERE u.parent_id = a.id))
               OR a.id = ANY(%s::bigint[])
            UNION
            SELECT b.root, u.id FROM below b JOIN {table} u ON u.parent_id = b.id
            WHERE u.status NOT IN ('archived', 'merged')
        )
        SELECT b.root, array_agg(DISTINCT a.region ORDER BY a.region) FROM below b JOIN {table} a ON a.id = b.id
        WHERE a.region <> '' GROUP BY b.root
    """  # noqa: S608 (our own table)
    with connection.cursor() as cursor:
        cursor.execute(sql, [ids, ids])
        rows = cursor.fetchall()
    return {
        account: Found(
            len(regions) >= REGIONS_NEEDED,
            f"{len(regions)} of {REGIONS_NEEDED} regions: {', '.join(regions)}",
            "" if len(regions) >= REGIONS_NEEDED else "units of the account in more regions",
        )
        for account, regions in rows
    }


def _purchase_lead(rules: Rules, today: date, ids: list[int] | None) -> dict[int, Found]:
    leads = Contact.objects.filter(
        function=Contact.Function.PROCUREMENT,
        level__in=[Contact.Level.BOARD, Contact.Level.VP, Contact.Level.DIRECTOR],
        status=Contact.Status.ACTIVE,
    )
    named: dict[int, list[str]] = defaultdict(list)
    for account, name in _of(leads, ids).order_by("full_name").values_list("account_id", "full_name"):
        named[account].append(name)
    return {account: Found(True, f"procurement: {', '.join(names[:3])}") for account, names in named.items()}


def _full_people(rules: Rules, today: date, ids: list[int] | None) -> dict[int, Found]:
    seats = _of(TeamSeat.objects.open(), ids).values("account_id").annotate(share=Sum("allocation"))
    return {
        row["account_id"]: Found(
            row["share"] >= FULL_SHARE,
            f"open seats add up to {row['share']} % of {FULL_SHARE} %",
            "" if row["share"] >= FULL_SHARE else "more of our people's time for it alone",
        )
        for row in seats.order_by("account_id")
    }


def _board_sponsor(rules: Rules, today: date, ids: list[int] | None) -> dict[int, Found]:
    terms = SponsorTerm.objects.open().filter(sponsor__role_key=BOARD_ROLE)
    named: dict[int, list[str]] = defaultdict(list)
    for term in _of(terms, ids).select_related("sponsor"):
        named[term.account_id].append(str(term.sponsor))
    return {account: Found(True, f"sponsored by {', '.join(names)}") for account, names in named.items()}


def _of(rows: Any, ids: list[int] | None) -> Any:
    return rows if ids is None else rows.filter(account__in=ids)


CHECKS: Mapping[str, Callable[[Rules, date, list[int] | None], dict[int, Found]]] = {
    Check.MUTUALITY: _mutual,
    Check.REGIONS: _regions,
    Check.PURCHASE_LEAD: _purchase_lead,
    Check.FULL_PEOPLE: _full_people,
    Check.BOARD_SPONSOR: _board_sponsor,
}


def checked_gates(rules: Rules, today: date, ids: Iterable[int]) -> dict[int, dict[str, Found]]:
    """What the records say about each gate that they answer, for each account. Queries grow with gates only."""
    asked = list(ids)
    found: dict[int, dict[str, Found]] = {account: {} for account in asked}
    for gate in rules.gates:
        if not gate.checked_by:
            continue
        known = CHECKS[gate.checked_by](rules, today, asked)
        for account in asked:
            found[account][gate.key] = known.get(account, NOTHING[Check(gate.checked_by)])
    return found


def gate_answers(rules: Rules, today: date, ids: Iterable[int]) -> dict[int, dict[str, bool | None]]:
    """Passed, not passed, or None where nobody answered: by gate key, for each account."""
    asked = list(ids)
    found: dict[int, dict[str, bool | None]] = {account: {} for account in asked}
    answers = GateAnswer.objects.filter(account__in=asked, scorecard_id=rules.version.scorecard_id)
    for account, key, passed in answers.values_list("account_id", "gate_key", "passed"):
        found[account][key] = passed
    for account, states in checked_gates(rules, today, asked).items():
        found[account].update({key: state.passed for key, state in states.items()})
    return found


def passing(rules: Rules, today: date) -> dict[str, list[int]]:
    """Accounts of the whole portfolio that pass each gate which the records answer, for a recompute of all."""
    return {
        gate.key: [account for account, state in CHECKS[gate.checked_by](rules, today, None).items() if state.passed]
        for gate in rules.gates
        if gate.checked_by
    }


def gates_of(rules: Rules, account_id: int, today: date) -> Mapping[str, bool | None]:
    return gate_answers(rules, today, [account_id])[account_id]
