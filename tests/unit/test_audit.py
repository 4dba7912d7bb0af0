"""The trail is written by the database, in the name of whoever acts."""

import pytest
from django.db import ProgrammingError, connection, transaction
from pghistory.models import Context

from accounts.models import Account
from sam.core.audit import action


@action("renamed everything")
def rename_all(*, name, by):
    Account.objects.update(name=name)


def events():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgh_label, name, pgh_context_id FROM accounts_accountevent ORDER BY pgh_id")
        return cursor.fetchall()


def test_bulk_updates_and_deletes_are_recorded_with_person_and_verb(make_account, alice):
    make_account("One")
    rename_all(name="Two", by=alice)
    Account.objects.filter(name="Two").delete()
    assert [label for label, *_ in events()][-3:] != []
    labels = {label for label, *_ in events()}
    assert labels == {"insert", "update", "delete"}
    context = Context.objects.get(pk=next(row[2] for row in events() if row[0] == "update"))
    assert context.metadata["verb"] == "renamed everything"
    assert context.metadata["user"] == alice.pk


def test_the_trail_cannot_be_changed(make_account):
    make_account("One")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        connection.cursor().execute("UPDATE accounts_accountevent SET name = 'forged'")


def test_an_action_without_a_name_is_refused(db):
    with pytest.raises(TypeError, match="by="):
        rename_all(name="x")
    with pytest.raises(TypeError, match="keyword"):
        rename_all("x")


def test_passwords_never_reach_the_trail(make_person):
    make_person()
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'core_userevent'")
        columns = {name for (name,) in cursor.fetchall()}
    assert "password" not in columns
    assert "email" in columns
