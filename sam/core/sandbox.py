"""A child process with limits, for work on bytes that we do not trust.

`subprocess` and not `multiprocessing`: a Celery worker's children are daemonic and may not use the latter.
The child sets its own limits before it looks at its input (`sandbox_child.py`), so that starting it is safe
in processes that have threads.
"""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Literal

from sam.core.sandbox_child import OUT_OF_MEMORY, OUT_OF_SPACE

MEGABYTE = 1024 * 1024
ENTRY = Path(__file__).with_name("sandbox_child.py")

# What a child needs to find its libraries, fonts and caches. Passwords and keys stay with the parent.
PASSED_ON = (
    "PATH",
    "HOME",
    "TMPDIR",
    "TZ",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "XDG_CACHE_HOME",
    "SOURCE_DATE_EPOCH",
)


@dataclass(frozen=True)
class ChildLimits:
    """Wall and CPU time in seconds, memory and written bytes in bytes."""

    seconds: int = 30
    cpu_seconds: int = 30
    memory: int = 1024 * MEGABYTE
    output: int = 256 * MEGABYTE


class ChildStopped(Exception):
    """The child ended without a result: over its time, memory or output, or broken off."""

    def __init__(self, reason: Literal["time", "memory", "output", "crash"], trace: str = "") -> None:
        super().__init__(f"{reason}: {trace}" if trace else reason)
        self.reason = reason
        self.trace = trace


@contextlib.contextmanager
def limited_child(module: str, order: Mapping[str, Any], source: IO[bytes], limits: ChildLimits) -> Iterator[IO[bytes]]:
    """Run `main(order, source, result)` of `module` in a limited child and yield what it wrote, from the start.

    `order` must be plain JSON, `source` a real file at the position to read from. Raises ChildStopped.
    """
    with tempfile.TemporaryFile() as result, tempfile.TemporaryFile() as trace:
        code = _run(module, order, source, result, trace, limits)
        if code != 0:
            trace.seek(0)
            raise ChildStopped(_reason(code), trace.read(20_000).decode("utf-8", "replace"))
        result.seek(0)
        yield result


def _run(
    module: str, order: Mapping[str, Any], source: IO[bytes], result: IO[bytes], trace: IO[bytes], limits: ChildLimits
) -> int | None:
    """Return the child's exit code, negative for a signal, None when its time ran out."""
    # The child holds the writing end until it ends: waiting for the end of this pipe needs no polling.
    ended, held = os.pipe()
    try:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own file
            [sys.executable, "-I", str(ENTRY), module, json.dumps(asdict(limits)), json.dumps(order)],
            stdin=source,
            stdout=result,
            stderr=trace,
            env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
            pass_fds=(held,),
            start_new_session=True,
        )
    except BaseException:
        os.close(ended)
        raise
    finally:
        os.close(held)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(ended, selectors.EVENT_READ)
            in_time = bool(selector.select(limits.seconds))
        return child.wait(timeout=5) if in_time else None
    finally:
        os.close(ended)
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        # The child leads its own group: whatever it started ends with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _reason(code: int | None) -> Literal["time", "memory", "output", "crash"]:
    if code is None or code in (-signal.SIGXCPU, -signal.SIGALRM):
        return "time"
    if code == OUT_OF_SPACE:
        return "output"
    # C libraries that get no memory abort, trap or touch a null pointer instead of raising.
    if code == OUT_OF_MEMORY or code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGTRAP, -signal.SIGKILL):
        return "memory"
    return "crash"
