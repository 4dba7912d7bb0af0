"""Accounts: create, change, archive, keys, owners."""

import pytest
from pghistory.models import Context

from accounts.actions.accounts import archive_account, change_account, create_account, restore_account
from accounts.actions.keys import add_key, remove_key
from accounts.actions.owners import assign_owner, bulk_assign_owner
from accounts.models import Account, Figure
from sam.core.errors import ActionRefused, FieldErrors, Stale


def test_new_account_gets_the_reporting_currency_and_its_key(ingrid):
    account = create_account(name="  Thalmar Paper  ", country="DE", key="4711", source="sap", by=ingrid)
    assert (account.name, account.currency, account.status) == ("Thalmar Paper", "EUR", "active")
    assert [str(key) for key in account.keys.all()] == ["sap 4711"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "A\x00"}, "name"),
        ({"name": "A", "currency": "euros"}, "currency"),
        ({"name": "A", "website": "javascript:alert(1)"}, "website"),
        ({"name": "A", "status": "merged"}, "status"),
    ],
)
def test_what_cannot_be_stored_is_named_by_field(ingrid, values, field):
    with pytest.raises(FieldErrors) as refused:
        create_account(by=ingrid, **values)
    assert set(refused.value.errors) == {field}
    assert not Account.objects.exists()


def test_change_names_the_person_the_verb_and_the_account(account, alice):
    change_account(account=account, revision=1, industry="Paper", by=alice)
    account.refresh_from_db()
    assert (account.industry, account.revision) == ("Paper", 2)
    context = Context.objects.get(metadata__account=account.pk)
    assert (context.metadata["user"], context.metadata["verb"]) == (alice.pk, "changed the account")


def test_second_writer_sees_what_the_first_wrote(account, alice, bob):
    change_account(account=account, revision=1, name="Northgate Mills plc", by=alice)
    with pytest.raises(Stale) as stale:
        change_account(account=account, revision=1, name="Northgate", by=bob)
    assert stale.value.current.name == "Northgate Mills plc"
    account.refresh_from_db()
    assert account.name == "Northgate Mills plc"


def test_saving_without_a_change_writes_nothing(account, alice):
    change_account(account=account, revision=1, name=account.name, by=alice)
    account.refresh_from_db()
    assert account.revision == 1


def test_parent_may_not_stand_below_the_account(make_account, ingrid):
    top, middle, below = make_account("Top"), make_account("Middle"), make_account("Below")
    change_account(account=middle, revision=1, parent=top, by=ingrid)
    change_account(account=below, revision=1, parent=middle, by=ingrid)
    for parent in (below, top):
        with pytest.raises(FieldErrors) as refused:
            change_account(account=top, revision=1, parent=parent, by=ingrid)
        assert "parent" in refused.value.errors


def test_owner_must_work_here(account, make_person, ingrid):
    gone = make_person(is_active=False)
    for write in (
        lambda: change_account(account=account, revision=1, owner=gone, by=ingrid),
        lambda: assign_owner(account=account, revision=1, owner=gone, by=ingrid),
        lambda: bulk_assign_owner(account_ids=[account.pk], owner=gone, by=ingrid),
    ):
        with pytest.raises(FieldErrors) as refused:
            write()
        assert "owner" in refused.value.errors


def test_archived_account_leaves_the_lists_and_comes_back(account, ingrid):
    archive_account(account=account, revision=1, by=ingrid)
    assert not Account.objects.live().exists()
    account.refresh_from_db()
    restore_account(account=account, revision=2, by=ingrid)
    assert Account.objects.live().get().status == "active"


def test_merged_account_is_not_changed(make_account, ingrid):
    into = make_account("Into")
    gone = make_account("Gone", status="merged", merged_into=into)
    with pytest.raises(ActionRefused) as refused:
        change_account(account=gone, revision=1, name="Back", by=ingrid)
    assert refused.value.code == "merged"
    assert "Into" in refused.value.message


def test_a_key_means_one_account_and_hidden_names_stay_hidden(account, make_account, alice, ingrid):
    add_key(account=make_account("Secret Ltd"), source="sap", key="1", by=ingrid)
    with pytest.raises(FieldErrors) as for_alice:
        add_key(account=account, source="sap", key="1", by=alice)
    assert "Secret" not in str(for_alice.value)
    with pytest.raises(FieldErrors) as for_ingrid:
        add_key(account=account, source="sap", key="1", by=ingrid)
    assert "Secret Ltd" in str(for_ingrid.value)


def test_key_with_figures_stays(account, ingrid):
    key = add_key(account=account, key="1", by=ingrid)
    figure = Figure.objects.create(account=account, key=key, period_start="2026-01-01", currency="EUR", revenue=1)
    with pytest.raises(ActionRefused) as refused:
        remove_key(account=account, key=key, by=ingrid)
    assert refused.value.code == "key_in_use"
    figure.delete()
    remove_key(account=account, key=key, by=ingrid)
    assert not account.keys.exists()


def test_owner_of_many_is_one_statement_and_skips_what_the_person_may_not_edit(
    account, make_account, alice, bob, django_assert_num_queries
):
    other = make_account("Elsewhere")
    with django_assert_num_queries(5):
        done = bulk_assign_owner(account_ids=[account.pk, other.pk], owner=bob, by=alice)
    assert (done.changed, done.refused) == (1, 1)
    assert Account.objects.get(pk=account.pk).owner == bob
    assert Account.objects.get(pk=other.pk).owner is None


def test_owner_without_a_seat_gets_the_lead_s(account, make_account, charlie, ingrid):
    bulk_assign_owner(account_ids=[account.pk], owner=charlie, by=ingrid)
    create_account(name="New", owner=charlie, by=ingrid)
    assign_owner(account=make_account("Third"), owner=charlie, revision=1, by=ingrid)
    assert {seat.access for seat in charlie.seats.open()} == {"lead"}
    assert Account.objects.visible_to(charlie).count() == 3
