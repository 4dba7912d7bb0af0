from django.urls import path

from reviews.views import surveys

app_name = "reviews"
SURVEYS = "accounts/<int:account_id>/surveys/"
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
]
