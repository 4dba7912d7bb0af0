"""Two accounts that turned out to be one."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.actions.merging import merge_accounts
from accounts.actions.targets import Wanted, make_forecast, set_target
from accounts.actions.touchpoints import log_touchpoint
from accounts.models import Account, AccountKey, Figure, SponsorTerm, TeamSeat
from sam.core.errors import ActionRefused


@pytest.fixture
def into(make_account):
    return make_account("Northgate Group")


def figure(account, **fields):
    return Figure.objects.create(account=account, period_start=date(2026, 1, 1), currency="EUR", revenue=5, **fields)


def test_everything_moves_and_the_sentence_says_what(
    account, into, alice, make_account, make_contact, make_person, ingrid
):
    unit = make_account("Unit", parent=account)
    key = AccountKey.objects.create(account=account, key="7")
    figure(account, key=key)
    figure(into)
    contact = make_contact(account)
    log_touchpoint(account=account, contacts=[contact], by=alice)
    SponsorTerm.objects.create(account=account, sponsor=make_person("executive_sponsor"), peer=contact)
    done = merge_accounts(account=account, into=into, by=ingrid)
    assert {what: count for what, count in done.moved if count} == {
        "units": 1, "keys": 1, "figures": 1, "contacts": 1, "touchpoints": 1, "seats": 1, "sponsor terms": 1,
    }  # fmt: skip
    assert done.sentence.startswith("Moved to Northgate Group: 1 unit, 1 key, 1 figure, ")
    account.refresh_from_db()
    unit.refresh_from_db()
    assert (account.status, account.merged_into, unit.parent) == ("merged", into, into)
    assert [into.keys.count(), into.figures.count(), into.contacts.count(), into.touchpoints.count()] == [1, 2, 1, 1]
    assert into.seats.get().user == alice
    assert account not in Account.objects.live()


def test_targets_move_where_the_other_account_has_none_of_its_own(account, into, ingrid):
    for owner, measure, amount in ((account, "revenue", 10), (account, "contribution", 3), (into, "revenue", 20)):
        set_target(account=owner, year=2026, measure=measure, wanted=Wanted(Decimal(amount)), by=ingrid)
    make_forecast(account=account, year=2026, measure="revenue", amount=Decimal(9), basis="lead", by=ingrid)
    done = merge_accounts(account=account, into=into, by=ingrid)
    assert {what: count for what, count in done.moved if count} == {"targets": 1, "forecasts": 1}
    assert set(into.targets.values_list("measure", "amount")) == {("revenue", 20), ("contribution", 3)}


def test_whoever_sits_at_both_keeps_the_seat_at_the_target(account, into, alice, ingrid):
    TeamSeat.objects.create(account=into, user=alice, role="deputy", access="member")
    merge_accounts(account=account, into=into, by=ingrid)
    assert [(s.role, s.ends_on is None) for s in into.seats.order_by("pk")] == [
        ("technical_expert", False),
        ("deputy", True),
    ]


def test_typed_figures_of_one_period_on_both_sides_are_refused_in_words(account, into, ingrid):
    figure(account)
    figure(into)
    with pytest.raises(ActionRefused) as refused:
        merge_accounts(account=account, into=into, by=ingrid)
    assert refused.value.code == "double_figures"
    assert "2026-Q1 actual" in refused.value.message
    account.refresh_from_db()
    assert account.status == "active"


def test_target_below_the_account_is_refused(account, make_account, ingrid):
    below = make_account("Below", parent=account)
    with pytest.raises(ActionRefused) as refused:
        merge_accounts(account=account, into=below, by=ingrid)
    assert refused.value.code == "circle"


def test_units_of_a_unit_move_up_when_it_merges_into_its_parent(account, make_account, ingrid):
    unit = make_account("Unit", parent=account)
    small = make_account("Small", parent=unit)
    merge_accounts(account=unit, into=account, by=ingrid)
    small.refresh_from_db()
    assert small.parent == account


@pytest.mark.parametrize("what", ["itself", "merged", "archived"])
def test_no_merge_into_itself_or_a_closed_account(account, into, make_account, ingrid, what):
    target = account if what == "itself" else into
    if what == "merged":
        Account.objects.filter(pk=into.pk).update(status="merged", merged_into=make_account("Third"))
    elif what == "archived":
        Account.objects.filter(pk=into.pk).update(status="archived")
    with pytest.raises(ActionRefused):
        merge_accounts(account=account, into=target, by=ingrid)


def test_same_contact_number_on_both_sides_is_refused(account, into, make_contact, ingrid):
    make_contact(account, "Ann", source="crm", external_id="1")
    make_contact(into, "Anne", source="crm", external_id="1")
    with pytest.raises(ActionRefused) as refused:
        merge_accounts(account=account, into=into, by=ingrid)
    assert refused.value.code == "double_contacts"
