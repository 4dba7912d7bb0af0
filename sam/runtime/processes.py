"""Children of the supervisor: started so that they die with it, recorded so that the next start finds leftovers."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sam.runtime.accounts import Account

LAUNCHER = Path(__file__).with_name("launch.py")
LINUX = sys.platform.startswith("linux")
Pause = Callable[[float], None]


def start_mark(pid: int) -> str | None:
    """When process `pid` started, as text that differs for a later process with the same number; None if it is gone."""
    if not LINUX:
        listing = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return listing.stdout.strip() or None
    fields = _stat(pid)
    if fields is None or fields[0] in "ZX":
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}:{fields[19]}"


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the program's name: state, parent, group, session …"""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text.rpartition(")")[2].split()


@dataclass(frozen=True)
class Record:
    """A line in the run folder about a child: enough to stop it later without hitting a stranger."""

    pid: int
    mark: str
    order: int
    signal: int
    patience: float

    @classmethod
    def read(cls, path: Path) -> "Record | None":
        try:
            return cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, path: Path) -> None:
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(self.__dict__))
        draft.replace(path)

    def alive(self) -> bool:
        return start_mark(self.pid) == self.mark


@dataclass(frozen=True)
class Plan:
    """How to run and how to stop one child.

    `stop_signal` asks politely and is given `patience` seconds; then `hurry_signal`, then SIGKILL.
    When the supervisor itself is killed, the child gets `orphan_signal`, and the next start waits `orphan_patience`
    seconds for it to end. `order` says when it is stopped then: low numbers first.
    """

    name: str
    command: Sequence[str]
    stop_signal: signal.Signals = signal.SIGTERM
    hurry_signal: signal.Signals = signal.SIGKILL
    patience: float = 20.0
    orphan_signal: signal.Signals = signal.SIGTERM
    orphan_patience: float = 5.0
    order: int = 1
    account: Account | None = None


class Child:
    """One running program. Its output goes to a log file, never through us."""

    def __init__(
        self,
        plan: Plan,
        *,
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        pid_file: Path,
        marker: str,
    ) -> None:
        self.plan = plan
        self.log = log
        self._environment = environment
        self._folder = folder
        self._pid_file = pid_file
        self._marker = marker
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.log.parent.mkdir(exist_ok=True)
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                launched(self.plan),
                env=dict(self._environment),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        mark = start_mark(self._process.pid)
        if mark is not None:
            plan = self.plan
            record = Record(self._process.pid, mark, plan.order, int(plan.orphan_signal), plan.orphan_patience)
            record.write(self._pid_file)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def started(self) -> bool:
        return self._process is not None

    def exit_code(self) -> int | None:
        """None while it runs (or was never started); a negative number is the signal that ended it."""
        return self._process.poll() if self._process else None

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None and self.running():
            self._process.send_signal(number)

    def forget(self) -> None:
        """Clear away what an ended child leaves: members of its group and the record in the run folder."""
        if self._process is not None:
            end_group(self._process.pid, self._marker)
            self._process = None
        self._pid_file.unlink(missing_ok=True)

    def last_lines(self, count: int = 20) -> list[str]:
        try:
            with self.log.open("rb") as log:
                log.seek(max(0, self.log.stat().st_size - 20_000))
                return log.read().decode(errors="replace").splitlines()[-count:]
        except OSError:
            return []


def launched(plan: Plan) -> list[str]:
    """The command line that starts the plan's program through the launcher."""
    who = (str(plan.account.uid), str(plan.account.gid)) if plan.account else ("-", "-")
    starter = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(plan.orphan_signal))]
    return [*starter, *who, *plan.command]


def stop_children(
    children: Sequence[Child],
    *,
    pause: Pause = time.sleep,
    hurry: Callable[[], bool] = lambda: False,
) -> None:
    """Stop all of them at once: politely, then firmly, then for good. `hurry` cuts the polite part short."""
    for child in children:
        child.signal(child.plan.stop_signal)
    patience = max((child.plan.patience for child in children), default=0.0)
    if not _ended(children, patience, pause, hurry):
        for child in children:
            child.signal(child.plan.hurry_signal)
        if not _ended(children, 5.0, pause, lambda: False):
            for child in children:
                child.signal(signal.SIGKILL)
            _ended(children, 10.0, pause, lambda: False)
    for child in children:
        child.forget()


def _ended(children: Sequence[Child], seconds: float, pause: Pause, hurry: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while any(child.running() for child in children):
        if time.monotonic() > deadline or hurry():
            return False
        pause(0.05)
    return True


def end_group(leader: int, marker: str) -> None:
    """Kill what is left of an ended child's process group (Linux: only processes that carry our marker)."""
    for pid in _group_members(leader, marker):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _group_members(leader: int, marker: str) -> Iterator[int]:
    if not LINUX:
        return
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == leader:
            continue
        fields = _stat(int(entry.name))
        if fields and fields[2] == str(leader) and fields[0] not in "ZX" and _carries(int(entry.name), marker):
            yield int(entry.name)


def _carries(pid: int, marker: str) -> bool:
    try:
        return marker.encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def stop_leftovers(run: Path, marker: str, *, pause: Pause = time.sleep) -> list[str]:
    """Stop what an earlier, killed supervisor left behind; returns the names.

    A process whose number was given to somebody else since then has another start time and is left alone.
    """
    found = [(path, record) for path in run.glob("*.pid") if (record := Record.read(path))]
    stopped = []
    for path, record in sorted(found, key=lambda pair: pair[1].order):
        if record.alive():
            stopped.append(path.stem)
            _stop_recorded(record, pause)
        end_group(record.pid, marker)
    for path in run.glob("*.pid"):
        path.unlink(missing_ok=True)
    return stopped


def _stop_recorded(record: Record, pause: Pause) -> None:
    for number, seconds in ((record.signal, record.patience), (signal.SIGKILL, 10.0)):
        deadline = time.monotonic() + seconds
        if record.alive():
            os.kill(record.pid, number)
        while record.alive() and time.monotonic() < deadline:
            pause(0.05)
