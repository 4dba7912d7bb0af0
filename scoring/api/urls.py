from django.urls import path
from rest_framework.routers import SimpleRouter

from scoring.api.back_test import BackTestViews
from scoring.api.cycles import CycleViews, MutualityViews
from scoring.api.portfolio import FitViews, SurpriseViews
from scoring.api.profiles import ProfileViews
from scoring.api.programme import ProgrammeView
from scoring.api.rounds import RoundViews, SettledViews
from scoring.api.scorecards import ScorecardViews, VersionViews
from scoring.api.scores import AccountScoreViews, GateViews, RatingViews, ScoreViews
from scoring.api.tools import ToolViews
from scoring.api.what_if import WhatIfViews
from scoring.api.worth import WorthViews

router = SimpleRouter()
router.register("rating-rounds", RoundViews, "api-rating-rounds")
router.register("settled-values", SettledViews, "api-settled-values")
router.register("ratings", RatingViews, "api-ratings")
router.register("gate-answers", GateViews, "api-gate-answers")
router.register("cycles", CycleViews, "api-cycles")
router.register("mutuality", MutualityViews, "api-mutuality")
router.register("ideal-profiles", ProfileViews, "api-ideal-profiles")
router.register("outcome-worths", WorthViews, "api-outcome-worths")
router.register("scorecards", ScorecardViews, "api-scorecards")
router.register("scorecard-versions", VersionViews, "api-scorecard-versions")

DETAIL = {"detail": True}
urlpatterns = [
    path("portfolio/surprises/", SurpriseViews.as_view(), name="api-surprises"),
    path("portfolio/fit/", FitViews.as_view(), name="api-fit"),
    path(
        "ideal-profiles/<int:pk>/publish/",
        ProfileViews.as_view({"post": "publish"}, **DETAIL),
        name="api-ideal-profile-publish",
    ),
    path("scores/", ScoreViews.as_view({"get": "list"}), name="api-score-list"),
    path("scores/recompute/", ScoreViews.as_view({"post": "recompute"}), name="api-score-recompute"),
    path("accounts/<int:pk>/score/", AccountScoreViews.as_view({"get": "score"}, **DETAIL), name="api-account-score"),
    path(
        "accounts/<int:pk>/tier/",
        AccountScoreViews.as_view({"get": "decisions", "post": "decide"}, **DETAIL),
        name="api-account-tier",
    ),
    *(
        path(
            f"cycles/<int:pk>/{address}/",
            CycleViews.as_view({**methods}, **DETAIL),
            name=f"api-cycle-{address.replace('/', '-')}",
        )
        for address, methods in {
            "step": {"post": "step"},
            "candidates": {"get": "candidates", "post": "nominate"},
            "candidates/by-rule": {"post": "nominate_by_rule"},
            "capacity": {"get": "capacity"},
            "approval": {"get": "approvals", "post": "ask"},
            "approval/verdict": {"post": "verdict"},
            "close": {"post": "close"},
            "document": {"get": "document"},
        }.items()
    ),
    path(
        "cycles/<int:pk>/candidates/<int:candidate_id>/decision/",
        CycleViews.as_view({"put": "decide"}, **DETAIL),
        name="api-cycle-decision",
    ),
    path("scorecards/<int:pk>/draft/", ScorecardViews.as_view({"post": "draft"}, **DETAIL), name="api-scorecard-draft"),
    path(
        "scorecards/<int:pk>/backtest/",
        BackTestViews.as_view({"get": "answer_of", "post": "start"}, **DETAIL),
        name="api-back-test",
    ),
    path("scorecards/<int:pk>/what-if/", WhatIfViews.as_view({"post": "ask"}, **DETAIL), name="api-what-if"),
    path(
        "scorecard-versions/<int:pk>/publish/",
        VersionViews.as_view({"post": "publish"}, **DETAIL),
        name="api-scorecard-version-publish",
    ),
    path("portfolio/programme/", ProgrammeView.as_view({"get": "results"}), name="api-programme"),
    path("tools/ahp/", ToolViews.as_view({"post": "ahp"}), name="api-ahp"),
    path(
        "scorecard-versions/<int:pk>/comparisons/",
        VersionViews.as_view({"post": "compare"}, **DETAIL),
        name="api-scorecard-version-comparisons",
    ),
    path(
        "scorecard-versions/<int:pk>/preview/",
        VersionViews.as_view({"get": "preview", "post": "start_preview"}, **DETAIL),
        name="api-scorecard-version-preview",
    ),
    path("rating-rounds/<int:pk>/close/", RoundViews.as_view({"post": "close"}, **DETAIL), name="api-round-close"),
    path(
        "rating-rounds/<int:pk>/raters/",
        RoundViews.as_view({"post": "add_rater", "delete": "remove_rater"}, **DETAIL),
        name="api-round-raters",
    ),
    path(
        "accounts/<int:pk>/kept-scores/",
        AccountScoreViews.as_view({"get": "kept"}, **DETAIL),
        name="api-account-kept-scores",
    ),
    *router.urls,
]
