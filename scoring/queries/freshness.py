"""Whether something that scores depend on changed after they were computed."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Max

from accounts.models import Account
from scoring.models import ScoreRun

# Event tables of the trail: a newer row means that a score may be out of date.
WATCHED = ("accounts.FigureEvent", "core.ExchangeRateEvent", "core.OrganisationEvent")


def newest_events() -> dict[str, int]:
    """The newest entry of each watched trail, and the newest account; 0 where there is none."""
    newest = {name: apps.get_model(name).objects.aggregate(newest=Max("pgh_id"))["newest"] or 0 for name in WATCHED}
    return newest | {"accounts": Account.objects.aggregate(newest=Max("pk"))["newest"] or 0}


def is_out_of_date(run: ScoreRun | None) -> bool:
    """True when figures or rates changed, or accounts were added, after the last recompute of all scores."""
    return run is None or newest_events() != run.seen
