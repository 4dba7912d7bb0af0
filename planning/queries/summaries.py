"""What plans tell on pages of other parts: the account page, the portfolio, my day, handing over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q

from accounts.models import Account
from planning.domain.freshness import Confirmation, confirmation
from planning.domain.progress import Tally
from planning.models import AccountPlan, Objective, PlanAction
from planning.queries.action_rows import RELATED, ActionRow, action_row
from sam.core.models import User

NEXT_ACTIONS = 5
SOON_DAYS = 14


@dataclass(frozen=True, slots=True)
class NextActions:
    """The open actions that are due first, and the counts of all."""

    rows: tuple[ActionRow, ...]
    open: int
    tally: Tally


def tally_of(account: Account, today: date) -> Tally:
    """Actions of the account that were not dropped; one query, and the same answer for this object after it."""
    known: Tally | None = account.__dict__.get("_action_tally")
    if known is None:
        # The account page shows the counts twice; the object lives as long as the request.
        known = account.__dict__["_action_tally"] = tallies([account.pk], today).get(account.pk, Tally(0, 0, 0))
    return known


def tallies(account_ids: list[int], today: date) -> dict[int, Tally]:
    """The counts of several accounts in one query; accounts without actions are left out."""
    rows = (
        PlanAction.objects.kept()
        .filter(account__in=account_ids)
        .order_by()
        .values_list("account_id")
        .annotate(
            total=Count("pk"),
            done=Count("pk", filter=Q(status=PlanAction.Status.DONE)),
            late=Count("pk", filter=Q(status__in=PlanAction.OPEN, due__lt=today)),
        )
    )
    return {account_id: Tally(total, done, late) for account_id, total, done, late in rows}


def next_actions(account: Account, user: User, today: date) -> NextActions:
    """Two queries."""
    counts = tally_of(account, today)
    entries = account.actions.open().select_related(*RELATED).order_by("due", "pk")[:NEXT_ACTIONS]
    rows = tuple(action_row(entry, user, today) for entry in entries)
    return NextActions(rows, counts.total - counts.done, counts)


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
