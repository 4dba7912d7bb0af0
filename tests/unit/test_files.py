"""Stored files: whole or not at all, under names nobody can guess, within limits."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import Resolver404, resolve
from PIL import Image

from sam.core import files
from sam.core.errors import FileProblem

MEGABYTE = 1024 * 1024


class FarStorage(Storage):
    """Keeps bytes and has no paths, as a store on another machine."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def _open(self, name: str, mode: str = "rb") -> ContentFile[bytes]:
        if name not in self.kept:
            raise FileNotFoundError(name)
        return ContentFile(self.kept[name], name=name)

    def _save(self, name: str, content: File[bytes]) -> str:
        self.kept[name] = content.read()
        return name

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)

    def exists(self, name: str) -> bool:
        return name in self.kept


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": settings.MEDIA_ROOT},
        }
    }
    return tmp_path / "files"


@pytest.fixture
def far_store(settings: Any) -> None:
    """A store that has no paths, as on another machine."""
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": f"{__name__}.FarStorage"}}


def picture(kind: str, size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size, "#2450c8").save(target, kind, **options)
    return target.getvalue()


def test_upload_is_kept_with_checksum_and_size_under_a_random_name(media: Path) -> None:
    first = files.store_upload(SimpleUploadedFile("Müller ../x.CSV", b"a,b\n"), folder="imports")
    second = files.store_upload(SimpleUploadedFile("Müller ../x.CSV", b"a,b\n"), folder="imports")
    assert first.name != second.name
    assert first.name.startswith("imports/")
    assert first.name.endswith(".csv")
    assert "ller" not in first.name
    assert (first.size, first.sha256) == (4, hashlib.sha256(b"a,b\n").hexdigest())
    assert (media / first.name).read_bytes() == b"a,b\n"
    with files.open_stored(first.name) as stored:
        assert stored.read() == b"a,b\n"


def test_stored_files_have_no_address_of_their_own() -> None:
    stored = files.store_bytes(b"x", folder="packs", suffix=".pdf")
    assert resolve("/healthz")
    with pytest.raises(Resolver404):
        resolve(default_storage.url(stored.name))


def test_file_over_the_limit_leaves_nothing_behind(media: Path) -> None:
    with pytest.raises(FileProblem) as caught:
        files.store(iter([b"x" * MEGABYTE] * 3), folder="imports", limit=2 * MEGABYTE)
    assert caught.value.code == "too_big"
    assert [place for place in media.rglob("*") if place.is_file()] == []


def test_empty_file_is_refused(media: Path) -> None:
    with pytest.raises(FileProblem) as caught:
        files.store_upload(SimpleUploadedFile("a.csv", b""), folder="imports")
    assert caught.value.code == "empty"
    assert [place for place in media.rglob("*") if place.is_file()] == []


def test_half_written_file_never_carries_the_final_name(media: Path) -> None:
    seen: list[list[str]] = []

    def pieces() -> Iterator[bytes]:
        yield b"first"
        seen.append([place.name for place in media.rglob("*") if place.is_file()])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        files.store(pieces(), folder="packs", suffix=".pdf")
    assert [name.endswith(".part") for names in seen for name in names] == [True]
    assert [place for place in media.rglob("*") if place.is_file()] == []


def test_file_and_folder_are_synced_before_the_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    really = os.fsync
    monkeypatch.setattr(files.os, "fsync", lambda handle: (synced.append(handle), really(handle)))
    files.store_bytes(b"x", folder="packs", suffix=".pdf")
    assert len(synced) == 2


def test_full_disk_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(FileProblem) as caught:
        files.store_bytes(b"x", folder="packs", suffix=".pdf")
    assert caught.value.code == "disk_full"


