"""What plans add to pages of other parts; `apps.py` registers it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.actions.merging import register_mover
from accounts.models import Account
from planning.actions.actions import reassign_actions, reassign_objectives
from planning.actions.merging import move_actions, move_plans
from planning.domain.progress import Tally
from planning.queries.summaries import (
    actions_without_our_owner,
    held_actions,
    held_objectives,
    late_actions_of_others,
    next_actions,
    own_due_actions,
    plans_to_confirm,
    tallies,
)
from sam.core import day, holdings, navigation, panels
from sam.core.authorization.permissions import Permission
from sam.core.models import User
from sam.core.templatetags.ui import meter, percent
from sam.values.results import value_of


def register() -> None:
    navigation.register(
        navigation.Entry(
            "Actions",
            "planning:action-list",
            "checklist",
            Permission.PLAN_VIEW,
            order=30,
            prefix="/actions/",
            on_phone=True,
            on_seats=True,
        )
    )
    panels.register_tab(panels.Tab("Plan", "planning:plan-detail", Permission.PLAN_VIEW, 40))
    panels.register_panel(
        panels.Panel("next-actions", "Next actions", Permission.PLAN_VIEW, 20, "planning/next_actions.html", next_panel)
    )
    panels.register_figure(panels.Figure("plan-progress", Permission.PLAN_VIEW, 50, progress_figure))
    panels.register_column(
        panels.AccountColumn("plan", "Plan", Permission.PLAN_VIEW, 50, "", plan_cells, draw_plan_cell)
    )
    day.register(day.Source("own-actions", 10, own_items))
    day.register(day.Source("late-actions-of-others", 20, late_items))
    day.register(day.Source("plans-to-confirm", 30, confirmation_items))
    day.register(day.Source("actions-without-owner", 40, ownerless_items))
    holdings.register(holdings.Holding("actions", "open actions", held_actions, reassign_actions))
    holdings.register(holdings.Holding("objectives", "objectives", held_objectives, reassign_objectives))
    register_mover(move_plans)
    register_mover(move_actions)


def next_panel(account: Account, user: User) -> Mapping[str, Any]:
    return {"next": next_actions(account, timezone.localdate())}


def progress_figure(account: Account, user: User) -> Mapping[str, Any] | None:
    """Share of actions done, with how many are late; nothing while there are no actions."""
    counts = next_actions(account, timezone.localdate()).tally
    share = value_of(counts.share_done)
    if share is None:
        return None
    late = f"{counts.late} of {counts.total} actions late" if counts.late else f"{counts.total} actions, none late"
    return {
        "label": "Plan progress",
        "value": percent(share, 0),
        "note": late,
        "tone": "warn" if counts.late else "good",
        "trend": "",
        "url": reverse("planning:plan-detail", args=[account.pk]),
    }


def plan_cells(account_ids: list[int], user: User) -> Mapping[int, Tally]:
    return tallies(account_ids, timezone.localdate())


def draw_plan_cell(account: Account, counts: Tally) -> str:
    late = f'<div class="bad small nowrap">{counts.late} of {counts.total} late</div>' if counts.late else ""
    return f"{meter(value_of(counts.share_done), 'Actions done')}{late}"


def own_items(user: User, today: date) -> Iterator[day.Item]:
    for entry in own_due_actions(user, today):
        late = entry.due < today
        yield day.Item(
            title=entry.title,
            note=f"{entry.account}, action{', late' if late else ''}",
            url=f"{reverse('planning:plan-detail', args=[entry.account_id])}#action-row-{entry.pk}",
            button="Open",
            icon="alert-circle" if late else "checklist",
            tone="bad" if late else "",
            due=entry.due,
        )


def late_items(user: User, today: date) -> Iterator[day.Item]:
    for entry in late_actions_of_others(user, today):
        yield day.Item(
            title=entry.title,
            note=f"{entry.account}, action of {entry.our_owner}, late",
            url=f"{reverse('planning:plan-detail', args=[entry.account_id])}#action-row-{entry.pk}",
            button="Open",
            icon="alert-circle",
            tone="bad",
            due=entry.due,
        )


def confirmation_items(user: User, today: date) -> Iterator[day.Item]:
    for plan, state in plans_to_confirm(user, today):
        since = (
            f"last confirmed {(today - plan.confirmed_on).days} days ago" if plan.confirmed_on else "never confirmed"
        )
        yield day.Item(
            title=f"Does the plan of {plan.account} still hold?",
            note=f"{since}, agreed every {state.every_days} days",
            url=reverse("planning:plan-detail", args=[plan.account_id]),
            button="Confirm or change",
            icon="clipboard-check",
            tone="warn",
            due=state.due_on,
        )


def ownerless_items(user: User, today: date) -> Iterator[day.Item]:
    for entry in actions_without_our_owner(user):
        yield day.Item(
            title=f"Nobody of ours on: {entry.title}",
            note=f"{entry.account}, with {entry.their_owner}",
            url=reverse("planning:action-edit", args=[entry.account_id, entry.pk]),
            button="Choose somebody",
            icon="user-question",
            tone="warn",
            due=entry.due,
        )
