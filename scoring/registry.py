"""What scoring adds to pages of others, and the kinds of work it hands to workers."""

from __future__ import annotations

from django.urls import reverse

from sam.core import jobs
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import Job, User
from scoring.actions.scores import RECOMPUTE, run_recompute


def register_all() -> None:
    jobs.register(
        jobs.Kind(
            key=RECOMPUTE,
            label="Scores of the whole portfolio",
            run=run_recompute,
            may_see=_may_see_recompute,
            url=lambda job: reverse("scoring:score-list"),
        )
    )


def _may_see_recompute(user: User, job: Job) -> bool:
    return can(user, Permission.SCORECARD_CONFIGURE) or job.created_by_id == user.pk
