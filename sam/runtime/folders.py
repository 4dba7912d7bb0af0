"""The data folder: one per checkout, one supervisor at a time; short places for sockets."""

import fcntl
import hashlib
import json
import os
import secrets
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sam.runtime.problems import CannotStart

# A Unix socket's address holds 107 characters on Linux and 103 on macOS.
LONGEST_SOCKET = 103
SOCKET_NAMES = ("postgres/.s.PGSQL.5432", "redis/redis.sock")


@dataclass(frozen=True)
class Holder:
    """Who has the data folder: `kind` is "run" (the product) or "manage" (one command)."""

    kind: str
    pid: int
    port: int


class DataFolder:
    """Paths inside the data folder, its lock and its secrets."""

    def __init__(self, path: Path, *, checkout: Path) -> None:
        self.path = path
        self.checkout = checkout
        self.run = path / "run"
        self.logs = path / "log"
        self._lock: IO[str] | None = None

    @property
    def marker(self) -> str:
        """What the environment of every child carries."""
        return f"SAM_DATA={self.path}"

    def prepare(self) -> None:
        """Make the folder, for us alone, and refuse the folder of another checkout."""
        # Root's database runs as another account, which must be able to pass through; it cannot list anything.
        passage = 0o711 if os.geteuid() == 0 else 0o700
        try:
            for folder in (self.path, self.run):
                folder.mkdir(parents=True, exist_ok=True)
                if folder.stat().st_uid == os.geteuid():
                    folder.chmod(passage)
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as problem:
            raise CannotStart(f"The data folder {self.path} cannot be used: {problem.strerror}.") from problem
        self._belong_to_checkout()

    def _belong_to_checkout(self) -> None:
        note = self.path / "checkout"
        owner = Path(note.read_text().strip()) if note.exists() else None
        if owner and owner != self.checkout and (owner / "manage.py").exists():
            raise CannotStart(
                f"The data folder {self.path} belongs to the checkout {owner}.\n"
                "Type: SAM_DATA=<another folder> script/run"
            )
        if owner != self.checkout:
            note.write_text(f"{self.checkout}\n")

    def take(self, kind: str, *, port: int = 0) -> bool:
        """Take the lock; False when somebody else has it. It is released when this process ends, however it ends."""
        lock = (self.run / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        lock.truncate(0)
        lock.write(json.dumps({"kind": kind, "pid": os.getpid(), "port": port}))
        lock.flush()
        self._lock = lock
        return True

    def take_within(
        self,
        kind: str,
        seconds: float,
        *,
        port: int = 0,
        pause: Callable[[float], None] = time.sleep,
    ) -> bool:
        """Like `take`, but waits while a single command has the folder."""
        deadline = time.monotonic() + seconds
        while not self.take(kind, port=port):
            holder = self.holder()
            if (holder and holder.kind == "run") or time.monotonic() > deadline:
                return False
            pause(0.2)
        return True

    def release(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None

    def holder(self) -> Holder | None:
        """Who took the lock last; only meaningful after `take` answered False."""
        try:
            return Holder(**json.loads((self.run / "lock").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def secret(self, name: str) -> str:
        """A random secret kept in the folder, made when it is missing."""
        path = self.path / name
        if not path.exists():
            draft = path.with_name(f"{name}.new")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            draft.replace(path)
        return path.read_text().strip()

    def sockets(self, *, reachable: bool = True) -> Path:
        """Where sockets lie: in the data folder, unless its path is too long or PostgreSQL cannot get there."""
        inside = self.run
        longest = max(len(os.fsencode(inside / name)) for name in SOCKET_NAMES)
        if reachable and longest <= LONGEST_SOCKET:
            return inside
        key = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return own_folder(short_base() / f"sam-{os.geteuid()}-{key}")


def short_base() -> Path:
    """Where a short path can be had: /run for root (its database's account can pass), else the person's own."""
    if os.geteuid() == 0:
        return Path("/run") if os.access("/run", os.W_OK) else Path("/tmp")
    personal = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(personal) if personal and len(personal) < 40 and os.access(personal, os.W_OK) else Path("/tmp")


def own_folder(path: Path) -> Path:
    """Make a folder in a shared place; refuse one that somebody else put there first."""
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        facts = path.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
            raise CannotStart(f"{path} belongs to somebody else. Remove it and start again.") from None
    path.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return path
