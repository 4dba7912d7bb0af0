"""What the clock starts in accounts."""

from celery import shared_task

from accounts.actions.kept_years import keep_all_years


@shared_task(name="accounts.schedules.keep_years")
def keep_years() -> int:
    """Keep the twelve months of accounts whose figures or rates changed, and of all when a quarter has closed."""
    return keep_all_years()
