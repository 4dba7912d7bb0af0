"""A job's row is the truth: claimed once, tried again after a lost worker, failing with words."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from sam.core import jobs
from sam.core.actions.jobs import enqueue
from sam.core.errors import ActionRefused
from sam.core.models import Job
from sam.core.schedules import republish_jobs


@pytest.fixture
def kind(monkeypatch):
    done: list[int] = []

    def run(job, progress):
        progress(40, "half way")
        if job.arguments.get("refuse"):
            raise ActionRefused("Choose another file.")
        if job.arguments.get("crash"):
            raise RuntimeError("secret detail")
        done.append(job.pk)
        return {"rows": 3}

    registry = {"test": jobs.Kind("test", "Test", run, lambda user, job: True, lambda job: "/")}
    monkeypatch.setattr(jobs, "_kinds", registry)
    return done


def test_a_job_runs_once_however_often_it_is_called(db, kind):
    job = enqueue("test", {}, by=None)
    assert [jobs.run(job.pk), jobs.run(job.pk)] == [True, False]
    assert kind == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.progress, job.result) == ("done", 100, {"rows": 3})


def test_a_refusal_is_told_in_its_own_words_and_a_crash_in_ours(db, kind):
    refused, crashed = enqueue("test", {"refuse": 1}, by=None), enqueue("test", {"crash": 1}, by=None)
    for job in (refused, crashed):
        jobs.run(job.pk)
        job.refresh_from_db()
    assert refused.problem == "Choose another file."
    assert "secret detail" not in crashed.problem
    assert {refused.state, crashed.state} == {"failed"}


def test_a_job_whose_worker_died_is_taken_over_and_given_up_after_three(db, kind):
    job = enqueue("test", {}, by=None)
    gone = timezone.now() - timedelta(minutes=1)
    Job.objects.filter(pk=job.pk).update(state="running", lease_until=gone, attempts=1)
    assert jobs.run(job.pk)
    hopeless = enqueue("test", {}, by=None)
    Job.objects.filter(pk=hopeless.pk).update(state="running", lease_until=gone, attempts=3)
    assert not jobs.run(hopeless.pk)
    hopeless.refresh_from_db()
    assert hopeless.state == "failed"


def test_a_job_that_beats_is_left_alone(db, kind):
    job = enqueue("test", {}, by=None)
    Job.objects.filter(pk=job.pk).update(state="running", lease_until=timezone.now() + timedelta(minutes=1))
    assert not jobs.run(job.pk)


def test_the_clock_publishes_again_what_the_broker_lost(db, kind, monkeypatch):
    woken: list[int] = []
    monkeypatch.setattr("sam.core.schedules.wake_up", woken.append)
    job = enqueue("test", {}, by=None)
    assert republish_jobs() == 1
    assert woken == [job.pk]
    Job.objects.filter(pk=job.pk).update(published_at=timezone.now())
    assert republish_jobs() == 0


def test_an_unknown_kind_is_refused_at_once(db):
    with pytest.raises(LookupError):
        enqueue("no-such-kind", {}, by=None)


def lease_of(job):
    return Job.objects.using("progress").values_list("lease_until", flat=True).get(pk=job.pk)


def until_renewed(job, since):
    end = time.monotonic() + 20
    while (lease := lease_of(job)) <= since and time.monotonic() < end:
        time.sleep(0.01)
    return lease > since


def beats():
    return [thread for thread in threading.enumerate() if thread.name.startswith("heartbeat")]


def pid_of(alias):
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def cut_off_everybody_but(kept):
    """As a restart does to the heartbeat, whose connections are neither of ours."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> ALL(%s)",
            [kept],
        )


def run_silently(monkeypatch, silent):
    """A job that reports nothing while `silent(job)` lasts, with a beat every 20 ms."""
    monkeypatch.setattr(jobs, "BEAT", timedelta(seconds=0.02))
    kinds = {"quiet": jobs.Kind("quiet", "Quiet", lambda job, progress: silent(job), lambda *_: True, lambda _: "/")}
    monkeypatch.setattr(jobs, "_kinds", kinds)
    job = enqueue("quiet", {}, by=None)
    assert jobs.run(job.pk)
    job.refresh_from_db()
    return job


@pytest.mark.django_db(transaction=True, databases=["default", "progress"])
def test_a_job_that_reports_nothing_keeps_its_lease_and_is_not_run_twice(monkeypatch):
    def silent(job):
        renewed = [until_renewed(job, lease_of(job)) for _ in range(3)]
        return {"renewed": renewed, "taken": jobs.run(job.pk)}

    job = run_silently(monkeypatch, silent)
    assert job.result == {"renewed": [True] * 3, "taken": False}
    assert (job.state, job.attempts, job.lease_until, beats()) == ("done", 1, None, [])


@pytest.mark.django_db(transaction=True, databases=["default", "progress"])
def test_the_heartbeat_goes_on_when_the_database_cut_its_connection(monkeypatch):
    def silent(job):
        kept = [pid_of("default"), pid_of("progress")]
        for _ in range(20):
            cut_off_everybody_but(kept)
        return {"renewed": until_renewed(job, lease_of(job))}

    assert run_silently(monkeypatch, silent).result == {"renewed": True}


@pytest.mark.django_db(transaction=True, databases=["default", "progress"])
def test_an_attempt_that_lost_its_job_renews_nothing_and_writes_no_end(monkeypatch):
    far = timezone.now() + timedelta(days=1)

    def silent(job):
        Job.objects.filter(pk=job.pk).update(attempts=2, lease_until=far)
        time.sleep(0.2)
        return {"mine": True}

    job = run_silently(monkeypatch, silent)
    assert (job.state, job.result, job.lease_until) == ("running", {}, far)


def test_the_heartbeat_ends_with_a_job_that_fails(db, kind):
    jobs.run(enqueue("test", {"crash": 1}, by=None).pk)
    assert beats() == []
