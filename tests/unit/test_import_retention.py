"""After a month an import's file and rows go; its counts and causes stay, and what needs the rows says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.actions.imports.batches import check_again, choose_columns, commit_import, undo_import
from accounts.models import Account, ImportBatch, StagedRow
from accounts.queries.imports import causes
from accounts.schedules import forget_import_rows
from sam.core import orphans
from sam.core.errors import ActionRefused
from sam.core.models import User
from tests.unit.imports import checked, committed, undone

pytestmark = pytest.mark.django_db

GOOD = "external_id,name\n1,Alpha\n2,Beta\n"
MIXED = GOOD + ",Nobody\n,No one\n"
STEPS = ("created_at", "checked_at", "done_at", "undone_at")


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    place = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "default": place}


def days_ago(batch: ImportBatch, days: float) -> ImportBatch:
    """As if every step of the import had been so long ago."""
    then = timezone.now() - timedelta(days=days)
    ImportBatch.objects.filter(pk=batch.pk).update(**{step: then for step in STEPS if getattr(batch, step) is not None})
    batch.refresh_from_db()
    return batch


def forget(capture: Any) -> int:
    with capture(execute=True):
        return forget_import_rows()


def test_file_and_rows_go_and_counts_and_causes_stay(ingrid: User, django_capture_on_commit_callbacks: Any) -> None:
    batch = days_ago(committed(ingrid, "accounts", MIXED), 30.1)
    file, counts, found = batch.stored, dict(batch.counts), causes(batch, "error")
    assert default_storage.exists(file)
    assert found[0].count == 2
    assert forget(django_capture_on_commit_callbacks) == 1
    assert not default_storage.exists(file)
    assert not StagedRow.objects.filter(batch=batch).exists()
    batch.refresh_from_db()
    assert (batch.status, batch.counts, batch.stored, batch.sample) == ("done", counts, "", [])
    assert causes(batch, "error") == found
    assert set(Account.objects.values_list("name", flat=True)) == {"Alpha", "Beta"}
    assert forget(django_capture_on_commit_callbacks) == 0


def test_younger_imports_and_those_at_work_stay_and_can_be_undone(
    ingrid: User, django_capture_on_commit_callbacks: Any
) -> None:
    young = days_ago(committed(ingrid, "accounts", GOOD), 29.9)
    busy = days_ago(checked(ingrid, "accounts", MIXED), 90)
    ImportBatch.objects.filter(pk=busy.pk).update(status="importing")
    assert forget(django_capture_on_commit_callbacks) == 0
    assert StagedRow.objects.filter(batch=busy).exists()
    assert undone(ingrid, young).status == "undone"
    assert not Account.objects.exists()


def test_the_last_step_counts(ingrid: User, django_capture_on_commit_callbacks: Any) -> None:
    batch = days_ago(committed(ingrid, "accounts", GOOD), 90)
    ImportBatch.objects.filter(pk=batch.pk).update(undone_at=timezone.now() - timedelta(days=3), status="undone")
    assert forget(django_capture_on_commit_callbacks) == 0


def test_without_its_rows_an_import_is_not_undone_and_says_so(
    ingrid: User, django_capture_on_commit_callbacks: Any, signed_in: Callable[[User], Client]
) -> None:
    batch = days_ago(committed(ingrid, "accounts", MIXED), 31)
    forget(django_capture_on_commit_callbacks)
    with pytest.raises(ActionRefused, match="undoing needs them"):
        undo_import(batch=batch, by=ingrid)
    client, address = signed_in(ingrid), reverse("accounts:import-detail", args=[batch.pk])
    page = client.get(address).content.decode()
    assert "The file and its rows are removed" in page
    assert "cannot be undone any more" in page
    assert "The name is missing" in page or "has no" in page or "key" in page.lower()
    for gone in ("Undo this import", "Rejected rows as CSV", "Check again"):
        assert gone not in page
    assert client.post(reverse("accounts:import-undo", args=[batch.pk])).status_code == 303
    assert client.get(reverse("accounts:import-rejected", args=[batch.pk])).status_code == 303
    batch.refresh_from_db()
    assert batch.status == "done"


def test_a_check_that_nobody_acted_on_ends_in_words(ingrid: User, django_capture_on_commit_callbacks: Any) -> None:
    batch = days_ago(checked(ingrid, "accounts", GOOD), 31)
    assert forget(django_capture_on_commit_callbacks) == 1
    batch.refresh_from_db()
    assert (batch.status, batch.problem_code) == ("failed", "removed")
    for again in (
        lambda: check_again(batch=batch, by=ingrid),
        lambda: choose_columns(batch=batch, mapping=batch.mapping or {}, options={}, by=ingrid),
        lambda: commit_import(batch=batch, by=ingrid),
    ):
        with pytest.raises(ActionRefused, match="Send it again"):
            again()
    assert not Account.objects.exists()


def test_the_api_tells_when_the_rows_went(
    ingrid: User, django_capture_on_commit_callbacks: Any, api: Callable[[User | None], APIClient]
) -> None:
    batch = days_ago(committed(ingrid, "accounts", MIXED), 31)
    forget(django_capture_on_commit_callbacks)
    body = api(ingrid).get(f"/api/v1/imports/{batch.pk}/").json()
    assert body["removed_at"]
    assert [(error["row"], error["code"]) for error in body["errors"]]
    refused = api(ingrid).post(f"/api/v1/imports/{batch.pk}/undo/")
    assert (refused.status_code, refused.json()["code"]) == (409, "rows_removed")


def test_a_file_left_behind_by_a_killed_clock_is_an_orphan(ingrid: User) -> None:
    """The rows go and the file's name with them in one transaction; the file itself only afterwards."""
    batch = days_ago(committed(ingrid, "accounts", GOOD), 31)
    file = batch.stored
    assert forget_import_rows() == 1
    assert default_storage.exists(file)
    assert orphans.sweep(timezone.now() + timedelta(days=2)) == 1
    assert not default_storage.exists(file)
