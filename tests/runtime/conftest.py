"""Data folders for servers of their own. Nothing here touches Django, its database or its cache."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sam.runtime.folders import DataFolder


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Instead of the fixture of the same name that empties the product's cache."""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the database's account can reach when we are root (pytest's own cannot be entered)."""
    with temporary_place() as path:
        yield path


@pytest.fixture
def checkout(place: Path) -> Path:
    """A stand-in for a checkout."""
    return stand_in_checkout(place)


@pytest.fixture
def folder(place: Path, checkout: Path) -> Iterator[DataFolder]:
    """A data folder that we hold."""
    with held_folder(place / "data", checkout) as found:
        yield found


@contextmanager
def temporary_place() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="sam-runtime-")).resolve()
    path.chmod(0o711)
    yield path
    # Whatever a failed test left behind.
    for pid in processes_of(path):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(path)


def stand_in_checkout(place: Path) -> Path:
    path = place / "checkout"
    path.mkdir()
    (path / "manage.py").write_text("")
    return path


@contextmanager
def held_folder(path: Path, checkout: Path) -> Iterator[DataFolder]:
    found = DataFolder(path, checkout=checkout)
    found.prepare()
    assert found.take("run")
    yield found
    found.release()


def processes_of(path: Path) -> list[int]:
    """Every process whose command, folder or environment names the path. Needs /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        if int(entry.name) == os.getpid():
            continue
        try:
            texts = [(entry / name).read_bytes() for name in ("cmdline", "environ")]
            texts.append(os.fsencode(os.readlink(entry / "cwd")))
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state not in "ZX" and any(os.fsencode(path) in text for text in texts):
            found.append(int(entry.name))
    return found


def eventually(condition: Callable[[], object], seconds: float = 10.0) -> bool:
    """Whether the condition comes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
