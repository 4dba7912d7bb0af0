"""Files that people send and that workers make: kept outside any public path, under names nobody can guess.

Everything goes through Django's default storage, so that a folder and an S3-compatible store look the same.
Whoever hands out a stored file authorises the person again; the storage has no address of its own.
"""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from sam.core.errors import FileProblem
from sam.core.images import picture_of

PIECE = 256 * 1024
MEGABYTE = 1024 * 1024
LOGO_SIZE = 1 * MEGABYTE
LOGO_SIDE = 4_000
# Below this much free space nothing new is taken in, so that the database and the logs can still write.
RESERVE = 200 * MEGABYTE


@dataclass(frozen=True)
class StoredFile:
    """Where the storage keeps a file, the SHA-256 of its bytes in hex, and its size in bytes."""

    name: str
    sha256: str
    size: int


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Stops receiving as soon as the files of one request exceed settings.UPLOAD_LIMIT bytes together."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.received += len(raw_data)
        if self.received > settings.UPLOAD_LIMIT:
            self.upload_interrupted()
            raise RequestDataTooBig(f"At most {settings.UPLOAD_LIMIT // MEGABYTE:,} MB can be sent at once.")
        return super().receive_data_chunk(raw_data, start)


def store_upload(upload: File[bytes], *, folder: str, limit: int | None = None) -> StoredFile:
    """Keep what somebody sent. `limit` in bytes, settings.UPLOAD_LIMIT without one. Raises FileProblem."""
    most = settings.UPLOAD_LIMIT if limit is None else limit
    return store(upload.chunks(PIECE), folder=folder, suffix=suffix_of(upload.name or ""), limit=most)


def store_bytes(content: bytes, *, folder: str, suffix: str) -> StoredFile:
    """Keep what we made ourselves, for example a PDF with suffix ".pdf". Raises FileProblem when the disk is full."""
    return store([content], folder=folder, suffix=suffix)


def store(pieces: Iterable[bytes], *, folder: str, suffix: str = "", limit: int | None = None) -> StoredFile:
    """Keep `pieces` in `folder` under a random name.

    A file is there whole or not at all: it is written under a temporary name, synced, then renamed.
    Raises FileProblem when it is empty, larger than `limit` bytes, or the disk is nearly full.
    """
    _refuse_when_nearly_full()
    name = f"{folder}/{secrets.token_hex(16)}{suffix}"
    counted = _Counted(pieces, limit)
    try:
        _write(name, counted)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full() from error
        raise
    return StoredFile(name, counted.digest.hexdigest(), counted.size)


class _Counted:
    """Pieces on their way, counted, hashed and limited."""

    def __init__(self, pieces: Iterable[bytes], limit: int | None) -> None:
        self.pieces = pieces
        self.limit = limit
        self.size = 0
        self.digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.size += len(piece)
            if self.limit is not None and self.size > self.limit:
                raise FileProblem(
                    "too_big", f"The file is larger than {self.limit / MEGABYTE:,.0f} MB. Send a smaller one."
                )
            self.digest.update(piece)
            yield piece
        if not self.size:
            raise FileProblem("empty", "The file is empty. Choose another one.")


def _write(name: str, pieces: Iterable[bytes]) -> None:
    try:
        target = Path(default_storage.path(name))
    except NotImplementedError:
        _send(name, pieces)
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = target.with_name(f".{target.name}.part")
    try:
        with written.open("xb") as part:
            for piece in pieces:
                part.write(piece)
            part.flush()
            os.fsync(part.fileno())
        written.rename(target)
        _sync_folder(target.parent)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def _send(name: str, pieces: Iterable[bytes]) -> None:
    """To a store on another machine: whole or not at all is its own promise."""
    with tempfile.TemporaryFile() as part:
        for piece in pieces:
            part.write(piece)
        part.seek(0)
        default_storage.save(name, File(part, name=name))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refuse_when_nearly_full() -> None:
    root = Path(settings.MEDIA_ROOT)
    if root.is_dir() and shutil.disk_usage(root).free < RESERVE:
        raise _disk_full()


def _disk_full() -> FileProblem:
    return FileProblem("disk_full", "There is no room left for files. Tell your administrator, then try again.")


def open_stored(name: str) -> File[bytes]:
    """Open a stored file for reading. Raises FileNotFoundError."""
    return default_storage.open(name, "rb")


def delete_stored(name: str) -> None:
    """Remove a stored file; one that is gone already is no error."""
    default_storage.delete(name)


@contextlib.contextmanager
def local_copy(name: str) -> Iterator[Path]:
    """A path to the stored file's bytes, for tools that need one; only valid inside the `with`."""
    try:
        yield Path(default_storage.path(name))
        return
    except NotImplementedError:
        pass
    with tempfile.NamedTemporaryFile(suffix=PurePosixPath(name).suffix) as copy:
        with default_storage.open(name, "rb") as stored:
            shutil.copyfileobj(stored, copy)
        copy.flush()
        yield Path(copy.name)


def suffix_of(filename: str) -> str:
    """The filename's last suffix in small letters when it is a harmless one, else ""."""
    suffix = PurePosixPath(filename.replace("\\", "/")).suffix.lower()
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 8 else ""


def safe_filename(text: str, suffix: str) -> str:
    """A name for a download: letters, digits, spaces, dots and dashes of `text`, at most 100, and `suffix`."""
    kept = "".join(character if character.isalnum() or character in " .-_" else "-" for character in text)
    return f"{' '.join(kept.split()).strip(' .-')[:100] or 'file'}{suffix}"


def checked_logo(upload: IO[bytes]) -> str:
    """Return "png", "jpeg" or "webp" for a logo we can show. Raises FileProblem.

    The type is told from the content. SVG is refused: it can carry scripts and addresses.
    """
    upload.seek(0)
    content = upload.read(LOGO_SIZE + 1)
    upload.seek(0)
    if len(content) > LOGO_SIZE:
        raise FileProblem("too_big", "The logo is larger than 1 MB. Save it smaller and try again.")
    picture = picture_of(content)
    if picture is None:
        raise FileProblem(
            "unsupported_type", "This is no PNG, JPEG or WebP picture. Save the logo as PNG and try again."
        )
    if not (1 <= picture.width <= LOGO_SIDE and 1 <= picture.height <= LOGO_SIDE):
        raise FileProblem(
            "too_many_pixels",
            f"The logo has {picture.width:,} by {picture.height:,} pixels; each side may have at most {LOGO_SIDE:,}.",
        )
    return picture.kind
