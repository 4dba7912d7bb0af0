"""A plan for the account, with a sentence in one section."""

import pytest

from accounts.models import Account
from planning.actions.plans import open_plan
from planning.actions.sections import Saved, save_section
from planning.models import AccountPlan, PlanSection
from sam.core.models import User


@pytest.fixture
def plan(account: Account, alice: User) -> AccountPlan:
    return open_plan(account=account, year=2026, by=alice)


@pytest.fixture
def goals(plan: AccountPlan, account: Account, alice: User) -> PlanSection:
    section = plan.sections.get(key="goals")
    saved = save_section(
        account=account,
        section=section,
        text="Reduce stock before June. Fewer stops at Elster. One list of actions.",
        base_revision=1,
        by=alice,
    )
    assert isinstance(saved, Saved)
    return saved.section
