"""The limited child: what it may use, what it knows, and that it never outlives its work."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from sam.core import sandbox
from sam.core.sandbox import MEGABYTE, ChildLimits, ChildStopped, limited_child

ROOT = Path(__file__).parents[2]


@pytest.fixture
def source() -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as made:
        made.write(b"input")
        made.seek(0)
        yield made


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A module of our own that the real child can run: what it does is told in the order."""
    package = tmp_path / "sam"
    package.mkdir()
    (package / "sandbox_probe.py").write_text(
        textwrap.dedent(
            """
            import json, os, resource, subprocess, sys, time

            def main(order, source, result):
                match order["do"]:
                    case "tell":
                        told = {"environment": dict(os.environ), "input": source.read().decode(),
                                "modules": sorted(sys.modules), "core": resource.getrlimit(resource.RLIMIT_CORE)[0]}
                        result.write(json.dumps(told).encode())
                    case "sleep":
                        time.sleep(60)
                    case "spin":
                        while True:
                            pass
                    case "eat":
                        bytearray(order["bytes"])
                    case "write":
                        result.write(bytes(order["bytes"]))
                    case "fail":
                        raise ValueError("what went wrong")
                    case "crash":
                        os.abort()
                    case "offspring":
                        subprocess.Popen(["sleep", order["seconds"]])
                        time.sleep(60)
            """
        )
    )
    # The child finds `sam` beside its own entry file, so the entry is copied next to the probe.
    (package / "core").mkdir()
    entry = package / "core" / "sandbox_child.py"
    entry.write_text(sandbox.ENTRY.read_text())
    monkeypatch.setattr(sandbox, "ENTRY", entry)
    return "sam.sandbox_probe"


def stopped(probe: str, source: IO[bytes], limits: ChildLimits, **order: object) -> ChildStopped:
    with pytest.raises(ChildStopped) as caught, limited_child(probe, order, source, limits):
        pass
    return caught.value


def test_child_gets_its_input_and_no_secret(probe: str, source: IO[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "not for children")
    with limited_child(probe, {"do": "tell"}, source, ChildLimits()) as result:
        told = json.loads(result.read())
    assert told["input"] == "input"
    assert "not for children" not in told["environment"].values()
    assert "PATH" in told["environment"]
    assert told["core"] == 0


def test_child_loads_neither_django_nor_celery(probe: str, source: IO[bytes]) -> None:
    with limited_child(probe, {"do": "tell"}, source, ChildLimits()) as result:
        modules = set(json.loads(result.read())["modules"])
    assert not {"django", "celery", "sam.settings", "sam.celery"} & modules


@pytest.mark.parametrize(
    ("order", "limits", "reason"),
    [
        ({"do": "sleep"}, ChildLimits(seconds=1), "time"),
        ({"do": "spin"}, ChildLimits(seconds=20, cpu_seconds=1), "time"),
        ({"do": "eat", "bytes": 400 * MEGABYTE}, ChildLimits(memory=200 * MEGABYTE), "memory"),
        ({"do": "write", "bytes": 2 * MEGABYTE}, ChildLimits(output=1 * MEGABYTE), "output"),
        ({"do": "fail"}, ChildLimits(), "crash"),
        ({"do": "crash"}, ChildLimits(), "memory"),
    ],
)
def test_limits_hold_and_the_reason_is_told(
    probe: str, source: IO[bytes], order: dict[str, object], limits: ChildLimits, reason: str
) -> None:
    started = time.monotonic()
    assert stopped(probe, source, limits, **order).reason == reason
    assert time.monotonic() - started < 6


def test_the_same_work_within_its_limits_ends_well(probe: str, source: IO[bytes]) -> None:
    """The control of the limits above."""
    with limited_child(probe, {"do": "eat", "bytes": 400 * MEGABYTE}, source, ChildLimits()) as result:
        assert result.read() == b""
    with limited_child(probe, {"do": "write", "bytes": 2 * MEGABYTE}, source, ChildLimits()) as result:
        assert len(result.read()) == 2 * MEGABYTE


def test_what_went_wrong_is_kept_for_the_log(probe: str, source: IO[bytes]) -> None:
    assert "what went wrong" in stopped(probe, source, ChildLimits(), do="fail").trace


def processes_with(word: str) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in place.read_bytes():
                found.append(int(place.parent.name))
        except OSError:
            continue
    return found


def gone(word: str, within: float = 5) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if not processes_with(word):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_a_stopped_child_leaves_no_offspring(probe: str, source: IO[bytes]) -> None:
    unique = f"60.{secrets.randbelow(10**9):09}"
    stopped(probe, source, ChildLimits(seconds=1), do="offspring", seconds=unique)
    assert gone(unique)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_killed_worker_takes_its_child_with_it(probe: str) -> None:
    program = textwrap.dedent(
        f"""
        import sys, tempfile
        from pathlib import Path
        sys.path.insert(0, {str(ROOT)!r})
        from sam.core import sandbox
        sandbox.ENTRY = Path({str(sandbox.ENTRY)!r})
        with tempfile.TemporaryFile() as source, \\
                sandbox.limited_child({probe!r}, {{"do": "sleep"}}, source, sandbox.ChildLimits()):
            pass
        """
    )
    worker = subprocess.Popen([sys.executable, "-c", program])
    end = time.monotonic() + 20
    while not (children := [pid for pid in processes_with(str(sandbox.ENTRY)) if pid != worker.pid]):
        assert time.monotonic() < end, "the child never started"
        time.sleep(0.05)
    time.sleep(0.5)
    assert len(children) == 1
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert gone(str(sandbox.ENTRY))


def test_input_may_be_larger_than_a_pipe(probe: str) -> None:
    with tempfile.TemporaryFile() as source:
        source.write(b"x" * 3 * MEGABYTE)
        source.seek(0)
        with limited_child(probe, {"do": "tell"}, source, ChildLimits()) as result:
            assert len(json.loads(result.read())["input"]) == 3 * MEGABYTE
