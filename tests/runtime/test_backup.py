"""The restore drill: the demo company is backed up, wiped and restored, and every row is the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

ROOT = Path(__file__).parents[2]
NAME = f"restore_drill_{os.getpid()}"


def address(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A database and a data folder of their own; the environment of commands that use them."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    portal = urlunsplit(urlsplit(os.environ["PORTAL_DATABASE_URL"])._replace(path=f"/{NAME}"))
    yield os.environ | {
        "DATABASE_URL": address(NAME),
        "PORTAL_DATABASE_URL": portal,
        "SAM_DATA": str(tmp_path / "data"),
    }
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))


def manage(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def rows() -> dict[str, tuple[int, str]]:
    """Count and hash of all rows of every table, whatever their order."""
    found = {}
    with psycopg.connect(address(NAME)) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        ).fetchall()
        for (table,) in tables:
            query = sql.SQL("SELECT count(*), coalesce(md5(string_agg(h, '' ORDER BY h)), '') FROM ("
                            "SELECT md5(t::text) AS h FROM {} AS t) AS hashed")  # fmt: skip
            count, digest = connection.execute(query.format(sql.Identifier(table))).fetchone() or (0, "")
            found[table] = (count, digest)
    return found


def wipe(environment: dict[str, str]) -> None:
    with psycopg.connect(address(NAME), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    for path in sorted(Path(environment["SAM_DATA"]).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def test_a_restored_installation_has_every_row_and_file(installation: dict[str, str], tmp_path: Path) -> None:
    for command in ("migrate", "prepare", "seed_demo"):
        done = manage(installation, command, "-v0")
        assert done.returncode == 0, done.stderr[-2000:]
    kept = Path(installation["SAM_DATA"]) / "files" / "logo" / "ours.png"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"a picture")
    before, target = rows(), tmp_path / "backup.sam"
    assert sum(count for count, _ in before.values()) > 3_000

    assert manage(installation, "backup", str(target)).returncode == 0
    refused = manage(installation, "restore", str(target))
    assert refused.returncode != 0
    assert "not empty" in refused.stderr

    wipe(installation)
    damaged = tmp_path / "damaged.sam"
    content = target.read_bytes()
    damaged.write_bytes(content[: len(content) // 2] + b"\0\1" + content[len(content) // 2 + 2 :])
    assert "damaged" in manage(installation, "restore", str(damaged)).stderr

    done = manage(installation, "restore", str(target))
    assert done.returncode == 0, done.stderr[-2000:]
    assert rows() == before
    assert kept.read_bytes() == b"a picture"
