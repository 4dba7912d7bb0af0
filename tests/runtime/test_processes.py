"""Children die with their supervisor, leftovers are found, strangers are left alone."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from sam.runtime.folders import DataFolder
from sam.runtime.processes import Child, Plan, Record, start_mark, stop_children, stop_leftovers
from tests.runtime.conftest import eventually, processes_of

SLEEPER = "import time; time.sleep(120)"
# Starts a member of its own group, which would live on, and waits.
WITH_MEMBER = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {SLEEPER!r}]); time.sleep(120)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(120)"


def child_of(folder: DataFolder, program: str, name: str = "web", patience: float = 5.0) -> Child:
    return Child(
        Plan(name, (sys.executable, "-c", program), patience=patience, orphan_patience=0.2),
        environment={"SAM_DATA": str(folder.path)},
        folder=folder.path,
        log=folder.logs / f"{name}.log",
        pid_file=folder.run / f"{name}.pid",
        marker=folder.marker,
    )


def test_stopped_child_takes_its_group_along(folder: DataFolder) -> None:
    child = child_of(folder, WITH_MEMBER)
    child.start()
    assert eventually(lambda: len(processes_of(folder.path)) == 2)
    stop_children([child])
    assert eventually(lambda: not processes_of(folder.path))
    assert not (folder.run / "web.pid").exists()


def test_deaf_child_is_killed_when_patience_ends(folder: DataFolder) -> None:
    child = child_of(folder, DEAF, patience=0.2)
    child.start()
    assert eventually(lambda: child.last_lines() == ["deaf"])
    began = time.monotonic()
    stop_children([child])
    assert time.monotonic() - began < 3
    assert not processes_of(folder.path)


def test_second_request_does_not_wait_for_patience(folder: DataFolder) -> None:
    child = child_of(folder, DEAF, patience=60)
    child.start()
    assert eventually(lambda: child.last_lines() == ["deaf"])
    began = time.monotonic()
    stop_children([child], hurry=lambda: time.monotonic() - began > 0.2)
    assert time.monotonic() - began < 3


def supervise(folder: DataFolder, programs: Sequence[str]) -> subprocess.Popen[str]:
    """A process that starts one child per program and then only waits."""
    script = (
        "import sys, time; from pathlib import Path; from sam.runtime.folders import DataFolder;"
        "from tests.runtime.test_processes import child_of;"
        "folder = DataFolder(Path(sys.argv[1]), checkout=Path(sys.argv[2]));"
        "children = [child_of(folder, program, f'child{n}') for n, program in enumerate(sys.argv[3:])];"
        "[child.start() for child in children]; print('started', flush=True); time.sleep(120)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(folder.path), str(folder.checkout), *programs],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "started\n"
    return process


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child that its parent died")
def test_killed_supervisor_takes_its_children_along(folder: DataFolder) -> None:
    with supervise(folder, [SLEEPER, SLEEPER]) as supervisor:
        assert len(processes_of(folder.path)) == 3
        supervisor.kill()
    assert eventually(lambda: not processes_of(folder.path))


def test_leftovers_of_a_killed_supervisor_are_stopped(folder: DataFolder) -> None:
    with supervise(folder, [DEAF.replace("'deaf'", "''")]) as supervisor:
        assert eventually(lambda: (folder.logs / "child0.log").read_text() == "\n")
        supervisor.kill()
    assert len(processes_of(folder.path)) == 1
    assert stop_leftovers(folder.run, folder.marker) == ["child0"]
    assert eventually(lambda: not processes_of(folder.path))
    assert not list(folder.run.glob("*.pid"))


def test_stranger_with_a_recycled_number_is_left_alone(folder: DataFolder) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", SLEEPER], start_new_session=True)
    try:
        mark = start_mark(stranger.pid)
        assert mark
        record = {"pid": stranger.pid, "mark": f"{mark}0", "order": 1, "signal": 9, "patience": 1.0}
        (folder.run / "web.pid").write_text(json.dumps(record))
        assert stop_leftovers(folder.run, folder.marker) == []
        assert stranger.poll() is None
        assert not (folder.run / "web.pid").exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_broken_record_does_not_stop_the_start(folder: DataFolder) -> None:
    (folder.run / "web.pid").write_text("half a lin")
    assert Record.read(folder.run / "web.pid") is None
    assert stop_leftovers(folder.run, folder.marker) == []


def test_ended_process_has_no_start_mark() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    assert eventually(lambda: Path(f"/proc/{process.pid}/stat").read_text().split(")")[1].split()[0] == "Z")
    assert start_mark(process.pid) is None
    process.wait()
    assert start_mark(os.getpid())
