"""What scoring adds to pages of others, and the kinds of work it hands to workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html

from accounts.actions.merging import register_mover
from accounts.models import Account
from accounts.queries.coverage import OUTSIDE_THE_PROGRAMME, coverage_missing, coverage_statement
from sam.core import day, jobs, navigation, panels, preparation, verification
from sam.core.authorization.permissions import Permission
from sam.core.authorization.policy import can
from sam.core.models import Job, User
from sam.core.templatetags.ui import missing, pill, plain_number
from scoring.actions.back_test import BACK_TEST, run_back_test
from scoring.actions.cycle_list import CYCLE_LIST, run_list
from scoring.actions.defaults import load_defaults
from scoring.actions.merging import move_candidacies, move_evidence
from scoring.actions.preview import PREVIEW, run_preview
from scoring.actions.scores import RECOMPUTE, run_recompute
from scoring.actions.screening import SCREENING, run_screening
from scoring.domain import measures, published
from scoring.models import AccountScore
from scoring.queries.blindness import asked_of
from scoring.queries.cycle import duties, live_rules_or_none
from scoring.queries.decisions import ended_decisions
from scoring.queries.mutuality import to_tell
from scoring.queries.quarter_revenue import QUARTER_REVENUE
from scoring.queries.ranking import ScoreCell, score_cells, waiting_for

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


PORTFOLIO_TABS = (
    ("Surprises", "scoring:surprise-list"),
    ("Matrix", "scoring:matrix"),
    ("Ideal customer", "scoring:profile-detail"),
    ("Investment", "scoring:investment"),
)


def register_all() -> None:
    verification.register(published.CASES)
    panels.register_portfolio_tab(
        panels.Tab("Programme", "scoring:programme", Permission.PORTFOLIO_FIGURES, order=60, whole=True)
    )
    measures.register(RELATIONSHIP_COVERAGE)
    measures.register(QUARTER_REVENUE)
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
    jobs.register(
        jobs.Kind(
            key=BACK_TEST,
            label="Back-test of a scorecard",
            run=run_back_test,
            may_see=may_see_recompute,
            url=lambda job: (
                f"{reverse('scoring:back-test', args=[job.arguments['scorecard']])}?"
                + urlencode({name: job.arguments[name] for name in ("quarter", "measure", "score")})
            ),
        )
    )
    jobs.register(
        jobs.Kind(
            key=SCREENING,
            label="Screening of a selection cycle",
            run=run_screening,
            may_see=may_see_cycle_job,
            url=lambda job: reverse("scoring:cycle-list"),
        )
    )
    jobs.register(
        jobs.Kind(
            key=CYCLE_LIST,
            label="List of a selection cycle as PDF",
            run=run_list,
            may_see=may_see_cycle_job,
            url=lambda job: reverse("scoring:cycle-list"),
        )
    )
    for order, (label, name) in enumerate(PORTFOLIO_TABS, 1):
        panels.register_portfolio_tab(panels.Tab(label, name, Permission.PORTFOLIO_FIGURES, order * 10))
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
            "Selection",
            "scoring:cycle-list",
            "repeat",
            Permission.SCORE_VIEW,
            order=32,
            prefix="/cycles/",
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
    register_mover(move_evidence)
    register_mover(move_candidacies)
    day.register(day.Source(key="scoring.cycle", order=25, items=cycle_items))
    day.register(day.Source(key="scoring.told", order=26, items=told_items))
    preparation.register(preparation.Step("scorecard", 40, prepare_first_scorecard))


def prepare_first_scorecard() -> str:
    """A new installation starts with our proposal of a scorecard; one that has any keeps what it has."""
    loaded = load_defaults(by=None)
    return f"{loaded} is live" if loaded else "there is one already"


def may_see_recompute(user: User, job: Job) -> bool:
    return can(user, Permission.SCORECARD_CONFIGURE) or job.created_by_id == user.pk


def draw_score(account: Account, cell: ScoreCell) -> str:
    """Points, or the scored half marked as one; a tier that stands against the rules; marks with their reason."""
    held = cell.override
    notes = [format_html('<span title="{}">{}</span>', mark.words, pill(mark.tone, mark.label)) for mark in cell.marks]
    if held is not None:
        why = f"{held.held_words}: {held.reason}"
        said = '<span class="tier-held small" title="{}">tier held<span class="sr-only"> {}</span></span>'
        notes.insert(0, format_html(said, why, why))
    points = _points(cell.score)
    return f'{points}<div class="score-notes">{"".join(notes)}</div>' if notes else points


def _points(score: AccountScore) -> str:
    if score.overall_points is not None:
        return plain_number(score.overall_points, 0)
    half = score.current_points if score.current_points is not None else score.potential_points
    if half is None:
        return missing("not scored")
    return f'<span class="muted" title="Only one half is scored">{plain_number(half, 0)} ½</span>'


def may_see_cycle_job(user: User, job: Job) -> bool:
    return can(user, Permission.TIER_DECIDE) or job.created_by_id == user.pk


def panel_context(account: Account, user: User) -> Mapping[str, Any]:
    """The panel loads itself: the scorecard takes more queries than the overview may spend on it."""
    return {"account": account}


def my_day_items(user: User, today: date) -> Iterator[day.Item]:
    """What waits for the person's rating, in rounds first, and decisions against the rules that have ended."""
    asked = asked_of(user)
    for one in asked:
        yield day.Item(
            title=f"Rate {one.entry.account.name}",
            note=f"{one.entry.round}: {one.rated} of {one.asked} criteria rated by you",
            url=f"{reverse('scoring:rating-sheet')}?account={one.entry.account_id}",
            button="Rate",
            icon="list-check",
            due=one.closes_on,
        )
    rounds = {one.entry.account_id for one in asked}
    for waiting in waiting_for(user, today):
        if waiting.account.pk not in rounds:
            yield day.Item(
                title=f"Rate {waiting.account.name}",
                note=f"{waiting.rated} of {waiting.asked} criteria rated by you",
                url=f"{reverse('scoring:rating-sheet')}?account={waiting.account.pk}",
                button="Rate",
                icon="list-check",
            )
    if can(user, Permission.TIER_DECIDE):
        for decision in ended_decisions(today)[:20]:
            yield day.Item(
                title=f"{decision.account.name}: decide the tier again",
                note=f"“{decision.get_tier_display()}” stood against the rules until {decision.ends_on:%d %b %Y}",
                url=reverse("scoring:tier-decide", args=[decision.account_id]),
                button="Decide",
                icon="flag",
                tone="warn",
                due=decision.ends_on,
            )


def cycle_items(user: User, today: date) -> Iterator[day.Item]:
    """What the selection cycle asks of the person: open it, go on with it, decide, approve."""
    for duty in duties(user, today):
        yield day.Item(
            title=duty.title,
            note=duty.note,
            url=duty.url,
            button=duty.button,
            icon="repeat",
            tone="bad" if duty.late else "",
            due=duty.due,
        )


def told_items(user: User, today: date) -> Iterator[day.Item]:
    """Clients of the person's accounts that have not heard yet what they are to us."""
    rules = live_rules_or_none()
    for telling in to_tell(user, rules, today) if rules else ():
        tier = telling.account.get_tier_display().lower()
        yield day.Item(
            title=f"Tell {telling.account.name} what it is to us",
            note=f"It is {tier}; the client has to hear it within 60 days, else the account does not count as mutual",
            url=f"{reverse('scoring:evidence-new', args=[telling.account.pk])}?kind=told",
            button="Enter it",
            icon="speakerphone",
            tone="bad" if telling.overdue else "",
            due=telling.due,
        )
