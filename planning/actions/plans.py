"""Opening a plan, deciding its strategy, saying that it still holds."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions.revisions import write
from accounts.models import Account
from planning.domain.template import PLAN_TEMPLATE
from planning.models import AccountPlan, PlanSection
from sam.core.audit import action
from sam.core.errors import ActionRefused, FieldErrors
from sam.core.models import User

FIRST_YEAR, LAST_YEAR = 2000, 2100


@action("opened a plan")
def open_plan(*, account: Account, year: int, by: User | None, opened_on: date | None = None) -> AccountPlan:
    """A plan for `year` with its sections, empty: nothing in it is invented or copied.

    Raises FieldErrors for a year out of range and ActionRefused where the year has a plan already.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise FieldErrors({"year": f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}."})
    try:
        with transaction.atomic():
            plan = AccountPlan.objects.create(account=account, year=year, opened_on=opened_on or timezone.localdate())
    except IntegrityError:
        raise ActionRefused(f"{account} has a plan for {year} already. Open that one.", code="already_exists") from None
    PlanSection.objects.bulk_create(PlanSection(plan=plan, key=section.key) for section in PLAN_TEMPLATE)
    return plan


@action("decided the plan's strategy")
def set_strategy(*, account: Account, plan: AccountPlan, strategy: str, revision: int, by: User | None) -> AccountPlan:
    """Grow, sustain or defend; empty while it is not decided. Raises FieldErrors and Stale."""
    if strategy not in AccountPlan.Strategy.values:
        raise FieldErrors({"strategy": "Choose grow, sustain or defend."})
    return write(plan, seen=revision, strategy=strategy)


@action("confirmed the plan")
def confirm_plan(
    *, account: Account, plan: AccountPlan, revision: int, by: User | None, on: date | None = None
) -> AccountPlan:
    """Somebody has read it and says it still holds, today or `on` an earlier day. Raises FieldErrors and Stale."""
    today = timezone.localdate()
    day = on or today
    if day > today:
        raise FieldErrors({"confirmed_on": "The day lies in the future."})
    return write(plan, seen=revision, confirmed_on=day)
