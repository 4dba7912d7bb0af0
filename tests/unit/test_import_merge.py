"""Commit and undo: all or none, in somebody's name, never over what somebody else did."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.actions.imports.batches import check_again, commit_import, start_import, undo_import
from accounts.actions.merging import merge_accounts
from accounts.models import Account, AccountKey, Contact, Figure, ImportBatch, TeamSeat
from sam.core.errors import ActionRefused
from sam.core.files import store_bytes
from sam.core.models import Notification, User
from tests.unit.imports import checked, codes, committed, undone, work

TWO = "external_id,name,country\n1,Alpha,France\n2,Beta,Spain\n"


def edit(account: Account, **fields: Any) -> None:
    Account.objects.filter(pk=account.pk).update(revision=account.revision + 1, **fields)


@pytest.mark.django_db
class TestCommit:
    def test_the_trail_names_the_person_and_the_import(self, ingrid: User) -> None:
        batch = committed(ingrid, "accounts", TWO)
        event = Account.pgh_event_models["insert"].objects.select_related("pgh_context").first()
        assert event.pgh_context.metadata["user"] == ingrid.pk
        assert event.pgh_context.metadata["verb"] == "imported accounts"
        assert event.pgh_context.metadata["batch"] == batch.pk
        assert Account.pgh_event_models["insert"].objects.count() == 2

    def test_changes_raise_the_revision_and_only_the_changed_fields(self, ingrid: User) -> None:
        committed(ingrid, "accounts", TWO)
        batch = committed(ingrid, "accounts", "external_id,name,country\n1,Alpha,Italy\n2,Beta,Spain\n")
        assert (batch.counts["changed"], batch.counts["unchanged"]) == (1, 1)
        alpha, beta = Account.objects.order_by("name")
        assert (alpha.country, alpha.name, alpha.revision, beta.revision) == ("Italy", "Alpha", 2, 1)
        row = batch.rows.get(verdict="changed")
        assert (row.data, row.before) == ({"country": "Italy"}, {"country": "France"})

    def test_rejected_rows_stay_out(self, ingrid: User) -> None:
        committed(ingrid, "accounts", TWO + "3,Gamma,Spain\n3,Delta,Spain\n,Epsilon,Spain\n")
        assert set(Account.objects.values_list("name", flat=True)) == {"Alpha", "Beta", "Gamma"}

    def test_a_row_changed_since_the_check_stops_everything(self, ingrid: User) -> None:
        committed(ingrid, "accounts", TWO)
        batch = checked(ingrid, "accounts", "external_id,name\n1,Alpha 2\n2,Beta 2\n3,New\n")
        edit(Account.objects.get(name="Beta"), name="Beta by hand")
        work(commit_import(batch=batch, by=ingrid))
        assert (batch.status, batch.problem_code) == ("failed", "moved")
        assert "Row 3" in batch.problem
        assert set(Account.objects.values_list("name", flat=True)) == {"Alpha", "Beta by hand"}
        work(check_again(batch=batch, by=ingrid))
        work(commit_import(batch=batch, by=ingrid))
        assert set(Account.objects.values_list("name", flat=True)) == {"Alpha 2", "Beta 2", "New"}

    def test_a_key_taken_since_the_check_stops_everything(self, ingrid: User) -> None:
        batch = checked(ingrid, "accounts", TWO)
        committed(ingrid, "accounts", "external_id,name\n2,Somebody else's Beta\n")
        work(commit_import(batch=batch, by=ingrid))
        assert (batch.status, batch.problem_code) == ("failed", "moved")
        assert Account.objects.count() == 1

    def test_a_right_withdrawn_since_the_check_stops_everything(self, ingrid: User) -> None:
        batch = checked(ingrid, "accounts", TWO)
        commit_import(batch=batch, by=ingrid)
        User.objects.filter(pk=ingrid.pk).update(role_key="reader")
        assert work(batch).status == "failed"
        assert not Account.objects.exists()

    def test_only_a_checked_batch_is_committed_and_only_once(self, ingrid: User) -> None:
        batch = committed(ingrid, "accounts", TWO)
        with pytest.raises(ActionRefused) as refused:
            commit_import(batch=batch, by=ingrid)
        assert refused.value.code == "wrong_state"

    def test_the_same_job_twice_imports_once(self, ingrid: User) -> None:
        batch = committed(ingrid, "accounts", TWO)
        work(batch)
        assert Account.objects.count() == 2

    def test_the_bell_tells_when_it_is_done(self, ingrid: User) -> None:
        committed(ingrid, "accounts", TWO)
        assert "2 rows" in Notification.objects.get(user=ingrid).title

    def test_rows_of_a_merged_account_roll_up_and_leave_the_survivor_alone(
        self, ingrid: User, make_account: Callable[..., Account]
    ) -> None:
        committed(ingrid, "accounts", TWO)
        alpha, beta = Account.objects.order_by("name")
        AccountKey.objects.filter(account=beta).update(account=alpha)
        Account.objects.filter(pk=beta.pk).update(status="merged", merged_into=alpha)
        again = committed(ingrid, "accounts", TWO)
        assert again.counts["unchanged"] == 2
        assert codes(again, "warning") == [(3, "further_key")]
        committed(ingrid, "financials", "account_external_id,year,quarter,revenue\n2,2025,1,7\n")
        assert Figure.objects.get().account == alpha

    def test_the_same_file_after_a_merge_changes_nothing(self, ingrid: User) -> None:
        for first, second in (("Alpha", "Beta"), ("Beta", "Alpha")):
            source = f"from {first}"
            committed(ingrid, "accounts", TWO, source=source)
            keys = AccountKey.objects.filter(source=source)
            lost, kept = (keys.get(account__name=name).account for name in (first, second))
            merge_accounts(account=lost, into=kept, by=ingrid)
            again = committed(ingrid, "accounts", TWO, source=source)
            assert again.counts["unchanged"] == 2
            kept.refresh_from_db()
            assert kept.name == second
            # Also when the file only lists the key that came with the merge.
            key = {"Alpha": 1, "Beta": 2}[first]
            alone = checked(ingrid, "accounts", f"external_id,name\n{key},{first}\n", source=source)
            assert codes(alone, "warning") == [(2, "further_key")]

    def test_sources_have_keys_of_their_own(self, ingrid: User) -> None:
        committed(ingrid, "accounts", "external_id,name\n1,Alpha\n")
        committed(ingrid, "accounts", "external_id,name\n1,Another\n", source="crm")
        assert set(AccountKey.objects.values_list("source", "account__name")) == {
            ("import", "Alpha"),
            ("crm", "Another"),
        }


@pytest.mark.django_db
class TestRights:
    @pytest.mark.parametrize(
        "role", ["admin", "account_manager", "executive_sponsor", "team_member", "reader", "viewer"]
    )
    @pytest.mark.parametrize("kind", ["accounts", "financials", "contacts", "touchpoints"])
    def test_most_roles_import_nothing(self, make_person: Callable[..., User], role: str, kind: str) -> None:
        stored = store_bytes(b"a,b\n1,2\n", folder="imports", suffix=".csv")
        with pytest.raises(PermissionDenied):
            start_import(by=make_person(role), kind=kind, stored=stored, filename="x.csv")

    def test_finance_partners_import_figures_only(self, make_person: Callable[..., User]) -> None:
        stored = store_bytes(b"a,b\n1,2\n", folder="imports", suffix=".csv")
        partner = make_person("finance_partner")
        start_import(by=partner, kind="financials", stored=stored, filename="x.csv")
        with pytest.raises(PermissionDenied):
            start_import(by=partner, kind="accounts", stored=stored, filename="x.csv")

    def test_imports_are_seen_by_the_importer_and_people_with_the_right(
        self, ingrid: User, make_person: Callable[..., User], account: Account
    ) -> None:
        keeper = make_person("team_member", on=account, access="finance_lead")
        AccountKey.objects.create(account=account, key="N1")
        own = checked(keeper, "financials", "account_external_id,year,revenue\nN1,2025,5\n")
        accounts = checked(ingrid, "accounts", TWO)
        seen = {
            person: set(ImportBatch.objects.visible_to(person))
            for person in (keeper, ingrid, make_person("finance_partner"), make_person("admin"))
        }
        assert list(seen.values()) == [{own}, {own, accounts}, {own}, set()]


@pytest.mark.django_db
class TestUndo:
    def test_new_rows_go_and_changed_rows_return(self, ingrid: User) -> None:
        committed(ingrid, "accounts", "external_id,name,country\n1,Alpha,France\n")
        batch = committed(ingrid, "accounts", "external_id,name,country\n1,Alpha 2,Italy\n2,Beta,Spain\n")
        assert undone(ingrid, batch).status == "undone"
        alpha = Account.objects.get()
        assert (alpha.name, alpha.country, alpha.revision) == ("Alpha", "France", 3)
        assert AccountKey.objects.count() == 1

    def test_rows_edited_since_stay_and_are_listed(self, ingrid: User) -> None:
        committed(ingrid, "accounts", "external_id,name\n1,Alpha\n")
        batch = committed(ingrid, "accounts", "external_id,name\n1,Alpha 2\n2,Beta\n3,Gamma\n")
        for account in Account.objects.filter(name__in=["Alpha 2", "Beta"]):
            edit(account, region="North")
        undone(ingrid, batch)
        assert batch.kept == 2
        assert set(batch.rows.filter(kept=True).values_list("key", flat=True)) == {"1", "2"}
        assert set(Account.objects.values_list("name", flat=True)) == {"Alpha 2", "Beta"}

    def test_refused_in_words_while_figures_hang_on_a_new_account(self, ingrid: User) -> None:
        batch = committed(ingrid, "accounts", TWO)
        committed(ingrid, "financials", "account_external_id,year,quarter,revenue\n1,2025,1,5\n")
        with pytest.raises(ActionRefused, match=r"1 figure depend.* Alpha") as refused:
            undo_import(batch=batch, by=ingrid)
        assert refused.value.code == "in_use"
        batch.refresh_from_db()
        assert batch.status == "done"

    def test_refused_while_a_seat_a_contact_or_another_account_hangs_on_it(
        self, ingrid: User, make_contact: Callable[..., Contact], make_account: Callable[..., Account]
    ) -> None:
        for hang in (
            lambda account: make_contact(account),
            lambda account: TeamSeat.objects.create(account=account, user=ingrid, role="deputy"),
            lambda account: make_account("Unit", parent=account),
        ):
            batch = committed(ingrid, "accounts", f"external_id,name\n{AccountKey.objects.count() + 7},New\n")
            hang(Account.objects.get(pk=batch.rows.get().target_id))
            with pytest.raises(ActionRefused):
                undo_import(batch=batch, by=ingrid)

    def test_what_came_to_depend_in_between_stops_the_worker_too(
        self, ingrid: User, make_contact: Callable[..., Contact]
    ) -> None:
        batch = committed(ingrid, "accounts", TWO)
        undo_import(batch=batch, by=ingrid)
        make_contact(Account.objects.get(name="Alpha"))
        work(batch)
        assert (batch.status, batch.problem_code) == ("done", "in_use")
        assert Account.objects.count() == 2

    def test_groups_inside_the_batch_do_not_hold_each_other(self, ingrid: User) -> None:
        batch = committed(ingrid, "accounts", "external_id,name,parent_external_id\n1,Head,\n2,Unit,1\n")
        assert undone(ingrid, batch).status == "undone"
        assert not Account.objects.exists()

    def test_touchpoints_go_with_their_links(self, ingrid: User, account: Account) -> None:
        AccountKey.objects.create(account=account, key="N1")
        content = f"account_external_id,person_email,date\nN1,{ingrid.email},2025-01-01\n"
        undone(ingrid, committed(ingrid, "touchpoints", content))
        assert not account.touchpoints.exists()

    def test_what_was_undone_can_be_imported_again(self, ingrid: User) -> None:
        undone(ingrid, committed(ingrid, "accounts", TWO))
        assert committed(ingrid, "accounts", TWO).counts["new"] == 2

    def test_only_a_finished_import_is_undone(self, ingrid: User) -> None:
        with pytest.raises(ActionRefused):
            undo_import(batch=checked(ingrid, "accounts", TWO), by=ingrid)

    def test_contacts_with_touchpoints_hold_the_import(self, ingrid: User, account: Account) -> None:
        AccountKey.objects.create(account=account, key="N1")
        contacts = committed(ingrid, "contacts", "account_external_id,external_id,full_name\nN1,C1,Ada\n")
        content = "account_external_id,contact_external_id,date\nN1,C1,2025-01-01\n"
        touchpoints = committed(ingrid, "touchpoints", content)
        with pytest.raises(ActionRefused):
            undo_import(batch=contacts, by=ingrid)
        undone(ingrid, touchpoints)
        undone(ingrid, contacts)
        assert not Contact.objects.exists()


@pytest.mark.django_db(transaction=True, databases=["default", "progress"])
def test_of_two_commits_at_once_one_wins(ingrid: User) -> None:
    batch = checked(ingrid, "accounts", TWO)

    def commit() -> str:
        try:
            commit_import(batch=ImportBatch.objects.get(pk=batch.pk), by=ingrid)
        except ActionRefused as refused:
            return refused.code
        finally:
            connection.close()
        return "won"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(future.result() for future in [pool.submit(commit), pool.submit(commit)])
    assert outcomes == ["won", "wrong_state"]
    batch.refresh_from_db()
    assert work(batch).status == "done"
    assert Account.objects.count() == 2


@pytest.mark.django_db
def test_reading_suggests_columns_and_remembers_confirmed_ones(ingrid: User) -> None:
    from accounts.actions.imports.batches import choose_columns

    def sent() -> ImportBatch:
        stored = store_bytes(b"nr;label;where\n1;Alpha;France\n", folder="imports", suffix=".csv")
        return work(start_import(by=ingrid, kind="accounts", stored=stored, filename="x.csv"))

    first = sent()
    assert first.status == "mapping"
    assert "where" not in first.mapping
    chosen = {"nr": "external_id", "label": "name", "where": "country"}
    work(choose_columns(batch=first, mapping=chosen, options={}, by=ingrid))
    assert first.status == "checked"
    assert sent().mapping == chosen


@pytest.mark.django_db
def test_the_staging_table_carries_no_trail() -> None:
    from accounts.models import StagedRow

    assert not hasattr(StagedRow, "pgh_event_models")
