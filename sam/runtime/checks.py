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
from typing import IO

from sam.runtime.folders import DataFolder
from sam.runtime.options import CHECKOUT, Options, child_environment
from sam.runtime.problems import CannotStart
from sam.runtime.servers import Servers
from sam.runtime.signals import StopRequested, StopSignals

WORKERS = ("gw0", "gw1")
LAST = "mypy"
# The workers' databases are made beside the linters. Types take longest and come last: the tests start meanwhile.
STATIC_CHECKS = (
    ("test databases", (sys.executable, "-m", "tests.databases", *WORKERS)),
    ("import contracts", ("lint-imports",)),
    ("djlint", ("djlint", "templates", "--lint", "--quiet")),
    ("ruff check", ("ruff", "check", ".")),
    ("ruff format", ("ruff", "format", "--check", ".")),
    (LAST, ("mypy", ".")),
)
# One worker runs all browser tests: they share one installation.
# The databases go with their temporary server, so nobody drops them: a thread of a test may still hold a connection.
TESTS = ("pytest", "-n", str(len(WORKERS)), "--dist", "loadgroup", "--reuse-db")


def tell(line: str) -> None:
    print(line, flush=True)


@dataclass
class Check:
    """One linter at work; its output is kept until its turn."""

    title: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    began: float
    ended: float = 0.0

    @classmethod
    def start(cls, title: str, command: Sequence[str], environment: Mapping[str, str]) -> "Check":
        output = tempfile.TemporaryFile()  # noqa: SIM115 - it is read when the check has ended
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        return cls(title, process, output, time.monotonic())

    def is_over(self) -> bool:
        """Whether it has ended; the first look that sees it notes when."""
        if self.process.poll() is not None and not self.ended:
            self.ended = time.monotonic()
        return bool(self.ended)

    def finish(self) -> bool:
        self.process.wait()
        self.is_over()
        report(self.title, self.process.returncode, self.ended - self.began)
        self.output.seek(0)
        if self.process.returncode != 0:
            tell(self.output.read().decode(errors="replace").rstrip())
        return self.process.returncode == 0

    def stop(self) -> None:
        """No answer is wanted any more."""
        self.process.kill()
        self.process.wait()


def report(title: str, code: int, seconds: float) -> None:
    tell(f"{'ok    ' if code == 0 else 'FAILED'}  {title:<18} {seconds:6.1f} s")


def static_checks(environment: Mapping[str, str], signals: StopSignals) -> tuple[list[str], Check | None]:
    """Run the linters, two at a time; the titles of those that failed, and the last one if it is still at work."""
    failed = []
    waiting = list(STATIC_CHECKS)
    running: list[Check] = []
    try:
        while waiting or any(check.title != LAST for check in running):
            while waiting and len(running) < 2:
                title, command = waiting.pop(0)
                running.append(Check.start(title, command, environment))
            check = first_done(running, signals)
            running.remove(check)
            if not check.finish():
                failed.append(check.title)
    except StopRequested:
        for check in running:
            check.stop()
        raise
    return failed, running[0] if running else None


def first_done(running: Sequence[Check], signals: StopSignals) -> Check:
    """Whichever ends first. Its output goes into a file, so a talkative one never waits for us."""
    while True:
        for check in running:
            if check.is_over():
                return check
        signals.wait(0.2)
        if signals.asked():
            raise StopRequested


def tests(arguments: Sequence[str], environment: Mapping[str, str], signals: StopSignals, beside: Check | None) -> int:
    """Run pytest in our terminal, `beside` a check that is still at work; its exit code."""
    began = time.monotonic()
    command = [*TESTS] if not arguments else ["pytest", *arguments]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=dict(environment))
    while (code := process.poll()) is None:
        signals.wait(1.0)
        if beside:
            beside.is_over()
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
        failed, last = ([], None) if arguments else static_checks(environment, signals)
        try:
            passed = tests(arguments, environment, signals, last) == 0
        except StopRequested:
            if last:
                last.stop()
            raise
        if last and not last.finish():
            failed.append(last.title)
        if not passed:
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
