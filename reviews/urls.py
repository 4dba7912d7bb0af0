from django.urls import path

from reviews.views import packs, reviews, surveys

app_name = "reviews"
SURVEYS = "accounts/<int:account_id>/surveys/"
REVIEWS = "accounts/<int:account_id>/reviews/"
REVIEW = f"{REVIEWS}<int:review_id>/"
PACK = f"{REVIEW}packs/<int:pack_id>/"
urlpatterns = [
    path("surveys/", surveys.survey_overview, name="survey-overview"),
    path(SURVEYS, surveys.survey_list, name="survey-list"),
    path(f"{SURVEYS}new/", surveys.survey_new, name="survey-new"),
    path(f"{SURVEYS}<int:survey_id>/", surveys.survey_detail, name="survey-detail"),
    path(f"{SURVEYS}<int:survey_id>/send/", surveys.survey_send, name="survey-send"),
    path(f"{SURVEYS}<int:survey_id>/close/", surveys.survey_close, name="survey-close"),
    path(f"{SURVEYS}<int:survey_id>/discard/", surveys.survey_discard, name="survey-discard"),
    path(f"{SURVEYS}<int:survey_id>/preview/<slug:shown>/", surveys.survey_preview, name="survey-preview"),
    path(
        f"{SURVEYS}<int:survey_id>/answers/<int:answer_id>/follow-up/",
        surveys.answer_follow_up,
        name="answer-follow-up",
    ),
    path("reviews/", reviews.review_overview, name="review-overview"),
    path(REVIEWS, reviews.review_list, name="review-list"),
    path(f"{REVIEWS}new/", reviews.review_new, name="review-new"),
    path(REVIEW, reviews.review_detail, name="review-detail"),
    path(f"{REVIEW}edit/", reviews.review_edit, name="review-edit"),
    path(f"{REVIEW}agenda/", reviews.review_agenda, name="review-agenda"),
    path(f"{REVIEW}decisions/", reviews.review_decisions, name="review-decisions"),
    path(f"{REVIEW}pages/", reviews.review_pages, name="review-pages"),
    path(f"{REVIEW}minutes/", reviews.review_hold, name="review-hold"),
    path(f"{REVIEW}cancel/", reviews.review_cancel, name="review-cancel"),
    path(f"{REVIEW}briefed/", reviews.review_briefed, name="review-briefed"),
    path(f"{REVIEW}invite/", reviews.review_invite, name="review-invite"),
    path(f"{REVIEW}review.ics", reviews.review_calendar, name="review-calendar"),
    path(f"{REVIEW}packs/", packs.pack_request, name="pack-request"),
    path(PACK, packs.pack_detail, name="pack-detail"),
    path(f"{PACK}file/", packs.pack_file, name="pack-file"),
    path(f"{PACK}read/", packs.pack_read, name="pack-read"),
    path(f"{PACK}share/", packs.pack_share, name="pack-share"),
    path(f"{PACK}unshare/", packs.pack_unshare, name="pack-unshare"),
    path(f"{PACK}preview/", packs.pack_preview, name="pack-preview"),
    path(f"{PACK}preview/files/<str:name>", packs.preview_file, name="pack-preview-file"),
]
