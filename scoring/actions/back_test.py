"""Back-tests: a past quarter's scores against what happened since. Small portfolios at once, large ones as a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import Account
from sam.core.actions.jobs import enqueue
from sam.core.audit import action
from sam.core.errors import ActionRefused
from sam.core.models import Job, Organisation, User
from sam.values.periods import Quarter
from scoring.domain.back_test import BackTest
from scoring.models import Scorecard, ScorecardVersion
from scoring.queries.measures import latest_quarter, window_of
from scoring.queries.rules import rules_of

BACK_TEST = "scoring.back_test"
AT_ONCE = 2_000
"""Accounts up to which the answer takes less than a second."""
NOT_LIVE = "Only a scorecard with a live version can be tested. Publish one first."
OPEN = (Job.State.QUEUED, Job.State.RUNNING)


@dataclass(frozen=True, slots=True)
class Question:
    """Which version, the past quarter, the newest, what growth is of, and by which score."""

    version: ScorecardVersion
    quarter: Quarter
    last: Quarter
    measure: str
    score: str

    @property
    def arguments(self) -> dict[str, Any]:
        return {
            "scorecard": self.version.scorecard_id,
            "version": self.version.pk,
            "quarter": str(self.quarter),
            "last": str(self.last),
            "measure": self.measure,
            "score": self.score,
        }


def live_version(scorecard: Scorecard) -> ScorecardVersion:
    """ActionRefused for a scorecard that was never published."""
    versions = scorecard.versions.select_related("scorecard").filter(state=ScorecardVersion.State.LIVE)
    version = versions.first()
    if version is None:
        raise ActionRefused(NOT_LIVE, code="no_live_version")
    return version


def past_quarters(today: date, most: int = 12) -> list[Quarter]:
    """Quarters that may be tested, newest first: all before the newest with figures."""
    newest = latest_quarter(today)
    return [newest.shift(-step) for step in range(1, most + 1)]


def question(version: ScorecardVersion, quarter: Quarter, measure: str, score: str) -> Question:
    return Question(version, quarter, latest_quarter(timezone.localdate()), measure, score)


def at_once() -> bool:
    """Whether the portfolio is small enough to answer while somebody waits."""
    return Account.objects.live().count() <= AT_ONCE


def answered(asked: Question) -> tuple[BackTest | None, Job | None]:
    """The answer, computed now or by an earlier job; else the job that computes it, if there is one."""
    if at_once():
        return compute(asked), None
    jobs = Job.objects.filter(kind=BACK_TEST, arguments=asked.arguments).order_by("-pk")
    newest = jobs.exclude(state=Job.State.FAILED).first()
    if newest is not None and newest.state == Job.State.DONE:
        return BackTest.from_json(newest.result), newest
    return None, newest


def compute(asked: Question) -> BackTest:
    """Reads only: nothing is stored."""
    # NumPy comes with the first back-test, not with the web process.
    from scoring.actions import back_test_table  # noqa: PLC0415 (see above)

    window = window_of(asked.quarter, Organisation.objects.current().reporting_currency)
    return back_test_table.compute(rules_of(asked.version), window, asked.last, asked.measure, asked.score)


@action("started a back-test")
def start_back_test(*, asked: Question, by: User | None) -> Job:
    """Hand a back-test to a worker; one that waits or runs already is used."""
    waiting = Job.objects.filter(kind=BACK_TEST, state__in=OPEN, arguments=asked.arguments).first()
    return waiting or enqueue(BACK_TEST, asked.arguments, by=by)


def run_back_test(job: Job, progress: Callable[[int, str], None]) -> dict[str, Any]:
    """The job behind `start_back_test`; its result is the whole answer."""
    told = job.arguments
    version = ScorecardVersion.objects.select_related("scorecard").filter(pk=told["version"]).first()
    if version is None:
        raise ActionRefused(NOT_LIVE, code="no_live_version")
    progress(10, "Scoring the portfolio as it stood then")
    past, last = Quarter.parse(told["quarter"]), Quarter.parse(told["last"])
    return compute(Question(version, past, last, told["measure"], told["score"])).as_json()
