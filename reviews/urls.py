from django.urls import path

from reviews.views import packs, reviews, surveys, templates

app_name = "reviews"
SURVEYS = "accounts/<int:account_id>/surveys/"
REVIEWS = "accounts/<int:account_id>/reviews/"
REVIEW = f"{REVIEWS}<int:review_id>/"
TEMPLATES = "settings/templates/"
SURVEY_TEMPLATE = f"{TEMPLATES}surveys/<int:template_id>/"
AGENDA_TEMPLATE = f"{TEMPLATES}agendas/<int:agenda_id>/"
PACK = f"{REVIEW}packs/<int:pack_id>/"
urlpatterns = [
    path("surveys/", surveys.survey_overview, name="survey-overview"),
    path(SURVEYS, surveys.survey_list, name="survey-list"),
    path(f"{SURVEYS}new/", surveys.survey_new, name="survey-new"),
    path(f"{SURVEYS}<int:survey_id>/", surveys.survey_detail, name="survey-detail"),
    path(f"{SURVEYS}<int:survey_id>/send/", surveys.survey_send, name="survey-send"),
    path(f"{SURVEYS}<int:survey_id>/close/", surveys.survey_close, name="survey-close"),
    path(f"{SURVEYS}<int:survey_id>/discard/", surveys.survey_discard, name="survey-discard"),
    # Where the way back of the thanks page leads.
    path(f"{SURVEYS}<int:survey_id>/preview/", surveys.survey_preview, {"shown": "survey"}, name="survey-preview"),
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
    path(TEMPLATES, templates.template_list, name="template-list"),
    path(SURVEY_TEMPLATE, templates.survey_template, name="survey-template"),
    path(f"{SURVEY_TEMPLATE}draft/", templates.survey_template_draft, name="survey-template-draft"),
    path(f"{SURVEY_TEMPLATE}publish/", templates.survey_template_publish, name="survey-template-publish"),
    path(f"{SURVEY_TEMPLATE}discard/", templates.survey_template_discard, name="survey-template-discard"),
    path(
        f"{SURVEY_TEMPLATE}preview/",
        templates.survey_template_preview,
        {"shown": "survey"},
        name="survey-template-preview",
    ),
    path(f"{SURVEY_TEMPLATE}preview/<slug:shown>/", templates.survey_template_preview, name="survey-template-preview"),
    path(AGENDA_TEMPLATE, templates.agenda_template, name="agenda-template"),
    path(f"{AGENDA_TEMPLATE}draft/", templates.agenda_template_draft, name="agenda-template-draft"),
    path(f"{AGENDA_TEMPLATE}publish/", templates.agenda_template_publish, name="agenda-template-publish"),
    path(f"{AGENDA_TEMPLATE}discard/", templates.agenda_template_discard, name="agenda-template-discard"),
]
