"""Plans, objectives and actions: owners, dates, revisions, who is told."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions.merging import merge_accounts
from planning.actions.actions import (
    ActionRecord,
    add_action,
    change_action,
    complete_action,
    drop_action,
    move_due,
    reassign_actions,
    record_actions,
    reopen_action,
    start_action,
)
from planning.actions.objectives import add_objective, change_objective, remove_objective
from planning.actions.plans import confirm_plan, open_plan, set_strategy
from planning.models import AccountPlan, Objective, PlanAction
from planning.queries.action_rows import on_time, tally
from sam.core.errors import ActionRefused, FieldErrors, Stale
from sam.core.models import Notification, OutgoingMail
from sam.values.results import value_of

SOON = date(2026, 12, 5)


@pytest.fixture
def entry(account, plan, bob, alice):
    return add_action(account=account, plan=plan, title="Pilot at site two", our_owner=bob, due=SOON, by=alice)


def test_a_plan_opens_with_five_empty_texts_and_nothing_invented(account, plan):
    assert [section.key for section in plan.sections.all()] == ["situation", "goals", "strategy", "value", "risks"]
    assert {section.text for section in plan.sections.all()} == {""}
    assert (plan.strategy, plan.confirmed_on) == ("", None)
    assert not plan.objectives.exists()


def test_a_year_has_one_plan(account, plan, alice):
    with pytest.raises(ActionRefused, match="has a plan for 2026 already"):
        open_plan(account=account, year=2026, by=alice)
    with pytest.raises(FieldErrors, match="2000"):
        open_plan(account=account, year=1066, by=alice)
    assert AccountPlan.objects.count() == 1


def test_strategy_is_one_of_three_and_names_the_revision_seen(account, plan, alice):
    assert set_strategy(account=account, plan=plan, strategy="grow", revision=1, by=alice).revision == 2
    with pytest.raises(Stale) as problem:
        set_strategy(account=account, plan=plan, strategy="defend", revision=1, by=alice)
    assert problem.value.current.strategy == "grow"
    with pytest.raises(FieldErrors):
        set_strategy(account=account, plan=plan, strategy="pray", revision=2, by=alice)


def test_a_plan_is_confirmed_today_or_earlier_never_tomorrow(account, plan, alice):
    today = timezone.localdate()
    assert confirm_plan(account=account, plan=plan, revision=1, by=alice).confirmed_on == today
    with pytest.raises(FieldErrors):
        confirm_plan(account=account, plan=plan, revision=2, on=today + timedelta(days=1), by=alice)


def test_a_stale_objective_comes_back_as_it_is_stored(account, plan, alice, bob):
    objective = add_objective(account=account, plan=plan, title="Fewer stops", target=Decimal(20), by=alice)
    change_objective(account=account, objective=objective, revision=1, target=Decimal(18), by=bob)
    with pytest.raises(Stale) as problem:
        change_objective(account=account, objective=objective, revision=1, target=Decimal(15), by=alice)
    assert problem.value.current.target == 18
    with pytest.raises(Stale):
        remove_objective(account=account, objective=objective, revision=1, by=alice)
    remove_objective(account=account, objective=objective, revision=2, by=alice)
    assert not Objective.objects.exists()


def test_progress_counts_in_the_direction_of_the_target(account, plan, alice):
    for baseline, target, current in ((34, 20, 27), (0, 70, 35)):
        objective = add_objective(
            account=account,
            plan=plan,
            title="G",
            baseline=Decimal(baseline),
            target=Decimal(target),
            current=Decimal(current),
            by=alice,
        )
        assert value_of(objective.progress) == Decimal("0.5")


def test_an_action_needs_an_owner_on_either_side(account, plan, alice, make_contact):
    with pytest.raises(FieldErrors, match="somebody of theirs"):
        add_action(account=account, plan=plan, title="Nobody does it", due=SOON, by=alice)
    theirs = make_contact(account)
    assert add_action(account=account, plan=plan, title="They do it", their_owner=theirs, due=SOON, by=alice).pk
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanAction.objects.create(account=account, title="x", due=SOON)


def test_owners_must_belong_to_the_account(account, plan, alice, charlie, make_account, make_contact):
    with pytest.raises(FieldErrors, match="cannot see this account"):
        add_action(account=account, plan=plan, title="x", our_owner=charlie, due=SOON, by=alice)
    stranger = make_contact(make_account())
    with pytest.raises(FieldErrors, match="contact of this account"):
        add_action(account=account, plan=plan, title="x", their_owner=stranger, due=SOON, by=alice)
    gone = make_contact(account, status="left")
    with pytest.raises(FieldErrors, match="has left"):
        add_action(account=account, plan=plan, title="x", their_owner=gone, due=SOON, by=alice)


def test_parts_of_another_accounts_plan_are_refused(account, plan, alice, make_account):
    other = open_plan(account=make_account(), year=2026, by=None)
    for values in ({"plan": other}, {"section": other.sections.first()}):
        with pytest.raises(FieldErrors):
            add_action(account=account, title="x", our_owner=alice, due=SOON, by=alice, **values)


def test_a_new_owner_is_told_once_by_bell_and_mail(account, entry, bob, alice):
    assert [note.title for note in Notification.objects.filter(user=bob)] == ["Yours: Pilot at site two"]
    mail = OutgoingMail.objects.get()
    assert mail.to == bob.email
    assert f"/accounts/{account.pk}/actions/{entry.pk}/" in mail.text
    add_action(account=account, title="My own", our_owner=alice, due=SOON, by=alice)
    assert OutgoingMail.objects.count() == 1


def test_only_a_later_date_counts_as_put_off(account, entry, bob):
    moved = move_due(account=account, plan_action=entry, due=SOON + timedelta(days=7), revision=1, by=bob)
    assert (moved.moved, moved.revision) == (1, 2)
    moved = move_due(account=account, plan_action=moved, due=SOON, revision=2, by=bob)
    assert (moved.moved, moved.due) == (1, SOON)


def test_an_action_is_started_done_and_opened_again(account, entry, bob):
    entry = start_action(account=account, plan_action=entry, revision=1, by=bob)
    entry = complete_action(account=account, plan_action=entry, revision=2, by=bob)
    assert (entry.status, entry.done_on) == ("done", timezone.localdate())
    again = complete_action(account=account, plan_action=entry, revision=1, by=bob)
    assert again.revision == 3
    with pytest.raises(ActionRefused, match="closed"):
        move_due(account=account, plan_action=entry, due=SOON, revision=3, by=bob)
    entry = reopen_action(account=account, plan_action=entry, revision=3, by=bob)
    assert (entry.status, entry.done_on) == ("in_progress", None)
    assert drop_action(account=account, plan_action=entry, revision=4, by=bob).status == "dropped"


def test_an_action_is_not_done_tomorrow(account, entry, bob):
    with pytest.raises(FieldErrors, match="future"):
        complete_action(
            account=account, plan_action=entry, revision=1, done_on=timezone.localdate() + timedelta(days=1), by=bob
        )


def test_changes_keep_the_owner_who_lost_the_seat_and_check_only_a_new_one(account, entry, bob, alice):
    bob.seats.all().delete()
    entry.refresh_from_db()
    changed = change_action(
        account=account, plan_action=entry, revision=1, title="Pilot at site three", our_owner=bob, by=alice
    )
    assert changed.title == "Pilot at site three"


def test_a_list_with_its_past_is_taken_over_all_or_none(account, plan, alice, bob, make_contact):
    today = timezone.localdate()
    theirs = make_contact(account)
    records = [
        ActionRecord("Kept", today - timedelta(days=30), our_owner=alice, done_on=today - timedelta(days=31)),
        ActionRecord("Kept late", today - timedelta(days=20), their_owner=theirs, done_on=today - timedelta(days=2)),
        ActionRecord("Open late", today - timedelta(days=2), our_owner=bob, their_owner=theirs, moved=2),
    ]
    assert record_actions(account=account, plan=plan, records=records, by=alice) == 3
    rows = list(plan.actions.all())
    assert tally(rows, today).late == 1
    ours, theirs_share = (value_of(share) for _, share in on_time(rows, today))
    assert (ours, theirs_share) == (0.5, 0)
    assert not OutgoingMail.objects.exists()
    with pytest.raises(FieldErrors, match="action 2"):
        record_actions(account=account, plan=plan, records=[records[0], ActionRecord("", today)], by=alice)
    assert plan.actions.count() == 3


def test_open_actions_change_hands_and_closed_ones_stay(account, entry, bob, alice):
    done = add_action(account=account, title="Done", our_owner=bob, due=SOON, by=bob)
    complete_action(account=account, plan_action=done, revision=1, by=bob)
    assert reassign_actions(from_user=bob, to_user=alice, by=alice) == 1
    entry.refresh_from_db()
    done.refresh_from_db()
    assert (entry.our_owner, done.our_owner) == (alice, bob)
    assert entry.revision == 2


def test_merged_accounts_bring_their_plan_and_actions(account, entry, plan, goals, make_account, ingrid):
    into = make_account("The other one")
    moved = merge_accounts(account=account, into=into, by=ingrid)
    assert ("plans", 1) in moved.moved
    assert ("actions", 1) in moved.moved
    assert into.plans.get().actions.get() == entry


def test_two_written_plans_of_one_year_stop_a_merge(account, plan, goals, make_account, ingrid):
    into = make_account("The other one")
    open_plan(account=into, year=2026, by=ingrid)
    with pytest.raises(ActionRefused, match="plan for 2026"):
        merge_accounts(account=account, into=into, by=ingrid)


def test_an_empty_plan_gives_way_to_the_plan_of_the_same_year(account, entry, make_account, ingrid):
    into = make_account("The other one")
    kept = open_plan(account=into, year=2026, by=ingrid)
    merge_accounts(account=account, into=into, by=ingrid)
    entry.refresh_from_db()
    assert (entry.plan, entry.account) == (kept, into)
