"""Back-test: would this scorecard have picked those who grew since?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from sam.core.authorization.guards import SignedInRequest, page, wants_partial
from sam.core.authorization.permissions import Permission
from sam.core.charts import Axis, Dot, Number, TwoByTwo, two_by_two
from sam.core.charts import Quarter as Corner
from sam.core.errors import ActionRefused
from sam.core.models import User
from sam.core.templatetags.ui import plain_number, signed_percent
from sam.values.periods import Quarter
from scoring.actions.back_test import Question, answered, live_version, past_quarters, question, start_back_test
from scoring.domain.back_test import FEWEST, MEASURES, SCORES, SCREENING, BackTest
from scoring.forms.programme import BackTestForm
from scoring.models import Scorecard
from scoring.queries.names import names_of
from scoring.views.answers import see_other

A_YEAR = 4
MOST_NAMED = 60


@require_GET
@page(Permission.SCORECARD_CONFIGURE)
def back_test(request: SignedInRequest, scorecard_id: int) -> HttpResponse:
    """The address carries the question; a large portfolio is answered by a job that a button starts."""
    scorecard = get_object_or_404(Scorecard, pk=scorecard_id)
    try:
        form, asked = _asked(scorecard, request.GET)
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return see_other("scoring:scorecard-list")
    context: dict[str, Any] = {"scorecard": scorecard, "form": form, "asked": asked, "fewest": FEWEST}
    if asked is not None:
        found, job = answered(asked)
        context |= {"found": found, "job": job, "version": asked.version}
        if found is not None:
            context |= _shown(found, request.user)
    template = "scoring/_back_test_result.html" if wants_partial(request) else "scoring/back_test.html"
    return render(request, template, context, status=422 if asked is None else 200)


@require_POST
@page(Permission.SCORECARD_CONFIGURE)
def back_test_start(request: SignedInRequest, scorecard_id: int) -> HttpResponse:
    scorecard = get_object_or_404(Scorecard, pk=scorecard_id)
    try:
        form, asked = _asked(scorecard, request.POST)
        if asked is None:
            context = {"scorecard": scorecard, "form": form, "fewest": FEWEST}
            return render(request, "scoring/back_test.html", context, status=422)
        job = start_back_test(asked=asked, by=request.user)
    except ActionRefused as problem:
        messages.error(request, problem.message)
        return see_other("scoring:scorecard-list")
    return see_other("core:job-detail", job.pk)


def _asked(scorecard: Scorecard, given: QueryDict) -> tuple[BackTestForm, Question | None]:
    """What the address asks; what it leaves open: a year before the newest quarter, for everybody, by revenue."""
    version = live_version(scorecard)
    quarters = past_quarters(timezone.localdate())
    data = {"quarter": str(quarters[A_YEAR - 1]), "score": SCREENING, "measure": "revenue"}
    form = BackTestForm(data | {name: text for name, text in given.items() if name in data and text}, quarters)
    if not form.is_valid():
        return form, None
    clean = form.cleaned_data
    return form, question(version, Quarter.parse(clean["quarter"]), clean["measure"], clean["score"])


def _shown(found: BackTest, user: User) -> dict[str, Any]:
    chart = scatter(found, names_of(user, [point.account for point in found.points]))
    return {
        "chart_svg": two_by_two(chart) if found.points else "",
        "chart_table": chart.table() if found.points else None,
        "measure_label": MEASURES[found.measure],
        "score_label": SCORES[found.score],
        "quarter": Quarter.parse(found.quarter),
        "last": Quarter.parse(found.last),
    }


def scatter(found: BackTest, names: dict[int, str]) -> TwoByTwo:
    """Score of then by growth since. Growth beyond what nine of ten have is drawn at the edge; the table has it."""
    size = sorted(abs(point.growth) for point in found.points)
    reach = max(size[int(0.9 * (len(size) - 1))], 0.1) if size else 0.1
    scores = sorted(point.score for point in found.points)
    return TwoByTwo(
        dots=tuple(
            Dot(names.get(point.account, "Not visible to you"), point.score, point.growth, size=0)
            for point in found.points
        ),
        x=Axis(
            "score then",
            0,
            100,
            tuple((mark, str(mark)) for mark in (0, 25, 50, 75, 100)),
            split=scores[len(scores) // 2] if scores else None,
            show=_points,
        ),
        y=Axis("growth since", -reach, reach, split=0, show=_growth),
        title="Score then and growth since",
        quarters=(Corner("Low score, grew"), Corner("High score, grew"), Corner("Low, shrank"), Corner("High, shrank")),
        named=len(found.points) <= MOST_NAMED,
    )


def _points(value: Number) -> str:
    return plain_number(Decimal(str(value)), 0)


def _growth(value: Number) -> str:
    return signed_percent(value, 1)
