"""The demo story's plans: as told, within the limits, built once."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.demo import build as build_accounts
from accounts.models import Account
from planning.demo import build
from planning.demo.plans import PLANS
from planning.domain.template import section_template
from planning.domain.words import words_over
from planning.models import AccountPlan, Objective, PlanAction, PlanSection
from planning.queries.action_rows import on_time, tally
from planning.queries.summaries import plans_to_confirm
from sam.core.models import OutgoingMail, User
from sam.values.results import value_of

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo of the plans")]


@pytest.fixture(scope="module")
def today(django_db_setup, django_db_blocker) -> Iterator[date]:
    """The demo company with its plans, built twice: the second time changes nothing.

    Once for all tests here: each of them is a savepoint inside this transaction.
    """
    day = timezone.localdate()
    with django_db_blocker.unblock(), transaction.atomic():
        build_accounts(day)
        mails = OutgoingMail.objects.count()
        build(day)
        counts = [model.objects.count() for model in (AccountPlan, PlanSection, Objective, PlanAction)]
        build(day)
        assert counts == [model.objects.count() for model in (AccountPlan, PlanSection, Objective, PlanAction)]
        assert OutgoingMail.objects.count() == mails
        yield day
        transaction.set_rollback(True)


def test_the_story_is_in_the_plans(today):
    counts = {
        "Oremund": ((15, 19), (8, 12)),
        "Skoggrim": ((9, 15), (2, 5)),
        "Montevarra": ((13, 14), (9, 11)),
        "Dunmarsh": ((5, 8), None),
        "Havelgrund": ((12, 13), None),
        "Merrowick": ((7, 12), None),
        "Quillaraya": ((13, 16), None),
        "Lindqvara": ((9, 10), None),
    }
    for short, sides in counts.items():
        account = Account.objects.get(name__startswith=short)
        rows = list(account.actions.all())
        for (_, share), expected in zip(on_time(rows, today), sides, strict=True):
            if expected is None:
                assert value_of(share) is None, short
            else:
                found = dict(share.inputs)
                assert (found["on time"], found["fell due"]) == expected, short
        assert tally(rows, today).late == (2 if short == "Oremund" else 0)
    oremund = AccountPlan.objects.get(account__name="Oremund Chemie AG")
    assert [round(float(value_of(goal.progress)), 2) for goal in oremund.objectives.all()] == [0.57, 0.77, 0.87, 1]
    savings = PlanAction.objects.get(title="Joint savings list for the CFO")
    assert (str(savings.our_owner), str(savings.their_owner), savings.moved) == ("Petra Lohse", "Silke Marquard", 2)
    waiting = {
        plan.account.name.split()[0] for plan, _ in plans_to_confirm(User.objects.get(email__startswith="marek"), today)
    }
    assert waiting == {"Skoggrim", "Dunmarsh", "Merrowick"}


def test_no_text_of_the_story_is_over_its_limit():
    for story in PLANS:
        for text in story.texts:
            assert words_over(text.words, section_template(text.key).words) == 0, (story.account, text.key)
