"""script/test: linters, types, import contracts and tests, on servers of their own that are gone afterwards."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sam.runtime.folders import DataFolder
from sam.runtime.options import CHECKOUT, Options, child_environment
from sam.runtime.problems import CannotStart
from sam.runtime.servers import Servers
from sam.runtime.signals import StopRequested, StopSignals

STATIC_CHECKS = (
    ("ruff check", ("ruff", "check", ".")),
    ("ruff format", ("ruff", "format", "--check", ".")),
    ("mypy", ("mypy", ".")),
    ("import contracts", ("lint-imports",)),
    ("djlint", ("djlint", "templates", "--lint", "--quiet")),
)
# One worker runs all browser tests: they share one installation.
# The databases go with their temporary server, so nobody drops them: a thread of a test may still hold a connection.
TESTS = ("pytest", "-n", "2", "--dist", "loadgroup", "--reuse-db")


def tell(line: str) -> None:
    print(line, flush=True)


@dataclass
class Check:
    """One linter at work; its output is kept until its turn."""

    title: str
    process: subprocess.Popen[str]
    began: float

    @classmethod
    def start(cls, title: str, command: Sequence[str], environment: Mapping[str, str]) -> "Check":
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return cls(title, process, time.monotonic())

    def finish(self) -> bool:
        output = self.process.communicate()[0]
        report(self.title, self.process.returncode, time.monotonic() - self.began)
        if self.process.returncode != 0:
            tell(output.rstrip())
        return self.process.returncode == 0


def report(title: str, code: int, seconds: float) -> None:
    tell(f"{'ok    ' if code == 0 else 'FAILED'}  {title:<18} {seconds:6.1f} s")


def static_checks(environment: Mapping[str, str]) -> list[str]:
    """Run the linters, two at a time; returns the titles of those that failed."""
    failed = []
    waiting = [entry for entry in STATIC_CHECKS if entry[0] != "djlint" or (CHECKOUT / "templates").is_dir()]
    running: list[Check] = []
    while waiting or running:
        while waiting and len(running) < 2:
            title, command = waiting.pop(0)
            running.append(Check.start(title, command, environment))
        check = running.pop(0)
        if not check.finish():
            failed.append(check.title)
    return failed


def tests(arguments: Sequence[str], environment: Mapping[str, str], signals: StopSignals) -> int:
    """Run pytest in our terminal; its exit code."""
    began = time.monotonic()
    command = [*TESTS] if not arguments else ["pytest", *arguments]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=dict(environment))
    while (code := process.poll()) is None:
        signals.wait(1.0)
        if signals.asked():
            process.send_signal(signal.SIGINT)
            process.wait()
            raise StopRequested
    report("pytest", code, time.monotonic() - began)
    return code


@contextlib.contextmanager
def test_servers(signals: StopSignals) -> Iterator[dict[str, str]]:
    """A fresh PostgreSQL and Redis in a temporary data folder; yields the environment of the tests."""
    # A data folder must let PostgreSQL's account pass when we are root; what lies in it stays closed.
    path = Path(tempfile.mkdtemp(prefix="sam-test-")).resolve()
    base = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    options = Options.read(base | {"SAM_DATA": str(path), "SAM_DEMO": "0"})
    folder = DataFolder(path, checkout=CHECKOUT)
    folder.prepare()
    folder.take("run")
    servers = Servers(folder, options, say=tell, durable=False, pause=signals.pause)
    try:
        servers.start()
        environment = child_environment(
            options, base, secret_key=folder.secret("secret_key"), servers=servers.addresses()
        )
        yield environment | {"SAM_TESTING": "1", "SAM_DEBUG": "0"}
    finally:
        servers.stop()
        if servers.postgres:
            servers.postgres.discard()
        folder.release()
        shutil.rmtree(path, ignore_errors=True)


def main(arguments: Sequence[str]) -> int:
    """0 when everything passed; raises CannotStart."""
    signals = StopSignals()
    signals.install()
    began = time.monotonic()
    with test_servers(signals) as environment:
        failed = [] if arguments else static_checks(environment)
        if tests(arguments, environment, signals) != 0:
            failed.append("pytest")
    tell(f"{'Failed: ' + ', '.join(failed) if failed else 'Everything passed'} ({time.monotonic() - began:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StopRequested:
        sys.exit(130)
    except CannotStart as problem:
        sys.exit(str(problem))
