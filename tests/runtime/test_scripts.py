"""The commands at the door: readable by bash, ending in exec, and nothing downloaded that a lock does not name."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sam.runtime.options import CHECKOUT

SCRIPTS = ["script/run", "script/test", "script/manage", "script/bench", ".ci/run"]


@pytest.mark.parametrize("name", [*SCRIPTS, "script/lib/setup.sh"])
def test_script_is_valid_bash(name: str) -> None:
    checked = subprocess.run(["bash", "-n", CHECKOUT / name], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("name", SCRIPTS)
def test_script_becomes_what_it_starts(name: str) -> None:
    """A shell in between would die on SIGTERM and leave its children running."""
    lines = (CHECKOUT / name).read_text().strip().splitlines()
    assert lines[-1].startswith("exec ")
    assert os.access(CHECKOUT / name, os.X_OK)


def test_check_before_landing_is_exactly_script_test() -> None:
    lines = (CHECKOUT / ".ci/run").read_text().splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]
    assert len(commands) == 1
    assert commands[0].endswith('/../script/test"')


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-node.lock"])
def test_every_locked_package_has_a_hash_and_no_address(name: str) -> None:
    text = (CHECKOUT / name).read_text()
    packages = re.findall(r"^([A-Za-z0-9][^\n]*?==[^\n]*(?:\n    [^\n]*)*)", text, re.MULTILINE)
    assert packages
    assert all("--hash=sha256:" in package for package in packages)
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


SETUP = CHECKOUT / "script/lib/setup.sh"


def shell(program: str, setup: Path = SETUP, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f'. "{setup}"; {program}'],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    answer = shell("find_python", PYTHON=str(old))
    assert answer.returncode == 1
    assert f"PYTHON is {old}: SAM needs Python 3.11 or newer." in answer.stderr


def test_chromium_is_missed_where_there_is_none(tmp_path: Path) -> None:
    """Otherwise a fresh machine would never get one, and the browser tests would fail instead."""
    answer = shell(f'PATH="{tmp_path}"; find_chromium')
    assert (answer.returncode, answer.stdout) == (1, "")
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    found = shell(f'PATH="{tmp_path}"; find_chromium')
    assert (found.returncode, found.stdout.strip()) == (0, str(program))


def test_ordinary_user_without_sudo_gets_the_line_to_type(tmp_path: Path) -> None:
    for name, text in {"id": "echo 1000", "apt-get": "exit 9", "sudo": "exit 1"}.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    answer = shell(
        'install_packages "PDF files need Pango." libpango-1.0-0 libharfbuzz-subset0',
        PATH=f"{tmp_path}:{os.environ['PATH']}",
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert (
        "Type: sudo apt-get update && "
        "sudo apt-get install -y --no-install-recommends libpango-1.0-0 libharfbuzz-subset0" in answer.stderr
    )


def test_lock_that_was_installed_already_costs_nothing(tmp_path: Path) -> None:
    answer = shell(
        'VENV_PYTHON="$REAL"; VENV="$TMP"; hash_of "$SAM_ROOT/requirements.lock" > "$TMP/.installed-requirements.lock";'
        " PATH=/nowhere:/usr/bin:/bin; install_lock requirements.lock; printf done",
        REAL=str(CHECKOUT / ".venv" / "bin" / "python"),
        TMP=str(tmp_path),
    )
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "done", "")


@pytest.mark.parametrize(("name", "step"), [(".venv", "make_venv"), ("node_modules", "install_browser_libraries")])
def test_a_linked_folder_is_refused_and_what_it_leads_to_stays(tmp_path: Path, name: str, step: str) -> None:
    """Setting up empties these two; behind a link it would empty somebody else's."""
    checkout, theirs = tmp_path / "checkout", tmp_path / "theirs"
    (checkout / "script/lib").mkdir(parents=True)
    theirs.mkdir()
    (theirs / "precious").write_text("kept")
    shutil.copy(CHECKOUT / "script/lib/setup.sh", checkout / "script/lib")
    (checkout / "package-lock.json").write_text("{}")
    (checkout / name).symlink_to(theirs)
    answer = shell(f"VENV_PYTHON=$REAL; {step}", setup=checkout / "script/lib/setup.sh", REAL=sys.executable)
    assert answer.returncode == 1
    assert f"{checkout / name} is a link to {theirs}." in answer.stderr
    assert f"Type: rm '{checkout / name}'" in answer.stderr
    assert (theirs / "precious").read_text() == "kept"
