"""A job's row is the truth: claimed once, tried again after a lost worker, failing with words."""

from datetime import timedelta

import pytest
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
