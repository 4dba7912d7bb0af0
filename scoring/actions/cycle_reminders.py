"""What the clock says about the selection cycle: each thing once, to those who can do it."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from accounts.models import Account
from sam.core.actions.messages import first_time, notify
from sam.core.audit import action
from sam.core.authorization.permissions import Permission
from sam.core.authorization.roles import roles_with
from sam.core.models import User
from scoring.queries.cycle import Duty, duties, live_rules_or_none
from scoring.queries.mutuality import asking_tiers, to_tell


@action("reminded of the selection cycle")
def remind(*, today: date, by: User | None) -> int:
    """How many lines went into somebody's bell. Safe to repeat: every line has its occasion."""
    roles = roles_with(Permission.TIER_DECIDE) | roles_with(Permission.CYCLE_APPROVE)
    sent = 0
    for user in User.objects.filter(is_active=True, role_key__in=roles):
        sent += sum(_once(user, duty) for duty in duties(user, today) if duty.due is not None and today >= duty.due)
    return sent + _untold(today)


def _once(user: User, duty: Duty) -> bool:
    if not first_time(rule="selection", period=f"{user.pk} {duty.url} {duty.due}"[:100]):
        return False
    notify(user=user, title=duty.title, text=duty.note, url=duty.url)
    return True


def _untold(today: date) -> int:
    """Sixty days after a new tier the client still has not heard of it: its lead is told, once."""
    rules = live_rules_or_none()
    tiers = asking_tiers(rules) if rules else frozenset()
    if rules is None or not tiers:
        return 0
    leads = User.objects.filter(pk__in=Account.objects.live().filter(tier__in=tiers).values("owner"))
    sent = 0
    for lead in leads:
        for telling in to_tell(lead, rules, today):
            account = telling.account
            if telling.overdue and first_time(rule="told", period=f"{account.pk} {account.tier} {telling.due}"):
                notify(
                    user=lead,
                    title=f"{account.name} has not been told what it is to us",
                    text="It was due 60 days after the decision. Until then it does not count as mutual.",
                    url=reverse("scoring:mutuality-detail", args=[account.pk]),
                    account_id=account.pk,
                )
                sent += 1
    return sent
