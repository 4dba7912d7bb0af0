from django.urls import path

from scoring.views import account_score, kept_score, objectives, rounds, scorecards, scores, settling

app_name = "scoring"
urlpatterns = [
    path("accounts/<int:account_id>/score/", account_score.account_score, name="account-score"),
    path("accounts/<int:account_id>/score/panel/", account_score.score_panel, name="score-panel"),
    path("accounts/<int:account_id>/score/ratings/<str:key>/", account_score.rating_edit, name="rating-edit"),
    path(
        "accounts/<int:account_id>/score/ratings/<str:key>/withdraw/",
        account_score.rating_withdraw,
        name="rating-withdraw",
    ),
    path("accounts/<int:account_id>/score/gates/<str:key>/", account_score.gate_edit, name="gate-edit"),
    path("accounts/<int:account_id>/score/settled/<str:key>/", settling.settled_edit, name="settled-edit"),
    path(
        "accounts/<int:account_id>/score/settled/<str:key>/withdraw/",
        settling.settled_withdraw,
        name="settled-withdraw",
    ),
    path("accounts/<int:account_id>/score/kept/<int:kept_id>/", kept_score.kept_score, name="kept-score"),
    path("accounts/<int:account_id>/tier/", account_score.tier_decide, name="tier-decide"),
    path("scores/", scores.score_list, name="score-list"),
    path("scores/recompute/", scores.score_recompute, name="score-recompute"),
    path("scores/rate/", scores.rating_sheet, name="rating-sheet"),
    path("scores/rounds/", rounds.round_list, name="round-list"),
    path("scores/rounds/new/", rounds.round_new, name="round-new"),
    path("scores/rounds/<int:round_id>/", rounds.round_detail, name="round-detail"),
    path("scores/rounds/<int:round_id>/close/", rounds.round_close, name="round-close"),
    path("scores/rounds/<int:round_id>/raters/", rounds.rater_add, name="rater-add"),
    path("scores/rounds/<int:round_id>/raters/<int:rater_id>/remove/", rounds.rater_remove, name="rater-remove"),
    path("scorecards/", scorecards.scorecard_list, name="scorecard-list"),
    path("scorecards/new/", scorecards.scorecard_add, name="scorecard-add"),
    path("scorecards/<int:scorecard_id>/draft/", scorecards.draft_create, name="draft-create"),
    path("scorecards/<int:scorecard_id>/use/", scorecards.scorecard_use, name="scorecard-use"),
    path("scorecards/<int:scorecard_id>/<int:number>/", scorecards.version_detail, name="version-detail"),
    path("scorecards/<int:scorecard_id>/<int:number>/settings/", scorecards.draft_settings, name="draft-settings"),
    path("scorecards/<int:scorecard_id>/<int:number>/weights/", scorecards.draft_weights, name="draft-weights"),
    path("scorecards/<int:scorecard_id>/<int:number>/library/", scorecards.library_add, name="library-add"),
    path("scorecards/<int:scorecard_id>/<int:number>/tiers/", scorecards.tiers_set, name="tiers-set"),
    path("scorecards/<int:scorecard_id>/<int:number>/publish/", scorecards.draft_publish, name="draft-publish"),
    path("scorecards/<int:scorecard_id>/<int:number>/discard/", scorecards.draft_discard, name="draft-discard"),
    path("scorecards/<int:scorecard_id>/<int:number>/criteria/new/", scorecards.criterion_new, name="criterion-new"),
    path(
        "scorecards/<int:scorecard_id>/<int:number>/criteria/<str:key>/",
        scorecards.criterion_edit,
        name="criterion-edit",
    ),
    path(
        "scorecards/<int:scorecard_id>/<int:number>/criteria/<str:key>/remove/",
        scorecards.criterion_remove,
        name="criterion-remove",
    ),
    path("objectives/", objectives.objective_list, name="objective-list"),
    path("objectives/new/", objectives.objective_new, name="objective-new"),
    path("objectives/<int:objective_id>/", objectives.objective_edit, name="objective-edit"),
    path("objectives/<int:objective_id>/remove/", objectives.objective_remove, name="objective-remove"),
]
