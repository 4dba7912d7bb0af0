"""The first thing a limited child runs: it limits itself, then calls the module it was told.

Started by path: `python -I sandbox_child.py MODULE LIMITS ORDER`.
"""

import contextlib
import ctypes
import errno
import importlib
import json
import os
import resource
import signal
import sys
import traceback
import types
from pathlib import Path

OUT_OF_MEMORY = 77
OUT_OF_SPACE = 78
DIE_WITH_PARENT = 1


def limit_itself(limits: dict[str, int]) -> None:
    if sys.platform == "linux":
        # A worker killed with -9 must not leave its children behind.
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(limits["seconds"] + 1)
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_FSIZE: limits["output"],
        resource.RLIMIT_AS: limits["memory"],
    }
    for kind, value in wanted.items():
        # Some systems know no limit on address space; the others still hold there.
        with contextlib.suppress(ValueError, OSError):
            _, hard = resource.getrlimit(kind)
            soft = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (soft, hard))


def find_our_modules() -> None:
    """Make `sam.core.…` importable without running `sam/__init__.py`, which starts Celery and reads settings."""
    root = Path(__file__).resolve().parent.parent
    package = types.ModuleType("sam")
    package.__path__ = [str(root)]
    sys.modules["sam"] = package


def run(module: str, order: dict[str, object]) -> int:
    try:
        importlib.import_module(module).main(order, sys.stdin.buffer, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except MemoryError:
        return OUT_OF_MEMORY
    except OSError as error:
        traceback.print_exc()
        return OUT_OF_SPACE if error.errno in (errno.EFBIG, errno.ENOSPC) else 1
    except Exception:  # noqa: BLE001 - the parent is told by the exit code
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    limit_itself(json.loads(sys.argv[2]))
    find_our_modules()
    code = run(sys.argv[1], json.loads(sys.argv[3]))
    # Nothing is worth tidying up in a process that ends: leave at once.
    os._exit(code)
