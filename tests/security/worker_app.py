"""The product's Celery app with one more kind of job, for workers that the tests start and kill."""

from datetime import timedelta

import django

django.setup()

from sam.celery import app  # noqa: E402 - Django first
from sam.core import jobs  # noqa: E402 - Django first
from tests.security.held_job import register_held_job  # noqa: E402 - Django first

__all__ = ["app"]

register_held_job()
jobs.BEAT = timedelta(seconds=0.1)