def test_nearly_full_disk_takes_nothing_new(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    media.mkdir()
    monkeypatch.setattr(files, "RESERVE", 2**62)
    with pytest.raises(FileProblem) as caught:
        files.store_bytes(b"x", folder="packs", suffix=".pdf")
    assert caught.value.code == "disk_full"


def test_local_copy_of_a_folder_is_the_file_itself(media: Path) -> None:
    stored = files.store_bytes(b"x", folder="imports", suffix=".csv")
    with files.local_copy(stored.name) as place:
        assert place == media / stored.name


def test_a_store_without_paths_works_the_same(far_store: None) -> None:
    stored = files.store(iter([b"a,", b"b"]), folder="imports", suffix=".csv", limit=10)
    assert stored.sha256 == hashlib.sha256(b"a,b").hexdigest()
    with files.local_copy(stored.name) as place:
        assert place.read_bytes() == b"a,b"
        assert place.suffix == ".csv"
    assert not place.exists()
    files.delete_stored(stored.name)
    with pytest.raises(FileNotFoundError):
        files.open_stored(stored.name)


def test_removing_twice_is_no_error() -> None:
    stored = files.store_bytes(b"x", folder="imports", suffix=".csv")
    files.delete_stored(stored.name)
    files.delete_stored(stored.name)


def test_receiving_stops_at_the_limit(settings: Any) -> None:
    settings.UPLOAD_LIMIT = 100
    handler = files.LimitedUploadHandler()
    handler.new_file("file", "a.csv", "text/csv", None)
    assert handler.receive_data_chunk(b"x" * 100, 0) is None
    place = handler.file.temporary_file_path()
    with pytest.raises(RequestDataTooBig):
        handler.receive_data_chunk(b"x", 100)
    assert not Path(place).exists()


def test_two_files_share_the_limit(settings: Any) -> None:
    settings.UPLOAD_LIMIT = 100
    handler = files.LimitedUploadHandler()
    for name in ("a", "b"):
        handler.new_file(name, f"{name}.csv", "text/csv", None)
        if name == "a":
            handler.receive_data_chunk(b"x" * 60, 0)
            handler.file_complete(60).close()
    with pytest.raises(RequestDataTooBig):
        handler.receive_data_chunk(b"x" * 60, 0)


@pytest.mark.parametrize(
    ("filename", "suffix"),
    [("a.CSV", ".csv"), ("a.tar.gz", ".gz"), ("a", ""), ("a.x/../../y", ""), ("a.php%00", ""), ("C:\\a.xlsx", ".xlsx")],
)
def test_only_harmless_suffixes_are_kept(filename: str, suffix: str) -> None:
    assert files.suffix_of(filename) == suffix


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Northwind Health / Q4", "Northwind Health - Q4.pdf"),
        ("../../etc/passwd", "etc-passwd.pdf"),
        ('a"\r\nSet-Cookie: x', "a- Set-Cookie- x.pdf"),
        ("…", "file.pdf"),
    ],
)
def test_download_names_hold_nothing_that_a_header_or_folder_could_mistake(text: str, name: str) -> None:
    made = files.safe_filename(text, ".pdf")
    assert not set(made) & set('/\\"\r\n;:')
    assert made.endswith(".pdf")
    assert made.strip(".-") == name or made == name or "-" in made


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("WEBP", {}), ("WEBP", {"lossless": True})],
)
def test_logo_types_are_told_from_their_content(kind: str, options: dict[str, Any]) -> None:
    assert files.checked_logo(ContentFile(picture(kind, **options), name="x.txt")) == kind.lower()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "unsupported_type"),
        (b"GIF89a" + b"\0" * 50, "unsupported_type"),
        (b"\x89PNG\r\n\x1a\n", "unsupported_type"),
        (b"\xff\xd8\xff\xe0\0", "unsupported_type"),
        (b"", "unsupported_type"),
        (picture("PNG", (5_000, 1)), "too_many_pixels"),
        (picture("JPEG", (1, 5_000)), "too_many_pixels"),
        (picture("WEBP", (5_000, 1)), "too_many_pixels"),
        (picture("PNG") + b"\0" * MEGABYTE, "too_big"),
    ],
)
def test_other_logos_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(FileProblem) as caught:
        files.checked_logo(io.BytesIO(content))
    assert caught.value.code == code
