"""The Celery app and the clock table: every periodic job is a row here.

The clock only says "look"; what is due is decided in the database, so a missed
beat or two beats at once do no harm.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sam.settings")

app = Celery("sam")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="tasks")
app.autodiscover_tasks(related_name="schedules")

EVERY_MINUTE = 60.0
EVERY_HOUR = 3600.0
app.conf.beat_schedule = {
    "heartbeat": {"task": "sam.core.schedules.heartbeat", "schedule": 20.0},
    "republish-jobs": {"task": "sam.core.schedules.republish_jobs", "schedule": 20.0},
    "send-waiting-mail": {"task": "sam.core.schedules.send_waiting_mail", "schedule": EVERY_MINUTE},
    "remove-orphans": {"task": "sam.core.schedules.remove_orphans", "schedule": EVERY_HOUR},
    "forget-import-rows": {"task": "accounts.schedules.forget_import_rows", "schedule": EVERY_HOUR},
    "keep-years": {"task": "accounts.schedules.keep_years", "schedule": EVERY_MINUTE},
    "recompute-scores": {"task": "scoring.schedules.recompute_when_out_of_date", "schedule": EVERY_MINUTE},
    "remind-of-selection": {"task": "scoring.schedules.remind_of_selection", "schedule": EVERY_HOUR},
    "tend-rating-rounds": {"task": "scoring.schedules.tend_rounds", "schedule": EVERY_HOUR},
    "tell-ended-decisions": {"task": "scoring.schedules.tell_ended_decisions", "schedule": EVERY_HOUR},
    "take-over-submissions": {"task": "sam.portal.schedules.take_over_submissions", "schedule": EVERY_MINUTE},
    "forget-link-views": {"task": "sam.portal.schedules.forget_link_views", "schedule": EVERY_HOUR},
    "blank-sent-links": {"task": "sam.portal.schedules.blank_sent_links", "schedule": EVERY_HOUR},
    "remind-surveys": {"task": "reviews.schedules.remind_surveys", "schedule": EVERY_MINUTE * 10},
    "close-surveys": {"task": "reviews.schedules.close_surveys", "schedule": EVERY_MINUTE * 10},
    "warn-of-unprepared-reviews": {
        "task": "reviews.schedules.warn_of_unprepared_reviews",
        "schedule": EVERY_HOUR,
    },
    "remind-of-due-reviews": {"task": "reviews.schedules.remind_of_due_reviews", "schedule": EVERY_HOUR},
}
