"""CPU time of the programs at work, read from /proc: seconds in user and kernel mode."""

import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat after the program's name; None when it is gone."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in (PROC / str(pid) / "task" / str(pid) / "children").read_text().split()]
    except OSError:
        found = ((int(entry.name), _stat(int(entry.name))) for entry in PROC.iterdir() if entry.name.isdigit())
        return [child for child, fields in found if fields and int(fields[1]) == pid]


def parent_of(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def cpu_of(pid: int) -> float:
    """Seconds of one process: the scheduler's own count, to the nanosecond, where the kernel gives it."""
    try:
        tasks = [path.read_text().split() for path in (PROC / str(pid) / "task").glob("*/schedstat")]
        if tasks:
            return sum(int(task[0]) for task in tasks) / 1e9
    except OSError:
        pass
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICK if fields else 0.0


def cpu_of_family(pid: int) -> float:
    """A process, its children, and those of its children that have ended."""
    fields = _stat(pid)
    ended = (int(fields[13]) + int(fields[14])) / TICK if fields else 0.0
    return cpu_of(pid) + ended + sum(cpu_of(child) for child in children_of(pid))


def cpu_of_ourselves() -> float:
    """This process and its ended children."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def resident(pid: int) -> int:
    """Resident memory in bytes."""
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


@dataclass
class Spent:
    """Seconds by the clock on the wall, in our process or the web server's, and in PostgreSQL."""

    wall: float = 0.0
    python: float = 0.0
    database: float = 0.0

    @property
    def cpu(self) -> float:
        return self.python + self.database


@dataclass
class Meter:
    """Reads what was spent between two moments. `python` gives the CPU seconds of the process that does the work."""

    postmaster: int
    python: Callable[[], float] = field(default=cpu_of_ourselves)

    @contextmanager
    def measure(self) -> Iterator[Spent]:
        spent = Spent()
        python, database, wall = self.python(), cpu_of_family(self.postmaster), time.perf_counter()
        yield spent
        spent.wall = time.perf_counter() - wall
        spent.python = self.python() - python
        spent.database = cpu_of_family(self.postmaster) - database
