"""Files that no row names go after a day; everything that somebody may still need stays."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage
from django.utils import timezone

from reviews.actions import packs
from reviews.models import Pack, Review
from sam.core import orphans
from sam.core.files import store_bytes
from sam.core.models import Organisation, OutgoingMail, User
from sam.core.schedules import remove_orphans
from tests.unit.imports import checked

OLD = timedelta(days=1, minutes=1)


class Bucket(Storage):
    """A store without paths, as S3: keys, bytes, and the moment each was written."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, datetime]] = {}

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        return ContentFile(self.kept[name][0], name=name)

    def _save(self, name: str, content: File[bytes]) -> str:
        self.kept[name] = (content.read(), timezone.now())
        return name

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)

    def exists(self, name: str) -> bool:
        return name in self.kept

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return [], [name.removeprefix(f"{path}/") for name in self.kept if name.startswith(f"{path}/")]

    def get_modified_time(self, name: str) -> datetime:
        return self.kept[name][1]


@pytest.fixture(params=["folder", "bucket"], autouse=True)
def _storage(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": settings.MEDIA_ROOT},
        }
        if request.param == "folder"
        else {"BACKEND": f"{__name__}.Bucket"}
    }


def age(name: str) -> str:
    """Make a stored file older than a day."""
    if isinstance(kept := getattr(default_storage, "kept", None), dict):
        kept[name] = (kept[name][0], timezone.now() - OLD)
    else:
        then = (timezone.now() - OLD).timestamp()
        os.utime(default_storage.path(name), (then, then))
    return name


def stored(folder: str) -> str:
    return age(store_bytes(b"%PDF-1.7 whole", folder=folder, suffix=".pdf").name)


@pytest.fixture
def killed_while_committing() -> Iterator[None]:
    """The worker dies between its file and its row: nothing of ours runs any more, no clean-up either."""
    with (
        patch.object(packs, "finish_pack", side_effect=KeyboardInterrupt),
        patch.object(packs, "delete_stored"),
    ):
        yield


def test_a_file_whose_worker_was_killed_goes_after_a_day(
    alice: User, review: Review, killed_while_committing: None
) -> None:
    pack = Pack.objects.create(review=review, edition="internal", requested_by=alice, requested_at=timezone.now())
    with patch.object(packs, "pdf_of", return_value=Mock(content=b"%PDF-1.7")), pytest.raises(KeyboardInterrupt):
        packs.render_pack(pack_id=pack.pk, progress=lambda *step: None)  # type: ignore[arg-type]
    (left,) = default_storage.listdir("packs")[1]
    assert remove_orphans() == 0, "a commit may still be on its way"
    age(f"packs/{left}")
    assert remove_orphans() == 1
    assert default_storage.listdir("packs")[1] == []


def test_files_that_a_row_or_a_waiting_mail_names_stay(ingrid: User, review: Review) -> None:
    logo = stored("logo")
    Organisation.objects.update_or_create(pk=1, defaults={"logo": logo})
    batch = checked(ingrid, "accounts", "external_id,name\n1,Alpha\n")
    pack = Pack.objects.create(
        review=review, edition="internal", requested_at=timezone.now(), rendered_at=timezone.now(),
        stored=stored("packs"), sha256="0" * 64, size=1, pages=1,
    )  # fmt: skip
    attached = stored("packs")
    mail = OutgoingMail.objects.create(key="k", to="a@b.example", attachments=[{"name": "x", "stored": attached}])
    named = [logo, age(batch.stored), pack.stored, attached]
    gone = [stored(folder) for folder in ("logo", "imports", "packs", "packs")]
    assert remove_orphans() == len(gone)
    assert [default_storage.exists(name) for name in named] == [True] * 4
    assert [default_storage.exists(name) for name in gone] == [False] * 4
    OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now())
    assert remove_orphans() == 1
    assert not default_storage.exists(attached)


def test_folders_that_are_not_ours_stay_alone(db: None) -> None:
    foreign = stored("somebody-elses")
    assert remove_orphans() == 0
    assert default_storage.exists(foreign)


def test_half_a_file_of_a_killed_worker_goes_too(db: None) -> None:
    part = default_storage.save("packs/.abc.pdf.part", File(io.BytesIO(b"%PDF")))
    assert remove_orphans() == 0
    age(part)
    assert remove_orphans() == 1


def test_every_folder_that_the_product_writes_to_is_swept() -> None:
    """A new folder without a holder would fill up unseen."""
    root = Path(__file__).resolve().parents[2]
    apps = ("sam", "accounts", "scoring", "planning", "reviews")
    text = "".join(path.read_text() for app in apps for path in (root / app).rglob("*.py"))
    written = {part.split('"')[1] for part in text.split("folder=")[1:] if part.startswith('"')}
    assert written | {packs.FOLDER} == orphans.folders()
