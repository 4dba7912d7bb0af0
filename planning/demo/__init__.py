"""The demo company's plans: texts, objectives and actions of the eight accounts of the programme."""

from __future__ import annotations

from datetime import date

from accounts.models import Account
from planning.demo.actions import build_actions
from planning.demo.people import demo_people
from planning.demo.plans import PLANS, build_plan

__all__ = ["build"]


def build(today: date) -> None:
    """Build each plan once; an account of the story that is not there is left out."""
    people = demo_people()
    for story in PLANS:
        account = Account.objects.filter(name=story.account).first()
        if account is None or account.plans.exists():
            continue
        plan = build_plan(story, account, people, today)
        build_actions(account, plan, people, today)
