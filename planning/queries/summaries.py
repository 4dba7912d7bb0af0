"""What plans tell on pages of other parts: the account page, the portfolio, my day, handing over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from accounts.models import Account
from planning.domain.freshness import Confirmation, confirmation
from planning.domain.progress import ActionDates, Tally, action_state
from planning.models import AccountPlan, Objective, PlanAction
from planning.queries.action_rows import LABELS
from sam.core.models import User
from sam.core.statements import ask

NEXT_ACTIONS = 5
SOON_DAYS = 14


@dataclass(frozen=True, slots=True)
class NextAction:
    """An open action. `ours`, `theirs`: names of its owners on either side, empty where nobody is."""

    pk: int
    title: str
    due: date
    ours: str
    theirs: str
    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class NextActions:
    """The open actions that are due first, and the counts of all."""

    rows: tuple[NextAction, ...]
    open: int
    tally: Tally


def tallies(account_ids: list[int], today: date) -> dict[int, Tally]:
    """The counts of several accounts in one query; accounts without actions are left out."""
    rows = ask(TALLIES, {"ids": account_ids, "open": list(PlanAction.OPEN), "today": today})
    return {account_id: Tally(total, done, late) for account_id, total, done, late in rows}


TALLIES = """
    SELECT account_id, count(*), count(*) FILTER (WHERE status = 'done'),
        count(*) FILTER (WHERE status = ANY(%(open)s) AND due < %(today)s)
    FROM planning_planaction WHERE status <> 'dropped' AND account_id = ANY(%(ids)s) GROUP BY account_id
"""


def next_actions(account: Account, today: date) -> NextActions:
    """One query, and the same answer for this object after it: the account page shows the counts twice."""
    known: NextActions | None = account.__dict__.get("_next_actions")
    if known is None:
        # The object lives as long as the request.
        known = account.__dict__["_next_actions"] = _next_actions(account, today)
    return known


def _next_actions(account: Account, today: date) -> NextActions:
    params = {"account": account.pk, "open": list(PlanAction.OPEN), "today": today, "most": NEXT_ACTIONS}
    found = ask(NEXT, params)
    counts = Tally(*found[0][-3:]) if found else Tally(0, 0, 0)
    rows = tuple(_next_action(row, today) for row in found if row[3] in PlanAction.OPEN)
    return NextActions(rows, counts.total - counts.done, counts)


def _next_action(row: tuple[Any, ...], today: date) -> NextAction:
    pk, title, due, status, ours, theirs = row[:6]
    label, tone = LABELS[action_state(status == PlanAction.Status.IN_PROGRESS, ActionDates(due, None), today)]
    return NextAction(pk, title, due, ours or "", theirs or "", label, tone)


# Open ones first, so that a row carries the counts even where nothing is open any more.
NEXT = """
    SELECT a.id, a.title, a.due, a.status, coalesce(nullif(u.display_name, ''), u.email), c.full_name,
        count(*) OVER (), count(*) FILTER (WHERE a.status = 'done') OVER (),
        count(*) FILTER (WHERE a.status = ANY(%(open)s) AND a.due < %(today)s) OVER ()
    FROM planning_planaction a
    LEFT JOIN core_user u ON u.id = a.our_owner_id
    LEFT JOIN accounts_contact c ON c.id = a.their_owner_id
    WHERE a.account_id = %(account)s AND a.status <> 'dropped'
    ORDER BY (a.status = ANY(%(open)s)) DESC, a.due, a.id LIMIT %(most)s
"""


def own_due_actions(user: User, today: date) -> Iterator[PlanAction]:
    """Open actions of `user` that are late or due within two weeks, on accounts whose plan they may read."""
    soon = today + timedelta(days=SOON_DAYS)
    rows = PlanAction.objects.visible_to(user).open().filter(our_owner=user, due__lte=soon)
    return rows.select_related("account").order_by("due", "pk")[:100].iterator()


def actions_without_our_owner(user: User) -> list[PlanAction]:
    """Open actions that only the client owns, on accounts that `user` leads."""
    led = user.seats.open().filter(access="lead").values("account_id")
    rows = PlanAction.objects.visible_to(user).open().filter(our_owner=None, account__in=led)
    return list(rows.select_related("account", "their_owner").order_by("due", "pk")[:100])


def late_actions_of_others(user: User, today: date) -> list[PlanAction]:
    """Late actions of colleagues on accounts that `user` leads."""
    led = user.seats.open().filter(access="lead").values("account_id")
    rows = PlanAction.objects.visible_to(user).late(today).filter(account__in=led, our_owner__isnull=False)
    return list(rows.exclude(our_owner=user).select_related("account", "our_owner").order_by("due", "pk")[:100])


def plans_to_confirm(user: User, today: date) -> list[tuple[AccountPlan, Confirmation]]:
    """The newest plan of each account that `user` leads, where its confirmation is overdue."""
    led = user.seats.open().filter(access="lead").values("account_id")
    newest = (
        AccountPlan.objects.filter(account__in=led, year__lte=today.year)
        .select_related("account")
        .order_by("account_id", "-year")
        .distinct("account_id")
    )
    found = [
        (plan, confirmation(plan.confirmed_on, plan.opened_on, plan.account.tier, today))
        for plan in newest
        if plan.account.status not in {Account.Status.ARCHIVED, Account.Status.MERGED}
    ]
    return [(plan, state) for plan, state in found if state.overdue_days]


def held_actions(user: User) -> list[str]:
    rows = PlanAction.objects.open().filter(our_owner=user).select_related("account")
    return [f"{entry.title}, {entry.account}" for entry in rows.order_by("due", "pk")]


def held_objectives(user: User) -> list[str]:
    rows = Objective.objects.filter(owner=user).select_related("plan__account").order_by("pk")
    return [f"{objective.title}, {objective.plan.account}" for objective in rows]
