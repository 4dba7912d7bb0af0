"""What dies half way is done once, and a broker that is away costs nobody their work."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import kombu.pools
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.actions.imports.batches import commit_import
from accounts.models import Account, ImportBatch
from sam.celery import app
from sam.core import jobs
from sam.core.actions.jobs import enqueue
from sam.core.models import Job, Notification, User
from sam.core.schedules import republish_jobs
from sam.core.steady_cache import SteadyCache
from sam.core.tasks import wake_up
from tests.conftest import PASSWORD
from tests.security.held_job import KIND, register_held_job
from tests.unit.imports import checked

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "progress"])

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def celery_with(**conf: str) -> Iterator[None]:
    """Celery takes these settings and new connections, and afterwards its own again."""
    before = {name: getattr(app.conf, name) for name in conf}

    def take(values: dict[str, str]) -> None:
        for name, value in values.items():
            setattr(app.conf, name, value)
        app._pool = app.amqp._producer_pool = None
        for name in ("queues", "router"):
            app.amqp.__dict__.pop(name, None)
        kombu.pools.reset()

    take(conf)
    try:
        yield
    finally:
        take(before)


@pytest.fixture
def queue() -> Iterator[str]:
    """A queue of our own."""
    name = f"test-{uuid4().hex}"
    with celery_with(task_default_queue=name):
        yield name
        with app.connection_for_write() as broker, broker.channel() as channel:
            channel.queue_delete(name)


class Workers:
    def __init__(self, queue: str, log: Path) -> None:
        self.queue, self.log = queue, log
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        """A worker with one child, in a process group of its own."""
        command = [
            "-m",
            "celery",
            "-A",
            "tests.security.worker_app",
            "worker",
            "-c",
            "1",
            "-Q",
            self.queue,
            "-l",
            "WARNING",
        ]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-n", f"{uuid4().hex}@test"]
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, *command, *quiet],
                cwd=ROOT,
                env={
                    **os.environ,
                    "SAM_QUEUE": self.queue,
                    "DATABASE_URL": database_of_this_test(),
                    "PYTHONPATH": str(ROOT),
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """-9 to the worker and all its children."""
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(timeout=10)
        self.running.remove(worker)


def database_of_this_test() -> str:
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


@pytest.fixture
def workers(queue: str, tmp_path: Path) -> Iterator[Workers]:
    found = Workers(queue, tmp_path / "worker.log")
    yield found
    for worker in list(found.running):
        found.kill(worker)


def until(there: Callable[[], Any], what: str, log: Path, seconds: float = 40) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := there():
            return found
        time.sleep(0.05)
    return pytest.fail(f"{what} did not happen in {seconds} s: {log.read_text()[-2000:] if log.exists() else ''}")


def the_lease_runs_out(job: Job) -> None:
    assert Job.objects.filter(pk=job.pk, state="running").update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_whose_worker_is_killed_is_done_once(
    make_person: Callable[..., User], workers: Workers, tmp_path: Path
) -> None:
    register_held_job()
    hold = tmp_path / "hold"
    hold.touch()
    person = make_person("reader")
    first = workers.start()
    job = enqueue(KIND, {"folder": str(tmp_path)}, by=person)

    def attempt(number: int) -> Callable[[], str]:
        file = tmp_path / f"attempt-{number}"
        return lambda: file.read_text() if file.exists() else ""

    def lease() -> datetime:
        return Job.objects.values_list("lease_until", flat=True).get(pk=job.pk) or timezone.now()

    child = int(until(attempt(1), "the first attempt", workers.log))
    beaten = lease()
    until(lambda: lease() > beaten, "a heartbeat", workers.log)
    # A child that hangs beats no more. -9 to it: its worker offers the job again, and nobody takes it while the
    # lease holds.
    os.kill(child, signal.SIGSTOP)
    time.sleep(0.1)
    last = lease()
    os.kill(child, signal.SIGKILL)
    time.sleep(0.5)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.lease_until) == ("running", 1, last)
    the_lease_runs_out(job)
    assert republish_jobs() == 1
    # -9 to the whole worker.
    until(attempt(2), "the second attempt", workers.log)
    workers.kill(first)
    the_lease_runs_out(job)
    hold.unlink()
    workers.start()
    # Two beats at once and an old message do no harm.
    for wake in (republish_jobs, republish_jobs, lambda: wake_up(job.pk)):
        wake()
    until(lambda: Job.objects.filter(pk=job.pk, state="done").exists(), "the end", workers.log)
    time.sleep(0.5)
    job.refresh_from_db()
    assert (job.attempts, job.result) == (3, {"attempt": 3})
    assert Notification.objects.filter(title=f"job {job.pk}").count() == 1


def test_an_import_that_was_committed_before_the_kill_is_not_committed_twice(ingrid: User) -> None:
    """The worker died after the transaction and before it could say so."""
    batch = checked(ingrid, "accounts", "external_id,name\n1,Alpha\n2,Beta\n")
    commit_import(batch=batch, by=ingrid)
    job = ImportBatch.objects.get(pk=batch.pk).job
    assert job is not None
    assert jobs.run(job.pk)
    before = sorted(Account.objects.values_list("pk", "name", "revision"))
    Job.objects.filter(pk=job.pk).update(state="running", lease_until=timezone.now() - timedelta(seconds=1))
    assert jobs.run(job.pk)
    assert sorted(Account.objects.values_list("pk", "name", "revision")) == before
    assert len(before) == 2
    assert ImportBatch.objects.get(pk=batch.pk).status == "done"


@pytest.fixture(params=["refuses", "says nothing"])
def no_redis(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Redis that refuses every connection, or takes it and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "says nothing":
            listener.listen(50)
        address = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"
        caches = {"default": {**settings.CACHES["default"], "LOCATION": address}}
        monkeypatch.setattr(SteadyCache, "away_until", 0.0)
        with override_settings(REDIS_URL=address, CACHES=caches), celery_with(broker_url=address):
            yield


def timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    return ask(), time.monotonic() - began


def test_without_redis_work_is_taken_in_and_pages_answer(
    ingrid: User,
    signed_in: Callable[[User], Client],
    no_redis: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = signed_in(ingrid)
    for path in ("/", "/accounts/", "/api/v1/accounts/", "/healthz"):
        answer, seconds = timed(lambda path=path: client.get(path))
        assert (answer.status_code, seconds < 2) == (200, True), (path, seconds)
    upload = {"kind": "accounts", "file": SimpleUploadedFile("list.csv", b"external_id,name\n1,Alpha\n")}
    answer, seconds = timed(lambda: client.post(reverse("accounts:import-list"), upload))
    assert (answer.status_code, seconds < 5) == (303, True), seconds
    job = Job.objects.get()
    assert (job.state, job.published_at) == ("queued", None)
    # Signing in counts its limits in memory meanwhile.
    answer, seconds = timed(lambda: Client().post("/auth/login/", {"login": ingrid.email, "password": PASSWORD}))
    assert (answer.status_code, answer["Location"], seconds < 5) == (302, "/", True)
    answer, _ = timed(lambda: client.get("/readyz"))
    assert (answer.status_code, answer.json()["broker"]) == (503, False)
    # The clock publishes what waits as soon as there is a broker again.
    published: list[int] = []
    monkeypatch.setattr("sam.core.schedules.wake_up", published.append)
    republish_jobs()
    assert published == [job.pk]
