"""The list of all open actions that somebody may see: their own first, then by due date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Case, IntegerField, Value, When

from accounts.models import Account
from planning.models import PlanAction
from planning.queries.action_rows import RELATED, ActionRow, action_row
from sam.core.authorization.permissions import Permission
from sam.core.models import User

SHOWS = {"all": "All", "mine": "Mine", "late": "Late"}
PAGE = 50
MOST_ACCOUNTS = 200


@dataclass(frozen=True, slots=True)
class ActionList:
    rows: tuple[ActionRow, ...]
    page: Page[PlanAction]
    mine: int
    late: int
    total: int
    accounts: list[Account]


def action_list(
    user: User, today: date, *, show: str = "all", account_id: int | None = None, number: str | None = None
) -> ActionList:
    """`show` is one of SHOWS. The number of queries does not grow with the list."""
    seen = PlanAction.objects.visible_to(user).open()
    within = seen.filter(account_id=account_id) if account_id is not None else seen
    chosen = within
    if show == "mine":
        chosen = within.filter(our_owner=user)
    elif show == "late":
        chosen = within.late(today)
    own_first = Case(When(our_owner=user, then=Value(0)), default=Value(1), output_field=IntegerField())
    page = Paginator(chosen.select_related(*RELATED).order_by(own_first, "due", "pk"), PAGE).get_page(number)
    return ActionList(
        rows=tuple(action_row(entry, user, today) for entry in page),
        page=page,
        mine=within.filter(our_owner=user).count(),
        late=within.late(today).count(),
        total=within.count(),
        accounts=list(
            Account.objects.visible_to(user, Permission.PLAN_VIEW)
            .filter(pk__in=seen.values("account_id"))
            .only("name")
            .order_by("folded_name")[:MOST_ACCOUNTS]
        ),
    )
