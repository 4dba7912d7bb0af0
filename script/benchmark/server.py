"""The web server under measurement, started as script/run starts it but with one worker, and a client for it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from benchmark.cpu import children_of, cpu_of, cpu_of_family
from sam.core.models import User
from sam.runtime.options import CHECKOUT
from sam.runtime.problems import CannotStart
from sam.runtime.web import IPV4, answer

START_LIMIT, STOP_LIMIT = 60.0, 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn. `worker` is the one process that answers."""

    port: int
    master: int
    worker: int

    def cpu(self) -> float:
        return cpu_of_family(self.master) if self.master == self.worker else cpu_of(self.worker)


def log_file() -> Path:
    return Path(os.environ["SAM_DATA"]) / "log" / "web.log"


def last_problem() -> str:
    """The last line of the web server's last traceback; empty without one."""
    lines = [line for line in log_file().read_text(errors="replace").splitlines() if "exc_info" in line]
    return str(json.loads(lines[-1])["exc_info"]).strip().splitlines()[-1] if lines else ""


@contextmanager
def web_server() -> Iterator[Server]:
    port = int(os.environ["PORT"])
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--keep-alive", "120"]
    environment = dict(os.environ) | {"WEB_WORKERS": "1"}
    with log_file().open("ab") as log:
        process = subprocess.Popen(
            [*command, "benchmark.wsgi:application"], cwd=CHECKOUT, env=environment, stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + START_LIMIT
        while answer(port, "/healthz")[0] != 200:
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart("The web server did not start.")
            time.sleep(0.2)
        yield Server(port, process.pid, children_of(process.pid)[0])
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def session_cookie(user: User) -> str:
    """The Cookie header of somebody who has signed in."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "sam.core.authentication.PersonBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


class Browser:
    """One kept-alive connection with a session; raises ValueError for any answer but 200."""

    def __init__(self, server: Server, cookie: str, timeout: float = 120.0) -> None:
        self._connection = http.client.HTTPConnection(IPV4, server.port, timeout=timeout)
        self._headers: Mapping[str, str] = {"Cookie": cookie, "Host": f"localhost:{server.port}"}

    def get(self, path: str) -> bytes:
        return b"".join(self.stream(path))

    def stream(self, path: str) -> Iterator[bytes]:
        self._connection.request("GET", path, headers=dict(self._headers))
        response = self._connection.getresponse()
        if response.status != 200:
            response.read()
            raise ValueError(f"{path} answered {response.status} {response.getheader('Location', '')} {last_problem()}")
        while piece := response.read(256 * 1024):
            yield piece

    def close(self) -> None:
        self._connection.close()
