"""What scoring adds to pages of others, and the kinds of work it hands to workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from accounts.models import Account
from accounts.queries.coverage import OUTSIDE_THE_PROGRAMME, coverage_missing, coverage_statement
from sam.core import day, jobs, navigation, panels, preparation
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import Job, User
from sam.core.templatetags.ui import missing, plain_number
from scoring.actions.defaults import load_defaults
from scoring.actions.preview import PREVIEW, run_preview
from scoring.actions.scores import RECOMPUTE, run_recompute
from scoring.domain import measures
from scoring.models import AccountScore
from scoring.queries.ranking import score_cells, waiting_for

RELATIONSHIP_COVERAGE = measures.Measure(
    "relationship_coverage",
    "Key people in touch with us",
    measures.Unit.RATIO,
    "The share of key people (board, VP, or influence from 4) whom somebody of ours touched within the tier's rhythm;"
    f" outside the programme within {OUTSIDE_THE_PROGRAMME} days.",
    read=coverage_statement,
    missing=coverage_missing,
    finance=False,
)


def register_all() -> None:
    measures.register(RELATIONSHIP_COVERAGE)
    jobs.register(
        jobs.Kind(
            key=RECOMPUTE,
            label="Scores of the whole portfolio",
            run=run_recompute,
            may_see=may_see_recompute,
            url=lambda job: reverse("scoring:score-list"),
        )
    )
    jobs.register(
        jobs.Kind(
            key=PREVIEW,
            label="Effect of a scorecard draft",
            run=run_preview,
            may_see=may_see_recompute,
            url=lambda job: reverse(
                "scoring:version-preview", args=[job.arguments["scorecard"], job.arguments["number"]]
            ),
        )
    )
    panels.register_tab(panels.Tab("Scorecard", "scoring:account-score", Permission.SCORE_VIEW, order=10))
    panels.register_panel(
        panels.Panel(
            key="scoring.score",
            title="Scorecard",
            permission=Permission.SCORE_VIEW,
            order=20,
            template="scoring/_score_loading.html",
            build=panel_context,
        )
    )
    panels.register_column(
        panels.AccountColumn(
            key="scoring.score",
            label="Score",
            permission=Permission.SCORE_VIEW,
            order=10,
            template="",
            values=score_cells,
            draw=draw_score,
        )
    )
    navigation.register(
        navigation.Entry(
            "Scores",
            "scoring:score-list",
            "scale",
            Permission.SCORE_VIEW,
            order=30,
            prefix="/scores/",
            on_seats=True,
        )
    )
    navigation.register(
        navigation.Entry(
            "Scorecards",
            "scoring:scorecard-list",
            "list-numbers",
            Permission.SCORECARD_CONFIGURE,
            order=80,
            prefix="/scorecards/",
            section="Settings",
        )
    )
    day.register(day.Source(key="scoring.ratings", order=50, items=my_day_items))
    preparation.register(preparation.Step("scorecard", 40, prepare_first_scorecard))


def prepare_first_scorecard() -> str:
    """A new installation starts with our proposal of a scorecard; one that has any keeps what it has."""
    loaded = load_defaults(by=None)
    return f"{loaded} is live" if loaded else "there is one already"


def may_see_recompute(user: User, job: Job) -> bool:
    return can(user, Permission.SCORECARD_CONFIGURE) or job.created_by_id == user.pk


def draw_score(account: Account, score: AccountScore) -> str:
    """Points, the scored half of them with a mark that it is one, or that there are none."""
    if score.overall_points is not None:
        return plain_number(score.overall_points, 0)
    half = score.current_points if score.current_points is not None else score.potential_points
    if half is None:
        return missing("not scored")
    return f'<span class="muted" title="Only one half is scored">{plain_number(half, 0)} ½</span>'


def panel_context(account: Account, user: User) -> Mapping[str, Any]:
    """The panel loads itself: the scorecard takes more queries than the overview may spend on it."""
    return {"account": account}


def my_day_items(user: User, today: date) -> Iterator[day.Item]:
    """Accounts that wait for the person's own rating."""
    for waiting in waiting_for(user, today):
        yield day.Item(
            title=f"Rate {waiting.account.name}",
            note=f"{waiting.rated} of {waiting.asked} criteria rated by you",
            url=f"{reverse('scoring:rating-sheet')}?account={waiting.account.pk}",
            button="Rate",
            icon="list-check",
        )
